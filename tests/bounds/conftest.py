"""Scores that are drawn, and Gaussian pairs of which everything is known."""

import math
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from hypothesis import settings
from torch import Tensor

# A machine that is busy is slow, and not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


class GaussianPairs(NamedTuple):
    """Batches of pairs of standard normal variables with a known correlation."""

    information: float
    entropy_of_y: float
    log_ratio: Tensor
    """``log p(x_i, y_j) - log p(x_i) - log p(y_j)``: ``(batches, N, N)``."""
    log_conditional: Tensor
    """``log p(y_j | x_i)``: ``(batches, N, N)``."""
    log_marginal: Tensor
    """``log p(y_i)``: ``(batches, N)``."""


@pytest.fixture(scope="session")
def gaussian_pairs() -> Callable[..., GaussianPairs]:
    def pairs(*, correlation: float, number: int, batches: int) -> GaussianPairs:
        generator = torch.Generator().manual_seed(0)
        x, noise = torch.randn(2, batches, number, generator=generator, dtype=torch.float64)
        variance = 1 - correlation**2
        y = correlation * x + math.sqrt(variance) * noise
        distance = (y.unsqueeze(1) - correlation * x.unsqueeze(2)).square() / variance
        log_conditional = -(math.log(2 * math.pi * variance) + distance) / 2
        log_marginal = -(math.log(2 * math.pi) + y.square()) / 2
        return GaussianPairs(
            information=-math.log(variance) / 2,
            entropy_of_y=(1 + math.log(2 * math.pi)) / 2,
            log_ratio=log_conditional - log_marginal.unsqueeze(1),
            log_conditional=log_conditional,
            log_marginal=log_marginal,
        )

    return pairs


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Tensor]:
    def scores(seed: int, *shape: int, scale: float = 1.0) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)

    return scores


@pytest.fixture(scope="session")
def standard_error() -> Callable[[Tensor], float]:
    def of_mean(values: Tensor) -> float:
        return values.std().item() / math.sqrt(len(values))

    return of_mean
