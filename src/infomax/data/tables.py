"""Tables in files: text, Parquet and NumPy arrays, read without running anything in them."""

import lzma
import re
import reprlib
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import compute

from infomax.data.array_files import read_array, read_arrays
from infomax.data.files import COMPRESSIONS, check_fits_memory, check_regular_file
from infomax.data.text_tables import TextFormat, read_text_table
from infomax.errors import UserError, message_of, unknown_name

__all__ = [
    "BYTES_OF_A_VALUE",
    "SEPARATORS",
    "TABLE_FORMATS",
    "MeasuredTable",
    "chosen_columns",
    "read_table",
    "table_ending",
]

BYTES_OF_A_VALUE: Final = 8
"""What a number takes in memory, as pandas and Arrow have most of them."""

_RANGE = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """Holds named columns of measurements, one row for each thing that was measured.

    Attributes:
        source: what errors call it, the path of its file.
        cells: the measurements; all column names are text.
        arrays: the columns of each array of several that has a name of its own.
        numbered: whether the columns have no names, only indices counted from 0.
        written: the cells of text as they are written, which are numbers and more in ``cells``.

    Raises:
        UserError: if it has no columns, or a name that means two things.
    """

    source: str
    cells: pd.DataFrame
    arrays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbered: bool = False
    written: pa.Table | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise UserError(f"{self.source}: holds no columns, expected at least one")
        names = pd.Index([*self.columns, *self.arrays])
        if names.has_duplicates:
            twice = names[names.duplicated()][0]
            raise UserError(
                f"{self.source}: two columns are named {twice!r}: give each a name of its own"
            )

    def __repr__(self) -> str:
        columns = reprlib.repr(self.columns)
        return f"MeasuredTable({self.source!r}, {len(self.cells)} rows of {columns})"

    @property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return list(self.cells.columns)

    def names(self, name: str) -> bool:
        """Tell whether a column, or an array of several, has this name."""
        return name in self.arrays or name in self.columns

    def chosen(self, given: Iterable[str]) -> list[str]:
        """Return the columns that a user means; see `chosen_columns`."""
        return chosen_columns(given, self.columns, self.arrays)

    def with_levels(self, columns: Collection[str]) -> pd.DataFrame:
        """Return the cells, those of some columns as levels: what is written is what they are.

        ``0123`` and ``123`` are two levels and one number. Names of other columns are passed over.
        """
        if self.written is None:
            return self.cells
        cells = self.cells.copy(deep=False)
        for name in self.columns:
            if name in columns:
                text = compute.utf8_trim(self.written[name], " \t")
                cells[name] = text.to_pandas()
        return cells

    def all_but(self, columns: Iterable[str] = ()) -> list[str]:
        """Return all other columns.

        Raises:
            UserError: if there are none, or one of them has no name: where a table was written
                with its row numbers, these are such a column, and no measurement.
        """
        others = [name for name in self.columns if name not in set(columns)]
        if not others:
            raise UserError(f"{self.source}: holds no other columns than those chosen already")
        if "" in others:
            raise UserError(
                f"{self.source}: column {self.columns.index('')}, counted from 0, has no name, as "
                "row numbers have: give it a name, or choose columns with --x and --y"
            )
        return others


def chosen_columns(
    given: Iterable[str],
    columns: Sequence[str],
    arrays: Mapping[str, Sequence[str]] | None = None,
    *,
    kind: str = "column",
) -> list[str]:
    """Return the columns that a user means by some values of a flag, each column once.

    A value that is a name is taken whole; any other is split at its commas, and what lies between
    them may have spaces around it. The name of an array means all of its columns, and ``0-3`` all
    from the column named 0 to the column named 3.

    Args:
        given: values of the flag.
        columns: all names.
        arrays: the columns of each array of several.
        kind: what errors call a name.

    Raises:
        UserError: if something is no name; the message begins with the nearest.

    Example:
        >>> chosen_columns(["a, b", "c,d"], ["a, b", "c", "d", "e"])
        ['a, b', 'c', 'd']
        >>> chosen_columns(["0-2", "4"], ["0", "1", "2", "3", "4"])
        ['0', '1', '2', '4']
    """
    meanings = {**(arrays or {}), **{name: [name] for name in columns}}
    chosen: list[str] = []
    for value in given:
        for part in [value] if value in meanings else value.split(","):
            name = part if part in meanings else part.strip()
            if name in meanings:
                chosen += meanings[name]
            elif between := _between(name, columns):
                chosen += between
            else:
                raise unknown_name(kind, name, meanings)
    return list(dict.fromkeys(chosen))


def _between(name: str, columns: Sequence[str]) -> list[str]:
    ends = _RANGE.fullmatch(name)
    if ends is None or not all(end in columns for end in ends.groups()):
        return []
    first, last = map(columns.index, ends.groups())
    return list(columns[first : last + 1])


Array: TypeAlias = NDArray[np.generic]

_DAMAGED: Final = (
    ValueError,  # of pyarrow, and of text that is not UTF-8
    EOFError,
    OSError,
    MemoryError,  # a corrupt header promises more than there is
    NotImplementedError,
    LookupError,  # of pandas, for what its own notes in a Parquet file say of types and columns
    TypeError,
    zlib.error,
    lzma.LZMAError,
)
_ORDINARY_KINDS: Final = "biufUS"


def read_table(
    path: Path,
    *,
    separator: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    header: bool | None = None,
) -> MeasuredTable:
    """Read a table; the file's ending says how, see ``TABLE_FORMATS``.

    Text, ``.csv`` and ``.tsv``, may be compressed, ``.csv.gz`` or ``.csv.xz``, and is read as
    `TextFormat` says, whose attributes are the parameters here.

    Warns:
        TableWarning: if the first line of text holds numbers and ``header`` does not say what it
            is.

    Raises:
        UserError: if there is no such file, its ending is none of ``TABLE_FORMATS``, it cannot be
            read as what its ending says, or it holds arrays of other than one or two dimensions or
            of Python objects, which are never unpickled; if it does not fit in memory.
    """
    form = TextFormat(separator, decimal, encoding, header)
    check_regular_file(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise UserError(f"{path}: {found}, expected a file: {', '.join(TABLE_FORMATS)}")
    ending = table_ending(path)
    if ending is None:
        found = f"the ending {path.suffix!r}" if path.suffix else "no ending"
        raise UserError(f"{path}: has {found}, expected one of {', '.join(TABLE_FORMATS)}")
    if form != TextFormat() and ending not in SEPARATORS:
        raise UserError(
            f"{path}: separator, decimal, encoding and header are of text ({', '.join(SEPARATORS)})"
            f", and this is {ending}: leave them out"
        )
    if not path.stat().st_size:
        raise UserError(f"{path}: is empty, expected a table of measurements")
    try:
        return TABLE_FORMATS[ending](path, form)
    except UserError:
        raise
    except _DAMAGED as error:
        raise UserError(
            f"{path}: cannot be read as {ending} ({message_of(error)}): check the file, or write "
            "it again"
        ) from error


def _read_text(path: Path, form: TextFormat, *, separator: str) -> MeasuredTable:
    text = read_text_table(path, form, separator=separator)
    return MeasuredTable(str(path), text.cells, numbered=text.numbered, written=text.written)


def _read_parquet(path: Path, _form: TextFormat) -> MeasuredTable:
    with path.open("rb") as stream:
        said = pq.read_metadata(stream)
        groups = sum(said.row_group(index).total_byte_size for index in range(said.num_row_groups))
        # What is repeated takes next to nothing in the file.
        numbers = said.num_rows * said.num_columns * BYTES_OF_A_VALUE
        check_fits_memory(max(groups, numbers), str(path))
        stream.seek(0)
        cells = pd.read_parquet(stream)
    cells.columns = cells.columns.map(str)
    return MeasuredTable(str(path), cells.reset_index(drop=True))


def _read_array(path: Path, _form: TextFormat) -> MeasuredTable:
    rows = _rows(read_array(path), str(path))
    names = [str(index) for index in range(rows.shape[1])]
    return MeasuredTable(str(path), pd.DataFrame(rows, columns=names), numbered=True)


def _read_arrays(path: Path, _form: TextFormat) -> MeasuredTable:
    arrays = read_arrays(path)
    lengths: dict[str, int] = {}
    several: dict[str, list[str]] = {}
    parts: list[pd.DataFrame] = []
    for name, array in arrays.items():
        rows = _rows(array, f"{path}: array {name!r}")
        columns = [name]
        if array.ndim == 2:
            columns = several[name] = [f"{name}{index}" for index in range(rows.shape[1])]
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


SEPARATORS: Final = {
    f"{ending}{compression}": separator
    for compression in COMPRESSIONS
    for ending, separator in ((".csv", ","), (".tsv", "\t"))
}
"""What parts cells in text, by the ending of a file."""

TABLE_FORMATS: Final[dict[str, Callable[[Path, TextFormat], MeasuredTable]]] = {
    **{end: partial(_read_text, separator=mark) for end, mark in SEPARATORS.items()},
    ".parquet": _read_parquet,
    ".npy": _read_array,
    ".npz": _read_arrays,
}
"""What reads a table, by the ending of its file; one of one's own is put in in a line."""


def table_ending(path: Path) -> str | None:
    """Return which of ``TABLE_FORMATS`` a file ends in; none if there is none.

    Example:
        >>> table_ending(Path("t.CSV.gz")), table_ending(Path("t.gz"))
        ('.csv.gz', None)
    """
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]
    return (
        next((end for end in ("".join(endings), endings[-1]) if end in TABLE_FORMATS), None)
        if endings
        else None
    )
