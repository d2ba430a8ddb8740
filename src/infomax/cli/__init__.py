"""The command ``infomax``, which Ctrl-C ends in one line, without a traceback."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "interruptible", "main"]

# A thread of OpenMP that waits for work spins, by default for milliseconds, and where another run
# wants its core, that run waits as long. So many turns outlast most gaps of a training step and
# take little from others. Read once, when PyTorch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")

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


def main() -> None:
    """Run the command that this process was started for."""
    with interruptible():
        # Imported here: an interruption while this is read is none of a traceback's either.
        from infomax.cli.app import run  # noqa: PLC0415

        run()
