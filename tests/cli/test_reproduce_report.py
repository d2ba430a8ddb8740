"""The address of the report: a link where a terminal knows links, plain text elsewhere."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from infomax.cli.reproduce_command import address_of


def shown(page: Path, *, terminal: bool) -> str:
    console = Console(
        file=StringIO(),
        force_terminal=terminal,
        color_system="truecolor" if terminal else "auto",
    )
    console.print(address_of(page), soft_wrap=True)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_elsewhere_it_is_plain_text_that_a_browser_takes() -> None:
    page = Path("/tmp/my runs/Grüße/report.html")  # noqa: S108 - nothing is written there
    address = "file:///tmp/my%20runs/Gr%C3%BC%C3%9Fe/report.html"
    assert shown(page, terminal=False) == f"{address}\n"


def test_in_a_terminal_it_is_a_link_to_itself() -> None:
    page = Path("/runs/demo/report.html")
    text = shown(page, terminal=True)
    address = "file:///runs/demo/report.html"
    # As terminals know links: their address, then the text, then the end.
    opening, _, rest = text.partition("\x1b\\")
    assert opening.startswith("\x1b]8;")
    assert opening.endswith(f";{address}")
    assert rest == f"{address}\x1b]8;;\x1b\\\n"


def test_a_path_from_here_is_told_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(Path("runs/report.html"), terminal=False) == (
        f"{(tmp_path / 'runs/report.html').as_uri()}\n"
    )
