"""Adam, the course of its learning rate, and its state as named tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from infomax.training.batches import State
from infomax.training.optimisation import Optimisation
from infomax.training.side_by_side import SideBySide

__all__ = ["ScheduledAdam", "adam", "optimiser_state", "restore_optimiser"]


def adam(parameters: Sequence[Tensor], learning_rate: float) -> torch.optim.Adam:
    """Return Adam (Kingma and Ba, 2015) with its usual settings.

    Fused: one kernel in place of a dozen for each parameter, the same arithmetic. It works on each
    value by itself, so parameters of several models may be stacked.
    """
    return torch.optim.Adam(parameters, lr=learning_rate, eps=1e-8, fused=True)


class ScheduledAdam:
    """Updates models that train side by side as an optimisation has it.

    Args:
        models: whose parameters are updated.
        optimisation: how.
    """

    def __init__(self, models: SideBySide[Any], optimisation: Optimisation) -> None:
        self._models = models
        self._optimisation = optimisation
        if optimisation.weight_decay:
            matrices = [each for each in models.parameters if models.dimensions(each) > 1]
            others = [each for each in models.parameters if models.dimensions(each) <= 1]
            self._optimiser: torch.optim.Optimizer = torch.optim.AdamW(
                [
                    {"params": matrices, "weight_decay": optimisation.weight_decay},
                    {"params": others, "weight_decay": 0.0},
                ],
                lr=optimisation.learning_rate,
                fused=True,
            )
        else:
            self._optimiser = adam(models.parameters, optimisation.learning_rate)
        self._schedule = LambdaLR(self._optimiser, optimisation.factor)

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        self._optimiser.zero_grad()

    def step(self) -> None:
        """Make one update by the gradients that the parameters have."""
        if self._optimisation.largest_gradient_norm is not None:
            self._models.clip_gradients(self._optimisation.largest_gradient_norm)
        self._optimiser.step()
        self._schedule.step()

    def state(self) -> State:
        """Return moments, and the number of updates made."""
        updates = torch.tensor(self._schedule.last_epoch)
        return {**optimiser_state(self._optimiser), "updates": updates}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        moments = {name: value for name, value in state.items() if name != "updates"}
        restore_optimiser(self._optimiser, moments)
        self._schedule.last_epoch = int(state["updates"])
        factor = self._optimisation.factor(self._schedule.last_epoch)
        for group in self._optimiser.param_groups:
            group["lr"] = self._optimisation.learning_rate * factor


def optimiser_state(optimiser: torch.optim.Optimizer) -> State:
    """Return moments and step counts; nothing before the first step."""
    return {
        f"{place}.{name}": value
        for place, of_parameter in optimiser.state_dict()["state"].items()
        for name, value in of_parameter.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Go on from a state that ``optimiser_state`` returned."""
    by_parameter: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        place, _, name = key.partition(".")
        by_parameter.setdefault(int(place), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": by_parameter, "param_groups": groups})
