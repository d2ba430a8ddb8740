"""Evaluation: what a code is worth to a linear probe, and a bound on pairs never trained on."""

from infomax.evaluation.codes import encode
from infomax.evaluation.held_out import BoundEstimate, bound_over_batches
from infomax.evaluation.notebook_probe import notebook_probe_accuracy
from infomax.evaluation.probe import LinearProbe, fit_probe

__all__ = [
    "BoundEstimate",
    "LinearProbe",
    "bound_over_batches",
    "encode",
    "fit_probe",
    "notebook_probe_accuracy",
]
