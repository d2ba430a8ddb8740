"""Encoders and a critic, trained on an objective."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from infomax.training.batches import Batches, State
from infomax.training.objective import Objective
from infomax.training.optimiser import adam, optimiser_state, restore_optimiser
from infomax.training.side_by_side import SideBySide
from infomax.training.training import Update, load_parameters, prefixed, stripped

__all__ = ["PairTraining"]

ModuleT = TypeVar("ModuleT", bound=nn.Module)


class PairTraining(Generic[ModuleT]):
    """Models of S seeds that score pairs, under one objective, each on batches of its own.

    Args:
        models: of one architecture, one for each seed: x and y of a batch -> score matrix.
        batches: x ``(S, N, dx)`` and y ``(S, N, dy)`` at a time.
        objective: what to maximise or match.
        learning_rate: of Adam.

    Attributes:
        modules: the models; they hold the weights of the latest update.
    """

    def __init__(
        self,
        models: Sequence[ModuleT],
        batches: Batches,
        objective: Objective,
        *,
        learning_rate: float,
    ) -> None:
        self.modules = tuple(models)
        self._side_by_side = SideBySide(self.modules)
        self._batches = batches
        self._objective = objective
        self._optimiser = adam(self._side_by_side.parameters, learning_rate)
        self._estimates: list[Tensor] = []

    def update(self) -> Update:
        """Make one update of every model."""
        losses, estimates = self._objective(self._side_by_side(*self._batches.draw()))
        self._optimiser.zero_grad()
        # Models share no weights: the gradient of the sum is each model's own.
        losses.sum().backward()
        self._optimiser.step()
        self._estimates.append(estimates)
        return Update(losses.detach(), estimates)

    @torch.no_grad()
    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Score pairs by every model: ``(S, ..., N, d)`` each -> ``(S, ..., N, N)``."""
        return self._side_by_side(x, y)

    def training_curve(self) -> Tensor:
        """Return the estimate of every update so far, in nats: ``(updates, S)``, on the CPU."""
        if not self._estimates:
            return torch.empty(0, len(self.modules))
        # Kept as one tensor, so that asking often does not cost more each time.
        self._estimates = [
            torch.cat([each.reshape(-1, len(self.modules)) for each in self._estimates])
        ]
        return self._estimates[0].cpu()

    def state(self) -> State:
        """Return weights, moments, what the bound remembers, position in the data and the curve."""
        parameters = self._side_by_side.parameters
        return {
            **prefixed("parameters", {str(place): each for place, each in enumerate(parameters)}),
            **prefixed("optimiser", optimiser_state(self._optimiser)),
            **prefixed("bound", self._objective.state()),
            **prefixed("batches", self._batches.state()),
            "training_curve": self.training_curve(),
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""
        load_parameters(self._side_by_side.parameters, stripped("parameters", state))
        restore_optimiser(self._optimiser, stripped("optimiser", state))
        self._objective.restore(stripped("bound", state))
        self._batches.restore(stripped("batches", state))
        device = self._side_by_side.parameters[0].device
        self._estimates = [state["training_curve"].to(device)]
