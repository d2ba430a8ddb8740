"""Training until a validation value has stopped rising, with the best weights kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from infomax.training.pair_training import PairTraining

__all__ = ["Course", "train_until_settled"]


@dataclass(frozen=True, eq=False)
class Course:
    """How a training of S models went.

    Attributes:
        steps: numbers of updates after which was validated, the first 0.
        train: mean of the watched estimate over the updates since the look before, in nats:
            ``(looks, S)``; NaN at step 0.
        validation: validation value at each look: ``(looks, S)``.
        best: the look that each model's weights were taken from: ``(S,)``.
        settled: whether all models had stopped rising before the last permitted update.
    """

    steps: list[int] = field(default_factory=list)
    train: list[Tensor] = field(default_factory=list)
    validation: list[Tensor] = field(default_factory=list)
    best: list[int] = field(default_factory=list)
    settled: bool = True


def train_until_settled(
    training: PairTraining[Any],
    validate: Callable[[], Tensor],
    *,
    most_steps: int,
    steps_between_looks: int,
    patience: int,
) -> Course:
    """Train models in place, side by side, and leave each with its best weights.

    A model has settled when its validation value has not risen above its best for ``patience``
    looks; training ends when all have. The weights before the first update count as a look, so a
    model that training only makes worse stays as it was. A value that is not finite is no best.

    Args:
        training: models of S seeds and how they are updated.
        validate: returns the value to be made large for each model, ``(S,)``.
        most_steps: number of updates after which to stop in any case.
        steps_between_looks: updates between two validations.
        patience: number of looks without a new best.
    """
    modules = training.modules
    steps, train, validation = [0], [], [_look(validate)]
    train.append(torch.full_like(validation[0], float("nan")))
    best = [0] * len(modules)
    kept = [_copied(module) for module in modules]
    settled = False
    while not settled and steps[-1] < most_steps:
        count = min(steps_between_looks, most_steps - steps[-1])
        watched = torch.stack([training.update().watched for _ in range(count)])
        steps.append(steps[-1] + count)
        train.append(watched.mean(dim=0).cpu())
        validation.append(_look(validate))
        for place, module in enumerate(modules):
            if _or_lowest(validation[-1][place]) > _or_lowest(validation[best[place]][place]):
                best[place] = len(steps) - 1
                kept[place] = _copied(module)
        settled = all(len(steps) - 1 - look >= patience for look in best)
    for module, values in zip(modules, kept, strict=True):
        _load(module, values)
    return Course(steps, train, validation, best, settled)


@torch.no_grad()
def _look(validate: Callable[[], Tensor]) -> Tensor:
    return validate().detach().cpu()


def _or_lowest(value: Tensor) -> Tensor:
    return value if value.isfinite() else torch.tensor(-torch.inf)


def _values(module: torch.nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]


def _copied(module: torch.nn.Module) -> list[Tensor]:
    return [each.detach().clone() for each in _values(module)]


@torch.no_grad()
def _load(module: torch.nn.Module, values: list[Tensor]) -> None:
    # In place: the models are views of the weights that are trained side by side.
    for each, value in zip(_values(module), values, strict=True):
        each.copy_(value)
