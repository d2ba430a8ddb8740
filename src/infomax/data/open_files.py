"""Items in files of arrays and tables, and what else such a file says of each item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
    parquet_columns,
    parquet_file,
    parquet_source,
    table_source,
)
from infomax.data.tables import (
    BYTES_OF_A_VALUE,
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
    """

    x: ItemSource
    y: ItemSource | None = None
    column: Callable[[str], pd.Series | None] = _no_column
    names: Sequence[str] = ()
    classes: pd.Series | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    x_names: Sequence[str] = ()
    y_names: Sequence[str] = ()


def _open_table(path: Path, asked: FileRequest) -> OpenedData:
    table = read_table(path)
    y = table.chosen(asked.y)
    others = [name for name in asked.others if name in table.columns]
    x = table.chosen(asked.x) if asked.x else table.all_but([*y, *others])
    _refuse_both(path, x, y)
    cells, names = table.cells, table.columns

    def column(name: str) -> pd.Series | None:
        return cells[name] if name in names else None

    return OpenedData(
        table_source(table, x),
        table_source(table, y) if y else None,
        column,
        names,
        x_names=x,
        y_names=y,
    )


def _open_parquet(path: Path, asked: FileRequest) -> OpenedData:
    if not path.stat().st_size:
        return _open_table(path, asked)
    file = parquet_file(path)
    if file.metadata.num_rows * file.metadata.num_columns * BYTES_OF_A_VALUE <= _MOST_BYTES_READ:
        return _open_table(path, asked)
    names: list[str] = file.schema_arrow.names
    y = chosen_columns(asked.y, names)
    others = [*y, *(name for name in asked.others if name in names)]
    x = parquet_columns(path, asked.x or None, without=others)
    _refuse_both(path, x, y)
    return OpenedData(
        parquet_source(path, x, asked.cache),
        parquet_source(path, y, asked.cache) if y else None,
        lambda name: parquet_column(path, name) if name in names else None,
        names,
        x_names=x,
        y_names=y,
    )


def _open_array(path: Path, asked: FileRequest) -> OpenedData:
    array = map_array(path)
    names = [str(index) for index in range(array.shape[1] if array.ndim == 2 else 1)]
    others = [name for name in asked.others if name in names]
    if not (asked.x or asked.y or others):
        return OpenedData(open_array(path))
    if array.ndim == 2 and array.nbytes > _MOST_BYTES_READ:
        return _open_large_array(path, array, names, asked)
    return _open_table(path, asked)


def _open_large_array(
    path: Path, array: "np.memmap[Any, Any]", names: Sequence[str], asked: FileRequest
) -> OpenedData:
    y = chosen_columns(asked.y, names)
    apart = {*y, *asked.others}
    x = chosen_columns(asked.x, names) if asked.x else [n for n in names if n not in apart]
    _refuse_both(path, x, y)

    def rows(columns: Sequence[str]) -> ArraySource:
        return ArraySource(array, str(path), columns=np.array(columns, dtype=np.int64))

    def column(name: str) -> pd.Series | None:
        return pd.Series(np.array(array[:, int(name)])) if name in names else None

    return OpenedData(rows(x), rows(y) if y else None, column, names, x_names=x, y_names=y)


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


def _refuse_both(path: Path, x: Sequence[str], y: Sequence[str]) -> None:
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
