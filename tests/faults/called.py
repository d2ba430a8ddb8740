"""The command, run in the process of the tests, on what a fault has left of a folder."""

import io
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from infomax.cli import main

__all__ = ["called", "copy_of", "works_or_says_a_line"]


def called(*arguments: str | Path) -> tuple[int, str]:
    """Run the command in this process; return its exit status and what it said of errors."""
    errors = io.StringIO()
    before = sys.argv
    sys.argv = ["infomax", *map(str, arguments)]
    try:
        with redirect_stderr(errors), redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            main()
    except SystemExit as stopped:
        return int(stopped.code or 0), errors.getvalue()
    finally:
        sys.argv = before
    return 0, errors.getvalue()


def works_or_says_a_line(*arguments: str | Path) -> bool:
    """Run the command; check that it works or says one line of what is wrong; return which."""
    code, said = called(*arguments)
    assert code in {0, 1, 2}, said
    assert "Traceback" not in said
    if code == 2:
        last = said.rstrip("\n").rpartition("\n")[2]
        assert last.startswith("infomax: "), said
    return not code


@contextmanager
def copy_of(folder: Path, elsewhere: Path) -> Iterator[Path]:
    """Give a copy of a folder in another that is empty, and remove both."""
    copy = elsewhere / folder.name
    shutil.copytree(folder, copy)
    yield copy
    shutil.rmtree(elsewhere)
