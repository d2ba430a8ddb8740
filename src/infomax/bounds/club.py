"""CLUB: an upper bound by contrast, where the conditional density is known."""

from functools import partial

from torch import Tensor

from infomax.bounds.likelihood import LikelihoodBound
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["CLUB", "club"]


def club(log_densities: Scores) -> Tensor:
    r"""CLUB upper bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{CLUB} = \frac{1}{N} \sum_i \log q(y_i | x_i)
              - \frac{1}{N (N - 1)} \sum_{i \ne j} \log q(y_j | x_i)

    It is an upper bound on the mutual information in expectation where q is the true conditional
    density, and exceeds it by the divergence of the product of the marginals from the joint
    distribution. With another q it is neither, unless ``p(x) q(y | x)`` is no further from the
    joint distribution than from the product of the marginals, which cannot be known without the
    truth.

    Source: Cheng et al. (2020), theorems 3.1 and 3.2. Their mean over negatives also counts the
    pairs themselves, which takes ``1 / N`` off the value, and the bound with it where N is small.

    Args:
        log_densities: ``log q(y_j | x_i)`` in row i, column j, shape ``(..., N, N)``; a term that
            depends on y alone cancels on average over batches, with some variance.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the log densities are not square or hold a single pair.

    Example:
        >>> import torch
        >>> club(torch.tensor([[3.0, 1.0], [0.0, 4.0]])).item()
        3.0
    """
    matrix = score_matrix_of(log_densities, at_least=2, name="log densities")
    return matrix.joint_mean() - matrix.negatives_mean(lambda log_density: log_density)


CLUB = partial(
    LikelihoodBound,
    "club",
    # An upper bound of the true density only, and what is learned is not the true one.
    "neither",
    club,
    "By a learned density of y given x; an upper bound of the true one.",
)
