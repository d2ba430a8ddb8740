"""NWJ: the bound of Nguyen, Wainwright and Jordan, tight for any joint and of high variance."""

from functools import partial

from torch import Tensor

from infomax.bounds.bound import PlainBound
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["NWJ", "nwj"]


def nwj(scores: Scores) -> Tensor:
    r"""NWJ lower bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{NWJ} = \frac{1}{N} \sum_i s_{ii}
              - \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij} - 1}

    It is a lower bound on the mutual information in expectation, for every critic, and has no
    ceiling; the mean of exponentials makes its variance grow exponentially with the information.

    Source: Nguyen, Wainwright and Jordan (2010), equation 25; Poole et al. (2019), equation 6.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; it is ``-inf`` where the mean
        of exponentials itself is beyond the floating-point range.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> round(nwj(torch.ones(3, 3)).item(), 4)  # a critic of constant 1 knows nothing
        0.0
    """
    matrix = score_matrix_of(scores, at_least=2)
    return matrix.joint_mean() - (matrix.log_partition() - 1).exp()


NWJ = partial(
    PlainBound,
    "nwj",
    "lower bound",
    nwj,
    label="NWJ",
    computed_from="tiles",
    heavy_tailed=True,
    optimal_shift=1.0,
)
