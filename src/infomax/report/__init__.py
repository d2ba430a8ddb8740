"""The report: figures and one self-contained page, drawn from records alone.

Nothing here knows of models or of training, so a report can be drawn again from the records of a
run, or from records that somebody else has sent.
"""

from infomax.report.audit_page import write_audit_files, write_audit_report
from infomax.report.estimate_page import write_estimate_report, write_ranking_report
from infomax.report.findings import format_effect
from infomax.report.page import Entry, Table, write_page
from infomax.report.reproduction_page import write_report
from infomax.report.run_page import write_run_report

__all__ = [
    "Entry",
    "Table",
    "format_effect",
    "write_audit_files",
    "write_audit_report",
    "write_estimate_report",
    "write_page",
    "write_ranking_report",
    "write_report",
    "write_run_report",
]
