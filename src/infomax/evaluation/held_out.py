"""Bounds over many batches, with the uncertainty of their means."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from scipy import stats
from torch import Tensor

from infomax.errors import UserError
from infomax.score_matrix import Scores

__all__ = ["BatchMean", "ScoreFunction", "means_over_batches"]

ScoreFunction: TypeAlias = Callable[[Any], Tensor]
"""Score matrix, of the form that the model gives -> one value: a bound or a loss."""


@dataclass(frozen=True)
class BatchMean:
    """Mean of a value over batches, in nats, and its 95 % confidence interval.

    On pairs that were trained on, a bound's mean is a training bound; only on pairs kept apart is
    it held out.
    """

    mean: float
    low: float
    high: float


@torch.no_grad()
def means_over_batches(
    model: Callable[[Tensor, Tensor], Scores],
    batches: Iterable[tuple[Tensor, Tensor]],
    functions: Mapping[str, ScoreFunction],
) -> dict[str, BatchMean]:
    """Evaluate functions of the score matrix on batches, each of the size that was trained with.

    The size matters: InfoNCE cannot exceed the log of it. Disjoint batches of independent pairs
    give independent values, so the interval is Student's t interval of their mean. For NWJ, whose
    values are heavy-tailed, it is too narrow when no batch of the rare kind that dominates the mean
    was seen.

    Args:
        model: from pairs to score matrix, a ``PairModel`` or whatever else makes one.
        batches: disjoint batches of x ``(N, dx)`` and y ``(N, dy)``.
        functions: by the name that their mean is to have.

    Returns:
        Mean and interval of each function, in nats; not finite where a batch's value is not.

    Raises:
        UserError: if there are fewer than two batches.
    """
    values: dict[str, list[Tensor]] = {name: [] for name in functions}
    for x, y in batches:
        scores = model(x, y)
        for name, function in functions.items():
            values[name].append(function(scores))
    return {name: _mean(of_function) for name, of_function in values.items()}


def _mean(of_batches: list[Tensor]) -> BatchMean:
    if len(of_batches) < 2:
        raise UserError(f"{len(of_batches)} batch(es): an interval needs at least 2")
    values = torch.stack(of_batches).double().cpu()
    mean = float(values.mean())
    if not math.isfinite(mean):
        return BatchMean(mean, math.nan, math.nan)
    half_width = float(stats.t.ppf(0.975, len(values) - 1) * values.std() / len(values) ** 0.5)
    return BatchMean(mean, mean - half_width, mean + half_width)
