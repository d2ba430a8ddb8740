"""The arrays of this room by what they hold: written once, so that signatures say it."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Indices"]

Array: TypeAlias = NDArray[np.float64]
"""Measured values, or nats."""

Indices: TypeAlias = NDArray[np.int64]
"""Row numbers, levels or counts."""
