"""Evaluation: probes, bounds on pairs never trained on, geometry of codes, Jacobian spectra."""

from infomax.evaluation.codes import encode
from infomax.evaluation.collapse import collapse_sign
from infomax.evaluation.geometry import alignment, effective_rank, uniformity
from infomax.evaluation.held_out import BatchMean, ScoreFunction, means_over_batches
from infomax.evaluation.inversion import reconstruction_error
from infomax.evaluation.jacobian import (
    jacobian_singular_values,
    log_condition_numbers,
    log_condition_percentiles,
)
from infomax.evaluation.neighbours_probe import neighbours_accuracy
from infomax.evaluation.notebook_probe import notebook_probe_accuracy
from infomax.evaluation.probe import LinearProbe, fit_probe

__all__ = [
    "BatchMean",
    "LinearProbe",
    "ScoreFunction",
    "alignment",
    "collapse_sign",
    "effective_rank",
    "encode",
    "fit_probe",
    "jacobian_singular_values",
    "log_condition_numbers",
    "log_condition_percentiles",
    "means_over_batches",
    "neighbours_accuracy",
    "notebook_probe_accuracy",
    "reconstruction_error",
    "uniformity",
]
