"""``infomax transfer``: what the past of each of two series tells of the other, both ways."""

from pathlib import Path
from typing import Annotated, Any

import typer

from infomax.cli.answers import print_answer
from infomax.cli.estimate_flags import (
    Decimal,
    Encoding,
    Header,
    Neighbours,
    Seed,
    Separator,
    columns_option,
    method_option,
    shown_option,
)
from infomax.cli.estimate_sides import chosen_sides, declared_of, times_and_others
from infomax.cli.measurement_files import check_csv_path, read_tables
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console
from infomax.cli.transfer_output import Transfer
from infomax.errors import UserError

__all__ = ["transfer"]

_SERIES = "Columns of the {} series: names with commas between, or indices such as 0-3,5."
_ORDER = "Column of times by which rows are sorted, or rows where they are in order of time."
_HISTORY = "Number of rows of a target's own past, 1 or more."
_SOURCE = "Number of rows of a source's past."
_DELAY = "Number of rows by which a source acts later: 1 for the row before."
_PERMUTATIONS = "Number of shifts in the test for any transfer at all; 0 leaves it out."
_MISSING = "What becomes of rows with a missing value in them or their past: refuse, or drop."


def transfer(  # noqa: PLR0917 - one parameter for each flag
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE [FILE_OF_Y]",
            help="One table, or one of each series whose rows belong together : "
            ".csv, .tsv, .csv.gz, .tsv.gz, .csv.xz, .tsv.xz, .parquet, .npy, .npz.",
        ),
    ],
    x: Annotated[
        list[str] | None,
        columns_option("--x", metavar="COLUMNS", help=_SERIES.format("one")),
    ] = None,
    y: Annotated[
        list[str] | None,
        columns_option("--y", metavar="COLUMNS", help=_SERIES.format("other")),
    ] = None,
    order: Annotated[str, columns_option(metavar="COLUMN", help=_ORDER)] = "rows",
    history: Annotated[
        int | None, method_option(help=_HISTORY, show_default="1 to 4, by a rule")
    ] = None,
    source_history: Annotated[int, method_option(help=_SOURCE)] = 1,
    delay: Annotated[int, method_option(help=_DELAY)] = 1,
    method: Annotated[
        str, method_option(help="Name of a method; auto chooses for each direction.")
    ] = "auto",
    discrete: Annotated[
        list[str] | None,
        columns_option(
            metavar="COLUMNS",
            help="Columns whose values are levels, which are equal or not.",
            show_default="whole numbers of at most 20 levels",
        ),
    ] = None,
    confidence: Annotated[
        float, method_option(help="Confidence of the intervals, between 0 and 1.")
    ] = 0.95,
    permutations: Annotated[int, method_option(help=_PERMUTATIONS)] = 199,
    neighbours: Neighbours = 5,
    random_state: Seed = 0,
    out: Annotated[
        Path | None, shown_option(metavar="FILE", help="Write a row for each direction: .csv.")
    ] = None,
    missing: Annotated[str, columns_option(help=_MISSING)] = "refuse",
    *,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = None,
    header: Header = None,
    continuous: Annotated[
        bool, columns_option("--continuous", help="Take all columns as continuous.")
    ] = False,
    bits: Annotated[bool, shown_option("--bits", help="Give values in bits.")] = False,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object, warnings included.")
    ] = False,
) -> None:
    """Estimate what the past of each of two series tells of the other beyond its own past.

    It is the transfer entropy of rows in time, from x to y and from y to x.

    Exit status: 0; 2 for a mistake in what was given.
    """
    if continuous and discrete:
        raise UserError("--discrete names discrete columns and --continuous denies any: give one")
    if out is not None:
        check_csv_path(out)
    text = {"separator": separator, "decimal": decimal, "encoding": encoding, "header": header}
    tables, table_warnings = read_tables(files, text)
    times, tables = times_and_others(tables, order)
    sides = chosen_sides(tables, x, y)
    declared: list[str] | None = [] if continuous else None
    if discrete:
        declared = declared_of(discrete, sides)
    settings: dict[str, Any] = {
        "method": method,
        "history": history,
        "source_history": source_history,
        "delay": delay,
        "discrete": declared,
        "confidence": confidence,
        "permutations": permutations,
        "neighbours": neighbours,
        "random_state": random_state,
        "missing": missing,
        "order": order,
    }
    unit = "bits" if bits else "nats"
    errors = error_console()
    with ProgressLine(errors, {}):
        of_x, of_y = (side.cells(declared or ()) for side in sides)
        found = Transfer(of_x, of_y, {**settings, "order": times})
    found_warnings = (*table_warnings, *found.warnings)
    print_answer(
        found.as_data(unit) if as_json else found.formatted(unit),
        asked={
            "files": [str(path) for path in files],
            "columns": {name: side.columns for name, side in zip("xy", sides, strict=False)},
            "settings": settings,
            "text": text,
        },
        warnings=found_warnings,
    )
    if out is not None:
        found.write_csv(out)
        errors.print(f"directions: {out}")
