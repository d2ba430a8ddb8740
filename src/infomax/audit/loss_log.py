"""Losses as a log holds them: a column of a table, lines of JSON, or plain numbers."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infomax.data import TABLE_FORMATS, read_table
from infomax.data.files import check_regular_file
from infomax.data.tables import table_ending
from infomax.errors import UserError, message_of, unknown_name

__all__ = ["LossLog", "read_loss_log"]

_LINES_OF_JSON = (".jsonl", ".ndjson")
_PLAIN = (".txt", ".log", ".dat")
_LOSSES = ("loss", "train_loss", "train/loss", "training_loss")


@dataclass(frozen=True)
class LossLog:
    """Losses in the order of training.

    Attributes:
        values: as they were logged, ``(rows,)``; some may be NaN where a training has failed.
        column: that they stand in; empty of plain numbers.
        without: number of rows of the log that hold no loss; of a table, NaN is none.
    """

    values: NDArray[np.float64]
    column: str
    without: int


def read_loss_log(path: Path, column: str | None = None) -> LossLog:
    """Read a column of losses.

    Args:
        path: of a table (see ``infomax.data.read_table``), lines of JSON (``.jsonl``), or plain
            numbers (``.txt``, ``.log``, ``.dat``), one to a line.
        column: that holds the losses; by default the only one there is, or ``loss``.

    Raises:
        UserError: if the file cannot be read, or has no such column or no loss in it.
    """
    ending = path.suffix.lower()
    if ending in _PLAIN:
        return _plain_numbers(path, column)
    if ending not in _LINES_OF_JSON and table_ending(path) is None:
        known = ", ".join((*TABLE_FORMATS, *_LINES_OF_JSON, *_PLAIN))
        raise UserError(f"{path}: is no log of losses by its ending, expected one of {known}")
    columns = _lines_of_json(path) if ending in _LINES_OF_JSON else _columns_of_table(path)
    names = list(columns)
    if column is None:
        known_names = [name for name in _LOSSES if name in names]
        if len(names) > 1 and not known_names:
            raise UserError(
                f"{path}: has columns {', '.join(names[:8])}: say which of them holds the losses "
                "(--column)"
            )
        column = known_names[0] if known_names else names[0]
    if column not in names:
        raise unknown_name("column", column, names)
    # A log has rows of other things, such as evaluations, in which this column is empty.
    there = [(row, cell) for row, cell in enumerate(columns[column], 1) if cell is not None]
    values = [_number(path, column, row, cell) for row, cell in there]
    without = len(columns[column]) - len(there)
    return _checked(path, np.array(values, dtype=float), column, without)


def _number(path: Path, column: str, row: int, cell: object) -> float:
    # A training that has failed logs NaN, which is a loss and no empty cell.
    text = str(cell).strip()
    try:
        if not isinstance(cell, bool):
            return float(text)
    except ValueError:
        pass
    raise UserError(f"{path}: column {column!r} holds {text!r} in row {row}, expected numbers")


def _columns_of_table(path: Path) -> dict[str, list[object]]:
    """Return cells, ``None`` where nothing is written; the reader of tables takes NaN for that."""
    cells = read_table(path).cells.astype(object)
    return {name: list(cells[name].where(cells[name].notna(), None)) for name in cells.columns}


def _lines_of_json(path: Path) -> dict[str, list[object]]:
    """Return values by their keys, ``None`` where a line has none."""
    _check_there(path)
    rows = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                rows.append(json.loads(line))
    except ValueError as error:
        raise UserError(f"{path}: cannot be read as lines of JSON ({message_of(error)})") from error
    if not all(isinstance(row, dict) for row in rows):
        raise UserError(
            f'{path}: expected an object on each line, such as {{"step": 1, "loss": 4.8}}'
        )
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _plain_numbers(path: Path, column: str | None) -> LossLog:
    if column is not None:
        raise UserError(f"{path}: holds plain numbers without columns: leave --column out")
    _check_there(path)
    try:
        values = np.loadtxt(path, dtype=float, ndmin=1)
    except (ValueError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: expected a number on each line ({message_of(error)}); write the losses as "
            ".csv with a name above them, or as .jsonl"
        ) from error
    if values.ndim > 1:
        raise UserError(f"{path}: has {values.shape[1]} numbers on a line, expected one")
    return _checked(path, values, "", 0)


def _check_there(path: Path) -> None:
    check_regular_file(path)
    if not path.is_file():
        raise UserError(f"{path}: is not there, expected a log of losses")
    if not path.stat().st_size:
        raise UserError(f"{path}: is empty, expected a log of losses")


def _checked(path: Path, values: NDArray[np.float64], column: str, without: int) -> LossLog:
    if not np.isfinite(values).any():
        where = f" in column {column!r}" if column else ""
        raise UserError(f"{path}: holds no loss that is a number{where}")
    return LossLog(values, column, without)
