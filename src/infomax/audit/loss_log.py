"""Losses as a log holds them: a column of a table, lines of JSON, or plain numbers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.data import read_table
from infomax.data.files import check_regular_file
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
        without: number of rows of the log that hold no loss.
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
    table = _lines_of_json(path) if ending in _LINES_OF_JSON else read_table(path).cells
    names = [str(name) for name in table.columns]
    if column is None:
        known = [name for name in _LOSSES if name in names]
        if len(names) > 1 and not known:
            raise UserError(
                f"{path}: has columns {', '.join(names[:8])}: say which of them holds the losses "
                "(--column)"
            )
        column = known[0] if known else names[0]
    if column not in names:
        raise unknown_name("column", column, names)
    cells = table.iloc[:, names.index(column)]
    values = pd.to_numeric(cells, errors="coerce")
    words = cells[values.isna() & cells.notna()].astype(str).str.lower()
    words = words[~words.isin(["nan", ""])]
    if len(words):
        raise UserError(
            f"{path}: column {column!r} holds {words.iloc[0]!r} in row {words.index[0]}, expected "
            "numbers"
        )
    # A log has rows of other things, such as evaluations, in which this column is empty.
    there = cells.notna().to_numpy()
    return _checked(path, values.to_numpy(float)[there], column, int((~there).sum()))


def _lines_of_json(path: Path) -> pd.DataFrame:
    _check_there(path)
    try:
        return pd.read_json(path, lines=True)
    except (ValueError, AttributeError) as error:
        raise UserError(f"{path}: cannot be read as lines of JSON ({message_of(error)})") from error


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
