"""A few lines in anybody's loop: measure a batch now and then, log it, and warn once."""

import inspect
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.audit import LOSS_CONVENTIONS, read_loss
from infomax.bounds import find_bound
from infomax.errors import UserError
from infomax.evaluation import BatchMean, means_over_batches
from infomax.monitor.batch_reading import (
    BatchReading,
    check_pairs,
    limits_of,
    read_batch,
    scores_of,
)
from infomax.monitor.metric_logs import metric_log
from infomax.warnings import (
    CodesCollapsedWarning,
    IdenticalViewsWarning,
    ImpossibleLossWarning,
    InfomaxWarning,
    RepeatedItemsWarning,
)

__all__ = ["ContrastiveMonitor"]

_PREFIX = "infomax/"
_RECENT = 5
_MOST_HELD_OUT = 20
_FEWEST_HELD_OUT = 2
_ALIKE = 1e-10


class ContrastiveMonitor:
    r"""Measures a batch of codes now and then, logs what it finds, and warns once of each fault.

    The bound is that of cosines over the temperature, which is a lower bound whatever loss is
    trained, or of scores that are given. Between measurements a call costs nothing.

    Args:
        every: measure each so many calls, the first included.
        bound: name in ``infomax.bounds.BOUNDS``.
        temperature: that cosines are divided by.
        logger: as `metric_log` takes it; ``None`` only keeps what was measured.
        loss: name in ``infomax.audit.LOSS_CONVENTIONS``, of the loss that calls are given.
        loss_settings: what else its value depends on, as `read_loss` takes it; batch size and
            temperature are known.

    Attributes:
        readings: all that was measured, in order.

    Raises:
        UserError: if there is no such bound, loss or setting, or ``every`` is not above 0.

    Example:
        >>> monitor = ContrastiveMonitor(every=100, temperature=0.1)
        >>> codes = torch.randn(64, 16, generator=torch.Generator().manual_seed(0))
        >>> for step in range(300):
        ...     _ = monitor.update(codes, codes + 1.0 * codes.roll(1, dims=0))
        >>> len(monitor.readings), round(monitor.readings[-1].ceiling, 2)
        (3, 4.16)
    """

    def __init__(
        self,
        *,
        every: int = 100,
        bound: str = "infonce-symmetric",
        temperature: float = 0.1,
        logger: Any = None,
        loss: str = "infonce",
        **loss_settings: Any,
    ) -> None:
        if every < 1:
            raise UserError(f"every is {every}: give a whole number of at least 1")
        self.every = every
        self.readings: list[BatchReading] = []
        self._bound, self._temperature = find_bound(bound), temperature
        self._log = metric_log(logger)
        self._loss, self._loss_settings = loss, loss_settings
        self._calls = 0
        self._warned: set[type[InfomaxWarning]] = set()
        self._held_out: list[tuple[Tensor, Tensor]] = []
        # What is wrong with them is said here, and not after the first batch.
        limits_of(self._bound, 2, temperature, None)
        self._check_loss_settings()

    def __repr__(self) -> str:
        return f"ContrastiveMonitor(every={self.every}, bound={self._bound.name!r})"

    @property
    def due(self) -> bool:
        """Whether the next call measures."""
        return self._calls % self.every == 0

    def update(
        self,
        z_x: Tensor,
        z_y: Tensor,
        *,
        scores: Tensor | None = None,
        loss: float | Tensor | None = None,
        items: Sequence[Any] | NDArray[Any] | Tensor | None = None,
        labels: Sequence[Any] | NDArray[Any] | Tensor | None = None,
        step: int | None = None,
    ) -> BatchReading | None:
        """Take the codes of a training batch, and measure them if it is time to.

        Args:
            z_x: codes of x, ``(N, dx)``; those that the loss is computed of.
            z_y: codes of y in the order of the pairs, ``(N, dy)``.
            scores: of one's own critic, ``(N, N)``, rows are x, in the place of cosines.
            loss: as the training logs it.
            items: what the pairs are of, by which repeats in the batch are known.
            labels: of the pairs.
            step: of the training; the number of calls by default.

        Returns:
            What was measured, or ``None`` where it was not time to.

        Raises:
            UserError: if shapes do not match.
        """
        measured, self._calls = self.due, self._calls + 1
        if not measured:
            return None
        step = self._calls - 1 if step is None else step
        reading, signs = read_batch(
            z_x,
            z_y,
            bound=self._bound,
            temperature=self._temperature,
            scores=scores,
            items=items,
            labels=labels,
            step=step,
        )
        found: list[InfomaxWarning] = []
        if loss is not None:
            logged = loss.item() if isinstance(loss, Tensor) else float(loss)
            reading = self._with_loss(reading, logged, found)
        held_out = self._mean_held_out(scores is not None)
        if held_out is not None:
            reading = replace(reading, held_out=held_out.mean)
        self.readings.append(reading)
        found += _faults(reading, signs)
        recent = [each.bound for each in self.readings[-_RECENT:]]
        found += limits_of(self._bound, reading.pairs, self._temperature, scores).warnings_of(
            step, torch.tensor(recent), held_out, collapsed=bool(signs), sizes=""
        )
        self._log(reading.metrics(_PREFIX), step)
        self._warn(found)
        return reading

    def update_held_out(self, z_x: Tensor, z_y: Tensor, *, scores: Tensor | None = None) -> None:
        """Take the codes of a batch that is not trained on; the next reading tells of them.

        The mean is over batches of one size, two at least, the first 20 since the reading before.

        Args:
            z_x: codes of x, ``(N, dx)``.
            z_y: codes of y, ``(N, dy)``.
            scores: of one's own critic, ``(N, N)``, in the place of cosines.

        Raises:
            UserError: if shapes do not match.
        """
        check_pairs(z_x, z_y, scores)
        of_one_size = not self._held_out or len(z_x) == len(self._held_out[0][0])
        if len(self._held_out) >= _MOST_HELD_OUT or not of_one_size:
            return
        if scores is None:
            x, y = (codes.detach().float().cpu() for codes in (z_x, z_y))
            self._held_out.append((x, y))
        else:
            given = scores.detach().float().cpu()
            self._held_out.append((given, given))

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each reading."""
        return pd.DataFrame(self.readings)

    def _mean_held_out(self, scored: bool) -> BatchMean | None:
        if len(self._held_out) < _FEWEST_HELD_OUT:
            return None
        batches, self._held_out = self._held_out, []

        def scores(x: Tensor, y: Tensor) -> Tensor:
            return x if scored else scores_of(x, y, None, self._temperature)

        return means_over_batches(scores, batches, {"bound": self._bound.estimate})["bound"]

    def _with_loss(
        self, reading: BatchReading, loss: float, found: list[InfomaxWarning]
    ) -> BatchReading:
        told = read_loss(loss, **self._settings_of_loss(reading.pairs))
        # The others say of the loss what is said of the bound.
        found += [each for each in told.warnings if isinstance(each, ImpossibleLossWarning)]
        return replace(reading, loss_nats=told.nats)

    def _settings_of_loss(self, pairs: int) -> dict[str, Any]:
        convention = LOSS_CONVENTIONS.get(self._loss)
        taken = () if convention is None else (*convention.needs, *convention.takes)
        known = {"batch_size": pairs, "temperature": self._temperature}
        if "logit_scale" in self._loss_settings:
            del known["temperature"]
        settings = {name: value for name, value in known.items() if name in taken}
        return {"loss": self._loss, **settings, **self._loss_settings}

    def _check_loss_settings(self) -> None:
        known = inspect.signature(read_loss).parameters
        unknown = [name for name in self._loss_settings if name not in known]
        if unknown:
            raise UserError(
                f"ContrastiveMonitor has no setting {unknown[0]!r}: choose among every, bound, "
                f"temperature, logger and what read_loss takes ({', '.join(list(known)[1:])})"
            )
        read_loss(1.0, **self._settings_of_loss(2))

    def _warn(self, found: list[InfomaxWarning]) -> None:
        for warning in found:
            if type(warning) not in self._warned:
                self._warned.add(type(warning))
                # Where update was called.
                warnings.warn(warning, stacklevel=3)


def _faults(reading: BatchReading, signs: list[str]) -> list[InfomaxWarning]:
    """Return what is wrong with the codes of a batch."""
    if signs:
        return [CodesCollapsedWarning(f"codes have collapsed: {'; '.join(signs)}")]
    found: list[InfomaxWarning] = []
    if reading.pairs > 1 and reading.alignment < _ALIKE:
        found.append(
            IdenticalViewsWarning(
                "both codes of every pair are the same: the views are identical, so that nothing "
                "is asked of the encoder; look whether augmentation is on"
            )
        )
    if reading.duplicates:
        found.append(
            RepeatedItemsWarning(
                f"{100 * reading.duplicates:.0f} % of the {reading.pairs} pairs in a batch hold an "
                "item that comes several times in it: no critic can tell which of them belongs to "
                f"a partner, and the bound cannot exceed {reading.ceiling:.2f} nats; draw batches "
                "without repeats, or leave equal items out of the negatives"
            )
        )
    return found
