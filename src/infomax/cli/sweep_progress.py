"""Progress where several runs are under way at once, elsewhere: those that have ended."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["SweepProgress"]


class SweepProgress:
    """Counts runs as they end.

    Args:
        console: where to show it; a live line if it is a terminal, else a plain line for each.
        total: number of runs.
        ended: number of those that had ended before.
    """

    def __init__(self, console: Console, total: int, *, ended: int = 0) -> None:
        self._console = console
        self._total, self._ended = total, ended
        self._live = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._live.add_task("runs", total=total, completed=ended)

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

    def show(self, line: str, runs: int = 1) -> None:
        """Show that runs have ended, and how."""
        self._ended += runs
        self._live.update(self._task, completed=self._ended)
        self._console.print(
            f"[{self._ended}/{self._total}] {line}", soft_wrap=True, highlight=False, markup=False
        )
