"""Mutual information between views, estimated and maximised, with the truth told about both."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infomax.estimation import (
        MIResult,
        MutualInformation,
        estimate_mi,
        mutual_information_scores,
        rank_columns,
    )
    from infomax.experiments.infomax_estimator import InfoMax
    from infomax.experiments.train import train
    from infomax.training import PairModel

__version__ = "0.1.0"
__all__ = [
    "InfoMax",
    "MIResult",
    "MutualInformation",
    "PairModel",
    "__version__",
    "estimate_mi",
    "mutual_information_scores",
    "rank_columns",
    "train",
]
_ROOMS = {
    "InfoMax": "infomax.experiments.infomax_estimator",
    "MIResult": "infomax.estimation",
    "MutualInformation": "infomax.estimation",
    "PairModel": "infomax.training",
    "estimate_mi": "infomax.estimation",
    "mutual_information_scores": "infomax.estimation",
    "rank_columns": "infomax.estimation",
    "train": "infomax.experiments.train",
}


def __getattr__(name: str) -> Any:
    # On demand: `infomax --help` and whoever wants one room do not wait for PyTorch.
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'infomax' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
