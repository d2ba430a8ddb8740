"""The points among which nearest neighbours are sought, and how they are found and counted."""

import math

import numpy as np
import torch
from scipy import special
from scipy.spatial import KDTree

from infomax.errors import UserError
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.samples import PairedSamples

__all__ = [
    "LEVELS_APART",
    "SHORTENED",
    "count_copies",
    "count_others_within",
    "find_neighbours",
    "neighbour_space",
]

SHORTENED = 1 - 1e-10
"""Radii are shortened by this share: whoever defines one must not count as inside by rounding."""

# Of more points than this, to sort them in space takes less time than it saves.
_MOST_AS_THEY_STAND = 50_000

LEVELS_APART = 1e3
"""Distance of two levels of a discrete column: no scores of a continuous one are so far apart."""

# Counting goes through leaves, and finding past them: the larger ones are a third faster.
_LEAF_OF_COUNTS = 32


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
        >>> from infomax.estimation.samples import read_samples
        >>> halves = np.repeat(np.linspace(0, 1, 30), 2)
        >>> samples = read_samples(halves, halves**2)
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
    among_equal = generator.random(size)
    alone = column.different == size
    order = column.measured.argsort() if alone else np.lexsort((among_equal, column.measured))
    ranks[order] = np.arange(size)
    for atom in column.atoms:
        at_atom = column.measured == atom
        ranks[at_atom] = ranks[at_atom].mean()
    scores: Array = special.ndtri((ranks + 1) / (size + 1))
    return scores


def find_neighbours(x: Array, y: Array, size: int) -> tuple[Array, Indices]:
    """Return distances to the nearest others and who they are, nearest first: ``(N, size)``.

    Who is at the very same place as another may stand for it.
    """
    if not 1 <= size < len(x):
        raise UserError(f"{size} neighbours of {len(x)} pairs: give at least 1 and fewer than N")
    joint = np.hstack([x, y])
    # A tree of equal points is a list: each would be compared with all others.
    first, index, copies = _distinct_points(joint)
    if len(first) > _MOST_AS_THEY_STAND:
        # Those that are near each other are asked for one after the other, and are still at hand.
        near_each_other = KDTree(joint[first]).indices
        first, copies = first[near_each_other], copies[near_each_other]
        index = np.argsort(near_each_other)[index]
    distances, near = KDTree(joint[first]).query(
        joint[first],
        k=np.arange(min(size + 1, len(first))) + 1,
        p=np.inf,
        workers=torch.get_num_threads(),
    )
    # Each place is nearest to itself, and of its copies one is the point itself.
    so_far = np.cumsum(copies[near], axis=1) - 1
    nth = (so_far[:, :, None] < np.arange(size) + 1).sum(axis=1)
    return (
        np.take_along_axis(distances, nth, axis=1)[index],
        first[np.take_along_axis(near, nth, axis=1)][index],
    )


def count_others_within(points: Array, radii: Array) -> Array:
    """Count the other points at most a radius away in the maximum norm: ``(N,)``."""
    if points.shape[1] == 1:
        ordered = np.sort(points[:, 0])
        upper = np.searchsorted(ordered, points[:, 0] + radii, side="right")
        lower = np.searchsorted(ordered, points[:, 0] - radii, side="left")
        return (upper - lower - 1).astype(np.float64)
    first, index, copies = _distinct_points(points)
    # No tree parts equal points: where they are many, they are counted as one.
    crowded = copies > math.isqrt(len(points))
    counts = np.full(len(points), -1.0)
    for row, weight in zip(first[crowded], copies[crowded], strict=True):
        counts += weight * (np.abs(points - points[row]).max(axis=1) <= radii)
    others = points[~crowded[index]]
    if len(others):
        asked = np.arange(len(points))
        if len(points) > _MOST_AS_THEY_STAND:
            asked = KDTree(points).indices
        counts[asked] += KDTree(others, leafsize=_LEAF_OF_COUNTS).query_ball_point(
            points[asked],
            radii[asked],
            p=np.inf,
            return_length=True,
            workers=torch.get_num_threads(),
        )
    return counts


def count_copies(points: Array) -> Array:
    """Count the points at the very place of each, itself among them: ``(N,)``."""
    _, index, copies = _distinct_points(points)
    return copies[index].astype(np.float64)


def _distinct_points(points: Array) -> tuple[Indices, Indices, Indices]:
    """Return a row of each different point, the point of each row, and how many rows each has."""
    if any(len(np.unique(column)) == len(points) for column in points.T):
        each = np.arange(len(points))
        return each, each, np.ones(len(points), dtype=np.int64)
    _, first, index, copies = np.unique(
        points, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return first, index.reshape(-1), copies
