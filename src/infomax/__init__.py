"""Mutual information between views, estimated and maximised, with the truth told about both."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infomax.estimation import (
        MIResult,
        MutualInformation,
        estimate_mi,
        mutual_information_scores,
    )

__version__ = "0.1.0"
__all__ = [
    "MIResult",
    "MutualInformation",
    "__version__",
    "estimate_mi",
    "mutual_information_scores",
]


def __getattr__(name: str) -> Any:
    # On demand: `infomax --help` and whoever wants one room do not wait for PyTorch.
    if name in __all__:
        return getattr(import_module("infomax.estimation"), name)
    raise AttributeError(f"module 'infomax' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
