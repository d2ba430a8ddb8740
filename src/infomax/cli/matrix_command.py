"""``infomax matrix``: the information of all pairs of columns, or of each of x with each of y."""

from pathlib import Path
from typing import Annotated, Any

import typer

from infomax.cli.answers import print_answer
from infomax.cli.estimate_flags import (
    Decimal,
    Encoding,
    Header,
    Neighbours,
    Order,
    Seed,
    Separator,
    columns_option,
    method_option,
    shown_option,
)
from infomax.cli.estimate_sides import (
    Side,
    chosen_sides,
    declared_of,
    times_and_others,
    whole_side,
)
from infomax.cli.matrix_output import Matrix
from infomax.cli.measurement_files import check_csv_path, check_plot_path, read_tables
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console
from infomax.errors import UserError

__all__ = ["matrix"]

_X = (
    "Columns of x, each of which is paired with each of y: names with commas between, or indices "
    "such as 0-3,5 where there are no names; may be given again."
)
_LEVELS = "Columns whose values are levels, which are equal or not; text always is."
_PERMUTATIONS = "Number of permutations in each pair's test for any dependence at all; 0: no test."
_MISSING = "What becomes of a pair's rows with a missing value: refuse, or drop, which counts them."


def matrix(  # noqa: PLR0917 - one parameter for each flag
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE [FILE_OF_Y]",
            help="One table, all pairs of whose columns are estimated, or one of x and one of y: "
            ".csv, .tsv, .csv.gz, .tsv.gz, .csv.xz, .tsv.xz, .parquet, .npy, .npz.",
        ),
    ],
    x: Annotated[
        list[str] | None,
        columns_option("--x", metavar="COLUMNS", help=_X, show_default="all pairs of columns"),
    ] = None,
    y: Annotated[
        list[str] | None,
        columns_option(
            "--y", metavar="COLUMNS", help="Columns of y.", show_default="all other columns"
        ),
    ] = None,
    method: Annotated[
        str,
        method_option(
            help="Name of a method (`infomax list methods`); auto chooses for each pair."
        ),
    ] = "auto",
    discrete: Annotated[
        list[str] | None,
        columns_option(
            metavar="COLUMNS", help=_LEVELS, show_default="whole numbers of at most 20 levels"
        ),
    ] = None,
    confidence: Annotated[
        float, method_option(help="Confidence of the intervals, between 0 and 1.")
    ] = 0.95,
    permutations: Annotated[int, method_option(help=_PERMUTATIONS)] = 199,
    neighbours: Neighbours = 5,
    random_state: Seed = 0,
    out: Annotated[
        Path | None, shown_option(metavar="FILE", help="Write a row for each pair: .csv.")
    ] = None,
    plot: Annotated[
        Path | None, shown_option(metavar="FILE", help="Draw a clustered heat map: .png or .svg.")
    ] = None,
    missing: Annotated[str, columns_option(help=_MISSING)] = "refuse",
    order: Order = None,
    *,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = None,
    header: Header = None,
    continuous: Annotated[
        bool, columns_option("--continuous", help="Take all columns of numbers as continuous.")
    ] = False,
    jobs: Annotated[
        int | None,
        method_option(
            help="Number of pairs estimated at a time; -1 takes all cores.", show_default="1"
        ),
    ] = None,
    bits: Annotated[
        bool, shown_option("--bits", help="Give values in bits; the figure keeps nats.")
    ] = False,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object, warnings included.")
    ] = False,
) -> None:
    """Estimate what each pair of columns shares, corrected for the number of pairs.

    With --x or --y, each column of x is paired with each of y.

    Exit status: 0; 2 for a mistake in what was given.
    """
    if continuous and discrete:
        raise UserError("--discrete names discrete columns and --continuous denies any: give one")
    if jobs == 0:
        raise UserError("--jobs is 0: give a whole number of at least 1, or -1 for all cores")
    if out is not None:
        check_csv_path(out)
    if plot is not None:
        check_plot_path(plot)
    text = {"separator": separator, "decimal": decimal, "encoding": encoding, "header": header}
    tables, table_warnings = read_tables(files, text)
    times, tables = times_and_others(tables, order)
    sides: tuple[Side, ...]
    if len(tables) == 1 and not (x or y):
        sides = (whole_side(tables[0]),)
    else:
        sides = chosen_sides(tables, x, y)
    declared: list[str] | None = [] if continuous else None
    if discrete:
        declared = declared_of(discrete, sides)
    settings: dict[str, Any] = {
        "method": method,
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
    with ProgressLine(errors, {}) as line:
        cells = [side.cells(declared or ()) for side in sides]
        found = Matrix(cells, {**settings, "order": times, "progress": line, "n_jobs": jobs})
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
        found.write_table(out, unit)
        errors.print(f"pairs: {out}")
    if plot is not None:
        found.plot(plot, " and ".join(path.name for path in files))
        errors.print(f"heat map: {plot}")
