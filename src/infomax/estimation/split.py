"""Which rows an estimate is fitted on, validated on and tested on."""

from dataclasses import dataclass

import numpy as np

from infomax.estimation.arrays import Indices

__all__ = ["Refit", "Split", "split_blocks", "split_rows"]

_REFITS = 4
_MOST_TEST_PAIRS = 2000
_MOST_VALIDATION_PAIRS = 1000
_MOST_GAPS = 4


@dataclass(frozen=True, eq=False)
class Refit:
    """The rows of one fit.

    Attributes:
        train: rows that it is fitted on.
        validation: rows that say when to stop, and which method to take.
    """

    train: Indices
    validation: Indices


@dataclass(frozen=True, eq=False)
class Split:
    """Which rows are trained on, validated on and tested: settled before anything is fitted.

    Attributes:
        refits: fits on different parts of what is not tested.
        test: rows that no fit sees, and that the estimate is made from.
        order: all rows as they were shuffled.
    """

    refits: tuple[Refit, ...]
    test: Indices
    order: Indices

    @property
    def fitted(self) -> Indices:
        """All rows that the first fit sees: those that are not tested, of rows in any order."""
        first = self.refits[0]
        return np.concatenate([first.train, first.validation])


def split_rows(size: int, generator: np.random.Generator) -> Split:
    """Split rows at random: a fifth for the test, at most 2,000, and the rest for four refits.

    Each refit validates on a part that is no other's, at most 1,000 rows, and trains on the rest.

    Args:
        size: N, the number of rows.
        generator: draws the permutation.

    Example:
        >>> split = split_rows(500, np.random.default_rng(0))
        >>> len(split.test), [(len(refit.train), len(refit.validation)) for refit in split.refits]
        (100, [(300, 100), (300, 100), (300, 100), (300, 100)])
    """
    order = generator.permutation(size)
    tested = min(size // 5, _MOST_TEST_PAIRS)
    test, fitted = order[:tested], order[tested:]
    validated = min(len(fitted) // _REFITS, _MOST_VALIDATION_PAIRS)
    refits = []
    for start in range(0, _REFITS * validated, validated):
        validation = fitted[start : start + validated]
        train = np.concatenate([fitted[:start], fitted[start + validated :]])
        refits.append(Refit(train, validation))
    return Split(tuple(refits), test, order)


def split_blocks(size: int, memory: int, generator: np.random.Generator) -> Split:
    """Split rows in time by blocks: what is near in time is not on both sides of a split.

    One of five equal stretches of time, drawn at random, is tested, at most its first 2,000 rows.
    Each refit validates on a block of the rest that is no other's, at most 1,000 rows, and trains
    on what is left. Between what is trained on and what is not lie as many rows as the rows
    remember, at most a quarter of the test, which belong to neither. All refits train on as many
    rows as the one that these gaps leave the fewest.

    Source: Racine (2000), for blocks with gaps.

    Args:
        size: N, the number of rows, in order of time.
        memory: number of rows after which a row is forgotten.
        generator: draws the stretch.

    Example:
        >>> split = split_blocks(500, 10, np.random.default_rng(0))
        >>> len(split.test), [(len(refit.train), len(refit.validation)) for refit in split.refits]
        (100, [(265, 95), (265, 95), (265, 95), (265, 95)])
    """
    stretch = size // 5
    tested = min(stretch, _MOST_TEST_PAIRS)
    # Time as a circle that begins with the test, whose two ends have a gap each.
    circle = (int(generator.integers(5)) * stretch + np.arange(size)) % size
    gap = min(memory, tested // _MOST_GAPS)
    rest = circle[tested + gap : size - gap]
    block = len(rest) // _REFITS
    validated = min(block, _MOST_VALIDATION_PAIRS)
    parts = []
    # From the last, so that the first refit's rows follow each other in time.
    for start in range((_REFITS - 1) * block, -1, -block):
        validation = rest[start : start + validated]
        before, behind = rest[: max(start - gap, 0)], rest[start + validated + gap :]
        parts.append((np.concatenate([before, behind]), validation))
    fewest = min(len(train) for train, _ in parts)
    refits = tuple(Refit(train[:fewest], validation) for train, validation in parts)
    return Split(refits, circle[:tested], generator.permutation(size))
