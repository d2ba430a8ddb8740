"""The critic of one refit, and all pairs as it sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.critics import Critic
from infomax.estimation.split import Refit

__all__ = ["CriticMaker", "RefitCritic"]


@dataclass(frozen=True, eq=False)
class RefitCritic:
    """An untrained critic whose beginning was fitted on a refit's training rows.

    Attributes:
        critic: to be trained.
        x: what it sees of x, for all rows: ``(N, ...)``.
        y: what it sees of y, for all rows.
    """

    critic: Critic
    x: Tensor
    y: Tensor

    @classmethod
    def of_arrays(
        cls, critic: Critic, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> "RefitCritic":
        """Return one that sees arrays, in PyTorch's default dtype."""
        dtype = torch.get_default_dtype()
        return cls(critic, torch.from_numpy(x).to(dtype), torch.from_numpy(y).to(dtype))


CriticMaker: TypeAlias = Callable[
    [NDArray[np.float64], NDArray[np.float64], Sequence[Refit], int], Sequence[RefitCritic]
]
"""From x, y, the refits and a seed to the critic of each refit, all of one architecture."""
