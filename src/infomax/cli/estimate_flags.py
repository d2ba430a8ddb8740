"""Flags that ``infomax estimate`` and ``infomax matrix`` have in common, by their headings."""

from functools import partial
from typing import Annotated, TypeAlias

import typer

__all__ = [
    "Decimal",
    "Encoding",
    "Header",
    "Neighbours",
    "Order",
    "Seed",
    "Separator",
    "columns_option",
    "method_option",
    "shown_option",
]

columns_option = partial(typer.Option, rich_help_panel="Columns and rows")
method_option = partial(typer.Option, rich_help_panel="Method")
shown_option = partial(typer.Option, rich_help_panel="What is shown")
_text = partial(typer.Option, rich_help_panel="How text files are read")

Neighbours: TypeAlias = Annotated[
    int, method_option(help="Number of neighbours that nearest-neighbour methods count.")
]
Seed: TypeAlias = Annotated[
    int, method_option("--seed", help="Seed of everything that is drawn at random.")
]
Order: TypeAlias = Annotated[
    str | None,
    columns_option(
        metavar="COLUMN",
        help="Column of times by which rows are sorted, or rows where they are in order of time: "
        "they are then no independent draws, and tests, intervals and splits keep what follows "
        "together.",
        show_default="rows are independent draws",
    ),
]
Separator: TypeAlias = Annotated[
    str | None,
    _text(help="Separator of cells: one character, or tab.", show_default="by the file's ending"),
]
Decimal: TypeAlias = Annotated[str, _text(help="Decimal mark of numbers.")]
Encoding: TypeAlias = Annotated[
    str | None,
    _text(
        help="Encoding of the text, such as latin-1.",
        show_default="UTF-8, or as the file is marked",
    ),
]
Header: TypeAlias = Annotated[
    bool | None,
    _text(
        "--header/--no-header",
        help="Whether the first line names the columns.",
        show_default="unless it looks measured; a warning says so",
    ),
]
