"""The command ``infomax``."""

import os

from infomax.cli.interruption import interruptible

__all__ = ["main"]

# A thread of OpenMP that waits for work spins, by default for milliseconds, and where another run
# wants its core, that run waits as long. So many turns outlast most gaps of a training step and
# take little from others. Read once, when PyTorch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")


def main() -> None:
    """Run the command that this process was started for."""
    with interruptible():
        # Imported here: an interruption while this is read is none of a traceback's either.
        from infomax.cli.app import run  # noqa: PLC0415

        run()
