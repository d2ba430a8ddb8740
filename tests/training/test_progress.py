"""Progress: plain lines where there is no terminal, a live line where there is one."""

import io

from rich.console import Console

from infomax.training import TrainingProgress


def shown(*, terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=140, legacy_windows=False)
    with TrainingProgress(console, seconds_between_lines=0.0) as progress:
        progress.start_run("[1/2] some run", 100)
        progress.advance(50, 1.234)
        progress.advance(100, 2.345)
    return stream.getvalue()


def test_plain_lines_say_step_bound_rate_and_time_left() -> None:
    lines = shown(terminal=False).splitlines()
    assert len(lines) == 2
    assert "[1/2] some run: step 50/100, bound 1.234 nats" in lines[0]
    assert "steps/s" in lines[0]
    assert lines[1].endswith("0 s left")
    assert not any("\x1b" in line for line in lines)


def test_a_terminal_gets_a_live_line() -> None:
    text = shown(terminal=True)
    assert "\x1b" in text
    assert "100/100" in text
    assert "bound 2.345 nats" in text
    assert "steps/s" in text
    assert "0:00:00" in text
