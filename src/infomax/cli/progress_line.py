"""How far a whole job is and about how long it will take: one line, which never wraps.

A terminal shows it live and clears it at the end. Elsewhere a plain line is written every half
minute, and none by a job that ends sooner.
"""

import math
import sys
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

__all__ = ["Pace", "Part", "ProgressLine"]

_SECONDS_TO_JUDGE_BY = 1.0
_SECONDS_BETWEEN_LOOKS = 1.0
# The first steps of a kind are slow: so much of one part is judged as all kinds are.
_SHARE_TO_JUDGE_A_KIND_BY = 0.1
_REFRESHES_PER_SECOND = 4
# In cells of the terminal.
_LEAST_OF_NAME, _LEAST_OF_BAR, _MOST_OF_BAR = 32, 8, 40
_NARROW, _WIDE = 60, 100
# The terminal writes ^C after the line; on the next, it would keep this one from being cleared.
_ROOM_FOR_CTRL_C = 2
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_WHOLE_JOB = "the job"
_NOT_KNOWN = "time left: not known yet"


class Part(NamedTuple):
    """A part of a job, and what it is expected to cost beside the others.

    Attributes:
        kind: parts of one kind cost as expected, all by the same factor, which is measured.
        steps: number of steps that it consists of.
        step_cost: of each step, in a unit that all parts of the job share, such as seconds.
        evaluations: numbers of steps after which something is measured.
        evaluation_cost: of each time that is done.
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
        parts: of the job, by name.
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
            under_way = later = 0.0
            for name, part in self._parts.items():
                rest = (part.cost - self._done[name]) * self._seconds_per_cost(part, spent / made)
                if name in self._told_at:
                    under_way += rest
                else:
                    later += rest
            side_by_side = max(spent / elapsed, 1.0)
            # What takes longer than it should is taken to need as much more as it is late by.
            late = self._clock() - self._latest - under_way / side_by_side
            return later / side_by_side + abs(late)

    def begin(self, name: str, share: float = 0.0) -> None:
        """Take note that a part begins, or goes on after a share that was done before."""
        with self._lock:
            self._done[name] = max(self._done[name], self._parts[name].cost_after(share))
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
            name: of the part; one that was never begun was done before, or is not needed.
            seconds: that all of it took, if that is known.
        """
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


class ProgressLine:
    """Shows what is being done, how far the whole job is, and about how long the rest will take.

    It is what trainings and estimates are given to tell how far they are.

    Args:
        console: where to show it; nothing is shown where it is quiet.
        parts: of the job, by name; without any, the job is one part.
        most_seconds: that a training goes on for, whatever is left of it.
        seconds_between_lines: how often a plain line is written where there is no terminal.
        clock: tells seconds.
    """

    def __init__(
        self,
        console: Console,
        parts: Mapping[str, Part] | None = None,
        *,
        most_seconds: float = math.inf,
        seconds_between_lines: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._parts = dict(parts or {_WHOLE_JOB: Part()})
        self._pace = Pace(self._parts, clock)
        self._part, self._doing = next(iter(self._parts)), "starting"
        self._ended: set[str] = set()
        self._side_by_side, self._clock = False, clock
        self._most_seconds, self._deadline = most_seconds, math.inf
        self._steps_elsewhere: Callable[[], Mapping[str, int]] = dict
        self._seen_elsewhere: set[str] = set()
        self._looked_at = -math.inf
        # Steps of the part that are told of now, and those before them.
        self._steps, self._before = 1, 0
        self._watched, self._value = "", math.nan
        self._beside: tuple[str, ...] = ()
        self._spinner = Spinner("line" if console.options.ascii_only else "dots")
        self._ellipsis = "..." if console.options.ascii_only else "\u2026"
        self._stopped = threading.Event()
        self._live = self._writer = None
        if console.is_interactive and not console.quiet:
            self._live = Live(
                console=console,
                get_renderable=lambda: self.rendered(console.width - _ROOM_FOR_CTRL_C),
                refresh_per_second=_REFRESHES_PER_SECOND,
                transient=True,
                # What is piped elsewhere goes there, whatever the terminal shows.
                redirect_stdout=sys.stdout.isatty(),
            )
        elif not console.quiet:
            self._writer = threading.Thread(
                target=self._write_lines, args=(seconds_between_lines,), daemon=True
            )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        if self._writer is not None:
            self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        if self._live is not None:
            self._live.stop()
        if self._writer is not None:
            self._writer.join()

    def begin_part(self, name: str, watched: str = "bound") -> None:
        """Show a part from here on, and what is watched of it once there is a value."""
        self._part, self._doing = name, name
        self._steps, self._before = self._parts[name].steps, 0
        self._watched, self._value, self._beside = watched, math.nan, ()
        self._pace.begin(name)

    def begin_elsewhere(self, name: str) -> None:
        """Take note that a part is done elsewhere from here on, maybe beside others."""
        self._side_by_side, self._doing = True, "side by side"
        self._pace.begin(name)

    def look_at(self, steps: Callable[[], Mapping[str, int]]) -> None:
        """Ask, whenever it is shown, how many steps of parts elsewhere are made, by their names."""
        self._steps_elsewhere = steps

    def end_part(self, name: str, seconds: float | None = None) -> None:
        """Take note that a part has ended; one that was never begun had ended before.

        Args:
            name: of the part.
            seconds: that it took, if it was done elsewhere.
        """
        self._ended.add(name)
        self._pace.end(name, seconds)
        if self._side_by_side:
            self._doing = name

    def start(self, doing: str, steps: int) -> None:
        """Show what is done from here on, in so many steps or fewer.

        If that is the name of a part, those before it have ended or are not needed. It may come
        several times; its steps are then those of all.
        """
        names = list(self._parts)
        if doing == self._part and self._doing == doing:
            self._before += self._steps
        elif doing in self._parts:
            for name in names[: names.index(doing)]:
                self.end_part(name)
            self._part, self._before = doing, 0
        self._doing, self._steps = doing, max(steps, 1)
        self._pace.begin(self._part)

    def begin(self, step: int) -> None:
        """Show that a training begins, or goes on, after that many updates."""
        self._deadline = self._clock() + self._most_seconds
        self._pace.begin(self._part, self._share_of_part(step))

    def advance(self, step: int, value: float = math.nan) -> None:
        """Show how many of these steps are done, and the watched value, in nats."""
        self._value = value
        self._pace.advance(self._part, self._share_of_part(step))

    def show_beside(self, details: Sequence[str]) -> None:
        """Show, where there is room, what else is known of the part from here on."""
        self._beside = tuple(details)

    @property
    def share(self) -> float:
        """The share of the whole job that is done; it never falls."""
        return self._pace.share

    def rendered(self, width: int) -> RenderableType:
        """Return the line in so many cells: what is done, how far it is, what is left."""
        self._look_elsewhere()
        left = self._left
        if width < _NARROW:
            left = left.replace(_NOT_KNOWN, "? left").removeprefix("about ")
        percent, name = self._percent, self._name
        # A space follows each but the last.
        room = width - (1 + 1) - (len(percent) + 1) - len(left)
        least = min(cell_len(name), _LEAST_OF_NAME) + 1 + _LEAST_OF_BAR + 1
        details: list[str] = []
        for each in self._details:
            detail = each if width >= _WIDE else each.removeprefix("bound ")
            if room - (cell_len(detail) + 1) < least:
                break
            details.append(detail)
            room -= cell_len(detail) + 1
        bar = max(min(room - cell_len(name) - 2, _MOST_OF_BAR), _LEAST_OF_BAR)
        if room < least:
            bar = 0
        of_name = min(cell_len(name), room - 1 - (bar + 1 if bar else 0))
        parts: list[tuple[int, RenderableType]] = [
            (1, self._spinner.render(time.monotonic())),
            (of_name, Text(_shortened(name, of_name, self._ellipsis))),
            (bar, ProgressBar(total=1.0, completed=self.share, width=bar)),
            (len(percent), Text(percent, "progress.percentage")),
            *((cell_len(each), Text(each)) for each in details),
            (len(left), Text(left, "progress.remaining")),
        ]
        table = Table.grid(padding=(0, 1))
        shown = [each for each in parts if each[0] > 0]
        while len(shown) > 1 and sum(cells + 1 for cells, _ in shown) - 1 > width:
            del shown[0]
        for cells, _ in shown:
            table.add_column(width=min(cells, width), no_wrap=True, overflow="crop")
        table.add_row(*(renderable for _, renderable in shown))
        return table

    def _look_elsewhere(self) -> None:
        now = self._clock()
        if now - self._looked_at < _SECONDS_BETWEEN_LOOKS:
            return
        self._looked_at = now
        for name, step in self._steps_elsewhere().items():
            share = step / max(self._parts[name].steps, 1)
            if name in self._seen_elsewhere:
                self._pace.advance(name, share)
            else:
                # What it begins with was made before.
                self._seen_elsewhere.add(name)
                self._pace.begin(name, share)

    def _share_of_part(self, step: int) -> float:
        # Of a single part it is not known before how many steps it has.
        steps = self._parts[self._part].steps if len(self._parts) > 1 else self._steps
        return (self._before + step) / max(steps, 1)

    def _signs_of(self, text: str) -> str:
        """Return a text in signs that stay on one line and that the console has."""
        text = "".join(each if each.isprintable() else " " for each in text)
        encoding = self._console.encoding
        return text.encode(encoding, errors="backslashreplace").decode(encoding)

    @property
    def _name(self) -> str:
        text, number = self._signs_of(self._doing), len(self._parts)
        if self._side_by_side:
            return f"[{len(self._ended)}/{number} ended] {text}"
        if number == 1 or self._part != self._doing:
            return text
        return f"[{min(len(self._ended) + 1, number)}/{number}] {text}"

    @property
    def _percent(self) -> str:
        return f"{math.floor(100 * self.share):3d} %"

    @property
    def _left(self) -> str:
        seconds = self._pace.seconds_left()
        if seconds is None:
            return _NOT_KNOWN
        return _in_words(max(min(seconds, self._deadline - self._clock()), 0.0))

    @property
    def _details(self) -> tuple[str, ...]:
        if not math.isfinite(self._value):
            return ()
        told = (f"{self._watched} {self._value:.3f} nats", *self._beside)
        return tuple(map(self._signs_of, told))

    def _write_lines(self, seconds: float) -> None:
        while not self._stopped.wait(seconds):
            self._look_elsewhere()
            told = ", ".join((self._percent.strip(), *self._details, self._left))
            try:
                # Where nobody reads on, the console would end the process and silence its output.
                self._console.file.write(f"{self._name}: {told}\n")
                self._console.file.flush()
            except (OSError, ValueError):
                return


def _in_words(seconds: float) -> str:
    """Say how much is left, to a few per cent: it is no better known.

    Example:
        >>> [_in_words(each) for each in (0.4, 200.0, 8_000.0, 200_000.0)]
        ['about 1 s left', 'about 3 min left', 'about 2 h 13 min left', 'about 2 d 8 h left']
    """
    if seconds < _MINUTE:
        return f"about {max(round(seconds), 1)} s left"
    if seconds < _HOUR:
        return f"about {round(seconds / _MINUTE)} min left"
    large, small, units = (_HOUR, _MINUTE, "h min") if seconds < _DAY else (_DAY, _HOUR, "d h")
    whole, rest = divmod(round(seconds / small), large // small)
    unit, of_rest = units.split()
    return f"about {whole} {unit} {rest} {of_rest} left"


def _shortened(text: str, cells: int, ellipsis: str) -> str:
    """Cut the middle out of a text that needs more cells than there are.

    Example:
        >>> _shortened("/data/of/a/long/way/pairs.npz", 17, "...")
        '/data/o...irs.npz'
    """
    if cell_len(text) <= cells:
        return text
    kept = cells - len(ellipsis)
    if kept < 2:
        return set_cell_size(text, max(cells, 0))
    front, back = set_cell_size(text, kept - kept // 2), set_cell_size(text[::-1], kept // 2)[::-1]
    return f"{front}{ellipsis}{back}"
