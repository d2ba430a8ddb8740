"""Retrieval: how high the partner of a code, or codes of its class, stand among all held-out codes.

Every candidate is ranked, and candidates of one score share the ranks that they take: each value is
the mean over all orders of what is tied, so that codes that are all alike score as chance does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from infomax.critics import unit_length
from infomax.errors import UserError
from infomax.evaluation.accuracy import wilson_interval
from infomax.records import Measurement
from infomax.training import PairModel, evaluation_mode

__all__ = [
    "PairRetrieval",
    "PairScores",
    "Retrieval",
    "RetrievalShare",
    "retrieve_classes",
    "retrieve_pairs",
    "retrieve_pairs_by_critic",
]

PairScores: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Codes of x ``(n, dx)`` and of y ``(m, dy)`` -> scores ``(n, m)``, as a critic gives them."""

_PAIRS_AT_ONCE = 500
_SCORES_AT_ONCE = 2**19
# Of one value, products of matrices make as many as rounding allows.
_ROUNDINGS = 64
_RESAMPLES = 999


@dataclass(frozen=True)
class RetrievalShare:
    """A mean over queries, between 0 and 1, with its 95 % confidence interval.

    Queries are taken as independent and the candidates as given.

    Attributes:
        value: the mean.
        low: lower end of its interval.
        high: upper end of its interval.
    """

    value: float
    low: float
    high: float

    def in_words(self) -> str:
        """Return it as tables show it.

        Example:
            >>> RetrievalShare(0.5, 0.4, 0.6).in_words()
            '0.5000 [0.400, 0.600]'
        """
        return f"{self.value:z.4f} [{self.low:z.3f}, {self.high:z.3f}]"


@dataclass(frozen=True, eq=False)
class Retrieval:
    """How high what is looked for stands among all candidates, for each query and on average.

    Attributes:
        candidates: number of candidates that each query ranks.
        recalls_at_1: of each query, whether the first candidate is looked for, ``(queries,)``; its
            probability where candidates are tied.
        recalls_at_5: whether one of the first five is.
        average_precisions: of each query, MAP@R.
        reciprocal_ranks: of each query, 1 over the rank of the first that is looked for.
        chance: recall at 1 of candidates in random order.
        left_out: number of codes for which there is nothing to look for.
    """

    candidates: int
    recalls_at_1: NDArray[np.float64]
    recalls_at_5: NDArray[np.float64]
    average_precisions: NDArray[np.float64]
    reciprocal_ranks: NDArray[np.float64]
    chance: float
    left_out: int = 0

    @property
    def queries(self) -> int:
        """Number of queries."""
        return len(self.recalls_at_1)

    def measured(self, name: str, *metrics: str) -> list[Measurement]:
        """Return some of the means with their intervals, as records hold them.

        Args:
            name: of the metric in records, with ``{}`` for that of the mean.
            *metrics: ``recall_at_1``, ``recall_at_5``, ``map_at_r`` or ``mrr``.
        """
        found = []
        for metric in metrics:
            share: RetrievalShare = getattr(self, metric)
            for end, value in (("", share.value), ("_low", share.low), ("_high", share.high)):
                found.append(Measurement("test", name.format(metric) + end, value))
        return found

    @cached_property
    def recall_at_1(self) -> RetrievalShare:
        """Share of queries whose first candidate is looked for, with Wilson's interval."""
        return _share(self.recalls_at_1)

    @cached_property
    def recall_at_5(self) -> RetrievalShare:
        """Share of queries of whose first five candidates one is, with Wilson's interval."""
        return _share(self.recalls_at_5)

    @cached_property
    def map_at_r(self) -> RetrievalShare:
        """MAP@R, with an interval by bootstrap over queries."""
        return _mean(self.average_precisions)

    @cached_property
    def mrr(self) -> RetrievalShare:
        """Mean reciprocal rank, with an interval by bootstrap over queries."""
        return _mean(self.reciprocal_ranks)


@dataclass(frozen=True, eq=False)
class PairRetrieval:
    """Retrieval of partners, both ways.

    Attributes:
        x_to_y: queries are codes of x, candidates all codes of y.
        y_to_x: queries are codes of y, candidates all codes of x.
    """

    x_to_y: Retrieval
    y_to_x: Retrieval


@torch.no_grad()
def retrieve_pairs(
    x_codes: Tensor, y_codes: Tensor, scores: PairScores | None = None
) -> PairRetrieval:
    r"""Rank the partner of each code among the codes of all pairs, both ways.

    With g candidates above the partner and t of its score, itself among them,

    .. math:: R@k = \min\Bigl(1, \frac{\max(k - g, 0)}{t}\Bigr), \qquad
              \frac{1}{rank} = \frac{1}{t} \sum_{r = g + 1}^{g + t} \frac{1}{r}

    are means over all orders of those t. There is one candidate to look for, so MAP@R is R@1.
    Scores count as equal where they differ by rounding: by less than 64 units in the last place of
    the largest score of their row. Scores are made of as many x as y, at most 500, at a time, and
    no more than 500 rows of them are held.

    Source: McSherry and Najork (2008), sections 2.1 and 2.4, for scores that are tied.

    Args:
        x_codes: ``(N, dx)``, of pairs that were not trained on.
        y_codes: codes of their partners, ``(N, dy)``.
        scores: scores any codes of x and y, such as a critic; without it the cosine does, in
            float64.

    Raises:
        UserError: if there are fewer than two pairs, codes are not finite, or, for the cosine, of
            two sizes.

    Example:
        >>> codes = torch.eye(4)
        >>> found = retrieve_pairs(codes, codes)
        >>> found.x_to_y.recall_at_1.value, found.x_to_y.candidates
        (1.0, 4)
        >>> alike = retrieve_pairs(torch.ones(4, 2), torch.ones(4, 2))  # which is chance
        >>> alike.x_to_y.recall_at_1.value, alike.y_to_x.recall_at_1.value
        (0.25, 0.25)
    """
    if len(x_codes) != len(y_codes) or len(x_codes) < 2:
        raise UserError(
            f"{len(x_codes)} codes of x and {len(y_codes)} of y: retrieval needs as many of both, "
            "and at least two pairs"
        )
    _check_finite(x_codes, y_codes)
    if scores is None:
        if x_codes.shape != y_codes.shape:
            raise UserError(
                f"codes of x have {x_codes.shape[1]} values and those of y {y_codes.shape[1]}: "
                "their cosine needs codes of one size; give scores, such as the critic"
            )
        x_codes, y_codes = unit_length(x_codes.double()), unit_length(y_codes.double())
        scores = _products
    there, back = [], []
    for start in range(0, len(x_codes), _PAIRS_AT_ONCE):
        there.append(_ranks(_rows(scores, x_codes, y_codes, start), start))
        turned = _rows(lambda y, x: scores(x, y).mT, y_codes, x_codes, start)
        back.append(_ranks(turned, start))
    return PairRetrieval(_of_partners(there), _of_partners(back))


@torch.no_grad()
def retrieve_pairs_by_critic(model: PairModel, x_codes: Tensor, y_codes: Tensor) -> PairRetrieval:
    """Rank partners by the scores that a model's critic gives them, behind its heads if it has any.

    Args:
        model: whose encoders made the codes.
        x_codes: ``(N, dx)``, of pairs that were not trained on.
        y_codes: codes of their partners, ``(N, dy)``.

    Raises:
        UserError: if there are fewer than two pairs, or codes are not finite.
    """
    with evaluation_mode(model):
        heads = ((model.x_head, x_codes), (model.y_head, y_codes))
        x, y = (head(codes.to(model.device)) for head, codes in heads)
        return retrieve_pairs(x, y, model.critic)


@torch.no_grad()
def retrieve_classes(codes: Tensor, labels: NDArray[np.int64]) -> Retrieval:
    r"""Rank, for each code, all others by cosine, and look for those of its class.

    With R other codes of the class of a query, and P(i) the share of them among its first i,

    .. math:: MAP@R = \frac{1}{R} \sum_{i = 1}^R P(i) \, [y_i = y]

    with y the class of the query and :math:`y_i` that of candidate i, averaged over queries. Tied
    candidates are taken in all orders alike: of n of one score, r of them of the class, behind s
    candidates of which c are, place s + j counts

    .. math:: \frac{r}{n} \cdot \frac{1}{s + j}
              \Bigl( c + 1 + (j - 1) \frac{r - 1}{n - 1} \Bigr)

    Codes that are alone in their class are candidates and no queries.

    Source: Musgrave, Belongie and Lim (2020), section 3.2; McSherry and Najork (2008), section 2.3.

    Args:
        codes: ``(N, d)``, of items that were not trained on.
        labels: ``(N,)``, whole numbers.

    Raises:
        UserError: if codes and labels differ in length, codes are not finite, or no class has two.

    Example:
        >>> codes = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
        >>> found = retrieve_classes(codes, np.array([0, 0, 1, 1]))
        >>> found.map_at_r.value, found.candidates
        (1.0, 3)
        >>> round(retrieve_classes(torch.ones(4, 2), np.array([0, 0, 1, 1])).map_at_r.value, 3)
        0.333
    """
    if len(codes) != len(labels):
        raise UserError(f"{len(codes)} codes but {len(labels)} labels: retrieval needs one each")
    _check_finite(codes)
    _, of_class, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    others = torch.from_numpy(sizes[of_class] - 1)
    if not bool((others > 0).any()):
        raise UserError(
            f"each of {len(sizes)} classes has a single code: retrieval needs a class of two"
        )
    unit, classes = unit_length(codes.double()), torch.from_numpy(of_class)
    found = []
    for rows in _tiles(len(codes)):
        queries = torch.arange(len(codes))[rows]
        queries = queries[others[queries] > 0]
        scores = unit[queries] @ unit.mT
        tolerance = _tolerance(scores)
        # The query itself is no candidate: it comes last, where nothing counts.
        scores[torch.arange(len(queries)), queries] = -torch.inf
        ordered, order = scores.sort(dim=1, descending=True)
        relevant = (classes[order] == classes[queries].unsqueeze(1))[:, :-1]
        found.append(_of_order(ordered[:, :-1], relevant, tolerance))
    at_1, at_5, precisions, reciprocals = (torch.cat(each).numpy() for each in zip(*found))  # noqa: B905
    counted = others[others > 0]
    return Retrieval(
        candidates=len(codes) - 1,
        recalls_at_1=at_1,
        recalls_at_5=at_5,
        average_precisions=precisions,
        reciprocal_ranks=reciprocals,
        chance=float(counted.double().mean()) / (len(codes) - 1),
        left_out=int((others == 0).sum()),
    )


def _products(x: Tensor, y: Tensor) -> Tensor:
    return x @ y.mT


def _rows(scores: PairScores, queries: Tensor, candidates: Tensor, start: int) -> Tensor:
    """Return the scores of some queries, from one on, with all candidates.

    Anyone's critic takes as many codes of x as of y, so the last ones are scored with some of those
    before, again.
    """
    count, size = len(queries), min(_PAIRS_AT_ONCE, len(queries))
    first = min(start, count - size)
    parts = []
    for column in range(0, count, size):
        other = min(column, count - size)
        square = scores(queries[first : first + size], candidates[other : other + size])
        parts.append(square[start - first :, column - other :])
    of_all = torch.cat(parts, dim=1)
    if not of_all.isfinite().all():
        raise UserError("scores are not finite: take a critic from before its training failed")
    return of_all


def _tiles(count: int) -> Iterator[slice]:
    size = max(_SCORES_AT_ONCE // count, 1)
    for start in range(0, count, size):
        yield slice(start, start + size)


def _check_finite(*of_sides: Tensor) -> None:
    for codes in of_sides:
        if broken := int((~codes.isfinite().all(dim=1)).sum()):
            raise UserError(
                f"{broken} of {len(codes)} codes hold values that are not finite: take an encoder "
                "from before its training failed"
            )


def _tolerance(scores: Tensor) -> Tensor:
    return _ROUNDINGS * torch.finfo(scores.dtype).eps * scores.abs().amax(dim=1, keepdim=True)


def _ranks(scores: Tensor, start: int) -> Tensor:
    """Return how many candidates stand above each row's partner, and how many have its score.

    ``(n, N)``, of which row i is query ``start + i`` -> ``(n, 2)``.
    """
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32)).cpu()
    tolerance = _tolerance(scores)
    partner = scores.diagonal(offset=start).unsqueeze(1)
    above = (scores > partner + tolerance).sum(dim=1)
    not_below = (scores >= partner - tolerance).sum(dim=1)
    return torch.stack([above, not_below - above], dim=1)


def _of_partners(ranks: list[Tensor]) -> Retrieval:
    above, tied = torch.cat(ranks).double().numpy().T
    at_1, at_5 = (np.clip(k - above, 0, tied) / tied for k in (1, 5))
    # Of all ranks up to N, the sum of 1 / rank.
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, len(above) + 1))])
    first, last = above.astype(int), (above + tied).astype(int)
    reciprocals = (harmonic[last] - harmonic[first]) / tied
    return Retrieval(
        candidates=len(above),
        recalls_at_1=at_1,
        recalls_at_5=at_5,
        average_precisions=at_1,
        reciprocal_ranks=reciprocals,
        chance=1 / len(above),
    )


def _of_order(
    ordered: Tensor, relevant: Tensor, tolerance: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return R@1, R@5, average precision at R and reciprocal rank of each query, over all orders.

    Args:
        ordered: scores of each query's candidates, the highest first, ``(n, M)``.
        relevant: whether each is looked for, ``(n, M)``; at least one of each row.
        tolerance: by how much scores may differ and be equal, ``(n, 1)``.
    """
    count = ordered.shape[1]
    places = torch.arange(count).expand_as(ordered)
    begins = torch.ones_like(relevant)
    begins[:, 1:] = ordered[:, :-1] - ordered[:, 1:] > tolerance
    ends = begins.roll(-1, dims=1)
    ends[:, -1] = True
    start = places.where(begins, 0).cummax(dim=1).values
    end = places.where(ends, count).flip(1).cummin(dim=1).values.flip(1)
    # Sums over the candidates before each place, as it begins; after the last, over all.
    before = torch.cat([torch.zeros(len(ordered), 1), relevant.double().cumsum(dim=1)], dim=1)
    earlier = before.gather(1, start)
    in_tie = before.gather(1, end + 1) - earlier
    size, within = (end - start + 1).double(), (places - start).double()
    place = places.double() + 1
    more = (in_tie - 1) / (size - 1).clamp_min(1)
    precision = in_tie / size * (earlier + 1 + within * more) / place
    wanted = before[:, -1:]
    average = precision.where(places < wanted, 0).sum(dim=1) / wanted.squeeze(1)
    first = _first_places(earlier, in_tie, size, within)
    at_1, at_5 = first[:, :1].sum(dim=1), first[:, :5].sum(dim=1)
    return at_1, at_5.clamp_max(1), average, (first / place).sum(dim=1)


def _first_places(earlier: Tensor, in_tie: Tensor, size: Tensor, within: Tensor) -> Tensor:
    r"""Return the probability that the first of those looked for has each place.

    Of n tied candidates, r of them looked for and none before, it has the place after j others with
    probability :math:`\binom{n - r}{j} / \binom{n}{j} \cdot r / (n - j)`.
    """
    may = (earlier == 0) & (in_tie > 0) & (within <= size - in_tie)
    n, r, j = size[may], in_tie[may], within[may]
    none_before = (
        (n - r + 1).lgamma() - (n - r - j + 1).lgamma() - (n + 1).lgamma() + (n - j + 1).lgamma()
    )
    probabilities = torch.zeros_like(size)
    probabilities[may] = none_before.exp() * r / (n - j)
    return probabilities


def _share(values: NDArray[np.float64]) -> RetrievalShare:
    """Return the mean of shares, with Wilson's interval of the nearest whole number of them."""
    value = float(values.mean())
    _, low, high = wilson_interval(round(value * len(values)), len(values))
    return RetrievalShare(value, min(low, value), max(high, value))


def _mean(values: NDArray[np.float64]) -> RetrievalShare:
    value = float(values.mean())
    # Resampled, values that are all alike would leave no doubt.
    if len(values) < 2 or np.ptp(values) == 0:
        return _share(values)
    interval = stats.bootstrap(
        (values,), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=0, batch=100
    ).confidence_interval
    return RetrievalShare(value, min(float(interval.low), value), max(float(interval.high), value))
