"""Retrieval of partners among a few that are drawn at random, as of responses among 100."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation.retrieval import PairScores, RetrievalShare, retrieve_pairs

__all__ = ["LotRetrieval", "retrieve_in_lots"]

_LEAST: Final = 2
_COVERED: Final = 0.975


@dataclass(frozen=True)
class LotRetrieval:
    """How often an x finds its partner among those of a lot, with intervals over groups of pairs.

    Attributes:
        recall_at_1: share of x whose partner has the highest score.
        mrr: mean of 1 over the partner's rank.
        candidates: how many each x ranks, its partner among them.
        queries: how many x were asked.
    """

    recall_at_1: RetrievalShare
    mrr: RetrievalShare
    candidates: int
    queries: int


def retrieve_in_lots(
    x_codes: Tensor,
    y_codes: Tensor,
    scores: PairScores | None = None,
    *,
    candidates: int = 100,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> LotRetrieval:
    r"""Rank the partner of each x among those of its lot, by ``retrieve_pairs``.

    Pairs are shuffled and cut into lots, so that candidates are no neighbouring rows; the last that
    fill no lot are left out. Pairs of one group, such as a dialogue, are no independent draws: the
    variance of a mean of n values in G groups is

    .. math:: \frac{G}{G - 1} \frac{1}{n^2} \sum_g \Bigl(\sum_{i \in g} (v_i - \bar v)\Bigr)^2,

    and the interval Student's with G - 1 degrees of freedom. Of a few dozen groups it is somewhat
    too short, as such intervals of shares are.

    Source: Liang and Zeger (1986), for the variance of sums over groups.

    Args:
        x_codes: ``(N, dx)``, of pairs that were not trained on.
        y_codes: codes of their partners, ``(N, dy)``.
        scores: scores codes of x and y, such as a critic; without it the cosine does.
        candidates: pairs in a lot.
        groups: one for each pair; ``None`` where pairs are independent.
        seed: of the shuffle.

    Raises:
        UserError: if there are fewer pairs than candidates, fewer than two candidates or groups, or
            codes that ``retrieve_pairs`` refuses.

    Example:
        >>> found = retrieve_in_lots(torch.eye(7), torch.eye(7), candidates=3)
        >>> found.recall_at_1.value, found.queries
        (1.0, 6)
    """
    count = len(x_codes)
    if not _LEAST <= candidates <= count:
        raise UserError(
            f"{candidates} candidates of {count} pairs: give at least {_LEAST}, and no more than "
            "there are"
        )
    order = np.random.default_rng(seed).permutation(count)
    asked = order[: count // candidates * candidates]
    lots = [
        retrieve_pairs(x_codes[lot], y_codes[lot], scores).x_to_y
        for lot in torch.from_numpy(asked).split(candidates)
    ]
    numbers = np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]
    numbers = np.unique(numbers[asked], return_inverse=True)[1]
    if numbers.max() < _LEAST - 1:
        raise UserError("an interval of retrieval needs pairs of at least two groups")
    return LotRetrieval(
        _mean_over_groups(np.concatenate([each.recalls_at_1 for each in lots]), numbers),
        _mean_over_groups(np.concatenate([each.reciprocal_ranks for each in lots]), numbers),
        candidates=candidates,
        queries=len(asked),
    )


def _mean_over_groups(values: NDArray[np.float64], groups: NDArray[np.int64]) -> RetrievalShare:
    mean = float(values.mean())
    count = int(groups.max()) + 1
    sums = np.bincount(groups, values - mean)
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum())) / len(values)
    half_width = float(stats.t.ppf(_COVERED, count - 1)) * error
    return RetrievalShare(mean, max(mean - half_width, 0.0), min(mean + half_width, 1.0))
