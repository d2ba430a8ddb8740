"""Columns of a table as items."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.api import types

from infomax.data.array_rows import ArrayRows, open_array
from infomax.data.measured_table import MeasuredTable, chosen_columns
from infomax.errors import UserError

__all__ = ["MOST_BYTES_READ", "column_rows", "laid_out_columns"]

_NUMBERS: Final = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)

MOST_BYTES_READ: Final = 2**30
"""Parquet files whose values need more are laid out on disk, not read into memory."""


def column_rows(table: MeasuredTable, columns: Sequence[str]) -> ArrayRows:
    """Return columns of a table in memory as items of that many features.

    Raises:
        UserError: if a column is not of numbers, or a value is missing or infinite.
    """
    for column in columns:
        values = table.cells[column]
        if not (types.is_numeric_dtype(values) or types.is_bool_dtype(values)):
            raise UserError(
                f"{table.source}: column {column} holds text, and views are numbers: leave it out "
                "of x and y, or use it as labels or groups"
            )
        bad = ~np.isfinite(values.to_numpy(np.float64, na_value=np.nan))
        if bad.any():
            raise UserError(
                f"{table.source}: column {column} has {int(bad.sum())} values that are missing or "
                f"infinite, the first in row {int(bad.argmax())} (counted from 0): fill them, or "
                "leave the column or the rows out"
            )
    numbers = table.cells[list(columns)].to_numpy(np.float64, na_value=np.nan)
    return ArrayRows(numbers, f"{table.source} ({_listed(columns)})")


def laid_out_columns(
    path: Path, given: Sequence[str] | None, cache: Path, *, without: Sequence[str] = ()
) -> tuple[ArrayRows, list[str]]:
    """Lay columns of a Parquet file out on disk, row by row, and map them.

    Parquet is read in whole row groups, which training in random order cannot do. The file in the
    cache is written once, in a pass that holds some rows at a time.

    Args:
        path: of the Parquet file.
        given: columns as a user names them; ``None`` for all.
        cache: folder that the laid out file is kept in.
        without: columns to leave out of all.

    Returns:
        The items, and the names of their columns.

    Raises:
        UserError: if a column is not there or not of numbers, or a value is missing or infinite.
    """
    file = pq.ParquetFile(path)
    names = [str(name) for name in file.schema_arrow.names]
    columns = (
        [name for name in names if name not in without]
        if given is None
        else chosen_columns(given, names)
    )
    for column in columns:
        kind = file.schema_arrow.field(column).type
        if not any(each(kind) for each in _NUMBERS):
            raise UserError(
                f"{path}: column {column} holds {kind}, and views are numbers: leave it out of x "
                "and y, or use it as labels or groups"
            )
    cache.mkdir(parents=True, exist_ok=True)
    out = cache / f"{path.stem}-{'-'.join(columns)[:80]}.npy"
    if not out.exists():
        beside = out.with_name(f"{out.name}.part.npy")
        _lay_out(file, columns, beside, str(path))
        beside.replace(out)
    rows = open_array(out)
    rows.name = f"{path} ({_listed(columns)})"
    return rows, columns


def _lay_out(file: Any, columns: list[str], out: Path, source: str) -> None:
    shape = (file.metadata.num_rows, len(columns))
    array = np.lib.format.open_memmap(out, mode="w+", dtype=np.float32, shape=shape)
    done = 0
    for batch in file.iter_batches(columns=columns):
        values = _numbers(batch.to_pandas()[columns])
        bad = ~np.isfinite(values)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise UserError(
                f"{source}: column {columns[column]} has a value that is missing or infinite in "
                f"row {done + row} (counted from 0): fill it, or leave the column or the row out"
            )
        array[done : done + len(values)] = values
        done += len(values)
    array.flush()


def _numbers(cells: pd.DataFrame) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = cells.to_numpy(np.float32, na_value=np.nan)
    return numbers


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns) if len(columns) < 5 else f"{len(columns)} columns"
