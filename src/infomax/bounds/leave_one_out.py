"""Leave-one-out: an upper bound where the conditional density is known."""

from functools import partial

from torch import Tensor

from infomax.bounds.likelihood import LikelihoodBound
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["LEAVE_ONE_OUT", "leave_one_out"]


def leave_one_out(log_densities: Scores) -> Tensor:
    r"""Leave-one-out upper bound, in nats, with the other rows of each column as its marginal.

    .. math:: I_{L1Out} = \frac{1}{N} \sum_i \Big( \log q(y_i | x_i)
              - \log \frac{1}{N - 1} \sum_{j \ne i} q(y_i | x_j) \Big)

    It is an upper bound on the mutual information in expectation over batches of independent pairs
    only where q is the true conditional density; with any other q it is neither an upper nor a
    lower bound.

    Source: Poole et al. (2019), section 2.5, the leave-one-out bound.

    Args:
        log_densities: ``log q(y_j | x_i)`` in row i, column j, shape ``(..., N, N)``; a term that
            depends on y alone cancels and may be missing.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the log densities are not square or hold a single pair.

    Example:
        >>> import torch
        >>> leave_one_out(torch.tensor([[3.0, 1.0], [0.0, 4.0]])).item()  # 3 - 0 and 4 - 1
        3.0
    """
    return score_matrix_of(log_densities, at_least=2, name="log densities").candidates_excess()


LEAVE_ONE_OUT = partial(
    LikelihoodBound,
    "leave-one-out",
    # An upper bound of the true density only, and what is learned is not the true one.
    "neither",
    leave_one_out,
    "By a learned density of y given x; an upper bound of the true one.",
)
