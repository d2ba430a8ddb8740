"""Rows in time: series that share nothing and look as if they did."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = ["IndependentSeries"]


@dataclass(frozen=True)
class IndependentSeries:
    r"""Draws two independent series whose rows follow each other in time, each near the last.

    .. math:: X_t = \varphi X_{t - 1} + \sqrt{1 - \varphi^2} \, \varepsilon_t, \quad
              Y_t \text{ alike and apart}, \quad I(X_t; Y_t) = 0

    A batch is one stretch of time. A series of memory :math:`\varphi` has the worth of
    :math:`(1 - \varphi^2) / (1 + \varphi^2)` independent rows for each of its own, so what takes
    rows for independent finds dependence where there is none.

    Source: Bartlett (1935), for the worth of rows; Yule (1926), for what comes of it.

    Args:
        name: what it is called in the registry, in settings and in records.
        memory: :math:`\varphi`, the correlation of rows that follow each other.

    Raises:
        UserError: if the memory is not above -1 and below 1.

    Example:
        >>> x, y = IndependentSeries("example", 0.98).sample(500, torch.Generator().manual_seed(0))
        >>> bool(torch.corrcoef(torch.stack((x[1:, 0], x[:-1, 0])))[0, 1] > 0.9)
        True
    """

    name: str
    memory: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    mutual_information: ClassVar[float] = 0.0
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if not -1 < self.memory < 1:
            raise UserError(
                f"the memory of {self.name!r} is {self.memory}: give a number above -1 and below 1"
            )

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw one stretch of time: x and y of shape ``(N, 1)`` each."""
        # Here: nothing else needs it, and it takes a while to load.
        from scipy.signal import lfilter  # noqa: PLC0415

        check_count(count)
        steps = torch.randn(2, count, generator=generator, device=generator.device)
        # The first row is of the whole spread already, so the series begins in its middle.
        steps[:, 1:] *= math.sqrt(1 - self.memory**2)
        series = lfilter([1.0], [1.0, -self.memory], steps.cpu().double().numpy())
        x, y = torch.from_numpy(series).to(steps)
        return x[:, None], y[:, None]
