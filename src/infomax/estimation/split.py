"""Which pairs are trained on, validated on and read: settled before anything is fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Refit", "Split", "split_pairs"]

Rows = NDArray[np.int64]

_REFITS = 4
_MOST_TEST_PAIRS = 2000
_MOST_VALIDATION_PAIRS = 1000


@dataclass(frozen=True, eq=False)
class Refit:
    """The rows of one fit.

    Attributes:
        train: rows that it is fitted on.
        validation: rows that say when to stop, and which method to take.
    """

    train: Rows
    validation: Rows


@dataclass(frozen=True, eq=False)
class Split:
    """The rows of an estimate.

    Attributes:
        refits: fits on different parts of what is not tested.
        test: rows that no fit sees, and that the number is read from.
    """

    refits: tuple[Refit, ...]
    test: Rows

    @property
    def fitted(self) -> Rows:
        """All rows that are not tested."""
        first = self.refits[0]
        return np.concatenate([first.train, first.validation])


def split_pairs(number: int, generator: np.random.Generator) -> Split:
    """Split rows at random: a fifth for the test, at most 2,000, and the rest for four refits.

    Each refit validates on a part that is no other's, at most 1,000 rows, and trains on the rest.

    Args:
        number: N.
        generator: draws the permutation.

    Example:
        >>> split = split_pairs(500, np.random.default_rng(0))
        >>> len(split.test), [(len(refit.train), len(refit.validation)) for refit in split.refits]
        (100, [(300, 100), (300, 100), (300, 100), (300, 100)])
    """
    rows = generator.permutation(number)
    tested = min(number // 5, _MOST_TEST_PAIRS)
    test, fitted = rows[:tested], rows[tested:]
    validated = min(len(fitted) // _REFITS, _MOST_VALIDATION_PAIRS)
    refits = []
    for place in range(_REFITS):
        start = place * validated
        validation = fitted[start : start + validated]
        train = np.concatenate([fitted[:start], fitted[start + validated :]])
        refits.append(Refit(train, validation))
    return Split(tuple(refits), test)
