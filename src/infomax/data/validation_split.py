"""Which items are trained on and which validate: settled once, and kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from infomax.data.rows import Places
from infomax.errors import UserError

__all__ = ["RowSplit", "read_split", "split_rows", "write_split"]


@dataclass(frozen=True, eq=False)
class RowSplit:
    """Places of items, each in one of both, in rising order.

    Attributes:
        train: trained on.
        validation: never trained on.
    """

    train: Places
    validation: Places


def split_rows(
    number: int, *, share: float, seed: int, groups: NDArray[np.int64] | None = None
) -> RowSplit:
    """Split items at random; a group is trained on as a whole or not at all.

    Args:
        number: of items.
        share: of the items that validate, or of the groups.
        seed: of the split.
        groups: number of the group of each item; ``None`` where items are independent.

    Raises:
        UserError: if nothing would be left on one side.

    Example:
        >>> split = split_rows(10, share=0.2, seed=0)
        >>> len(split.train), len(split.validation)
        (8, 2)
    """
    if groups is not None and len(groups) != number:
        raise UserError(f"{len(groups)} groups for {number} items: give each item its group")
    # scikit-learn takes no larger seed.
    state = seed % 2**32
    if groups is None:
        splitter, called = ShuffleSplit(1, test_size=share, random_state=state), f"{number} items"
    else:
        splitter = GroupShuffleSplit(1, test_size=share, random_state=state)
        called = f"{len(np.unique(groups))} groups"
    try:
        train, validation = next(splitter.split(np.zeros(number), groups=groups))
    except ValueError as error:
        raise UserError(
            f"{called} cannot be split so that a share of {share:g} validates: bring more, or "
            "change the share"
        ) from error
    return RowSplit(np.sort(train).astype(np.int64), np.sort(validation).astype(np.int64))


def write_split(path: Path, split: RowSplit) -> None:
    """Keep a split; the file is whole or is not there."""
    beside = path.with_name(f"{path.name}.part")
    with beside.open("wb") as stream:
        np.savez(stream, train=split.train, validation=split.validation)
    beside.replace(path)


def read_split(path: Path, number: int) -> RowSplit:
    """Read a split of so many items.

    Raises:
        UserError: if the file cannot be read, or is of another number of items.
    """
    try:
        # Not `np.load`, which leaves the file of a damaged archive open.
        with path.open("rb") as stream, np.lib.npyio.NpzFile(stream, allow_pickle=False) as kept:
            split = RowSplit(kept["train"], kept["validation"])
    # Headers are Python and members are compressed: a damaged file may raise nearly anything.
    except Exception as error:
        raise UserError(f"{path} is not a split that can be read ({error})") from error
    kept_rows = len(split.train) + len(split.validation)
    if kept_rows != number:
        raise UserError(
            f"{path} splits {kept_rows} items, and the data hold {number}: they are no longer "
            "those that the run was begun with"
        )
    if not np.array_equal(
        np.sort(np.concatenate([split.train, split.validation])), np.arange(number)
    ):
        raise UserError(f"{path} is not a split: expected each of {number} items on one side, once")
    return split
