"""Columns of a table as items."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pandas.api import types

from infomax.data.array_source import ArraySource, open_array
from infomax.data.tables import BYTES_OF_A_VALUE, MeasuredTable
from infomax.data.text_cells import first_text
from infomax.data.values import (
    EXACT_IN_FLOAT32,
    check_finite,
    check_float32_exact,
    not_finite_error,
)
from infomax.errors import UserError, message_of
from infomax.whole_file import half_written, written_whole

__all__ = ["parquet_column", "parquet_file", "parquet_header", "parquet_source", "table_source"]

_NUMBERS: Final = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
_BYTES_AT_ONCE: Final = 64 * 2**20
_LEAVE_OUT: Final = "the column or the rows"


def table_source(table: MeasuredTable, columns: Sequence[str]) -> ArraySource:
    """Return columns of a table in memory as items of that many features.

    Raises:
        UserError: if a column is not of numbers, or a value is missing, infinite or too large for
            float32.

    Example:
        >>> table = MeasuredTable("t.csv", pd.DataFrame({"a": [1, 2], "b": [0.5, None]}))
        >>> table_source(table, ["a"]).read(np.array([1])).tolist()
        [[2.0]]
        >>> table_source(table, ["a", "b"])
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: t.csv: column b has 1 value that is missing, ...
    """
    numbers = np.empty((len(table.cells), len(columns)), np.float32)
    for index, column in enumerate(columns):
        numbers[:, index] = _checked(table.cells[column], column, table.source)
    return ArraySource(numbers, f"{table.source} ({_listed(columns)})")


def _checked(cells: pd.Series, column: str, source: str) -> NDArray[np.float32]:
    # Truth values beside a missing one are kept as objects.
    known = cells.dropna().infer_objects()
    if not (types.is_numeric_dtype(known) or types.is_bool_dtype(known)):
        raise _no_numbers(source, column, _kind(known))
    with np.errstate(over="ignore"):
        if types.is_object_dtype(cells):
            cells = cells.astype("boolean")
        values = cells.to_numpy(np.float64, na_value=np.nan).astype(np.float32)
    check_finite(values, f"{source}: column {column}", leave_out=_LEAVE_OUT)
    if types.is_integer_dtype(cells):
        whole = np.uint64 if types.is_unsigned_integer_dtype(cells) else np.int64
        check_float32_exact(cells.to_numpy(whole), f"{source}: column {column}")
    return values


def _kind(known: pd.Series) -> str:
    if known.empty:
        return "no values"
    if not types.is_string_dtype(known):
        inferred = types.infer_dtype(known)
        return f"values of type {known.dtype if inferred == 'mixed' else inferred}"
    row, value, kind = first_text(known)
    told = f" ({kind})" if kind else ""
    return f"text, such as {value!r} in row {known.index[row]}{told}"


def parquet_file(path: Path) -> Any:
    """Open a Parquet file to be read in parts.

    Raises:
        UserError: if it is none that can be read.
    """
    try:
        # Else whole row groups are read ahead.
        return pq.ParquetFile(path, pre_buffer=False)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def parquet_column(path: Path, name: str) -> pd.Series:
    """Return one column of a Parquet file, read into memory.

    Raises:
        UserError: if it cannot be read.
    """
    try:
        column: pd.Series = parquet_file(path).read([name]).column(0).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    return column


def parquet_header(path: Path) -> MeasuredTable:
    """Return the columns of a Parquet file as a table without rows; no values are read.

    Raises:
        UserError: if the file cannot be read.
    """
    schema = parquet_file(path).schema_arrow
    # Rows of an index are no column of a table in memory either.
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    names = [name for name in schema.names if name not in index]
    return MeasuredTable(str(path), pd.DataFrame(columns=pd.Index(names, dtype=object)))


def parquet_source(path: Path, given: Sequence[str], cache: Path) -> ArraySource:
    """Lay columns of a Parquet file out on disk, row by row, and map them.

    Parquet is read in whole row groups, which training in random order cannot do. The file in the
    cache is written once, in a pass that holds some rows at a time, and again if the Parquet file
    has changed.

    Args:
        path: of the Parquet file.
        given: names of columns.
        cache: folder that the laid out file is kept in.

    Raises:
        UserError: if a column is not there or not of numbers, a value is missing, infinite or too
            large for float32, or the file cannot be read or the cache written.
    """
    file = parquet_file(path)
    columns = parquet_header(path).chosen(given)
    for column in columns:
        kind = file.schema_arrow.field(column).type
        if not any(each(kind) for each in _NUMBERS):
            raise _no_numbers(str(path), column, "text" if pa.types.is_string(kind) else str(kind))
    out = cache / f"{path.stem}-{_digest(path, columns)}.npy"
    if not out.is_file():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            _lay_out(file, columns, out, str(path))
        except OSError as error:
            raise UserError(f"{path} cannot be laid out in {cache}: {error}") from error
    rows = open_array(out)
    rows.name = f"{path} ({_listed(columns)})"
    return rows


def _digest(path: Path, columns: Sequence[str]) -> str:
    """Return what is the same only for the same columns of the same state of a file."""
    state = path.stat()
    said = repr((str(path.resolve()), state.st_size, state.st_mtime_ns, list(columns)))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _lay_out(file: Any, columns: list[str], out: Path, source: str) -> None:
    # Runs may share the cache.
    beside = half_written(out, f"{os.getpid()}")
    shape = (file.metadata.num_rows, len(columns))
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    counts = np.zeros(len(columns), np.int64)
    firsts = np.zeros(len(columns), np.int64)
    # Written and not mapped: where the disk is full, a write says so and a map kills.
    with written_whole(out, beside=beside), beside.open("wb") as stream:
        np.lib.format.write_array_header_2_0(stream, header)
        done = 0
        for values in _batches(file, columns, source):
            bad = ~np.isfinite(values)
            if bad.any():
                new = bad.any(axis=0) & (counts == 0)
                firsts[new] = done + bad.argmax(axis=0)[new]
                counts += bad.sum(axis=0)
            done += len(values)
            # The rest is only counted once the file is known to be of no use.
            if not counts.any():
                stream.write(values.tobytes())
        if counts.any():
            first = int(np.flatnonzero(counts)[0])
            name = f"{source}: column {columns[first]}"
            raise not_finite_error(
                name, int(counts[first]), int(firsts[first]), leave_out=_LEAVE_OUT
            )


def _batches(file: Any, columns: list[str], source: str) -> Iterator[NDArray[np.float32]]:
    """Yield all rows, some at a time: ``(n, len(columns))``; what is missing is NaN."""
    at_once = max(1, _BYTES_AT_ONCE // (BYTES_OF_A_VALUE * len(columns)))
    batches = file.iter_batches(batch_size=at_once, columns=columns, use_threads=False)
    whole: dict[str, NDArray[Any]] = {}
    while True:
        try:
            batch = next(batches, None)
        # Apart from writing, which raises the same of a disk that is full.
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(Path(source), error) from error
        if batch is None:
            return
        values = np.empty((batch.num_rows, len(columns)), np.float32)
        with np.errstate(over="ignore"):
            for index, column in enumerate(columns):
                cells = batch.column(column)
                floats = cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
                values[:, index] = floats
                # Whole numbers beside a missing one come as floating point, and are refused.
                exact = cells.to_numpy(zero_copy_only=False)
                if exact.dtype.kind in "iu":
                    # Two that become one may lie in different batches.
                    new = np.unique(exact[np.abs(floats) >= EXACT_IN_FLOAT32])
                    whole[column] = np.union1d(whole.get(column, new), new)
                    check_float32_exact(whole[column], f"{source}: column {column}")
        yield values


def _no_numbers(source: str, column: str, kind: str) -> UserError:
    return UserError(
        f"{source}: column {column} holds {kind}, and views are numbers: leave it out of x and y, "
        "or use it as labels or groups"
    )


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"{path}: cannot be read as .parquet ({message_of(error)}): check it, or write it again"
    )


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns) if len(columns) < 5 else f"{len(columns)} columns"
