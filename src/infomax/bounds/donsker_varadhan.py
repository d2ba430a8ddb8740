"""The Donsker-Varadhan value, without ceiling or baseline and biased upwards, and MINE.

MINE is the same value, trained along a gradient of less bias.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from infomax.bounds.bound import Bound, PlainBound
from infomax.errors import UserError
from infomax.score_matrix import Scores, score_matrix_of

__all__ = [
    "DONSKER_VARADHAN",
    "Mine",
    "donsker_varadhan",
]


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


class Mine(Bound, nn.Module):
    r"""MINE: estimated by the Donsker-Varadhan value, trained with a bias-corrected gradient.

    The gradient of a batch's log mean exponential divides by the mean of that batch, which is
    correlated with what it divides. MINE divides by an exponential moving average instead,

    .. math:: \frac{1}{N} \sum_i \nabla s_{ii} - \frac{\nabla Z}{\bar Z}, \qquad
              \bar Z \leftarrow (1 - r) \, \bar Z + r Z, \qquad
              Z = \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij}}

    which begins as the mean of the first batch and holds the present one. It is kept as a log, so
    it cannot overflow, in a buffer, so it is saved and restored with the state dict.

    Like the Donsker-Varadhan value of a batch, the estimate is neither a lower nor an upper bound.

    Source: Belghazi et al. (2018), section 3.2. The paper does not give its rate; 0.01 is that of
    the implementations in use.

    Args:
        rate: r, the weight of the present batch in the average, between 0 and 1.

    Attributes:
        log_average: log of the average for each leading index, ``(...)``; empty before the first
            batch.

    Raises:
        UserError: if the rate is not between 0 and 1.

    Example:
        >>> mine = Mine()
        >>> scores = torch.eye(3)
        >>> mine.objective(scores).item() == mine.estimate(scores).item()  # gradients differ
        True
        >>> mine
        Mine(rate=0.01)
        >>> list(mine.state_dict())
        ['log_average']
    """

    name = "mine"
    kind = "neither"
    label = "MINE"
    computed_from = "tiles"
    heavy_tailed = True
    log_average: Tensor

    def __init__(self, rate: float = 0.01) -> None:
        super().__init__()
        if not 0 < rate < 1:
            raise UserError(f"rate of MINE's moving average is {rate}: give one between 0 and 1")
        self.rate = rate
        self.register_buffer("log_average", torch.empty(0))

    def extra_repr(self) -> str:
        """Return its setting, which PyTorch shows between the brackets."""
        return f"rate={self.rate}"

    def objective(self, scores: Scores) -> Tensor:
        """Return the Donsker-Varadhan value with MINE's gradient, and move the average.

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One value in nats for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square, hold a single pair, or have other leading
                sizes than those before.
        """
        matrix = score_matrix_of(scores, at_least=2)
        partition = matrix.log_partition()
        self.log_average = self._moved(partition.detach())
        # At most 1 / r, since the average holds the present batch.
        corrected = (partition - self.log_average).exp()
        with_gradient = partition.detach() + (corrected - corrected.detach())
        return matrix.joint_mean() - with_gradient

    def estimate(self, scores: Scores) -> Tensor:
        """Donsker-Varadhan value, in nats, of a critic trained along MINE's gradient.

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One estimate in nats for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        return donsker_varadhan(scores)

    def _moved(self, partition: Tensor) -> Tensor:
        before = self.log_average.to(partition)
        if before.shape == (0,):
            return partition
        if before.shape != partition.shape:
            raise UserError(
                f"scores have leading sizes {tuple(partition.shape)} where MINE has averaged over "
                f"{tuple(before.shape)}: make a Mine for each"
            )
        return torch.logaddexp(math.log1p(-self.rate) + before, math.log(self.rate) + partition)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *others: Any
    ) -> None:
        # The leading sizes are those of the scores, which a fresh module has not seen.
        kept = state_dict.get(f"{prefix}log_average")
        if kept is not None:
            self.log_average = torch.empty_like(kept)
        super()._load_from_state_dict(state_dict, prefix, *others)
