"""InfoNCE: how well each member of a pair tells its own partner from the others of the batch."""

from functools import partial

from torch import Tensor

from infomax.bounds.bound import PlainBound
from infomax.score_matrix import Scores, score_matrix_of

__all__ = [
    "INFONCE",
    "INFONCE_COLUMNS",
    "INFONCE_SYMMETRIC",
    "infonce",
    "infonce_columns",
    "infonce_symmetric",
]


def infonce(scores: Scores) -> Tensor:
    r"""InfoNCE lower bound, in nats, with the other columns of each row as its negatives.

    .. math:: I_{NCE} = \log N + \frac{1}{N} \sum_i \Big( s_{ii} - \log \sum_j e^{s_{ij}} \Big)

    It is a lower bound on the mutual information in expectation over batches of independent pairs,
    for every critic, and never exceeds ``log N`` whatever the scores are.

    Source: van den Oord, Li and Vinyals (2018), equation 5; Poole et al. (2019), equation 10.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square.

    Example:
        >>> import torch
        >>> infonce(torch.zeros(4, 4)).item()
        0.0
        >>> round(infonce(100 * torch.eye(4)).item(), 4)  # its ceiling, log 4
        1.3863
    """
    matrix = score_matrix_of(scores, at_least=1)
    return matrix.log_candidates + matrix.anchors_contrast()


def infonce_columns(scores: Scores) -> Tensor:
    r"""InfoNCE lower bound, in nats, with the other rows of each column as its negatives.

    .. math:: \log N + \frac{1}{N} \sum_i \Big( s_{ii} - \log \sum_j e^{s_{ji}} \Big)

    It is ``infonce`` with x and y exchanged: a lower bound of the same kind and ceiling.

    Source: Poole et al. (2019), equation 10.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square.

    Example:
        >>> import torch
        >>> scores = torch.tensor([[0.0, 2.0], [0.0, 2.0]])  # no y tells x_1 from x_2
        >>> round(infonce_columns(scores).item(), 4)
        0.0
        >>> round(infonce(scores).item(), 4)
        -0.4338
    """
    matrix = score_matrix_of(scores, at_least=1)
    return matrix.log_anchors + matrix.candidates_contrast()


def infonce_symmetric(scores: Scores) -> Tensor:
    r"""InfoNCE lower bound, in nats, as the mean of that by rows and that by columns.

    .. math:: \frac{1}{2} (I_{rows} + I_{columns})

    As the mean of two lower bounds it is one, with the same ceiling, ``log N``.

    Source: Radford et al. (2021), figure 3, the symmetric loss of CLIP.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square.

    Example:
        >>> import torch
        >>> round(infonce_symmetric(torch.tensor([[0.0, 2.0], [0.0, 2.0]])).item(), 4)
        -0.2169
    """
    return (infonce(scores) + infonce_columns(scores)) / 2


_of_log_n = partial(PlainBound, kind="lower bound", computed_from="tiles", capped=True)

INFONCE = partial(_of_log_n, "infonce", function=infonce, label="InfoNCE", equal_loss="k_pair_loss")
INFONCE_COLUMNS = partial(
    _of_log_n, "infonce-columns", function=infonce_columns, label="InfoNCE by columns"
)
INFONCE_SYMMETRIC = partial(
    _of_log_n, "infonce-symmetric", function=infonce_symmetric, label="symmetric InfoNCE"
)
