"""Tables in files: text, Parquet and NumPy arrays, read without running anything in them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow import csv, types

from infomax.data.array_files import read_array, read_arrays
from infomax.data.byte_streams import check_regular_file
from infomax.data.measured_table import MeasuredTable
from infomax.data.open_quotes import swallowed_rows
from infomax.errors import UserError

__all__ = ["READERS", "read_table"]

Array: TypeAlias = NDArray[np.generic]

_DAMAGED: Final = (
    ValueError,  # of pyarrow, and of text that is not UTF-8
    EOFError,
    OSError,
    MemoryError,  # a corrupt header promises more than there is
    NotImplementedError,
    LookupError,  # of pandas, for what its own notes in a Parquet file say of types and columns
    TypeError,
)
_ORDINARY_KINDS: Final = "biufUS"
_OTHER_SEPARATORS: Final = ";\t|"


def read_table(path: Path) -> MeasuredTable:
    """Read a table; the file's ending says how, see ``READERS``.

    Raises:
        UserError: if there is no such file, its ending is none of ``READERS``, it cannot be read as
            what its ending says, or it holds arrays of other than one or two dimensions or of
            Python objects, which are never unpickled.
    """
    check_regular_file(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise UserError(f"{path}: {found}, expected a file: {', '.join(READERS)}")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        ending = f"the ending {path.suffix!r}" if path.suffix else "no ending"
        raise UserError(f"{path}: has {ending}, expected one of {', '.join(READERS)}")
    if not path.stat().st_size:
        raise UserError(f"{path}: is empty, expected a table of measurements")
    try:
        return reader(path)
    except UserError:
        raise
    except _DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{path}: cannot be read as {path.suffix.lower()} ({reason}): "
            "check the file, or write it again"
        ) from error


def _read_text(path: Path, *, separator: str) -> MeasuredTable:
    cells = _parsed(path, separator, skip_empty_lines=True)
    if cells.shape[1] == 1:
        _refuse_other_separator(path, str(cells.columns[0]))
        # Where a row is one cell, an empty line is a row whose cell is missing.
        cells = _parsed(path, separator, skip_empty_lines=False)
    cells.columns = pd.Index([str(name).strip() for name in cells.columns])
    if all(_is_number(name) for name in cells.columns) and not all(map(str.isdigit, cells.columns)):
        raise UserError(
            f"{path}: its first line holds numbers, expected the names of the columns: add them"
        )
    return MeasuredTable(str(path), cells)


def _parsed(path: Path, separator: str, *, skip_empty_lines: bool) -> pd.DataFrame:
    with path.open("rb") as stream:
        table = csv.read_csv(
            stream,
            # One thread: errors name the row, and other work may hold the other cores.
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=skip_empty_lines
            ),
            # Else a missing cell among text would be one more level.
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if types.is_binary(kind):
            raise UserError(f"{path}: column {name!r} holds text that is not UTF-8: write it so")
    if (found := swallowed_rows(table, separator)) is not None:
        row, name, lines = found
        raise UserError(
            f"{path}: in row {row}, counted from 0, column {name!r} holds {lines} lines that look "
            "like rows: close or remove the quote that stands alone"
        )
    cells: pd.DataFrame = table.to_pandas()
    return cells


def _refuse_other_separator(path: Path, header: str) -> None:
    if any(separator in header for separator in _OTHER_SEPARATORS):
        raise UserError(
            f"{path}: its first line {header!r} is one name: part columns with commas (.csv) or "
            "tabs (.tsv), and write numbers with decimal points"
        )


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _read_parquet(path: Path) -> MeasuredTable:
    with path.open("rb") as stream:
        cells = pd.read_parquet(stream)
    cells.columns = cells.columns.map(str)
    return MeasuredTable(str(path), cells.reset_index(drop=True))


def _read_array(path: Path) -> MeasuredTable:
    rows = _rows(read_array(path), str(path))
    names = [str(place) for place in range(rows.shape[1])]
    return MeasuredTable(str(path), pd.DataFrame(rows, columns=names), numbered=True)


def _read_arrays(path: Path) -> MeasuredTable:
    arrays = read_arrays(path)
    lengths: dict[str, int] = {}
    several: dict[str, list[str]] = {}
    parts: list[pd.DataFrame] = []
    for name, array in arrays.items():
        rows = _rows(array, f"{path}: array {name!r}")
        columns = [name]
        if array.ndim == 2:
            columns = several[name] = [f"{name}{place}" for place in range(rows.shape[1])]
        parts.append(pd.DataFrame(rows, columns=columns))
        lengths[name] = len(rows)
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UserError(
            f"{path}: its arrays differ in length ({listed} rows): row i of each must have been "
            "measured together, save others in a file of their own"
        )
    cells = pd.concat(parts, axis=1) if parts else pd.DataFrame()
    return MeasuredTable(str(path), cells, arrays=several)


def _rows(array: Array, source: str) -> Array:
    """Return an array as ``(N, columns)``, if it can be taken as such."""
    if array.ndim not in {1, 2}:
        raise UserError(f"{source}: has shape {array.shape}, expected (N,) or (N, columns)")
    if array.dtype.kind not in _ORDINARY_KINDS:
        raise UserError(
            f"{source}: holds values of type {array.dtype}, expected numbers, truth values or text"
        )
    return array.reshape(len(array), -1) if array.ndim == 1 else array


def _read_commas(path: Path) -> MeasuredTable:
    return _read_text(path, separator=",")


def _read_tabs(path: Path) -> MeasuredTable:
    return _read_text(path, separator="\t")


READERS: Final[dict[str, Callable[[Path], MeasuredTable]]] = {
    ".csv": _read_commas,
    ".tsv": _read_tabs,
    ".parquet": _read_parquet,
    ".npy": _read_array,
    ".npz": _read_arrays,
}
"""The readers by the ending of a file."""
