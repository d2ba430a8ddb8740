"""What the tests of several estimators need."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
import torch
from hypothesis import settings
from numpy.typing import NDArray

from infomax.distributions import PairDistribution

# A machine that is busy is slow, and not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Array: TypeAlias = NDArray[np.float64]
Draw: TypeAlias = Callable[..., tuple[Array, Array]]
NormalPairs: TypeAlias = Callable[..., tuple[Array, Array]]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Return what draws pairs of a distribution in float64: ``(N, dx)`` and ``(N, dy)``."""

    def drawn(distribution: PairDistribution, number: int, seed: int = 0) -> tuple[Array, Array]:
        x, y = distribution.sample(number, torch.Generator().manual_seed(seed))
        return x.double().numpy(), y.double().numpy()

    return drawn


@pytest.fixture(scope="session")
def normal_pairs() -> NormalPairs:
    """Return what draws normal x and y, of which the first columns are correlated in pairs."""

    def pairs(
        seed: int, number: int, x_size: int = 1, y_size: int = 1, *, correlation: float = 0.0
    ) -> tuple[Array, Array]:
        generator = np.random.default_rng(seed)
        x = generator.standard_normal((number, x_size))
        y = generator.standard_normal((number, y_size))
        shared = min(x_size, y_size)
        y[:, :shared] = correlation * x[:, :shared] + (1 - correlation**2) ** 0.5 * y[:, :shared]
        return x, y

    return pairs
