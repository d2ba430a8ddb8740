"""Updates of models side by side, by an optimisation's learning rates, decay and clipping."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from infomax.training.adam import Adam
from infomax.training.batches import State
from infomax.training.optimisation import Optimisation
from infomax.training.side_by_side import SideBySide

__all__ = ["ScheduledAdam"]


class ScheduledAdam:
    """Updates models that train side by side as an optimisation has it.

    Args:
        models: whose parameters are updated; those that require no gradient are left alone.
        optimisation: how.
    """

    def __init__(self, models: SideBySide[Any], optimisation: Optimisation) -> None:
        self._models = models
        self._optimisation = optimisation
        self._updates = 0
        decays = [
            optimisation.weight_decay if models.dimensions(each) > 1 else 0.0
            for each in models.trainable
        ]
        self._adam = Adam(models.trainable, weight_decay=decays)

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        self._adam.clear()

    def step(self) -> None:
        """Make one update by the gradients that the parameters have."""
        optimisation = self._optimisation
        if optimisation.largest_gradient_norm is not None:
            self._models.clip_gradients(optimisation.largest_gradient_norm)
        self._adam.step(optimisation.learning_rate * optimisation.factor(self._updates))
        self._updates += 1

    def state(self) -> State:
        """Return moments, and the number of updates made."""
        return {**self._adam.state(), "updates": torch.tensor(self._updates)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._adam.restore(state)
        self._updates = int(state["updates"])
