"""The one training loop: whatever is trained, in blocks of updates with evaluations between."""

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import NamedTuple

import torch

from infomax.training.evaluation_mode import evaluation_mode
from infomax.training.progress import Progress
from infomax.training.training import Training

__all__ = ["Failure", "train_in_blocks"]

_LARGEST_BLOCK = 50
# Longer blocks than this keep who waits, and whoever asked for an end, waiting.
_SECONDS_OF_BLOCK = 1.0
_NOT_BEGUN = -1


class Failure(NamedTuple):
    """A loss that was not a number or infinite: that model cannot go on.

    Attributes:
        step: the first update (from 0) whose loss was not finite.
        loss: that loss.
    """

    step: int
    loss: float

    @property
    def reason(self) -> str:
        """Say what happened."""
        return f"the loss at step {self.step} is {self.loss}"


def train_in_blocks(
    training: Training,
    *,
    steps: int,
    evaluation_steps: Collection[int],
    evaluate: Callable[[int, Collection[int]], None],
    progress: Progress,
    after: int = _NOT_BEGUN,
    failures: Mapping[int, Failure] | None = None,
    keep: Callable[[int, Mapping[int, Failure]], None] = lambda _step, _failures: None,
    finished: Callable[[int], bool] = lambda _step: False,
    clock: Callable[[], float] = time.monotonic,
) -> dict[int, Failure]:
    """Train models in place, side by side.

    A model whose loss is not finite is left behind: the others, which share nothing with it, go on
    as if it were not there.

    Args:
        training: models of S seeds and how they are updated.
        steps: number of updates.
        evaluation_steps: numbers of updates, from 0 to ``steps``, after which to evaluate.
        evaluate: called with the number of updates made so far and the places, from 0 to S - 1, of
            the models that have not failed; they are then in evaluation mode and no gradient is
            recorded.
        progress: is told the number of updates made and the latest watched value.
        after: number of updates after which a training that is taken up again was kept.
        failures: of that training, by the model's place.
        keep: called with the number of updates made, and the failures so far, whenever all that
            belongs to that number is done: ``training.state()`` then determines the rest.
        clock: tells seconds, by which updates are made in blocks; processes that train together
            need one that tells all of them the same.
        finished: asked after each block of updates and each evaluation, with the number of updates
            made so far; once it says so, the training is evaluated and kept where it is, and ends.

    Returns:
        The failures, by the model's place.
    """
    failed = dict(failures or {})
    stops = sorted({step for step in evaluation_steps if step < steps} | {steps})
    done = max(after, 0)
    places = range(len(training.modules))
    progress.begin(done)
    block, ending = 1, False
    for stop in [stop for stop in stops if stop > after]:
        while done < stop and len(failed) < len(places) and not ending:
            began, count = clock(), min(block, stop - done)
            watched = _update(training, failed, first_step=done, count=count)
            block = _next_block(block, clock() - began)
            done += count
            progress.advance(done, watched)
            ending = finished(done)
            if done < stop and not ending:
                keep(done, failed)
        sound = [place for place in places if place not in failed]
        if not sound:
            break
        if ending or stop in evaluation_steps:
            _evaluate(training, evaluate, done, sound)
        keep(done, failed)
        if ending or finished(done):
            break
    return failed


def _next_block(block: int, seconds: float) -> int:
    """Return how many updates to make at once: as many as fit in a second, but not very many."""
    if seconds > _SECONDS_OF_BLOCK:
        return max(block // 2, 1)
    return min(2 * block, _LARGEST_BLOCK) if seconds < _SECONDS_OF_BLOCK / 2 else block


def _update(
    training: Training, failed: dict[int, Failure], *, first_step: int, count: int
) -> float:
    """Make ``count`` updates, note failures, and return the mean of the last watched values.

    The losses are looked at together afterwards: reading one waits for the device to finish it.
    """
    updates = [training.update() for _ in range(count)]
    losses = torch.stack([update.loss for update in updates]).cpu()
    for step, place in (~losses.isfinite()).nonzero().tolist():
        failed.setdefault(place, Failure(first_step + step, float(losses[step, place])))
    sound = [place for place in range(losses.shape[1]) if place not in failed]
    return float(updates[-1].watched[sound].mean()) if sound else float("nan")


def _evaluate(
    training: Training,
    evaluate: Callable[[int, Collection[int]], None],
    step: int,
    places: Collection[int],
) -> None:
    with ExitStack() as modes, torch.no_grad():
        for module in training.modules:
            modes.enter_context(evaluation_mode(module))
        evaluate(step, places)
