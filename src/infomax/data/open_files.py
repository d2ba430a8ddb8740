"""Items in files of arrays and tables, and what else such a file says of each item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.data.array_files import array_names, map_array, read_arrays
from infomax.data.array_source import ArraySource, open_array
from infomax.data.dataset import ItemSource
from infomax.data.table_sources import (
    parquet_column,
    parquet_file,
    parquet_header,
    parquet_source,
    table_source,
)
from infomax.data.tables import (
    BYTES_OF_A_VALUE,
    MeasuredTable,
    chosen_columns,
    read_table,
    table_ending,
)
from infomax.errors import UserError

__all__ = ["FileRequest", "OpenedData", "names_in", "opener_of"]

_MOST_BYTES_READ: Final = 2**30
"""Tables that need more are mapped, or laid out on disk, and not read into memory."""


@dataclass(frozen=True, eq=False)
class FileRequest:
    """Says what a user wants of a file, beside its path.

    Attributes:
        x: columns, or the array, of the items; empty where none are named.
        y: those of a second view of them; empty where none are named.
        others: names of labels and groups, which are in neither unless they are named there.
        array: of an ``.npz`` where no array is named.
        cache: folder for columns that are laid out anew.
    """

    x: Sequence[str]
    y: Sequence[str]
    others: Sequence[str]
    array: str
    cache: Path


def _no_column(_name: str) -> pd.Series | None:
    return None


@dataclass(frozen=True, eq=False)
class OpenedData:
    """Holds what was found in one file or folder.

    Attributes:
        x: the items.
        y: a second view of them in the same file.
        x_names: columns, or arrays, that x was put together of.
        y_names: those of y.
        column: returns what else is known of each item, by name; ``None`` for other names.
        names: that `column` knows.
        classes: of each item, as its folder or data set has it.
        skipped: why a file was left out, by its path.
        groups: number of the group of each item, where the data have groups of their own.
    """

    x: ItemSource
    y: ItemSource | None = None
    column: Callable[[str], pd.Series | None] = _no_column
    names: Sequence[str] = ()
    classes: pd.Series | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    x_names: Sequence[str] = ()
    y_names: Sequence[str] = ()
    groups: NDArray[np.int64] | None = None


def _of_columns(
    header: MeasuredTable,
    asked: FileRequest,
    source_of: Callable[[Sequence[str]], ArraySource],
    column: Callable[[str], pd.Series],
) -> OpenedData:
    """Choose the columns of either view of a table, and open them.

    Args:
        header: whose columns are known; its rows need not be.
        asked: what a user says of them.
        source_of: opens some columns as items.
        column: reads one.
    """
    y = header.chosen(asked.y)
    others = [name for name in asked.others if name in header.columns]
    x = header.chosen(asked.x) if asked.x else header.all_but([*y, *others])
    _refuse_both(header.source, x, y)
    return OpenedData(
        source_of(x),
        source_of(y) if y else None,
        lambda name: column(name) if name in header.columns else None,
        header.columns,
        x_names=x,
        y_names=y,
    )


def _open_table(path: Path, asked: FileRequest) -> OpenedData:
    table = read_table(path)
    return _of_columns(table, asked, partial(table_source, table), table.cells.__getitem__)


def _open_parquet(path: Path, asked: FileRequest) -> OpenedData:
    if not path.stat().st_size:
        return _open_table(path, asked)
    said = parquet_file(path).metadata
    if said.num_rows * said.num_columns * BYTES_OF_A_VALUE <= _MOST_BYTES_READ:
        return _open_table(path, asked)
    return _of_columns(
        parquet_header(path),
        asked,
        partial(parquet_source, path, cache=asked.cache),
        partial(parquet_column, path),
    )


def _open_array(path: Path, asked: FileRequest) -> OpenedData:
    array = map_array(path)
    names = [str(index) for index in range(array.shape[1] if array.ndim == 2 else 1)]
    others = [name for name in asked.others if name in names]
    if not (asked.x or asked.y or others):
        return OpenedData(open_array(path))
    if array.ndim != 2 or array.nbytes <= _MOST_BYTES_READ:
        return _open_table(path, asked)
    return _of_columns(
        MeasuredTable(str(path), pd.DataFrame(columns=names), numbered=True),
        asked,
        lambda columns: ArraySource(array, str(path), columns=np.array(columns, dtype=np.int64)),
        lambda name: pd.Series(np.array(array[:, int(name)])),
    )


def _open_arrays(path: Path, asked: FileRequest) -> OpenedData:
    arrays = read_arrays(path)
    y = chosen_columns(asked.y, list(arrays), kind="array")
    x = chosen_columns(asked.x, list(arrays), kind="array")
    if not x:
        rest = [name for name in arrays if name not in {*y, *asked.others}]
        x = [asked.array] if asked.array in rest else rest
        if len(x) != 1:
            raise UserError(
                f"{path} holds the arrays {', '.join(arrays) or '(none)'}: name that of x, and "
                "that of y if there is one"
            )
        if not y and asked.array == "x" and x == ["x"] and "y" in rest:
            y = ["y"]
    _refuse_both(path, x, y)

    def column(name: str) -> pd.Series | None:
        if name not in arrays:
            return None
        array = arrays[name]
        if array.ndim != 1 and array.shape != (len(array), 1):
            raise UserError(f"{path}: array {name} has shape {array.shape}, expected (N,)")
        return pd.Series(array.reshape(-1))

    return OpenedData(
        _array_rows(path, arrays, x),
        _array_rows(path, arrays, y) if y else None,
        column,
        [*arrays],
        x_names=x,
        y_names=y,
    )


def _array_rows(path: Path, arrays: dict[str, NDArray[Any]], names: Sequence[str]) -> ArraySource:
    called = f"{path} ({', '.join(names)})"
    if len(names) == 1:
        return ArraySource(arrays[names[0]], called)
    shapes = {name: arrays[name].shape for name in names}
    if len({shape[:1] for shape in shapes.values()}) > 1 or not all(
        len(shape) in {1, 2} for shape in shapes.values()
    ):
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise UserError(
            f"{path}: arrays of one view must have as many rows, and one or two dimensions, to be "
            f"put side by side: {listed}"
        )
    return ArraySource(np.column_stack([arrays[name] for name in names]), called)


def _refuse_both(path: Path | str, x: Sequence[str], y: Sequence[str]) -> None:
    if both := [name for name in x if name in y]:
        raise UserError(f"{path}: {both[0]} is in x and in y: leave it out of one")


_OPENERS: Final[dict[str, Callable[[Path, FileRequest], OpenedData]]] = {
    ".npy": _open_array,
    ".npz": _open_arrays,
    ".parquet": _open_parquet,
}
"""What opens files that may be larger than memory; all others are tables, read whole."""


def opener_of(path: Path) -> Callable[[Path, FileRequest], OpenedData] | None:
    """Return what opens a file of one of ``TABLE_FORMATS``; none if it is of another."""
    ending = table_ending(path)
    return None if ending is None else _OPENERS.get(ending, _open_table)


def names_in(path: str | Path, names: Sequence[str], of: str | Path) -> Sequence[str]:
    """Return the names that chose a view in one file, if they choose it in another as well.

    Columns of tables, indices in arrays (``.npy``) and names of arrays (``.npz``) mean nothing in
    each other. Where a view was one array of an ``.npz``, and another has none of that name, it
    is its only one.

    Example:
        >>> names_in("b.csv", ["age"], of="a.parquet"), names_in("b.npy", ["age"], of="a.csv")
        (['age'], ())
    """
    of_path, of_names = opener_of(Path(path)), opener_of(Path(of))
    tables = (_open_table, _open_parquet)
    if of_path is not of_names and not (of_path in tables and of_names in tables):
        return ()
    if of_path is _open_arrays and len(names) == 1 and Path(path).is_file():
        held = array_names(Path(path))
        return () if len(held) == 1 and names[0] not in held else names
    return names
