"""The Donsker-Varadhan value: no ceiling, no baseline, and a bias that points upwards."""

from functools import partial

from torch import Tensor

from infomax.bounds.bound import PlainBound
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["DONSKER_VARADHAN", "donsker_varadhan"]


def donsker_varadhan(scores: Scores) -> Tensor:
    r"""Donsker-Varadhan value, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{DV} = \frac{1}{N} \sum_i s_{ii}
              - \log \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij}}

    With expectations in place of means it is a lower bound on the mutual information, for every
    critic. The value of a batch is neither a lower nor an upper bound: the log of a mean is on
    average below the log of the expectation (Jensen), so the value is on average above that lower
    bound, and may be above the information. The excess vanishes as the batch grows, more slowly
    the more the exponentials vary.

    Source: Donsker and Varadhan (1983); Belghazi et al. (2018), theorem 1.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> round(donsker_varadhan(torch.ones(3, 3)).item(), 4)  # a constant critic knows nothing
        0.0
        >>> round(donsker_varadhan(7 * torch.eye(3)).item(), 4)
        7.0
    """
    matrix = score_matrix_of(scores, at_least=2)
    return matrix.joint_mean() - matrix.log_partition()


DONSKER_VARADHAN = partial(
    PlainBound,
    "donsker-varadhan",
    "neither",
    donsker_varadhan,
    label="Donsker-Varadhan",
    computed_from="tiles",
    heavy_tailed=True,
)
