"""Encoders and a critic, trained on an objective."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from infomax.training.batches import Batches, State
from infomax.training.objective import Objective
from infomax.training.optimiser import adam, optimiser_state, restore_optimiser
from infomax.training.pair_model import PairModel
from infomax.training.side_by_side import SideBySide
from infomax.training.training import Update, load_parameters, prefixed, stripped

__all__ = ["PairTraining"]


class PairTraining:
    """Pair models of S seeds under one objective, each on batches of its own.

    Args:
        models: of one architecture, one for each seed.
        batches: x ``(S, N, dx)`` and y ``(S, N, dy)`` at a time.
        objective: what to maximise or match.
        learning_rate: of Adam.

    Attributes:
        modules: the models; they hold the weights of the latest update.
    """

    def __init__(
        self,
        models: Sequence[PairModel],
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
        estimates = self._objective.bound(self._side_by_side(*self._batches.draw()))
        losses = self._objective.loss(estimates)
        self._optimiser.zero_grad()
        # Models share no weights: the gradient of the sum is each model's own.
        losses.sum().backward()
        self._optimiser.step()
        self._estimates.append(estimates.detach())
        return Update(losses.detach(), self._estimates[-1])

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
        """Return weights, moments, position in the data and the training curve."""
        parameters = self._side_by_side.parameters
        return {
            **prefixed("parameters", {str(place): each for place, each in enumerate(parameters)}),
            **prefixed("optimiser", optimiser_state(self._optimiser)),
            **prefixed("batches", self._batches.state()),
            "training_curve": self.training_curve(),
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""
        load_parameters(self._side_by_side.parameters, stripped("parameters", state))
        restore_optimiser(self._optimiser, stripped("optimiser", state))
        self._batches.restore(stripped("batches", state))
        device = self._side_by_side.parameters[0].device
        self._estimates = [state["training_curve"].to(device)]
