"""The 12 cells of x and y, each discrete or continuous, and no, a discrete, continuous or mixed z.

In all of them the condition drives x, y or both, and what x and y share beyond it is known.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, stats

__all__ = ["CONDITIONS", "PAIRS", "STRENGTHS", "Cell", "draw_cell"]

PAIRS = ("discrete-discrete", "discrete-continuous", "continuous-continuous")
CONDITIONS = ("none", "discrete", "continuous", "mixed")
STRENGTHS = ("nothing", "moderate", "strong")

Array: TypeAlias = NDArray[np.float64]

_CORRELATIONS = (0.0, 0.6, 0.95)
_FLIPS = (0.5, 0.2, 0.02)
_DISTANCES = (0.0, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Cell:
    """Rows of a cell, ``(N,)`` or ``(N, 2)``, and what x and y share given z, in nats."""

    x: Array
    y: Array
    given: Array | None
    truth: float


def draw_cell(pair: str, condition: str, strength: str, size: int, seed: int) -> Cell:
    """Draw the rows of a cell.

    Two continuous columns have correlation r given z, and share -log(1 - r^2) / 2. Two levels
    differ with probability p: log 2 - h(p). A level moves the mean of a continuous column up or
    down: the entropy of a mixture of two normals, by quadrature, less that of one.

    Args:
        pair: one of ``PAIRS``, the kinds of x and y.
        condition: one of ``CONDITIONS``, the kind of z; none for no condition.
        strength: one of ``STRENGTHS``, of what x and y share given z.
        size: N.
        seed: of everything that is drawn.

    Example:
        >>> cell = draw_cell("discrete-continuous", "mixed", "moderate", 100, seed=0)
        >>> cell.x.shape, cell.given.shape, round(cell.truth, 3)
        ((100,), (100, 2), 0.337)
    """
    generator = np.random.default_rng(seed)
    z, drive, level = _draw_condition(condition, size, generator)
    strong = STRENGTHS.index(strength)
    coin = generator.integers(2, size=size)
    if pair == "continuous-continuous":
        r = _CORRELATIONS[strong]
        shared, noise = generator.standard_normal((2, size))
        y = r * shared + math.sqrt(1 - r * r) * noise + drive**2
        return Cell(shared + drive, y, z, -0.5 * math.log(1 - r * r))
    x = (coin ^ (level % 2)).astype(float)
    if pair == "discrete-continuous":
        apart = _DISTANCES[strong]
        y = (2 * coin - 1) * apart + generator.standard_normal(size) + 2 * drive
        return Cell(x, y, z, _shared_with_level(apart))
    p = _FLIPS[strong]
    y = (coin ^ (generator.random(size) < p)).astype(float)
    return Cell(x, y, z, math.log(2) - float(stats.entropy([p, 1 - p])))


def _draw_condition(
    condition: str, size: int, generator: np.random.Generator
) -> tuple[Array | None, Array, NDArray[np.int64]]:
    """Return z, what it moves means by, and a level that it determines."""
    scale: Array = generator.standard_normal(size)
    level: NDArray[np.int64] = generator.integers(3, size=size)
    if condition == "none":
        return None, np.zeros(size), np.zeros(size, dtype=np.int64)
    if condition == "discrete":
        of_level: Array = level.astype(np.float64)
        return of_level[:, None], of_level - 1, level
    if condition == "continuous":
        return scale[:, None], scale, (scale > 0).astype(np.int64) + (scale > 1)
    drive: Array = scale + level - 1
    z: Array = np.column_stack([level, scale]).astype(np.float64)
    return z, drive, level


@cache
def _shared_with_level(apart: float) -> float:
    def minus_log_density(y: float) -> float:
        density = (stats.norm.pdf(y, -apart) + stats.norm.pdf(y, apart)) / 2
        return float(-density * math.log(density))

    entropy, _ = integrate.quad(minus_log_density, -apart - 10, apart + 10, limit=200)
    return float(entropy - stats.norm.entropy())
