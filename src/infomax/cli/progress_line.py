"""How far a whole job is and about how long it will take: one line, which never wraps.

A terminal shows it live and clears it at the end. Elsewhere a plain line is written every half
minute, and none by a job that ends sooner.
"""

import math
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from infomax.cli.pace import Pace, Part

__all__ = ["ProgressLine"]

_SECONDS_BETWEEN_QUESTIONS = 1.0
_REFRESHES_PER_SECOND = 4
# In cells of the terminal.
_LEAST_OF_NAME, _LEAST_OF_BAR, _MOST_OF_BAR = 32, 8, 40
_NARROW, _WIDE = 60, 100
# The terminal writes ^C after the line; on the next, it would keep this one from being cleared.
_ROOM_FOR_CTRL_C = 2
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_WHOLE_JOB = "the job"
_NOT_KNOWN = "time left: not known yet"


class ProgressLine:
    """Shows what is being done, how far the whole job is, and about how long the rest will take.

    It is what trainings and estimates are given to tell how far they are.

    Args:
        console: where to show it; nothing is shown where it is quiet.
        parts: the parts of the job, by name; without any, the job is one part.
        most_seconds: how long a training goes on at most, whatever is left of it.
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
        self._asked_at = -math.inf
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

    def __exit__(self, *_error: object) -> None:
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

    def follow(self, steps: Callable[[], Mapping[str, int]]) -> None:
        """Ask, whenever it is shown, how many steps of parts elsewhere are made, by their names."""
        self._steps_elsewhere = steps

    def end_part(self, name: str, seconds: float | None = None) -> None:
        """Take note that a part has ended; one that was never begun had ended before.

        Args:
            name: name of the part.
            seconds: how long it took, if it was done elsewhere.
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
        self._ask_elsewhere()
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

    def _ask_elsewhere(self) -> None:
        now = self._clock()
        if now - self._asked_at < _SECONDS_BETWEEN_QUESTIONS:
            return
        self._asked_at = now
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
        told = (f"{self._watched} {self._value:z.3f} nats", *self._beside)
        return tuple(map(self._signs_of, told))

    def _write_lines(self, seconds: float) -> None:
        while not self._stopped.wait(seconds):
            self._ask_elsewhere()
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
