"""Audits: what a logged loss means in nats, and whether information is what makes codes good."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from infomax.audit.loss_conventions import LOSS_CONVENTIONS
from infomax.audit.loss_curve import LossCurve, read_losses
from infomax.audit.loss_log import LossLog, read_loss_log
from infomax.audit.loss_reading import LossReading, read_loss
from infomax.audit.loss_scale import LossConvention, LossScale, LossSettings

if TYPE_CHECKING:
    from infomax.audit.audit_result import AuditResult
    from infomax.audit.codes_audit import audit_codes
    from infomax.audit.finding import Finding
    from infomax.audit.runs_audit import audit_runs

__all__ = [
    "LOSS_CONVENTIONS",
    "AuditResult",
    "Finding",
    "LossConvention",
    "LossCurve",
    "LossLog",
    "LossReading",
    "LossScale",
    "LossSettings",
    "audit_codes",
    "audit_runs",
    "read_loss",
    "read_loss_log",
    "read_losses",
]
_ON_DEMAND = {
    "AuditResult": "audit_result",
    "Finding": "finding",
    "audit_codes": "codes_audit",
    "audit_runs": "runs_audit",
}


def __getattr__(name: str) -> Any:
    # A loss is read by arithmetic: it does not wait for PyTorch, which codes need.
    if name in _ON_DEMAND:
        return getattr(import_module(f"infomax.audit.{_ON_DEMAND[name]}"), name)
    raise AttributeError(f"module 'infomax.audit' has no attribute {name!r}")
