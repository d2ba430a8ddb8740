"""Audits: what a logged loss means in nats, and what speaks against it."""

from infomax.audit.loss_conventions import LOSS_CONVENTIONS
from infomax.audit.loss_curve import LossCurve, read_losses
from infomax.audit.loss_log import LossLog, read_loss_log
from infomax.audit.loss_reading import LossReading, read_loss
from infomax.audit.loss_scale import LossConvention, LossScale, LossSettings

__all__ = [
    "LOSS_CONVENTIONS",
    "LossConvention",
    "LossCurve",
    "LossLog",
    "LossReading",
    "LossScale",
    "LossSettings",
    "read_loss",
    "read_loss_log",
    "read_losses",
]
