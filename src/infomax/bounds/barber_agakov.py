"""Barber-Agakov: a decoder's likelihood against an entropy that is known."""

from functools import partial

from torch import Tensor

from infomax.bounds.likelihood import LikelihoodBound, mean_of_pairs
from infomax.errors import UserError

__all__ = ["BARBER_AGAKOV", "barber_agakov"]


def barber_agakov(conditional_log_densities: Tensor, entropy: float) -> Tensor:
    r"""Barber-Agakov lower bound, in nats: known entropy of y, less a decoder's cross-entropy.

    .. math:: I_{BA} = H(y) + \frac{1}{N} \sum_i \log q(y_i | x_i)

    It is a lower bound on the mutual information in expectation, for every density q, given the
    exact entropy; with an estimate of the entropy it is neither.

    Source: Barber and Agakov (2003), the bound of the IM algorithm.

    Args:
        conditional_log_densities: ``log q(y_i | x_i)`` of each pair, shape ``(..., N)``.
        entropy: H(y) in nats, exact.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if there are no pairs.

    Example:
        >>> import torch
        >>> barber_agakov(torch.tensor([-1.0, -2.0]), entropy=4.0).item()
        2.5
    """
    if conditional_log_densities.ndim < 1 or conditional_log_densities.shape[-1] < 1:
        raise UserError(
            f"conditional log densities have shape {tuple(conditional_log_densities.shape)}: "
            "expected (..., N) with at least 1 pair"
        )
    return entropy + conditional_log_densities.mean(dim=-1)


BARBER_AGAKOV = partial(
    LikelihoodBound,
    "barber-agakov",
    "lower bound",
    mean_of_pairs,
    "By a learned density of a single y, whose entropy is known once ranked.",
    exact_entropy=True,
)
