"""What a critic may begin as: closed forms that are fitted, not trained, and the best of them."""

import dataclasses
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from infomax.bounds import find_bound
from infomax.critics import Critic
from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import CopulaRatio
from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_shrunken_copula,
    too_few_pairs,
)
from infomax.estimation.mixtures.gaussian_mixture import GaussianMixtureRatio
from infomax.estimation.mixtures.gaussian_mixture_fit import fit_gaussian_mixture
from infomax.estimation.mixtures.latent_class_fit import fit_latent_classes
from infomax.estimation.mixtures.latent_classes import LatentClassRatio
from infomax.estimation.neural.critic import RefitCritic
from infomax.estimation.neural.flows import flow_sides
from infomax.estimation.split import Refit
from infomax.training import NoProgress, StagedProgress

__all__ = ["Beginning", "best_beginning", "in_batches", "try_beginnings"]

_VALIDATION_BATCH = 500
_BOUND = find_bound("infonce-symmetric")
_MOST_COLUMNS_OF_MIXTURES = 120
# What a later family must hold more, for it takes more time in every update.
_LEAST_GAIN_NATS = 0.01
# A search for numbers of classes and components needs no more, and takes as long as its rows.
_MOST_SEARCHED = 2000
# Nor do tens of classes or components, of which each then has hundreds.
_MOST_FITTED = 20_000
_FAMILIES = 4
_NO_PROGRESS = NoProgress()
_MOST_COLUMNS_OF_FLOWS = 40
_FEWEST_PAIRS_OF_FLOWS = 1000
_TRIAL_STEPS, _MOST_STEPS = 100, 1000
# Flows take longer than all other beginnings: they are trained where a trial finds much more.
_LEAST_GAIN_OF_FLOWS = 0.25
_DIFFERENT_SHARE = 0.9

Fitted: TypeAlias = tuple[list[Critic], list[tuple[Array, Array]]]


@dataclass(frozen=True, eq=False)
class Beginning:
    """Closed forms of one family, fitted on the training rows of each refit.

    Attributes:
        name: of the family, in words.
        parts: of each refit; empty for a critic that begins as 0.
        validation_scores: of each refit on its validation pairs, in batches: ``(R, B, V, V)``.
        values: symmetric InfoNCE of each refit on its validation pairs, in nats: ``(R,)``.
        trained: whether part of it was trained, step by step, which takes long.
    """

    name: str
    parts: tuple[RefitCritic, ...] = field(repr=False)
    validation_scores: Tensor = field(repr=False)
    values: Tensor
    trained: bool = False

    @property
    def value(self) -> float:
        """Symmetric InfoNCE on validation pairs, the mean of all refits, in nats."""
        return float(self.values.mean())

    @property
    def value_of_first(self) -> float:
        """That of the first refit."""
        return float(self.values[0])


def try_beginnings(
    x: Array,
    y: Array,
    refits: Sequence[Refit],
    seed: int,
    progress: StagedProgress = _NO_PROGRESS,
    *,
    of_these: Collection[str] | None = None,
) -> list[Beginning]:
    """Fit all families: no dependence, elliptical copula, classes, mixtures, and flows.

    The bounds hold for every critic, so any family may be tried on any data, columns of levels
    among them. A family that holds less of the first refit's validation pairs than an earlier one
    is not fitted to the others.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        refits: which rows each is fitted on.
        seed: of what is drawn, such as where k-means begins.
        progress: is told of each family.
        of_these: names of the families to try beside the copula; all by default.

    Returns:
        The beginnings, no dependence first and the copula second.
    """
    pairs = _Pairs(x, y, refits)
    progress.start("fitting what critics begin as", _FAMILIES)
    copula = _beginning("elliptical copula", _fit_copulas(pairs), refits)
    nothing = Beginning(
        "no dependence",
        (),
        torch.zeros_like(copula.validation_scores),
        torch.zeros_like(copula.values),
    )
    found = [nothing, copula]
    if x.shape[1] + y.shape[1] > _MOST_COLUMNS_OF_MIXTURES:
        return found
    families: dict[str, Callable[..., Fitted | None]] = {
        "latent classes": _fit_latent_classes,
        "mixture of Gaussians": _fit_mixtures,
    }
    for nth, (name, fit) in enumerate(families.items(), start=1):
        progress.advance(nth)
        if of_these is not None and name not in of_these:
            continue
        fitted = fit(pairs, seed, best_beginning(found).value_of_first)
        if fitted is not None:
            found.append(_beginning(name, fitted, refits))
    progress.advance(len(families) + 1)
    if of_these is None:
        of_flows = _fit_flows(pairs, seed, best_beginning(found).value_of_first)
        if of_flows is not None:
            behind = _beginning("elliptical copula behind flows", of_flows, refits)
            found.append(dataclasses.replace(behind, trained=True))
    return found


def best_beginning(beginnings: Sequence[Beginning]) -> Beginning:
    """Return the beginning that holds most of validation pairs, an earlier one if hardly less."""
    best = beginnings[0]
    for beginning in beginnings[1:]:
        if beginning.value > best.value + _LEAST_GAIN_NATS:
            best = beginning
    return best


def in_batches(rows: Tensor) -> Tensor:
    """Cut validation rows into batches of one size, at most 500, less the remainder.

    Args:
        rows: ``(..., V, d)``.

    Returns:
        ``(..., B, size, d)``.
    """
    batches = -(-rows.shape[-2] // _VALIDATION_BATCH)
    size = rows.shape[-2] // batches
    cut: Tensor = rows[..., : batches * size, :].unflatten(-2, (batches, size))
    return cut


def _beginning(name: str, fitted: Fitted, refits: Sequence[Refit]) -> Beginning:
    parts = [RefitCritic.of_arrays(critic, *sides) for critic, sides in zip(*fitted, strict=True)]
    with torch.no_grad():
        scores = torch.stack(
            [
                part.critic(in_batches(part.x[rows]), in_batches(part.y[rows]))
                for part, refit in zip(parts, refits, strict=True)
                for rows in [torch.from_numpy(refit.validation)]
            ]
        )
    values = _BOUND.estimate(scores).mean(dim=-1)
    return Beginning(name, tuple(parts), scores, values.nan_to_num(nan=-math.inf))


def _fit_copulas(pairs: "_Pairs") -> Fitted:
    """Fit elliptical copulas, drawn towards 0 where pairs are too few for their correlations."""
    x, y, refits = pairs.x, pairs.y, pairs.refits
    few = too_few_pairs(x.shape[1], y.shape[1], len(refits[0].train))
    copulas = [
        fit_shrunken_copula(*pairs.fitted_and_held_out(index))
        if few
        else fit_elliptical_copula(x[refit.train], y[refit.train])
        for index, refit in enumerate(refits)
    ]
    gaussian = all(math.isinf(copula.degrees_of_freedom) for copula in copulas)
    return (
        [CopulaRatio(copula, gaussian=gaussian) for copula in copulas],
        [copula.sides(pairs.values) for copula in copulas],
    )


def _fit_latent_classes(pairs: "_Pairs", seed: int, least: float) -> Fitted | None:
    fits = _fit_alike(fit_latent_classes, lambda _: LatentClassRatio(), pairs, seed, least)
    if fits is None:
        return None
    most = max(fit.table.shape[1] for fit in fits)
    return [LatentClassRatio() for _ in fits], [fit.sides(pairs.values, most) for fit in fits]


def _fit_mixtures(pairs: "_Pairs", seed: int, least: float) -> Fitted | None:
    fits = _fit_alike(
        fit_gaussian_mixture, lambda fit: GaussianMixtureRatio(fit.components), pairs, seed, least
    )
    if fits is None:
        return None
    most = max(fit.components for fit in fits)
    return (
        [GaussianMixtureRatio(most) for _ in fits],
        [fit.sides(pairs.values, most) for fit in fits],
    )


def _fit_flows(pairs: "_Pairs", seed: int, least: float) -> Fitted | None:
    """Fit copulas behind flows of both sides, or return None where a short trial shows no need.

    The trial trains those of the first refit alone. Flows of single columns are increasing maps,
    which leave ranks as they are.
    """
    x, y, refits = pairs.x, pairs.y, pairs.refits
    columns = x.shape[1] + y.shape[1]
    if (
        max(x.shape[1], y.shape[1]) == 1
        or columns > _MOST_COLUMNS_OF_FLOWS
        or len(refits[0].train) < _FEWEST_PAIRS_OF_FLOWS
        or not all(_is_continuous(column) for column in pairs.values.T)
    ):
        return None
    tried = _copulas_behind(flow_sides(x, y, refits[:1], seed, most_steps=_TRIAL_STEPS), refits[:1])
    value = _beginning("trial", tried, refits[:1]).value
    if not value > least + _LEAST_GAIN_OF_FLOWS:
        return None
    return _copulas_behind(flow_sides(x, y, refits, seed, most_steps=_MOST_STEPS), refits)


def _copulas_behind(sides: Sequence[tuple[Array, Array]], refits: Sequence[Refit]) -> Fitted:
    copulas = [
        fit_elliptical_copula(*(side[refit.train] for side in both))
        for both, refit in zip(sides, refits, strict=True)
    ]
    gaussian = all(math.isinf(copula.degrees_of_freedom) for copula in copulas)
    return (
        [CopulaRatio(copula, gaussian=gaussian) for copula in copulas],
        [copula.sides(np.hstack(both)) for copula, both in zip(copulas, sides, strict=True)],
    )


def _is_continuous(values: Array) -> bool:
    return len(np.unique(values)) > _DIFFERENT_SHARE * len(values)


def _fit_alike(
    fit: Callable[..., Any],
    critic_of: Callable[[Any], Critic],
    pairs: "_Pairs",
    seed: int,
    least: float,
) -> list[Any] | None:
    """Fit all refits like the first, or return None where that holds less than there is already."""
    searched = fit(*pairs.fitted_and_held_out(0, most=_MOST_SEARCHED), seed=seed)
    first = fit(*pairs.fitted_and_held_out(0, most=_MOST_FITTED), seed=seed, like=searched)
    sides = first.sides(pairs.values[pairs.refits[0].validation])
    of_x, of_y = (in_batches(torch.from_numpy(side)) for side in sides)
    with torch.no_grad():
        if not float(_BOUND.estimate(critic_of(first)(of_x, of_y)).mean()) > least:
            return None
    others = range(1, len(pairs.refits))
    return [
        first,
        *(
            fit(*pairs.fitted_and_held_out(index, most=_MOST_FITTED), seed=seed, like=searched)
            for index in others
        ),
    ]


@dataclass(frozen=True, eq=False)
class _Pairs:
    """The rows of all refits."""

    x: Array
    y: Array
    refits: Sequence[Refit]

    @cached_property
    def values(self) -> Array:
        """X beside y: ``(N, dx + dy)``."""
        return np.hstack([self.x, self.y])

    def fitted_and_held_out(self, index: int, most: int | None = None) -> list[Array]:
        """Return x and y of a refit's training rows, at most so many, then of its validation."""
        refit = self.refits[index]
        rows = (refit.train[:most], refit.validation)
        return [side[chosen] for chosen in rows for side in (self.x, self.y)]
