"""Handling of Ctrl-C: one line and exit status 130 at whatever moment it comes, no traceback."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "interruptible"]

INTERRUPTED = 130
"""Exit status of a command that was interrupted, as shells have it."""

_SAID = "infomax: interrupted\n"


@contextmanager
def interruptible() -> Iterator[None]:
    """End the process with ``INTERRUPTED`` when it is interrupted within.

    Whoever has something to say of what was under way catches ``KeyboardInterrupt`` first. Where
    interruptions are ignored, as in the background of a shell, they still are.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(_SAID)
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(_: int, frame: FrameType | None) -> None:
    if _imported_by_a_command(frame):
        # Libraries turn what is raised while they are imported into other errors, or swallow it;
        # and nothing is under way yet that would have to be told or cleared away.
        os.write(sys.stderr.fileno(), _SAID.encode())
        os._exit(INTERRUPTED)
    raise KeyboardInterrupt


def _imported_by_a_command(frame: FrameType | None) -> bool:
    """Tell whether a module is being imported that a command of ours asked for at its start."""
    importer, within = "", False
    while frame is not None:
        imports = frame.f_code.co_filename.startswith("<frozen importlib")
        if within and not imports:
            importer = str(frame.f_globals.get("__name__"))
        within = imports
        frame = frame.f_back
    return importer.startswith("infomax.cli")
