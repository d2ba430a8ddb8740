"""Critics that begin as an elliptical copula, one for each refit."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_shrunken_copula,
    too_few_pairs,
)
from infomax.estimation.copula.margins import fitted_scaling
from infomax.estimation.neural.critic import (
    CopulaRatio,
    CorrectedCritic,
    SeparableNetworks,
    with_radius,
)
from infomax.estimation.neural.refit_critic import RefitCritic
from infomax.estimation.split import Refit
from infomax.training import generator_for

__all__ = ["copula_critics"]

Array = NDArray[np.float64]


def copula_critics(
    x: Array, y: Array, refits: Sequence[Refit], seed: int, *, scaling: str, shift: float
) -> list[RefitCritic]:
    """Make the critics of all refits; scaling and copula are fitted on each one's training rows.

    The copula is where a critic begins, and as good a place as any where columns are discrete: the
    bounds hold for every critic. Where the pairs are too few for its correlations, they are drawn
    towards 0.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        refits: which rows each is fitted on.
        seed: of weights.
        scaling: of what the networks see, by name.
        shift: what the best critic of the bound has beside the log density ratio.
    """
    few = too_few_pairs(x.shape[1], y.shape[1], len(refits[0].train))
    copulas = [
        fit_shrunken_copula(
            *(side[rows] for rows in (refit.train, refit.validation) for side in (x, y))
        )
        if few
        else fit_elliptical_copula(x[refit.train], y[refit.train])
        for refit in refits
    ]
    gaussian = all(math.isinf(copula.degrees_of_freedom) for copula in copulas)
    critics = []
    for place, (refit, copula) in enumerate(zip(refits, copulas, strict=True)):
        seen = [fitted_scaling(scaling, side[refit.train])(side) for side in (x, y)]
        sides = copula.sides(np.hstack([x, y]))
        sides[0][:, -1] += shift
        generator = generator_for(seed, f"critic of refit {place}")
        critic = CorrectedCritic(
            SeparableNetworks(x.shape[1], y.shape[1], generator),
            CopulaRatio(copula, gaussian=gaussian),
        )
        of_x, of_y = (
            np.hstack([with_radius(torch.from_numpy(values)).numpy(), side])
            for values, side in zip(seen, sides, strict=True)
        )
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics
