"""The coordinates in which nearest neighbours are sought."""

import numpy as np
from scipy import special

from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.samples import PairedSamples

__all__ = ["LEVELS_APART", "neighbour_space"]

LEVELS_APART = 1e3
"""Distance of two levels of a discrete column: no scores of a continuous one are so far apart."""


def neighbour_space(samples: PairedSamples, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return x ``(N, dx)`` and y ``(N, dy)`` as points among which neighbours mean something.

    A continuous column becomes normal scores, so that no strictly increasing map of it changes an
    estimate. Values that repeat because they were rounded are ordered at random: that adds noise
    from which the rounded value can be told, so the information stays, and neighbours at equal
    distance, which nearest-neighbour estimates take for more dependence, are gone. Values of
    positive probability stay together, and levels of a discrete column lie so far apart that a
    neighbour has the same level if any has.

    Args:
        samples: the pairs.
        generator: orders values that repeat.

    Example:
        >>> from infomax.estimation.samples import paired_samples
        >>> halves = np.repeat(np.linspace(0, 1, 30), 2)
        >>> samples = paired_samples(halves, halves**2)
        >>> x, y = neighbour_space(samples, np.random.default_rng(0))
        >>> len(np.unique(x)), bool((x == y).all())
        (60, False)
    """
    of_x, of_y = (
        np.column_stack([_coordinate(column, generator) for column in side])
        for side in (samples.x, samples.y)
    )
    return of_x, of_y


def _coordinate(column: Column, generator: np.random.Generator) -> Array:
    if column.discrete:
        return column.measured * LEVELS_APART
    size = len(column.measured)
    ranks = np.empty(size)
    ranks[np.lexsort((generator.random(size), column.measured))] = np.arange(size)
    for atom in column.atoms:
        at_atom = column.measured == atom
        ranks[at_atom] = ranks[at_atom].mean()
    scores: Array = special.ndtri((ranks + 1) / (size + 1))
    return scores
