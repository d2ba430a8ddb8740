"""Tables written as text: how they are parted, encoded and named."""

import codecs
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import csv, types

from infomax.data.files import COMPRESSIONS, check_fits_memory, open_bytes
from infomax.data.text_cells import is_decimal_comma, swallowed_rows, without_loss
from infomax.errors import UserError, advice, choosing
from infomax.warnings import TableWarning

__all__ = ["TextFormat", "TextTable", "read_text_table"]

_OTHER_SEPARATORS: Final = ";\t|, "
_MARKS: Final = (
    # That of UTF-32 begins as that of UTF-16 does.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BYTES_LOOKED_AT: Final = 4096
# A row must fit: one of 70,000 columns has more than Arrow's own 1 MiB.
_BLOCK_BYTES: Final = 64 * 2**20
# As text of Arrow, and as numbers.
_TIMES_IN_MEMORY: Final = 2
_CERTAINLY_NAMES: Final = 5
_MOST_SHOWN: Final = 60
_NAMES_OF_MARKS: Final = {",": "comma", ".": "point"}


@dataclass(frozen=True)
class TextFormat:
    """Says how a table is written as text.

    Attributes:
        separator: one character between the cells of a row; by default what the file's ending says.
        decimal: the decimal mark.
        encoding: a name that Python knows, such as ``latin-1``; by default UTF-8, or UTF-16 and
            UTF-32 where the file begins with their mark.
        header: whether the first line names the columns; by default where it does not look like
            measured numbers, and a warning says what was taken for what.

    Raises:
        UserError: if a separator or a decimal mark is not one character, or the encoding is none.

    Example:
        >>> TextFormat(separator=";", decimal=",")
        TextFormat(separator=';', decimal=',', encoding=None, header=None)
    """

    separator: str | None = None
    decimal: str = "."
    encoding: str | None = None
    header: bool | None = None

    def __post_init__(self) -> None:
        if self.separator in {r"\t", "tab"}:
            object.__setattr__(self, "separator", "\t")
        for name, mark in (("separator", self.separator), ("decimal", self.decimal)):
            if mark is not None and not _is_mark(mark):
                raise UserError(
                    f"{name} is {mark!r}: give one character, such as ';' or ',', "
                    "which is no letter, digit, quote or sign"
                )
        if self.encoding is not None:
            try:
                # Not `codecs.lookup`, which knows base64 and zip, too.
                "".encode(self.encoding)
            except (LookupError, ValueError):
                raise UserError(
                    f"encoding is {self.encoding!r}, which is none of text that Python knows: give "
                    "one such as utf-8, utf-16, latin-1 or cp1252"
                ) from None


def _is_mark(mark: Any) -> bool:
    return (
        isinstance(mark, str)
        and len(mark) == 1
        and mark.isascii()
        and not mark.isalnum()
        and mark not in "\"'\r\n\0+-"
    )


class TextTable(NamedTuple):
    """Holds what a table of text says.

    Attributes:
        cells: numbers where they look like it and nothing is lost; all column names are text.
        written: the same cells as they are written.
        numbered: whether the columns have no names, only indices counted from 0.
    """

    cells: pd.DataFrame
    written: pa.Table
    numbered: bool


def read_text_table(path: Path, form: TextFormat, *, separator: str) -> TextTable:
    """Read a table that is written as text.

    Columns that look like numbers are numbers, except where that would lose what is written:
    leading zeros, and digits of whole numbers that neither 64 bits nor floating point keep.

    Args:
        path: of the file; compressed where it ends in ``.gz`` or ``.xz``.
        form: how it is written.
        separator: where ``form`` names none.

    Warns:
        TableWarning: if the first line holds numbers and ``form.header`` does not say what it is.

    Raises:
        UserError: if it is not parted as ``form`` says, holds text in another encoding, or does not
            fit in memory, however small the file is.
    """
    content = _decompressed(path)
    encoding = _encoding(path, content, form)
    file = _TextFile(path, content, form.separator or separator, form.decimal, encoding)
    table = file.read(named=form.header is not False)
    names = [name.strip() for name in table.column_names]
    named = _names_columns(path, names, table, form)
    if not named:
        table = file.read(named=False)
        names = [str(index) for index in range(table.num_columns)]
    if table.num_columns == 1:
        file.refuse_other_marks()
    raw_names = table.column_names
    table = table.rename_columns(names)
    _refuse_bytes(table, file)
    written = file.read(named=named, as_text=raw_names).rename_columns(names)
    if (found := swallowed_rows(table, file.separator, form.decimal)) is not None:
        row, name, lines = found
        raise UserError(
            f"{path}: in row {row}, counted from 0, column {name!r} holds {lines} lines that look "
            "like rows: close or remove the quote that stands alone"
        )
    cells = without_loss(table, written)
    return TextTable(cells, written, numbered=not named)


@dataclass(frozen=True)
class _TextFile:
    path: Path
    content: bytes | None
    separator: str
    decimal: str
    encoding: str

    def opened(self) -> io.BufferedIOBase:
        return open_bytes(self.path) if self.content is None else io.BytesIO(self.content)

    def read(self, *, named: bool, as_text: Sequence[str] = ()) -> pa.Table:
        """Read all rows, columns named in ``as_text`` as they are written.

        Raises:
            UserError: if another separator, decimal mark or encoding would do better.
        """
        try:
            table = self._parsed(named=named, as_text=as_text, skip_empty_lines=True)
            if table.num_columns == 1:
                # Where a row is one cell, an empty line is a row whose cell is missing.
                table = self._parsed(named=named, as_text=as_text, skip_empty_lines=False)
            # Names are decoded where they are asked for.
            list(table.column_names)
        except UnicodeError as error:
            raise UserError(
                f"{self.path}: cannot be read as {self.encoding}: {_another_encoding('utf-16')}"
            ) from error
        except pa.ArrowInvalid:
            self.refuse_other_marks()
            raise
        return table

    def _parsed(self, *, named: bool, as_text: Sequence[str], skip_empty_lines: bool) -> pa.Table:
        with self.opened() as stream:
            return csv.read_csv(
                stream,
                # One thread: errors name the row, and other work may hold the other cores.
                read_options=csv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                    autogenerate_column_names=not named,
                    encoding=self.encoding,
                ),
                parse_options=csv.ParseOptions(
                    delimiter=self.separator,
                    newlines_in_values=True,
                    ignore_empty_lines=skip_empty_lines,
                ),
                convert_options=csv.ConvertOptions(
                    # Else a missing cell among text would be one more level.
                    strings_can_be_null=True,
                    decimal_point=self.decimal,
                    column_types=dict.fromkeys(as_text, pa.string()),
                ),
            )

    def refuse_other_marks(self) -> None:
        """Name the separator and the decimal mark that the first lines seem to be written with.

        Raises:
            UserError: if these are others than those that the file is read by.
        """
        with self.opened() as stream:
            text = stream.read(_BYTES_LOOKED_AT).decode(self.encoding, errors="replace")
        first, *rest = [line for line in text.splitlines() if line.strip()] or [""]
        others = [mark for mark in _OTHER_SEPARATORS if mark in first and mark != self.separator]
        separator = others[0] if others else self.separator
        # Names may hold spaces, rows of numbers do not.
        if separator == " " and not all(map(_is_number, first.split())):
            separator = self.separator
        decimal = self.decimal
        if separator != "," and any(
            map(is_decimal_comma, rest[0].split(separator) if rest else [])
        ):
            decimal = ","
        elif self.separator == "," and any(map(is_decimal_comma, rest[:1])) and "," not in first:
            separator, decimal = ";", ","
        if (separator, decimal) == (self.separator, self.decimal):
            return
        parameters, flags = f"separator={separator!r}", f"--separator {separator!r}"
        told = f"cells are parted by {separator!r}"
        if decimal != self.decimal:
            parameters += f", decimal={decimal!r}"
            flags += f" --decimal {decimal!r}"
            told += f" and numbers written with a decimal {_NAMES_OF_MARKS[decimal]}"
        raise UserError(
            f"{self.path}: its first line is {_cut(first)!r}, as if {told}: read it by "
            f"{advice(parameters, f'{flags} (infomax estimate)')}, or write it with commas (.csv) "
            "or tabs (.tsv) and decimal points"
        )


def _decompressed(path: Path) -> bytes | None:
    """Return what a compressed file holds, for it is read several times; none if it is plain."""
    if path.suffix.lower() not in COMPRESSIONS:
        check_fits_memory(_TIMES_IN_MEMORY * path.stat().st_size, str(path))
        return None
    content = io.BytesIO()
    with open_bytes(path) as stream:
        while part := stream.read(_BLOCK_BYTES):
            content.write(part)
            check_fits_memory(_TIMES_IN_MEMORY * content.tell(), f"{path}: its text")
    return content.getvalue()


def _encoding(path: Path, content: bytes | None, form: TextFormat) -> str:
    if form.encoding is not None:
        return form.encoding
    with open_bytes(path) if content is None else io.BytesIO(content) as stream:
        start = stream.read(_BYTES_LOOKED_AT)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise UserError(
            f"{path}: cannot be read as text (it holds zero bytes, as UTF-16 does, and files that "
            f"are no text): check it, {_another_encoding('utf-16-le')}"
        )
    return "utf8"


def _another_encoding(such_as: str) -> str:
    others = f"{choosing('encoding', such_as)}, latin-1, ...{advice('', ' of infomax estimate')}"
    return f"name its encoding ({others}), or write it as UTF-8"


def _names_columns(path: Path, names: list[str], table: pa.Table, form: TextFormat) -> bool:
    """Return whether the first line names the columns, and say so where that is a guess."""
    if form.header is not None:
        return form.header
    measured = [name for name in names if _is_number(name.replace(form.decimal, "."))]
    counted = [str(index) for index in range(len(measured))]
    if not measured or (measured == counted and len(measured) >= _CERTAINLY_NAMES):
        return True
    if len(measured) == len(names):
        # A table of an array is written with the indices of its columns for names.
        named = measured == counted and not all(map(types.is_integer, table.schema.types))
    else:
        named = all(map(str.isdigit, measured))
    told = _cut(", ".join(names))
    taken = (
        f"names of the columns: if {measured[0]} was measured, say "
        f"{advice('header=False', '--no-header (infomax estimate)')}, or write names above it"
        if named
        else "measurements, and columns are counted from 0: if it holds names, say "
        f"{advice('header=True', '--header (infomax estimate)')}, or write names with letters"
    )
    warnings.warn(
        TableWarning(f"{path}: its first line ({told}) is taken for {taken}"), stacklevel=2
    )
    return named


def _refuse_bytes(table: pa.Table, file: _TextFile) -> None:
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if types.is_binary(kind):
            raise UserError(
                f"{file.path}: column {name!r} holds text that is not UTF-8: "
                f"{_another_encoding('cp1252')}"
            )


def _is_number(text: str) -> bool:
    """Tell whether a text is a number with a digit; ``inf`` and ``nan`` may be names."""
    try:
        float(text)
    except ValueError:
        return False
    return any(map(str.isdigit, text))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
