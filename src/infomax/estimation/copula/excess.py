"""By how much a copula's mean log density ratio may exceed the information it bounds."""

import math

import numpy as np
from scipy import special

from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import CopulaRatio, EllipticalDependence
from infomax.estimation.task import EstimationTask

__all__ = ["excess_of_ratios"]

_MOST_SCORED = 2500


def excess_of_ratios(copula: EllipticalDependence, task: EstimationTask) -> float:
    """Return what InfoNCE, with the copula as critic, takes off its mean log density ratio.

    Were x and y by themselves as the copula says, it would be 0. What a y scores with any x, which
    belongs to no pair, is first taken off the critic; it is that of other pairs than are read.
    """
    drawn = task.samples.take(task.split.order[: 2 * _MOST_SCORED])
    x, y = copula.sides(np.hstack(drawn.arrays()))
    scored = CopulaRatio(copula, gaussian=math.isinf(copula.degrees_of_freedom)).of_arrays
    half = len(x) // 2
    of_x = _log_mean(scored(x[:half], y[:half]), axis=1)
    of_y = _log_mean(scored(x[:half], y[half:]) - of_x[:, None], axis=0)
    return float((of_y + _log_mean(scored(x[half:], y[half:]) - of_y, axis=1)).mean())


def _log_mean(scores: Array, axis: int) -> Array:
    means: Array = special.logsumexp(scores, axis=axis) - math.log(scores.shape[axis])
    return means
