"""Evaluation: bounds on pairs never trained on, probes, retrieval, geometry of codes, Jacobians."""

from infomax.evaluation.accuracy import (
    Accuracy,
    AccuracyDifference,
    accuracy_difference,
    accuracy_of,
    majority_share,
)
from infomax.evaluation.class_probes import (
    ClassProbes,
    check_probed_labels,
    neighbours_accuracy,
    neighbours_labels,
    probe_classes,
)
from infomax.evaluation.codes import alignment, collapse_sign, effective_rank, encode, uniformity
from infomax.evaluation.evaluator import Evaluator
from infomax.evaluation.held_out import BatchMean, ScoreFunction, means_over_batches
from infomax.evaluation.history import Evaluation, EvaluationHistory, history_of
from infomax.evaluation.inversion import (
    jacobian_operations,
    jacobian_singular_values,
    log_condition_numbers,
    log_condition_percentiles,
    reconstruction_error,
)
from infomax.evaluation.notebook_probe import fit_notebook_probe, notebook_probe_accuracy
from infomax.evaluation.probe import LinearProbe, fit_probe
from infomax.evaluation.retrieval import (
    PairRetrieval,
    Retrieval,
    RetrievalShare,
    retrieve_classes,
    retrieve_pairs,
    retrieve_pairs_by_critic,
)
from infomax.evaluation.retrieval_in_lots import LotRetrieval, retrieve_in_lots

__all__ = [
    "Accuracy",
    "AccuracyDifference",
    "BatchMean",
    "ClassProbes",
    "Evaluation",
    "EvaluationHistory",
    "Evaluator",
    "LinearProbe",
    "LotRetrieval",
    "PairRetrieval",
    "Retrieval",
    "RetrievalShare",
    "ScoreFunction",
    "accuracy_difference",
    "accuracy_of",
    "alignment",
    "check_probed_labels",
    "collapse_sign",
    "effective_rank",
    "encode",
    "fit_notebook_probe",
    "fit_probe",
    "history_of",
    "jacobian_operations",
    "jacobian_singular_values",
    "log_condition_numbers",
    "log_condition_percentiles",
    "majority_share",
    "means_over_batches",
    "neighbours_accuracy",
    "neighbours_labels",
    "notebook_probe_accuracy",
    "probe_classes",
    "reconstruction_error",
    "retrieve_classes",
    "retrieve_in_lots",
    "retrieve_pairs",
    "retrieve_pairs_by_critic",
    "uniformity",
]
