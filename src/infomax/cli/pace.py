"""What is done of a job of many parts, and about how long the rest will take."""

import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

__all__ = ["Pace", "Part"]

_SECONDS_TO_JUDGE_BY = 1.0
# The first steps of a kind are slow: so much of one part is judged as all kinds are.
_SHARE_TO_JUDGE_A_KIND_BY = 0.1


class Part(NamedTuple):
    """A part of a job, and what it is expected to cost beside the others.

    Attributes:
        kind: parts of one kind cost as expected, all by the same factor, which is measured.
        steps: how many steps it consists of.
        step_cost: cost of a step, in a unit that all parts of the job share, such as seconds.
        evaluations: numbers of steps after which something is measured.
        evaluation_cost: cost of each such measurement.
    """

    kind: Hashable = ""
    steps: int = 1
    step_cost: float = 1.0
    evaluations: tuple[int, ...] = ()
    evaluation_cost: float = 0.0

    @property
    def cost(self) -> float:
        """The cost of all of it."""
        return self.step_cost * self.steps + self.evaluation_cost * len(self.evaluations)

    def cost_after(self, share: float) -> float:
        """Return the cost of a share of the steps, without the evaluation that may follow."""
        step = min(max(share, 0.0), 1.0) * self.steps
        evaluated = sum(each < step for each in self.evaluations)
        return self.step_cost * step + self.evaluation_cost * evaluated


class Pace:
    """What is done of a job and, from how long that took, how long the rest will take.

    Parts may be under way one after the other or side by side.

    Args:
        parts: the parts of the job, by name.
        clock: tells seconds.

    Example:
        >>> seconds = iter([0.0, 6.0, 7.0])
        >>> pace = Pace({"one": Part(), "other": Part()}, clock=lambda: next(seconds))
        >>> pace.begin("one")
        >>> pace.advance("one", 0.5)
        >>> pace.share, pace.seconds_left()
        (0.25, 17.0)
    """

    def __init__(
        self, parts: Mapping[str, Part], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._parts, self._clock = parts, clock
        self._done = dict.fromkeys(parts, 0.0)
        self._total = math.fsum(part.cost for part in parts.values())
        # When a part was last told of, and the seconds that it has taken until then.
        self._told_at: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._gone_on_with: set[str] = set()
        # Seconds that were taken, and what was made in them, by kind.
        self._spent: dict[Hashable, float] = {}
        self._made: dict[Hashable, float] = {}
        self._first = self._latest = 0.0
        # Whoever shows it looks at what is made elsewhere, in a thread of its own.
        self._lock = threading.RLock()

    @property
    def share(self) -> float:
        """The share of the job that is done, by expected cost; it never falls."""
        return min(math.fsum(self._done.values()) / self._total, 1.0) if self._total else 1.0

    def seconds_left(self) -> float | None:
        """Return about how many seconds are left; nothing before something was measured."""
        with self._lock:
            spent, made = sum(self._spent.values()), sum(self._made.values())
            elapsed = self._latest - self._first
            if made <= 0 or min(spent, elapsed) < _SECONDS_TO_JUDGE_BY:
                return None
            later = 0.0
            under_way = [0.0]
            for name, part in self._parts.items():
                rest = (part.cost - self._done[name]) * self._seconds_per_cost(part, spent / made)
                if name in self._told_at:
                    under_way.append(rest)
                else:
                    later += rest
            side_by_side = max(spent / elapsed, 1.0)
            # One part is not shared by several processes, which matters at the end.
            expected = max(math.fsum(under_way) / side_by_side, *under_way)
            # What takes longer than it should is taken to need as much more as it is late by.
            late = self._clock() - self._latest - expected
            return later / side_by_side + abs(late)

    def begin(self, name: str, share: float = 0.0) -> None:
        """Take note that a part begins, or goes on after a share that was done before."""
        with self._lock:
            self._done[name] = max(self._done[name], self._parts[name].cost_after(share))
            if share > 0:
                self._gone_on_with.add(name)
            now = self._told_at[name] = self._clock()
            # What precedes the first step of all, such as reading data, is not done again.
            if not self._made:
                self._first = self._latest = now

    def advance(self, name: str, share: float) -> None:
        """Take note of the share of a part's steps that is done."""
        self._add(name, self._parts[name].cost_after(share), None)

    def end(self, name: str, seconds: float | None = None) -> None:
        """Take note that a part is done, maybe before its last step.

        Args:
            name: name of the part; one that was never begun was done before, or is not needed.
            seconds: how long all of it took, if that is known.
        """
        if name in self._gone_on_with:
            # They are of what was done before, too.
            seconds = None
        if name in self._told_at:
            self._add(name, self._parts[name].cost, seconds)
        self._done[name] = self._parts[name].cost

    def _add(self, name: str, done: float, seconds: float | None) -> None:
        with self._lock:
            made = done - self._done[name]
            if made <= 0:
                return
            now, before = self._clock(), self._taken.get(name, 0.0)
            taken = before + now - self._told_at[name] if seconds is None else seconds
            self._taken[name], self._told_at[name] = taken, now
            self._done[name], self._latest = done, now
            kind = self._parts[name].kind
            self._spent[kind] = self._spent.get(kind, 0.0) + taken - before
            self._made[kind] = self._made.get(kind, 0.0) + made

    def _seconds_per_cost(self, part: Part, of_all: float) -> float:
        spent, made = self._spent.get(part.kind, 0.0), self._made.get(part.kind, 0.0)
        unknown = _SHARE_TO_JUDGE_A_KIND_BY * part.cost
        return (spent + of_all * unknown) / (made + unknown) if made else of_all
