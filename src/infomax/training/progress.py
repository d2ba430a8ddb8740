"""Progress of training: a live line in a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as LiveProgress
from rich.text import Text

__all__ = ["NoProgress", "Progress", "TrainingProgress"]


class Progress(Protocol):
    """Whatever wants to know how far a run is."""

    def begin(self, step: int) -> None:
        """Take note that training begins, or goes on, after that many updates."""

    def advance(self, step: int, value: float) -> None:
        """Take note of the updates made so far and the watched value, in nats."""


class NoProgress:
    """Shows nothing."""

    def begin(self, step: int) -> None:
        """Take no note."""

    def advance(self, step: int, value: float) -> None:
        """Take no note."""


class _StepRate(ProgressColumn):
    """Updates per second, evaluations included, as measured over the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("- steps/s" if speed is None else f"{speed:.0f} steps/s")


class TrainingProgress:
    """Shows several runs, one after the other.

    Args:
        console: where to show it; a live line if it is a terminal, else a plain line at the end of
            each run and every ``seconds_between_lines``. Steps per second and the time left count
            evaluations in.
        seconds_between_lines: how often a plain line is printed.
    """

    def __init__(self, console: Console, *, seconds_between_lines: float = 15.0) -> None:
        self._console = console
        self._seconds_between_lines = seconds_between_lines
        self._live = LiveProgress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[watched]} {task.fields[value]:.3f} nats{task.fields[beside]}"),
            _StepRate(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._live.add_task(
            "starting", total=None, watched="bound", value=float("nan"), beside=""
        )
        self._description, self._watched, self._beside = "", "bound", ""
        self._steps = 0
        self._first_step = 0
        self._started = self._printed = time.monotonic()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def start_run(self, description: str, steps: int, watched: str = "bound") -> None:
        """Begin showing a run of that many updates, and what is watched of it."""
        self._description, self._watched, self._beside = description, watched, ""
        self._steps = steps
        self._first_step = 0
        self._started = self._printed = time.monotonic()
        self._live.reset(
            self._task,
            total=steps,
            description=description,
            watched=watched,
            value=float("nan"),
            beside="",
        )

    def show_beside(self, text: str) -> None:
        """Show something beside the watched value from here on."""
        self._beside = text
        self._live.update(self._task, beside=text)

    def begin(self, step: int) -> None:
        """Count from here: a run that is taken up again does not begin at 0."""
        self._first_step = step
        self._started = time.monotonic()
        self._live.update(self._task, completed=step)

    def advance(self, step: int, value: float) -> None:
        """Show the updates made so far and the watched value, in nats."""
        self._live.update(self._task, completed=step, value=value)
        now = time.monotonic()
        due = step == self._steps or now - self._printed >= self._seconds_between_lines
        if due and not self._console.is_terminal:
            self._printed = now
            self._console.print(
                f"{self._description}: step {step}/{self._steps}, {self._watched} {value:.3f} "
                f"nats{self._beside}, {self._speed(step, now)}",
                soft_wrap=True,
                highlight=False,
            )

    def _speed(self, step: int, now: float) -> str:
        rate = (step - self._first_step) / max(now - self._started, 1e-9)
        return f"{rate:.3g} steps/s, {(self._steps - step) / rate:.0f} s left"
