"""``--report``: a page of what a command has found."""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from infomax.errors import UserError

__all__ = ["REPORT_HELP", "ReportFlag", "check_report_path"]

REPORT_HELP: Final = "Write a page that needs nothing else: FILE ends in .html."

ReportFlag: TypeAlias = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help=REPORT_HELP)
]


def check_report_path(path: Path | None, made: Path | None = None) -> None:
    """Refuse a page that could not be written, before anything is computed.

    Args:
        path: of the page, if one is asked for.
        made: a folder that will be there by then.

    Raises:
        UserError: if it does not end in .html, or there is no folder to write it to.
    """
    if path is None:
        return
    if path.suffix.lower() not in {".html", ".htm"}:
        raise UserError(f"--report is {path}: give a file that ends in .html")
    if not path.parent.is_dir() and path.parent != made:
        raise UserError(f"--report is {path}: there is no folder {path.parent}, make it first")
