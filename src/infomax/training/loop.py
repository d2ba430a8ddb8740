"""The one training loop: any encoder pair, critic and objective."""

from collections.abc import Callable, Collection, Iterator

import torch
from torch import Tensor

from infomax.training.objective import Objective
from infomax.training.pair_model import PairModel
from infomax.training.progress import Progress

__all__ = ["NonFiniteLossError", "train"]

_STEPS_BETWEEN_LOOKS = 50


class NonFiniteLossError(ArithmeticError):
    """A loss that is not a number or infinite: the run cannot go on.

    Attributes:
        step: the first step (from 0) whose loss was not finite.
        loss: that loss.
    """

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss at step {step} is {loss}")
        self.step = step
        self.loss = loss


def train(
    model: PairModel,
    batches: Iterator[tuple[Tensor, Tensor]],
    objective: Objective,
    *,
    steps: int,
    learning_rate: float,
    evaluation_steps: Collection[int],
    evaluate: Callable[[int], None],
    progress: Progress,
) -> None:
    """Train a model in place with Adam.

    Args:
        model: encoders and critic.
        batches: batches of x ``(N, dx)`` and y ``(N, dy)``, at least ``steps`` of them.
        objective: what to maximise or match.
        steps: number of updates.
        learning_rate: of Adam (Kingma and Ba, 2015), with its usual other settings.
        evaluation_steps: numbers of updates, from 0 to ``steps``, after which to evaluate.
        evaluate: called with the number of updates made so far; the model is then in evaluation
            mode and no gradient is recorded.
        progress: is told the number of updates made and the bound on the latest training batch.

    Raises:
        NonFiniteLossError: if a loss is not finite.
    """
    # Fused: one kernel in place of a dozen for each parameter, the same arithmetic.
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate, eps=1e-8, fused=True)
    stops = sorted({step for step in evaluation_steps if step < steps} | {steps})
    done = 0
    for stop in stops:
        while done < stop:
            count = min(_STEPS_BETWEEN_LOOKS, stop - done)
            bound = _update(model, batches, objective, optimiser, first_step=done, count=count)
            done += count
            progress.advance(done, bound)
        if stop in evaluation_steps:
            model.eval()
            with torch.no_grad():
                evaluate(stop)
            model.train()


def _update(
    model: PairModel,
    batches: Iterator[tuple[Tensor, Tensor]],
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    *,
    first_step: int,
    count: int,
) -> float:
    """Make ``count`` updates and return the last estimate.

    The losses are looked at together afterwards: reading one waits for the device to finish it.
    """
    losses = []
    for _ in range(count):
        estimate = objective.bound(model(*next(batches)))
        loss = objective.loss(estimate)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    values = torch.stack(losses).cpu()
    not_finite = (~values.isfinite()).nonzero()
    if len(not_finite):
        first = int(not_finite[0])
        raise NonFiniteLossError(first_step + first, float(values[first]))
    return float(estimate.detach())
