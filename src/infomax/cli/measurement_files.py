"""The files of commands about measurements: tables that are read, paths that can be written to."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infomax.errors import UserError

if TYPE_CHECKING:
    from infomax.data.tables import MeasuredTable

__all__ = ["check_csv_path", "check_plot_path", "read_tables"]


def read_tables(
    files: Sequence[Path], form: dict[str, Any]
) -> tuple[list["MeasuredTable"], list[Warning]]:
    """Read all tables, text as its form says, and return them with their warnings."""
    from infomax.data.tables import SEPARATORS, read_table, table_ending  # noqa: PLC0415
    from infomax.warnings import TableWarning  # noqa: PLC0415

    of_text = [table_ending(path) in SEPARATORS for path in files]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TableWarning)
        tables = [
            # What is said of text is no mistake while one of the files is text.
            read_table(path, **form) if is_text or not any(of_text) else read_table(path)
            for path, is_text in zip(files, of_text, strict=True)
        ]
    return tables, [each.message for each in caught if isinstance(each.message, TableWarning)]


def check_csv_path(path: Path) -> None:
    """Refuse the path of a table that could not be written, before anything is computed.

    Raises:
        UserError: if it does not end in .csv, or there is no folder to write it to.
    """
    if path.suffix.lower() != ".csv":
        raise UserError(f"--out is {path}: give a file that ends in .csv")
    if not path.parent.is_dir():
        raise UserError(f"--out is {path}: there is no folder {path.parent}, make it first")


def check_plot_path(path: Path) -> None:
    """Refuse the path of a picture that could not be written, before anything is computed.

    Raises:
        UserError: if it does not end in .png or .svg, or there is no folder to write it to.
    """
    if path.suffix.lower() not in {".png", ".svg"}:
        raise UserError(f"--plot is {path}: give a file that ends in .png or .svg")
    if not path.parent.is_dir():
        raise UserError(f"--plot is {path}: there is no folder {path.parent}, make it first")
