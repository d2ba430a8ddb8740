"""Difference of entropies: two fitted densities, and no bound."""

from functools import partial

from torch import Tensor

from infomax.bounds.likelihood import LikelihoodBound, mean_of_pairs
from infomax.errors import UserError

__all__ = ["DIFFERENCE_OF_ENTROPIES", "difference_of_entropies"]


def difference_of_entropies(
    conditional_log_densities: Tensor, marginal_log_densities: Tensor
) -> Tensor:
    r"""Difference of entropies, in nats: cross-entropy of y alone, less that of y given x.

    .. math:: I_{DoE} = - \frac{1}{N} \sum_i \log r(y_i) + \frac{1}{N} \sum_i \log q(y_i | x_i)

    It is neither a lower nor an upper bound: each cross-entropy is at least the entropy it stands
    for, so their errors work against each other. For the same reason q and r are each to be trained
    on its own likelihood, and this difference not at all.

    Source: McAllester and Stratos (2020), the difference-of-entropies estimator.

    Args:
        conditional_log_densities: ``log q(y_i | x_i)`` of each pair, shape ``(..., N)``.
        marginal_log_densities: ``log r(y_i)`` of each pair, shape ``(..., N)``.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if there are no pairs, or not as many of one kind as of the other.

    Example:
        >>> import torch
        >>> difference_of_entropies(torch.tensor([-1.0, -2.0]), torch.tensor([-3.0, -4.0])).item()
        2.0
    """
    shape = tuple(conditional_log_densities.shape)
    if marginal_log_densities.shape != shape:
        raise UserError(
            f"marginal log densities have shape {tuple(marginal_log_densities.shape)}: expected "
            f"{shape}, that of the conditional ones"
        )
    if not shape or shape[-1] < 1:
        raise UserError(f"log densities have shape {shape}: expected (..., N) with at least 1 pair")
    return (conditional_log_densities - marginal_log_densities).mean(dim=-1)


DIFFERENCE_OF_ENTROPIES = partial(
    LikelihoodBound,
    "difference-of-entropies",
    "neither",
    mean_of_pairs,
    "By learned densities of y given x and of y.",
)
