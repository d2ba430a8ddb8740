"""Mutual information between views, estimated and maximised, with the truth told about both."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infomax import (
        audit,
        bounds,
        critics,
        data,
        distributions,
        encoders,
        estimation,
        evaluation,
        experiments,
        graphs,
        losses,
        monitor,
        report,
        score_matrix,
        studies,
        training,
        views,
        warnings,
    )
    from infomax.audit import (
        AuditResult,
        LossCurve,
        LossReading,
        audit_codes,
        audit_runs,
        read_loss,
        read_losses,
    )
    from infomax.errors import UserError
    from infomax.estimation import (
        InformationMatrix,
        InformationSelection,
        MIResult,
        MutualInformation,
        estimate_mi,
        information_matrix,
        mutual_information_scores,
        rank_columns,
        transfer_entropy,
    )
    from infomax.experiments.build import ModelConfig, build_model
    from infomax.experiments.infomax_estimator import InfoMax
    from infomax.experiments.train import Trained, train
    from infomax.experiments.trained_run import TrainedRun
    from infomax.information import Interval
    from infomax.training import BatchPlan, Objective, OptimizerConfig, PairModel
    from infomax.warnings import DataWarning, EstimationWarning, InfomaxWarning, TrainingWarning

__version__ = "0.1.0"
__all__ = [
    "AuditResult",
    "BatchPlan",
    "DataWarning",
    "EstimationWarning",
    "InfoMax",
    "InfomaxWarning",
    "InformationMatrix",
    "InformationSelection",
    "Interval",
    "LossCurve",
    "LossReading",
    "MIResult",
    "ModelConfig",
    "MutualInformation",
    "Objective",
    "OptimizerConfig",
    "PairModel",
    "Trained",
    "TrainedRun",
    "TrainingWarning",
    "UserError",
    "__version__",
    "audit",
    "audit_codes",
    "audit_runs",
    "bounds",
    "build_model",
    "critics",
    "data",
    "distributions",
    "encoders",
    "estimate_mi",
    "estimation",
    "evaluation",
    "experiments",
    "graphs",
    "information_matrix",
    "losses",
    "monitor",
    "mutual_information_scores",
    "rank_columns",
    "read_loss",
    "read_losses",
    "report",
    "score_matrix",
    "studies",
    "train",
    "training",
    "transfer_entropy",
    "views",
    "warnings",
]
_NAMES = {
    "audit": (
        *("AuditResult", "LossCurve", "LossReading"),
        *("audit_codes", "audit_runs", "read_loss", "read_losses"),
    ),
    "errors": ("UserError",),
    "estimation": (
        *(
            "InformationMatrix",
            "InformationSelection",
            "MIResult",
            "MutualInformation",
            "estimate_mi",
        ),
        *("information_matrix", "mutual_information_scores", "rank_columns", "transfer_entropy"),
    ),
    "experiments.build": ("ModelConfig", "build_model"),
    "experiments.infomax_estimator": ("InfoMax",),
    "experiments.train": ("Trained", "train"),
    "experiments.trained_run": ("TrainedRun",),
    "information": ("Interval",),
    "training": ("BatchPlan", "Objective", "OptimizerConfig", "PairModel"),
    "warnings": ("DataWarning", "EstimationWarning", "InfomaxWarning", "TrainingWarning"),
}
_HOME = {name: f"infomax.{home}" for home, names in _NAMES.items() for name in names}
"""Where each name is defined; all other public names are rooms."""


def __getattr__(name: str) -> Any:
    # On demand: `infomax --help` and whoever wants one room do not wait for PyTorch.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in __all__:
        return import_module(f"infomax.{name}")
    raise AttributeError(f"module 'infomax' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
