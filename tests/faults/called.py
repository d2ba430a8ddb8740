"""The command, run in the process of the tests, whatever becomes of it."""

import io
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from infomax.cli import main

__all__ = ["called"]


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
