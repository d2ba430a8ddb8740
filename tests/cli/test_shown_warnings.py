"""Warnings as lines: wrapped at words where someone reads them, whole where a file keeps them."""

from io import StringIO

import pytest
from rich.console import Console

from infomax.cli.shown_warnings import print_warning

TOLD = "rows resemble their neighbours, [which] makes intervals too narrow"


@pytest.mark.parametrize(("terminal", "lines"), [(True, 3), (False, 1)])
def test_a_terminal_wraps_a_warning_at_words(terminal: bool, lines: int) -> None:
    written = StringIO()
    console = Console(
        file=written, width=40, force_terminal=terminal, soft_wrap=True, highlight=False
    )
    print_warning(console, TOLD)
    said = written.getvalue().splitlines()
    assert len(said) == lines
    assert " ".join(line.strip() for line in said) == f"infomax: warning: {TOLD}"
    assert max(map(len, said)) <= 40 or not terminal
