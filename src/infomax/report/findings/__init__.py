"""What was found, in plain words and no stronger than the verdicts."""

from infomax.report.findings.basis import basis
from infomax.report.findings.sentences import found, in_short
from infomax.report.findings.untrained import against_untrained

__all__ = ["against_untrained", "basis", "found", "in_short"]
