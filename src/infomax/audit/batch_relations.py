"""The scores of a batch beside which of its pairs belong together, such as those of one class."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.bounds import infonce

__all__ = [
    "BatchRelations",
    "apart",
    "cost_of_relatives",
    "lost_to_relatives",
    "read_all",
    "related",
]

Reading = Callable[["BatchRelations"], Tensor]


@dataclass(frozen=True, eq=False)
class BatchRelations:
    """Scores of the pairs of a batch, and which pairs are relatives of which.

    Attributes:
        scores: ``(K, K)``; rows are x, columns are y.
        relatives: by name, ``(K, K)``: whether pair j is a relative of pair i, as i itself is.
    """

    scores: Tensor
    relatives: Mapping[str, Tensor]

    def among(self, pairs: Tensor) -> "BatchRelations":
        """Return those of some of the pairs."""
        return BatchRelations(
            self.scores[pairs][:, pairs],
            {name: each[pairs][:, pairs] for name, each in self.relatives.items()},
        )


def read_all(batch: BatchRelations) -> Tensor:
    """Return InfoNCE of the batch, in nats."""
    return infonce(batch.scores)


def lost_to_relatives(name: str) -> Reading:
    r"""Return the reading of how far below log K InfoNCE stays where relatives are alike, in nats.

    Of :math:`m_i` candidates that are the same, a partner gets at most the share
    :math:`1 / m_i` of any softmax; of :math:`m_i` anchors that are the same, whose rows are one
    row, the mean log share of their partners is at most :math:`-\log m_i` (Gibbs). So for every
    critic

    .. math:: I_{NCE} \le \log K - \frac{1}{K} \sum_i \log m_i,

    which is the entropy of items in the batch as they were counted; the sum is what is read.

    Args:
        name: of the relatives.

    Example:
        >>> batch = BatchRelations(torch.zeros(4, 4), {"all": torch.ones(4, 4, dtype=torch.bool)})
        >>> round(lost_to_relatives("all")(batch).item(), 3)  # log 4: nothing can be told
        1.386
    """

    def lost(batch: BatchRelations) -> Tensor:
        return batch.relatives[name].sum(dim=-1).double().log().mean()

    return lost


def apart(name: str) -> Reading:
    r"""Return the reading of pairs against candidates that are no relatives of theirs, in nats.

    .. math:: \frac{1}{K} \sum_i \Big( \log K_i + s_{ii} - \log \sum_{j \in J_i} e^{s_{ij}} \Big),

    :math:`J_i` pair i and those that are no relatives of it, of which there are :math:`K_i`. It is
    no bound on the information of x and y, but on how far y given x is from the y of others.

    Args:
        name: of the relatives.
    """

    def reading(batch: BatchRelations) -> Tensor:
        return _among_candidates(batch.scores, ~batch.relatives[name])

    return reading


def related(name: str) -> Reading:
    """Return the reading of pairs against their relatives alone, in nats.

    Where relatives are those of one class C, it is on average a lower bound on I(X; Y | C).

    Args:
        name: of the relatives.
    """

    def reading(batch: BatchRelations) -> Tensor:
        return _among_candidates(batch.scores, batch.relatives[name])

    return reading


def cost_of_relatives(name: str) -> Reading:
    r"""Return the reading of how much of the contrastive loss relatives make, in nats.

    .. math:: \frac{1}{K} \sum_i \Big( \log \sum_j e^{s_{ij}} - \log \sum_{j \in J_i} e^{s_{ij}}
              \Big) \ge 0, \quad J_i \text{ as in } \texttt{apart}

    Args:
        name: of the relatives.
    """

    def reading(batch: BatchRelations) -> Tensor:
        without = batch.scores.masked_fill(_others(batch.relatives[name]), -math.inf)
        return (batch.scores.logsumexp(dim=-1) - without.logsumexp(dim=-1)).mean()

    return reading


def _others(relatives: Tensor) -> Tensor:
    """Return which pairs are relatives and not the pair itself."""
    return relatives & ~torch.eye(len(relatives), dtype=torch.bool)


def _among_candidates(scores: Tensor, candidates: Tensor) -> Tensor:
    kept = candidates | torch.eye(len(scores), dtype=torch.bool)
    masked = scores.masked_fill(~kept, -math.inf)
    count = kept.sum(dim=-1).to(scores)
    return (count.log() + scores.diagonal() - masked.logsumexp(dim=-1)).mean()
