"""Bounds over many batches, with the uncertainty of their means."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from scipy import stats
from torch import Tensor

from infomax.errors import UserError

__all__ = ["BatchMean", "ScoreFunction", "means_over_batches"]

ScoreFunction: TypeAlias = Callable[[Any], Tensor]
"""Score matrix, of the form that the model gives -> one value: a bound or a loss."""

_FEWEST_BATCHES = 2
# Of as many, the values of batches tell how far their mean is off; of fewer, parts of batches do.
_ENOUGH_BATCHES = 20
_PARTS = 10
# A bound needs a pair and a negative where a part is left out.
_FEWEST_PAIRS = 4


@dataclass(frozen=True)
class BatchMean:
    """Mean of a value over batches, in nats, and its 95 % confidence interval.

    On pairs that were trained on, a bound's mean is a training bound; only on other pairs is it
    held out.
    """

    mean: float
    low: float
    high: float


@torch.no_grad()
def means_over_batches(
    model: Callable[[Tensor, Tensor], Any],
    batches: Iterable[tuple[Tensor, Tensor]],
    functions: Mapping[str, ScoreFunction],
    *,
    ceilings: Mapping[str, float] | None = None,
) -> dict[str, BatchMean]:
    r"""Evaluate functions of the score matrix on batches, each of the size that was trained with.

    The size matters: InfoNCE cannot exceed the log of it. Disjoint batches of independent pairs
    give independent values; of 20 and more of them the interval is Student's t interval of their
    mean. Fewer say too little of their own spread (two have one degree of freedom), so it is taken
    from the pairs: each batch is read again without each tenth of its pairs in turn, and the
    variance of the mean over B batches is that of the jackknife,

    .. math:: \frac{1}{B^2} \sum_b \frac{G - 1}{G} \sum_g
              \bigl(T_{b(-g)} - \bar T_b\bigr)^2

    with :math:`T_{b(-g)}` the value of batch b without part g of G, with B (G - 1) degrees of
    freedom. A pair counts there with all that it does, as candidate of the others too. For NWJ,
    whose values are heavy-tailed, intervals are too narrow when no pair of the rare kind that
    dominates the mean was seen.

    Source: Efron and Stein (1981), that the jackknife's variance is on average no smaller than the
    true one.

    Args:
        model: from pairs to score matrix, a ``PairModel`` or whatever else makes one. What is no
            tensor is read without some of its pairs only where it has ``among(pairs)``.
        batches: disjoint batches of x ``(N, dx)`` and y ``(N, dy)``, in random order.
        functions: by the name that their mean is to have.
        ceilings: values that functions cannot exceed, by their names: intervals end there.

    Returns:
        Mean and interval of each function, in nats; not finite where a batch's value is not.

    Raises:
        UserError: if there are fewer than two batches.
    """
    values: dict[str, list[Tensor]] = {name: [] for name in functions}
    without: dict[str, list[Tensor]] = {name: [] for name in functions}
    count = 0
    for x, y in batches:
        scores, count = model(x, y), count + 1
        for name, function in functions.items():
            values[name].append(function(scores))
        # One after the other: the scores of large batches take much memory.
        of_parts: list[list[Tensor]] = []
        if count < _ENOUGH_BATCHES:
            of_parts = [
                [function(part) for function in functions.values()]
                for part in _without_parts(scores, len(x))
            ]
        if of_parts:
            for name, of_function in zip(functions, zip(*of_parts, strict=True), strict=True):
                without[name].append(torch.stack(of_function))
    if count < _FEWEST_BATCHES:
        raise UserError(f"{count} batch(es): an interval needs at least 2")
    means = {}
    for name, of_batches in values.items():
        highest = (ceilings or {}).get(name, math.inf)
        from_parts = [] if count >= _ENOUGH_BATCHES else without[name]
        means[name] = _mean(torch.stack(of_batches).double().cpu(), from_parts, highest)
    return means


def _mean(values: Tensor, without: list[Tensor], highest: float) -> BatchMean:
    mean = float(values.mean())
    if not math.isfinite(mean):
        return BatchMean(mean, math.nan, math.nan)
    if len(without) == len(values):
        variances = [_jackknife_variance(each.double().cpu()) for each in without]
        error = math.sqrt(sum(variances)) / len(values)
        freedom = sum(len(each) - 1 for each in without)
    else:
        error, freedom = float(values.std()) / len(values) ** 0.5, len(values) - 1
    half_width = float(stats.t.ppf(0.975, freedom)) * error
    return BatchMean(mean, mean - half_width, min(mean + half_width, max(highest, mean)))


def _jackknife_variance(without: Tensor) -> float:
    count = len(without)
    return float((count - 1) / count * (without - without.mean()).square().sum())


def _without_parts(scores: Any, size: int) -> Iterator[Any]:
    """Yield the scores of a batch without each of its parts, or none where it is too small."""
    dense = isinstance(scores, Tensor)
    if size < _FEWEST_PAIRS or not (dense or hasattr(scores, "among")):
        return
    device = scores.device if dense else torch.device("cpu")
    indices = torch.arange(size, device=device)
    parts = min(_PARTS, size)
    for part in range(parts):
        yield _among(scores, indices[indices % parts != part])


def _among(scores: Any, pairs: Tensor) -> Any:
    return scores[pairs][:, pairs] if isinstance(scores, Tensor) else scores.among(pairs)
