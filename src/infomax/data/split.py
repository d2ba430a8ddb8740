"""Which items are trained on and which validate: settled once, and kept with what tells their data.

Data are known by what they hold, wherever they lie and whatever they are called.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from infomax.data.array_files import read_arrays
from infomax.data.dataset import Indices, ItemDataset, ItemSource
from infomax.errors import UserError, reason_of
from infomax.whole_file import written_whole

__all__ = [
    "Fingerprint",
    "OtherDataError",
    "RowSplit",
    "differences_of_data",
    "fingerprints_of",
    "read_split",
    "split_rows",
    "write_split",
]

_MOST_BYTES: Final = 256 * 2**20
_BYTES_AT_ONCE: Final = 16 * 2**20


class Fingerprint(NamedTuple):
    """Tells rows from other rows, by their number, their shape and a hash of their values.

    Attributes:
        rows: how many there are.
        shape: of one row.
        hash: SHA-256 of the values of all rows; where they take more than 256 MiB, of so many that
            lie evenly among them, the first and the last included.
    """

    rows: int
    shape: tuple[int, ...]
    hash: str


def fingerprints_of(items: ItemDataset) -> dict[str, Fingerprint]:
    """Return the fingerprints of x and, where there are any, of y, the labels and the groups.

    Raises:
        UserError: if a row that is read cannot be read.

    Example:
        >>> from infomax.data.array_source import ArraySource
        >>> pairs = ItemDataset(ArraySource(np.zeros((3, 2)), "x"), labels=np.array([0, 1, 1]))
        >>> {name: each.rows for name, each in fingerprints_of(pairs).items()}
        {'x': 3, 'labels': 3}
    """
    sides = {"x": items.x, "y": items.y}
    found = {name: _of_rows(side) for name, side in sides.items() if side is not None}
    numbers = {"labels": items.labels, "groups": items.groups}
    return found | {name: _of_array(each) for name, each in numbers.items() if each is not None}


def differences_of_data(
    mine: Mapping[str, Fingerprint], theirs: Mapping[str, Fingerprint]
) -> list[str]:
    """Say how data differ from others, as ``x: 50 rows, not 51``.

    Example:
        >>> one, two = (Fingerprint(rows, (2,), "") for rows in (50, 51))
        >>> differences_of_data({"x": one}, {"x": two})
        ['x: 50 rows, not 51']
    """
    found = []
    for name in dict.fromkeys((*mine, *theirs)):
        if name not in mine or name not in theirs:
            found.append(f"{name}: only in one of both")
            continue
        one, two = mine[name], theirs[name]
        if one.rows != two.rows:
            found.append(f"{name}: {one.rows} rows, not {two.rows}")
        elif one.shape != two.shape:
            found.append(f"{name}: rows of shape {one.shape}, not {two.shape}")
        elif one.hash != two.hash:
            found.append(f"{name}: other values")
    return found


def _of_rows(rows: ItemSource) -> Fingerprint:
    size = rows.read(np.array([0])).itemsize * max(math.prod(rows.shape), 1)
    count = max(min(len(rows), _MOST_BYTES // size), 2)
    chosen = np.unique(np.linspace(0, len(rows) - 1, count).round().astype(np.int64))
    at_once = max(_BYTES_AT_ONCE // size, 1)
    digest = hashlib.sha256()
    for begin in range(0, len(chosen), at_once):
        values = np.ascontiguousarray(rows.read(chosen[begin : begin + at_once]))
        digest.update(values.view(np.uint8).data)
    return Fingerprint(len(rows), tuple(rows.shape), digest.hexdigest())


def _of_array(values: NDArray[np.int64]) -> Fingerprint:
    digest = hashlib.sha256(np.ascontiguousarray(values).data)
    return Fingerprint(len(values), (), digest.hexdigest())


_USUAL_SHARE: Final = 0.1
_LARGEST_USUAL_SHARE: Final = 0.5
# Groups are kept whole, so what is kept may be fewer rows than asked for.
_SLACK_OF_GROUPS: Final = 1.5


class OtherDataError(UserError):
    """Tells that a split was made of other data than those at hand."""


@dataclass(frozen=True, eq=False)
class RowSplit:
    """Holds the indices of items on either side of a split, in rising order.

    Attributes:
        train: trained on.
        validation: never trained on.
    """

    train: Indices
    validation: Indices

    def __repr__(self) -> str:
        return f"RowSplit({len(self.train)} to train on, {len(self.validation)} to validate on)"


def split_rows(
    count: int,
    *,
    share: float | None = None,
    batch_size: int = 1,
    random_state: int | np.random.RandomState | None = None,
    groups: ArrayLike | None = None,
) -> RowSplit:
    """Split items at random; a group is trained on as a whole or not at all.

    Args:
        count: number of items.
        share: of the items that validate, or of the groups, e.g. ``0.2``; 0 keeps none. ``None``
            keeps a tenth, and at least the two batches that an interval needs.
        batch_size: pairs in a batch, where no share is given.
        random_state: seed of the split, a NumPy ``RandomState``, or ``None`` for another split at
            every call.
        groups: one for each item; ``None`` where items are independent.

    Raises:
        UserError: if the share is none, nothing would be left on one side, or two batches would be
            more than half of the items.

    Example:
        >>> split = split_rows(10, share=0.2, random_state=0)
        >>> len(split.train), len(split.validation)
        (8, 2)
    """
    numbers = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if numbers is not None and len(numbers) != count:
        raise UserError(f"{len(numbers)} groups for {count} items: give each item its group")
    if share is None:
        share = _share_of_two_batches(count, batch_size, grouped=groups is not None)
    if not 0 <= share < 1:
        raise UserError(f"validation is {share}: give a share of at least 0 and below 1")
    if not share:
        return RowSplit(np.arange(count), np.arange(0))
    # scikit-learn takes no larger seed.
    state = random_state
    if state is not None and not isinstance(state, np.random.RandomState):
        state = int(state) % 2**32
    if numbers is None:
        splitter, called = ShuffleSplit(1, test_size=share, random_state=state), f"{count} items"
    else:
        splitter = GroupShuffleSplit(1, test_size=share, random_state=state)
        called = f"{len(np.unique(numbers))} groups"
    try:
        train, validation = next(splitter.split(np.zeros(count), groups=numbers))
    except ValueError as error:
        raise UserError(
            f"{called} cannot be split so that a share of {share:g} validates: bring more, or "
            "change the share"
        ) from error
    return RowSplit(np.sort(train).astype(np.int64), np.sort(validation).astype(np.int64))


def _share_of_two_batches(count: int, batch_size: int, *, grouped: bool) -> float:
    needed = 2 * batch_size / max(count, 1) * (_SLACK_OF_GROUPS if grouped else 1)
    share = max(_USUAL_SHARE, needed)
    if share > _LARGEST_USUAL_SHARE:
        raise UserError(
            f"{count} pairs are too few to keep two batches of {batch_size} of them for "
            "validation: make the batch smaller"
        )
    return share


def write_split(path: Path, split: RowSplit, data: Mapping[str, Fingerprint]) -> None:
    """Write a split, and of which data it is, to a file that is whole or is not there."""
    with written_whole(path) as beside, beside.open("wb") as stream:
        of_data = np.array(json.dumps(data))
        np.savez(stream, train=split.train, validation=split.validation, data=of_data)


def read_split(path: Path, data: Mapping[str, Fingerprint]) -> RowSplit:
    """Read a split from its file, if it is of these data.

    Args:
        path: of the file.
        data: fingerprints of what the split must be of; that of one view alone where nothing else
            of the data is at hand.

    Raises:
        OtherDataError: if it is of other data.
        UserError: if the file cannot be read.
    """
    kept = read_arrays(path)
    try:
        split = RowSplit(kept["train"], kept["validation"])
        kept_data = {
            name: Fingerprint(rows, tuple(shape), digest)
            for name, (rows, shape, digest) in json.loads(str(kept["data"])).items()
        }
        count = kept_data["x"].rows
        indices = np.sort(np.concatenate([split.train, split.validation]))
    # Of another file of arrays there may be anything under these names, or nothing.
    except Exception as error:
        raise UserError(f"{path} is not a split ({reason_of(error)})") from error
    if not np.array_equal(indices, np.arange(count)):
        raise UserError(f"{path} is not a split: expected each of {count} items on one side, once")
    if len(data) == 1:
        kept_data = {name: each for name, each in kept_data.items() if name in data}
    if found := differences_of_data(data, kept_data):
        raise OtherDataError(
            f"these are not the data that the run in {path.parent} was begun with "
            f"({'; '.join(found)}): name those by --data if they have moved, or begin another run"
        )
    return split
