"""The command ``infomax``."""

import os

# A thread of OpenMP that waits for work spins, by default for milliseconds: longer than the gaps
# of a training step, but where another run wants the core, that run waits too, twenty times over.
# So many turns outlast most gaps and take nothing from the other. Read once, when PyTorch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")

from infomax.cli.app import main

__all__ = ["main"]
