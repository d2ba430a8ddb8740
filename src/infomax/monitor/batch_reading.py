"""What the codes of one batch tell: the bound, its ceiling, repeats, and how codes lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.bounds import Bound
from infomax.critics import CosineCritic
from infomax.errors import UserError
from infomax.evaluation import alignment, collapse_sign, effective_rank, uniformity
from infomax.evaluation.bound_warnings import BoundLimits
from infomax.training.repeated_items import content_keys, repeats_ceiling

__all__ = ["BatchReading", "check_pairs", "limits_of", "read_batch", "scores_of"]

_MOST_ROWS = 1_024
"""Codes whose spread and rank are measured; time grows with their square, or faster."""


@dataclass(frozen=True)
class BatchReading:
    """What was measured of one batch; NaN where something was not given or cannot be measured.

    Attributes:
        step: update that the batch is of.
        pairs: in the batch.
        bound: on the batch, in nats; pairs that are trained on, so also what is known by heart.
        ceiling: most that the bound can be on such a batch, in nats, equal items counted.
        gap: ceiling less bound, in nats.
        duplicates: share of pairs of which an item, or a code, comes several times in the batch.
        same_label: share of negatives that have the label of their anchor.
        collapsed: 1 where codes of a side have collapsed, else 0.
        effective_rank_x: directions that codes of x fill (``effective_rank``).
        effective_rank_y: directions that codes of y fill.
        alignment: mean squared distance of the two codes of a pair at unit length.
        uniformity_x: of codes of x (``uniformity``), in nats.
        uniformity_y: of codes of y.
        loss_nats: what the logged loss reads, in nats.
        held_out: mean of the bound on held-out batches since the reading before, in nats.
    """

    step: int
    pairs: int
    bound: float
    ceiling: float
    gap: float
    duplicates: float
    same_label: float
    collapsed: float
    effective_rank_x: float
    effective_rank_y: float
    alignment: float
    uniformity_x: float
    uniformity_y: float
    loss_nats: float = math.nan
    held_out: float = math.nan

    def metrics(self, prefix: str = "") -> dict[str, float]:
        """Return what is known, by name.

        Args:
            prefix: of each name, e.g. ``infomax/``.
        """
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        del values["step"]
        known = {name: value for name, value in values.items() if not math.isnan(value)}
        return {f"{prefix}{name}": float(value) for name, value in known.items()}


def read_batch(
    z_x: Tensor,
    z_y: Tensor,
    *,
    bound: Bound,
    temperature: float,
    scores: Tensor | None = None,
    items: Sequence[Any] | NDArray[Any] | Tensor | None = None,
    labels: Sequence[Any] | NDArray[Any] | Tensor | None = None,
    step: int = 0,
) -> tuple[BatchReading, list[str]]:
    """Measure the codes of one batch.

    Args:
        z_x: codes of x, ``(N, dx)``.
        z_y: codes of y in the order of the pairs, ``(N, dy)``; of the size of x unless scores are
            given.
        bound: that is read of the scores.
        temperature: that cosines are divided by.
        scores: of one's own critic, ``(N, N)``, in the place of cosines over the temperature.
        items: what the pairs are of, e.g. captions or indices, by which repeats are known; by
            default codes that are equal.
        labels: of the pairs.
        step: update that the batch is of.

    Returns:
        The reading, and one line for each side of which codes have collapsed.

    Raises:
        UserError: if the shapes do not match.

    Example:
        >>> from infomax.bounds import find_bound
        >>> reading, signs = read_batch(
        ...     torch.eye(8), torch.eye(8), bound=find_bound("infonce"), temperature=0.1
        ... )
        >>> round(reading.bound, 3), round(reading.ceiling, 3), reading.alignment, signs
        (2.079, 2.079, 0.0, [])
    """
    check_pairs(z_x, z_y, scores)
    x, y = (codes.detach().float().cpu() for codes in (z_x, z_y))
    critic_scores = scores_of(x, y, scores, temperature)
    count = len(x)
    limits = limits_of(bound, count, temperature, scores)
    value = float(bound.estimate(critic_scores))
    keys = [_keys(items)] if items is not None else [content_keys([x]), content_keys([y])]
    _check_length("items", keys[0], count)
    ceiling = limits.ceiling
    if bound.capped:
        ceiling = min(ceiling, *(repeats_ceiling(each, count)[0] for each in keys))
    repeated = np.any([np.bincount(each)[each] > 1 for each in keys], axis=0)
    signs = []
    for side, codes in (("x", x), ("y", y)):
        sign = collapse_sign(codes[:_MOST_ROWS]) if count > 1 else None
        if sign is not None:
            signs.append(f"view {side}: {sign}")
    ranks, spreads = zip(*(_spread(codes[:_MOST_ROWS]) for codes in (x, y)), strict=True)
    return BatchReading(
        step=step,
        pairs=count,
        bound=value,
        ceiling=ceiling,
        gap=ceiling - value,
        duplicates=float(repeated.mean()),
        same_label=_same_label(labels, count),
        collapsed=float(bool(signs)),
        effective_rank_x=ranks[0],
        effective_rank_y=ranks[1],
        alignment=alignment(x, y) if x.shape == y.shape else math.nan,
        uniformity_x=spreads[0],
        uniformity_y=spreads[1],
    ), signs


def check_pairs(z_x: Tensor, z_y: Tensor, scores: Tensor | None) -> None:
    """Check that codes of pairs, and scores where they are given, belong together.

    Raises:
        UserError: if they do not.
    """
    if z_x.ndim != 2 or z_y.ndim != 2 or len(z_x) != len(z_y) or not len(z_x):
        raise UserError(
            f"codes of x are {tuple(z_x.shape)} and of y {tuple(z_y.shape)}: give a row for each "
            "pair, (N, d), of both"
        )
    if scores is None and z_x.shape != z_y.shape:
        raise UserError(
            f"codes of x have {z_x.shape[1]} values and of y {z_y.shape[1]}: a cosine needs as "
            "many; give the (N, N) scores of your own critic as scores="
        )
    if scores is not None and tuple(scores.shape) != (len(z_x), len(z_x)):
        raise UserError(
            f"scores are {tuple(scores.shape)} for {len(z_x)} pairs: give (N, N), rows are x"
        )


def scores_of(x: Tensor, y: Tensor, scores: Tensor | None, temperature: float) -> Tensor:
    """Return the scores that the bound is read of: those given, or cosines over a temperature."""
    if scores is not None:
        return scores.detach().float().cpu()
    with torch.no_grad():
        found: Tensor = _cosine(temperature)(x, y)
    return found


def limits_of(
    bound: Bound, batch_size: int, temperature: float, scores: Tensor | None
) -> BoundLimits:
    """Return what limits the bound on a batch, of cosines or of scores that were given."""
    critic = _cosine(temperature) if scores is None else nn.Identity()
    return BoundLimits(bound, batch_size, critic)


def _cosine(temperature: float) -> CosineCritic:
    # It has no weights, so neither sizes nor a generator have any part in it.
    return CosineCritic(1, 1, torch.Generator(), temperature=temperature)


def _keys(items: Sequence[Any] | NDArray[Any] | Tensor) -> NDArray[np.int64]:
    values = items.detach().cpu().numpy() if isinstance(items, Tensor) else np.asarray(items)
    return np.unique(values, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _check_length(name: str, keys: NDArray[np.int64], count: int) -> None:
    if len(keys) != count:
        raise UserError(f"{name} are {len(keys)} for {count} pairs: give one for each pair")


def _same_label(labels: Sequence[Any] | NDArray[Any] | Tensor | None, count: int) -> float:
    if labels is None or count < 2:
        return math.nan
    keys = _keys(labels)
    _check_length("labels", keys, count)
    counts = np.bincount(keys)
    return float((counts * (counts - 1)).sum() / (count * (count - 1)))


def _spread(codes: Tensor) -> tuple[float, float]:
    """Return effective rank and uniformity."""
    return effective_rank(codes), uniformity(codes) if len(codes) > 1 else math.nan
