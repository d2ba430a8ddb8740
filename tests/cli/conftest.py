"""The command, run in the process of the tests."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infomax.cli import main

Run = Callable[..., tuple[int, str, str]]


class Clock:
    """Tells the seconds that it was told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def infomax(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; return its exit status, what it gave and what it said."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["infomax", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        code = stopped.value.code
        assert isinstance(code, int) or code is None
        said = capsys.readouterr()
        return code or 0, said.out, said.err

    return run
