"""MoCo's loss: each code tells its partner, by a target network, from a queue of earlier codes."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.critics import unit_length
from infomax.errors import UserError
from infomax.losses.cosines import divisor
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs, check_positive

__all__ = ["MoCo", "moco"]


def moco(
    query: Tensor, key: Tensor, queue: Tensor, *, temperature: float | Tensor = 0.2
) -> LossTerms:
    r"""InfoNCE loss with the codes of a queue as negatives.

    .. math:: L = \frac{1}{N} \sum_i \Big( -s_{i}
              + \log \big( e^{s_i} + \sum_{k=1}^K e^{\cos(q_i, n_k) / \tau} \big) \Big),
              \qquad s_i = \cos(q_i, k_i) / \tau

    Keys and queue get no gradient. ``log(K + 1) - L`` is InfoNCE with K negatives, which are not of
    the batch and, in training, codes of an older network.

    Source: He, Fan, Wu, Xie and Girshick (2020), equation 1; temperature of version 2.

    Args:
        query: codes ``(..., N, d)`` by the network that is trained.
        key: codes of their partners by the target network.
        queue: codes of earlier batches by the target network, ``(..., K, d)``.
        temperature: tau; one that is learned is a tensor ``(...)``.

    Returns:
        Terms with one element for each pair.

    Raises:
        UserError: if codes differ in shape, the queue is no ``(..., K, d)``, or the temperature is
            not above 0.

    Example:
        >>> codes = torch.eye(4)
        >>> round(moco(codes[:2], codes[:2], codes[2:], temperature=1.0).total.item(), 4)
        0.5514
    """
    check_codes_of_pairs(query, key, at_least=1)
    *leading, _, size = query.shape
    shapes = [(*each, *queue.shape[-2:-1], size) for each in ((), leading)]
    if tuple(queue.shape) not in shapes or queue.ndim < 2 or not queue.shape[-2]:
        raise UserError(
            f"the queue has shape {tuple(queue.shape)}: expected (K, {size}), codes of the size of "
            "those of the batch"
        )
    scaled = unit_length(query) / divisor(temperature)
    partner = (scaled * unit_length(key.detach())).sum(dim=-1)
    negatives = (scaled @ unit_length(queue.detach()).mT).logsumexp(dim=-1)
    return LossTerms(joint=Term(-partner), marginal=Term(torch.logaddexp(partner, negatives)))


@dataclass(frozen=True)
class MoCo(Loss):
    """MoCo: cross-entropy of the target network's partner among a queue of earlier codes.

    The queries are x, the keys the target's codes of y.

    Args:
        temperature: what cosines are divided by; where it is learned, what it begins with.
        learn_temperature: whether it is trained with the model, down to 0.01.
    """

    name = "moco"
    nearest_bound = "infonce"
    needs = ("queue", "target")
    temperature: float = 0.2
    learn_temperature: bool = False

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``moco``."""
        _, key = self.needed("target", inputs)
        queue = self.needed("queue", inputs)
        return moco(inputs.x, key, queue, temperature=self.temperature_of(inputs))
