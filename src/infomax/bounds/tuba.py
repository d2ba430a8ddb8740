"""TUBA: a tractable bound with a baseline, of which NWJ is the constant case."""

from torch import Tensor

from infomax.score_matrix import check_one_for_each_anchor, check_score_matrix, score_matrix_of

__all__ = ["tuba"]


def tuba(scores: Tensor, log_baseline: Tensor) -> Tensor:
    r"""TUBA lower bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{TUBA} = 1 + \frac{1}{N} \sum_i (s_{ii} - \log a_i)
              - \frac{1}{N (N - 1)} \sum_{i \ne j} \frac{e^{s_{ij}}}{a_i}

    It is a lower bound on the mutual information in expectation, for every critic and every
    baseline ``a_i = a(x_i) > 0`` of the anchor, and has no ceiling. It is tightest at the partition
    of each anchor, ``a(x) = E[exp s(x, y)]`` over the marginal of y; with ``a = e`` it is NWJ.

    Source: Poole et al. (2019), section 2.2, ``I_TUBA``, with x and y exchanged.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.
        log_baseline: log a, one for each anchor, shape ``(..., N)``.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; it is ``-inf`` where the mean
        of exponentials itself is beyond the floating-point range.

    Raises:
        UserError: if the scores are not square or hold a single pair, or if there is not one
            baseline for each anchor.

    Example:
        >>> import torch
        >>> scores = torch.tensor([[3.0, 1.0], [2.0, 4.0]])
        >>> tuba(scores, torch.tensor([1.0, 2.0])).item()  # each baseline is its row's partition
        2.0
    """
    check_score_matrix(scores, at_least=2)
    check_one_for_each_anchor(log_baseline, scores, name="log_baseline")
    relative = scores - log_baseline.unsqueeze(-1)
    matrix = score_matrix_of(relative, at_least=2)
    return 1 + matrix.joint_mean() - matrix.log_partition().exp()
