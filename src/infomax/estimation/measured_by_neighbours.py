"""Estimates by nearest neighbours, by the name of their terms."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from infomax.estimation.classical import measure_by_terms
from infomax.estimation.neighbours.ksg import (
    ksg_1_terms,
    ksg_2_terms,
    mixed_ksg_1_terms,
    mixed_ksg_terms,
)
from infomax.estimation.neighbours.space import LEVELS_APART
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings

__all__ = ["NEIGHBOUR_TERMS", "measure_by_neighbours"]

Array: TypeAlias = NDArray[np.float64]

NEIGHBOUR_TERMS: dict[str, Callable[..., Array]] = {
    "ksg-1": ksg_1_terms,
    "ksg-2": ksg_2_terms,
    "mixed-ksg": mixed_ksg_terms,
    "mixed-ksg-1": mixed_ksg_1_terms,
}
"""The terms by name of the method."""

_OF_CONTINUOUS = {"ksg-1", "ksg-2"}
_KNOWN = {"mixed-ksg-1": {"levels_apart": LEVELS_APART}}


def measure_by_neighbours(
    name: str, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Estimate by nearest neighbours.

    Args:
        name: of ``NEIGHBOUR_TERMS``.
        samples: the pairs.
        settings: of the estimate.
        reason: why this method.

    Raises:
        UserError: if the method is for continuous columns and a column is discrete.
    """
    return measure_by_terms(
        name,
        samples,
        settings,
        partial(NEIGHBOUR_TERMS[name], neighbours=settings.neighbours, **_KNOWN.get(name, {})),
        reason,
        continuous=name in _OF_CONTINUOUS,
    )
