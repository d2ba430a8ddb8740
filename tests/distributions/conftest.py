"""What the tests of all families need."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from infomax.distributions import PairDistribution

Array: TypeAlias = NDArray[np.float64]
Draw: TypeAlias = Callable[[PairDistribution, int], tuple[Array, Array]]


@pytest.fixture
def draw() -> Draw:
    """Return what draws one batch in float64: ``(N, x_size)`` and ``(N, y_size)``."""

    def drawn(distribution: PairDistribution, number: int) -> tuple[Array, Array]:
        x, y = distribution.sample(number, torch.Generator().manual_seed(0))
        return x.double().numpy(), y.double().numpy()

    return drawn
