"""What the training loop asks of whatever it trains, and tells whoever shows how far it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from infomax.training.batches import State

__all__ = [
    "NoProgress",
    "Progress",
    "StagedProgress",
    "Training",
    "Update",
    "evaluation_mode",
    "load_parameters",
    "prefixed",
    "stripped",
]


class Update(NamedTuple):
    """What one update leaves to look at, for each of S models.

    Attributes:
        loss: ``(S,)``, what was made smaller.
        watched: ``(S,)``, the value that tells how far the training is, in nats.
    """

    loss: Tensor
    watched: Tensor


class Training(Protocol):
    """Models of S seeds under training, their optimiser and their data.

    Attributes:
        modules: one for each seed: everything of it that has a training and an evaluation mode.
    """

    @property
    def modules(self) -> Sequence[nn.Module]:
        """One module for each seed."""

    def update(self) -> Update:
        """Make one update of every model."""

    def state(self) -> State:
        """Return all that determines the updates to come."""

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""


def prefixed(prefix: str, state: Mapping[str, Tensor]) -> State:
    """Return a state whose names begin with a prefix, to stand beside others."""
    return {f"{prefix}.{name}": value for name, value in state.items()}


def stripped(prefix: str, state: Mapping[str, Tensor]) -> State:
    """Return the part of a state that ``prefixed`` put there."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): value for name, value in state.items() if name.startswith(start)
    }


@torch.no_grad()
def load_parameters(parameters: Sequence[Tensor], state: Mapping[str, Tensor]) -> None:
    """Give parameters the values of a state that names them by their index.

    Copied into the memory they have: models that are views of it follow, and the products of
    matrices, whose last bits depend on how their memory is aligned, stay the same.
    """
    for index, parameter in enumerate(parameters):
        parameter.copy_(state[f"{index}"])


@contextmanager
def evaluation_mode(module: nn.Module) -> Iterator[None]:
    """Put a module and all its parts in evaluation mode, and each back in its own afterwards.

    ``module.train()`` would put every part in training mode, those included that a user keeps in
    evaluation while others train: the statistics of a frozen batch norm would then move.

    Args:
        module: of any kind.

    Example:
        >>> module = nn.Sequential(nn.BatchNorm1d(2).eval(), nn.Dropout())
        >>> with evaluation_mode(module):
        ...     [part.training for part in module]
        [False, False]
        >>> [part.training for part in module]
        [False, True]
    """
    trained = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in trained:
            part.training = True


class Progress(Protocol):
    """Whatever wants to know how far a run is."""

    def begin(self, step: int) -> None:
        """Take note that training begins, or goes on, after that many updates."""

    def advance(self, step: int, value: float) -> None:
        """Take note of the updates made so far and the watched value, in nats."""


class StagedProgress(Protocol):
    """Whatever wants to know what is being done, and how far it is."""

    def start(self, doing: str, steps: int) -> None:
        """Take note of what is done from here on, in so many steps or fewer."""

    def advance(self, step: int) -> None:
        """Take note of how many of these steps are done."""


class NoProgress:
    """Shows nothing."""

    def start(self, doing: str, steps: int) -> None:
        """Take no note."""

    def begin(self, step: int) -> None:
        """Take no note."""

    def advance(self, step: int, value: float = float("nan")) -> None:
        """Take no note."""
