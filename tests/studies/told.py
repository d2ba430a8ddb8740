"""Progress of jobs that is noted, not shown."""

from collections.abc import Callable, Mapping

__all__ = ["Told"]


class Told:
    """Takes note of the jobs that were begun and of the seconds that each took."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.watched: list[str] = []
        self.ended: dict[str, float | None] = {}
        self.updates: Callable[[], Mapping[str, int]] = dict

    def begin(self, step: int) -> None: ...

    def advance(self, step: int, value: float) -> None: ...

    def begin_part(self, name: str, watched: str = "bound") -> None:
        self.begun.append(name)
        self.watched.append(watched)

    def begin_elsewhere(self, name: str) -> None:
        self.begun.append(name)

    def follow(self, steps: Callable[[], Mapping[str, int]]) -> None:
        self.updates = steps

    def end_part(self, name: str, seconds: float | None = None) -> None:
        self.ended[name] = seconds
