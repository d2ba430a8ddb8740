"""A bound over many batches, with the uncertainty of its mean."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from scipy import stats
from torch import Tensor

from infomax.bounds import Bound
from infomax.errors import UserError
from infomax.training.pair_model import PairModel

__all__ = ["BoundEstimate", "bound_over_batches"]


@dataclass(frozen=True)
class BoundEstimate:
    """Mean of a bound over batches, in nats, and its 95 % confidence interval.

    On pairs that were trained on it is a training bound; only on pairs kept apart is it held out.
    """

    mean: float
    low: float
    high: float


@torch.no_grad()
def bound_over_batches(
    model: PairModel, batches: Iterable[tuple[Tensor, Tensor]], bound: Bound
) -> BoundEstimate:
    """Evaluate a bound on batches, each of the size that was trained with.

    The size matters: InfoNCE cannot exceed the log of it. Disjoint batches of independent pairs
    give independent values, so the interval is Student's t interval of their mean. For NWJ, whose
    values are heavy-tailed, it is too narrow when no batch of the rare kind that dominates the mean
    was seen.

    Args:
        model: from pairs to score matrix.
        batches: disjoint batches of x ``(N, dx)`` and y ``(N, dy)``.
        bound: score matrix -> estimate in nats.

    Returns:
        Mean and interval in nats; not finite where a batch's value is not.

    Raises:
        UserError: if there are fewer than two batches.
    """
    values = torch.stack([bound(model(x, y)) for x, y in batches]).double().cpu()
    if len(values) < 2:
        raise UserError(f"{len(values)} batch(es): an interval needs at least 2")
    mean = float(values.mean())
    if not math.isfinite(mean):
        return BoundEstimate(mean, math.nan, math.nan)
    half_width = float(stats.t.ppf(0.975, len(values) - 1) * values.std() / len(values) ** 0.5)
    return BoundEstimate(mean, mean - half_width, mean + half_width)
