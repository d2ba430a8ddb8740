"""What an estimate is at, in a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["EstimationBar"]


class EstimationBar:
    """Shows what is being done, for how long it has been, and for about how much longer.

    What is left is reckoned as if each step took as long as those before and all were made; a
    training may settle earlier.

    Args:
        console: where to show it, while it lasts; nowhere if it is no terminal.
    """

    def __init__(self, console: Console) -> None:
        self._live = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("about"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
            # A single step may take minutes: a whole estimate of one column of many.
            speed_estimate_period=3600,
        )
        self._task = self._live.add_task("estimating", total=None)

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

    def start(self, doing: str, steps: int) -> None:
        """Show what is done from here on, in so many steps or fewer."""
        self._live.reset(self._task, total=steps, description=doing)

    def advance(self, step: int) -> None:
        """Show how many of these steps are done."""
        self._live.update(self._task, completed=step)
