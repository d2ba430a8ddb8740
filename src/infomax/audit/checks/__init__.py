"""The checks of an audit: each asks one question of codes, and answers by one finding."""

from collections.abc import Callable
from typing import Final

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.checks.geometry import check_geometry
from infomax.audit.checks.leaks import check_leaks
from infomax.audit.checks.recoding import check_recoding
from infomax.audit.checks.saturation import check_saturation
from infomax.audit.finding import Finding

__all__ = ["CHECKS"]

CHECKS: Final[tuple[Callable[[AuditedCodes], Finding], ...]] = (
    check_recoding,
    check_saturation,
    check_geometry,
    check_leaks,
)
"""In the order in which they run and are told; adding one is one file and one line here."""
