"""The command ``infomax``."""

import os

# A thread of OpenMP that waits for work spins, by default for milliseconds, and where another run
# wants its core, that run waits as long. So many turns outlast most gaps of a training step and
# take little from others. Read once, when PyTorch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")

from infomax.cli.app import main

__all__ = ["main"]
