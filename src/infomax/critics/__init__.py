"""Critics: modules that score every pair of x codes and y codes.

Codes of shapes ``(..., N, dx)`` and ``(..., N, dy)`` give scores ``(..., N, N)``; rows are x.
"""

from collections.abc import Callable
from typing import TypeAlias

import torch

from infomax.critics.concat import ConcatCritic, DeepConcatCritic
from infomax.critics.cosine import CosineCritic, unit_length
from infomax.critics.critic import Critic, FactoredCritic
from infomax.critics.inner_products import (
    BilinearCritic,
    InnerProductCritic,
    SeparableCritic,
)

__all__ = [
    "CRITICS",
    "BilinearCritic",
    "ConcatCritic",
    "CosineCritic",
    "Critic",
    "CriticMaker",
    "DeepConcatCritic",
    "FactoredCritic",
    "InnerProductCritic",
    "SeparableCritic",
    "unit_length",
]

CriticMaker: TypeAlias = Callable[[int, int, torch.Generator], Critic]
"""Sizes of the x and y codes and the generator of the weights -> critic."""

CRITICS: dict[str, CriticMaker] = {
    "inner-product": InnerProductCritic,
    "cosine": CosineCritic,
    "bilinear": BilinearCritic,
    "separable": SeparableCritic,
    "concat": ConcatCritic,
    "deep-concat": DeepConcatCritic,
}
"""The critics by name."""
