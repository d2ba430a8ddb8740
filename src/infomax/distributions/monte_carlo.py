"""Information as a mean over draws, where the densities are known and the integral is not."""

import math
from typing import Protocol

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["KnownDensities", "monte_carlo_information"]

_AT_ONCE = 100_000


class KnownDensities(Protocol):
    """Draws pairs, and knows how much more likely each is than as two strangers."""

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs."""
        ...

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log p(x, y) / p(x) p(y) of each pair, in nats: ``(N,)``."""
        ...


def monte_carlo_information(
    distribution: KnownDensities, count: int, generator: torch.Generator
) -> tuple[float, float]:
    r"""Return the information as a mean over draws, and the standard error of that mean, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i r_i, \quad
              r_i = \log \frac{p(x_i, y_i)}{p(x_i) p(y_i)}, \quad
              \mathrm{se} = \sqrt{\frac{\mathrm{var}(r)}{N}}

    Args:
        distribution: what to draw from; its pairs are independent.
        count: number of pairs, N, at least 2.
        generator: the only source of randomness.

    Raises:
        UserError: if ``count`` is below 2, of which no error can be told.

    Example:
        >>> from infomax.distributions import DISTRIBUTIONS
        >>> crossed = DISTRIBUTIONS["1v1-X-0.9"]
        >>> nats, error = monte_carlo_information(crossed, 10_000, torch.Generator().manual_seed(0))
        >>> abs(nats - crossed.mutual_information) < 4 * error < 0.05
        True
    """
    if count < 2:
        raise UserError(f"a mean over {count} pairs has no error: draw at least 2")
    ratios = torch.cat(
        [
            distribution.log_ratio(*distribution.sample(min(_AT_ONCE, count - start), generator))
            for start in range(0, count, _AT_ONCE)
        ]
    )
    return float(ratios.mean()), float(ratios.std()) / math.sqrt(count)
