"""What an estimate is at, in a terminal and elsewhere."""

import io

from rich.console import Console

from infomax.cli.estimation_bar import EstimationBar


def shown(*, terminal: bool) -> str:
    text = io.StringIO()
    with EstimationBar(Console(file=text, force_terminal=terminal, width=100)) as bar:
        bar.start("training critics", 4000)
        bar.advance(400)
    return text.getvalue()


def test_a_terminal_shows_what_is_done_and_the_time_left() -> None:
    line = shown(terminal=True)
    assert "training critics" in line
    assert "about" in line
    assert "left" in line


def test_elsewhere_nothing_is_shown() -> None:
    assert not shown(terminal=False).strip()
