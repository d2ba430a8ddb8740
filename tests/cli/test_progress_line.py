"""How far a job is: one line in a terminal, plain lines elsewhere, and honest about time."""

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from tests.cli.conftest import Clock, Run

LONG = (
    "matched-bound on /data/of/a/long/way/to/images: mlp encoder, bilinear critic, infonce, seed 0"
)


def terminal(width: int, stream: IO[str] | None = None, **more: Any) -> Console:
    return Console(
        file=stream or io.StringIO(), force_terminal=True, width=width, legacy_windows=False, **more
    )


def lines_of(line: ProgressLine, width: int) -> list[str]:
    """Return what the terminal shows, line by line."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as captured:
        # As the command's own console has it, which never wraps what it is given.
        console.print(line.rendered(width), soft_wrap=True)
    return captured.get().splitlines()


def shown(line: ProgressLine, width: int) -> str:
    (only,) = lines_of(line, width)
    return only


def line_of(clock: Clock, parts: dict[str, Part], width: int = 80) -> ProgressLine:
    return ProgressLine(terminal(width), parts, clock=clock)


def test_a_line_says_what_is_done_how_far_it_is_and_what_is_left() -> None:
    clock = Clock()
    line = line_of(clock, {"one": Part(steps=100), "other": Part(steps=100)})
    line.begin_part("one")
    assert shown(line, 80).endswith("  0 % time left: not known yet")
    assert "nan" not in shown(line, 80)
    clock.now = 30.0
    line.advance(50, 1.2345)
    assert "[1/2] one " in shown(line, 80)
    assert shown(line, 80).endswith(" 25 % 1.234 nats about 2 min left")
    clock.now = 60.0
    line.end_part("one")
    line.begin_part("other")
    assert "[2/2] other" in shown(line, 80)
    assert shown(line, 80).endswith(" 50 % about 1 min left")
    clock.now = 80.0
    assert shown(line, 80).endswith("about 40 s left")


def test_a_training_with_a_time_limit_is_not_said_to_take_longer() -> None:
    clock = Clock()
    parts = {"it": Part(steps=100)}
    line = ProgressLine(terminal(80), parts, clock=clock, most_seconds=60.0)
    line.begin_part("it")
    clock.now = 20.0
    line.begin(0)
    clock.now = 30.0
    line.advance(1)
    assert shown(line, 80).endswith(" 1 % about 50 s left")


def test_what_else_is_known_is_shown_where_there_is_room() -> None:
    clock = Clock()
    line = line_of(clock, {LONG: Part(steps=4)})
    line.begin_part(LONG)
    clock.now = 10.0
    line.show_beside(["validation 0.987", "probe 0.5"])
    line.advance(1, 2.0)
    assert "validation" not in shown(line, 80)
    assert "bound 2.000 nats validation 0.987" in shown(line, 120)
    assert "2.000 nats" in shown(line, 80)
    assert "nats" not in shown(line, 40)
    assert LONG in shown(line, 200)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_long_names_lose_their_middle(width: int) -> None:
    line = line_of(Clock(), {LONG: Part(), "other": Part()})
    line.begin_part(LONG)
    only = shown(line, width)
    assert cell_len(only.rstrip()) <= width
    assert "[1/2] m" in only
    assert "\u2026" in only
    assert only.index("\u2026") < only.index("0 %")


def test_signs_that_a_terminal_lacks_are_told_otherwise() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    name = f"\u03b1\u2192\u03b2 {LONG}"
    with ProgressLine(terminal(80, stream), {name: Part()}) as line:
        line.begin_part(name)
        only = shown(line, 80)
    assert only.isascii()
    assert "\\u03b1\\u2192" in only
    assert cell_len(only) <= 80


ADVANCES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 120), st.floats(0, 50)), max_size=12
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(deadline=None)
@given(advances=ADVANCES, width=st.integers(1, 160), name=TEXTS, watched=TEXTS)
def test_the_share_never_falls_and_the_line_never_wraps(
    advances: list[tuple[int, int, float]], width: int, name: str, watched: str
) -> None:
    clock = Clock()
    names = [name, name + "other", name + "third"]
    parts = {
        names[0]: Part("a", 100),
        names[1]: Part("b", 10, 3.0, (0, 5, 10), 7.0),
        names[2]: Part("b", 1, 0.0),
    }
    line = line_of(clock, parts, width)
    before = 0.0
    for place, step, seconds in advances:
        line.begin_part(names[place], watched)
        line.begin(step // 2)
        clock.now += seconds
        line.advance(step, step / 7)
        assert before <= line.share <= 1
        before = line.share
        if step == 120:
            line.end_part(names[place])
        assert before <= line.share <= 1
        lines = lines_of(line, width)
        assert len(lines) == 1
        assert cell_len(lines[0]) <= width
    for each in names:
        line.end_part(each)
    assert line.share == 1


def test_of_parts_side_by_side_as_many_are_under_way_as_was_seen() -> None:
    clock = Clock()
    names = [f"run {place}" for place in range(8)]
    line = line_of(clock, {name: Part() for name in names})
    for name in names:
        line.begin_elsewhere(name)
    assert "[0/8 ended] side by side" in shown(line, 80)
    for place in (0, 2):
        clock.now += 10.0
        line.end_part(names[place], 10.0)
        line.end_part(names[place + 1], 10.0)
    assert "[4/8 ended] run 3" in shown(line, 80)
    assert shown(line, 80).endswith("50 % about 20 s left")


def test_parts_under_way_elsewhere_are_asked_how_far_they_are() -> None:
    clock = Clock()
    steps: dict[str, int] = {}
    line = line_of(clock, {name: Part(steps=100) for name in ("resumed", "new", "later")})
    for name in ("resumed", "new", "later"):
        line.begin_elsewhere(name)
    line.follow(lambda: steps)
    clock.now = 5.0
    steps |= {"resumed": 50, "new": 0}
    assert shown(line, 80).endswith(" 16 % time left: not known yet")
    clock.now = 15.0
    steps |= {"resumed": 75, "new": 25}
    # Each makes 25 steps in 10 s, and both do.
    assert shown(line, 80).endswith(" 33 % about 40 s left")
    clock.now = 25.0
    line.end_part("resumed", 20.0)
    del steps["resumed"]
    steps["new"] = 50
    # The later one takes 40 s, however many others are done beside it.
    assert shown(line, 80).endswith(" 50 % about 40 s left")


def test_stages_that_are_not_needed_are_passed_over_and_others_may_come_again() -> None:
    line = line_of(Clock(), {"reading": Part(), "training": Part(), "testing": Part(steps=20)})
    line.start("reading", 1)
    line.start("testing", 10)
    assert line.share == pytest.approx(2 / 22)
    line.advance(10)
    line.start("testing", 10)
    line.advance(5)
    assert line.share == pytest.approx(17 / 22)
    assert "[3/3] testing" in shown(line, 80)


def test_a_terminal_is_left_as_it_was() -> None:
    stream = io.StringIO()

    def interrupted() -> None:
        with ProgressLine(terminal(80, stream), {LONG: Part()}) as line:
            line.begin_part(LONG)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    hidden, cleared, back = "\x1b[?25l", "\x1b[2K", "\x1b[?25h"
    said = stream.getvalue()
    assert said.count(hidden) == said.count(back) == 1
    assert said.rindex(cleared) > said.rindex("not known yet")
    # What the terminal itself writes for Ctrl-C stays on the line that is cleared.
    assert max(cell_len(Text.from_ansi(each).plain) for each in said.splitlines()) <= 80 - len("^C")


def plain(seconds: float, until: Callable[[str], bool]) -> str:
    stream = io.StringIO()
    with ProgressLine(
        Console(file=stream), {"it": Part(steps=8)}, seconds_between_lines=seconds
    ) as it:
        it.begin_part("it")
        it.begin(0)
        it.advance(2, 1.5)
        deadline = time.monotonic() + 20
        while not until(stream.getvalue()) and time.monotonic() < deadline:
            time.sleep(0.01)
    return stream.getvalue()


def test_elsewhere_plain_lines_come_at_intervals() -> None:
    lines = plain(0.01, lambda said: said.count("it: 25 %") > 1).splitlines()
    assert lines.count("it: 25 %, bound 1.500 nats, time left: not known yet") > 1
    assert all(line.endswith("time left: not known yet") for line in lines)


def test_a_job_that_ends_sooner_writes_nothing_and_leaves_no_thread() -> None:
    threads = threading.active_count()
    assert plain(30.0, lambda _said: True) == ""
    assert threading.active_count() == threads


def test_where_nobody_reads_on_the_job_goes_on() -> None:
    class Closed(io.StringIO):
        writes = 0

        def write(self, _text: str) -> int:
            Closed.writes += 1
            raise BrokenPipeError

    with ProgressLine(Console(file=Closed()), seconds_between_lines=0.01) as line:
        line.start("something", 3)
        deadline = time.monotonic() + 20
        while not Closed.writes and time.monotonic() < deadline:
            time.sleep(0.01)
        line.advance(3)
    assert Closed.writes


@pytest.mark.parametrize("of_terminal", [True, False])
def test_a_quiet_console_shows_nothing(of_terminal: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=of_terminal, quiet=True)
    with ProgressLine(console, seconds_between_lines=0.0) as line:
        line.start("something", 3)
        line.advance(3)
    assert stream.getvalue() == ""


FITTED = ("fitting what critics begin as", "training critics until they settle")
OF_ROWS = "testing all rows by permutation"


@pytest.mark.parametrize(
    ("asked", "stages"),
    [
        (
            (40, ("--method", "infonce-symmetric")),
            [*FITTED, "drawing test pairs again, for the interval", OF_ROWS],
        ),
        ((1, ("--method", "ksg-1")), ["repeating the estimate on permuted pairs", OF_ROWS]),
    ],
    ids=["many columns", "neighbours"],
)
def test_an_estimate_shows_each_thing_that_it_is_at(
    asked: tuple[int, tuple[str, ...]],
    stages: list[str],
    infomax: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns, flags = asked
    shown: list[str] = []
    steps: list[int] = []
    monkeypatch.setattr(ProgressLine, "start", lambda _line, doing, _steps: shown.append(doing))
    monkeypatch.setattr(ProgressLine, "advance", lambda _line, step: steps.append(step))
    x, noise = np.random.default_rng(0).standard_normal((2, 600, columns))
    files = {"x.npy": x, "y.npy": x + noise}
    for name, side in files.items():
        np.save(tmp_path / name, side)
    paths = [tmp_path / name for name in files]
    code, _, error = infomax("estimate", *paths, *flags, "--permutations", "19")
    assert code == 0, error
    assert list(dict.fromkeys(shown)) == ["reading columns", *stages]
    assert max(steps) > 1
