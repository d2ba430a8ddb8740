"""``infomax estimate``: the information that columns share, or a ranking of columns by it."""

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
from infomax.cli.estimate_output import Estimate, Ranking
from infomax.cli.estimate_sides import chosen_sides, declared_of, times_and_others
from infomax.cli.lags_output import Lags, lags_of
from infomax.cli.measurement_files import check_csv_path, check_plot_path, read_tables
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import (
    REPORT_HELP,
    check_report_path,
    error_console,
)
from infomax.errors import UserError

__all__ = ["estimate"]

_X = (
    "Columns of x: names with commas between, or indices such as 0-3,5 where there are no names; "
    "may be given again, for names that hold commas."
)
_LEVELS = "Columns whose values are levels, which are equal or not; others are continuous."
_PERMUTATIONS = "Number of permutations in the test for any dependence at all; 0 leaves it out."
_MISSING = "What becomes of rows with a missing value: refuse, or drop, which counts them."
_JOBS = "Number of columns estimated at a time with --columns; -1 takes all cores."


def estimate(  # noqa: PLR0917 - one parameter for each flag
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE [FILE_OF_Y]",
            help="One table, or one of x and one of y whose rows belong together : "
            ".csv, .tsv, .csv.gz, .tsv.gz, .csv.xz, .tsv.xz, .parquet, .npy, .npz.",
        ),
    ],
    x: Annotated[
        list[str] | None,
        columns_option("--x", metavar="COLUMNS", help=_X, show_default="all other columns"),
    ] = None,
    y: Annotated[
        list[str] | None,
        columns_option(
            "--y", metavar="COLUMNS", help="Columns of y.", show_default="all other columns"
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        columns_option(
            "--given",
            metavar="COLUMNS",
            help="Columns of the condition: what x and y share beyond what these tell of each.",
            show_default="no condition",
        ),
    ] = None,
    method: Annotated[
        str,
        method_option(help="Name of a method (`infomax list methods`); auto chooses and says why."),
    ] = "auto",
    discrete: Annotated[
        list[str] | None,
        columns_option(
            metavar="COLUMNS", help=_LEVELS, show_default="whole numbers of at most 20 levels"
        ),
    ] = None,
    confidence: Annotated[
        float, method_option(help="Confidence of the interval, between 0 and 1.")
    ] = 0.95,
    permutations: Annotated[int, method_option(help=_PERMUTATIONS)] = 199,
    neighbours: Neighbours = 5,
    scaling: Annotated[
        str,
        method_option(help="Scaling of the columns that networks see: rank-gaussian or standard."),
    ] = "rank-gaussian",
    random_state: Seed = 0,
    plot: Annotated[
        Path | None, shown_option(metavar="FILE", help="Draw the estimate: .png or .svg.")
    ] = None,
    report: Annotated[Path | None, shown_option(metavar="FILE", help=REPORT_HELP)] = None,
    missing: Annotated[str, columns_option(help=_MISSING)] = "refuse",
    order: Order = None,
    *,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = None,
    header: Header = None,
    continuous: Annotated[
        bool, columns_option("--continuous", help="Take all columns as continuous.")
    ] = False,
    by_column: Annotated[
        bool,
        shown_option(
            "--columns", help="Rank the columns of x by what each of them shares with all of y."
        ),
    ] = False,
    lags: Annotated[
        str | None,
        shown_option(
            metavar="LAGS",
            help="With --order: what x shares with y that is so many rows later, such as 0-50.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        shown_option(metavar="FILE", help="With --lags: write a row for each lag, .csv."),
    ] = None,
    jobs: Annotated[int | None, shown_option(help=_JOBS, show_default="1")] = None,
    bits: Annotated[
        bool, shown_option("--bits", help="Print values in bits; the figure keeps nats.")
    ] = False,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object, warnings included.")
    ] = False,
) -> None:
    """Estimate how many nats x and y share, how sure that is, and what speaks against it.

    With --columns, rank the columns of x by the information that each shares with y; with --lags,
    say how much x shares with y of later rows.

    Exit status: 0; 2 for a mistake in what was given.
    """
    if continuous and discrete:
        raise UserError("--discrete names discrete columns and --continuous denies any: give one")
    _check_jobs(jobs, many=by_column or lags is not None)
    _check_lags(lags, order, out, other=given or by_column or report)
    if given and by_column:
        raise UserError("--given is for one estimate and --columns makes many: give one of both")
    if plot is not None:
        if by_column:
            raise UserError("--plot draws one estimate and --columns makes many: give one of both")
        check_plot_path(plot)
    check_report_path(report)
    text = {"separator": separator, "decimal": decimal, "encoding": encoding, "header": header}
    tables, table_warnings = read_tables(files, text)
    times, tables = times_and_others(tables, order)
    sides = chosen_sides(tables, x, y, given)
    declared: list[str] | None = [] if continuous else None
    if discrete:
        declared = declared_of(discrete, sides)
    settings: dict[str, Any] = {
        "method": method,
        "discrete": declared,
        "confidence": confidence,
        "permutations": permutations,
        "neighbours": neighbours,
        "scaling": scaling,
        "random_state": random_state,
        "missing": missing,
        "order": order,
    }
    unit = "bits" if bits else "nats"
    errors = error_console()
    found: Estimate | Ranking | Lags
    many = by_column or lags is not None
    size = (len(tables[0].cells), sum(len(side.columns) for side in sides))
    with ProgressLine(errors, _parts(permutations, *size, many=many)) as line:
        x_table, y_table, *condition = (side.cells(declared or ()) for side in sides)
        said = {**settings, "order": times, "progress": line}
        if lags is not None:
            found = Lags(x_table, y_table, lags_of(lags), {**said, "n_jobs": jobs})
        elif by_column:
            found = Ranking(x_table, y_table, {**said, "n_jobs": jobs})
        else:
            conditioned = {"given": condition[0]} if condition else {}
            found = Estimate(x_table, y_table, {**said, **conditioned})
    found_warnings = (*table_warnings, *found.warnings)
    print_answer(
        found.as_data(unit) if as_json else found.formatted(sides, unit),
        asked={
            "files": [str(path) for path in files],
            "columns": {
                name: side.columns for name, side in zip(("x", "y", "given"), sides, strict=False)
            },
            "settings": settings,
            "text": text,
        },
        warnings=found_warnings,
    )
    source = " and ".join(path.name for path in files)
    if plot is not None and not isinstance(found, Ranking):
        found.plot(plot, source)
    if out is not None and isinstance(found, Lags):
        found.write_csv(out)
    if report is not None and not isinstance(found, Lags):
        found.write_report(report, source, unit, found_warnings)
        errors.print(f"page: {report}")


def _check_lags(lags: str | None, order: str | None, out: Path | None, *, other: object) -> None:
    if lags is None:
        if out is not None:
            raise UserError("--out is for the lags of --lags: give both, or neither")
        return
    if order is None:
        raise UserError("--lags needs rows in time: give --order with a column of times, or rows")
    if other:
        raise UserError("--lags goes with none of --given, --columns and --report: give one")
    if out is not None:
        check_csv_path(out)


def _check_jobs(jobs: int | None, *, many: bool) -> None:
    if jobs is not None and not many:
        raise UserError("--jobs is for the columns of --columns: give both, or neither")
    if jobs == 0:
        raise UserError("--jobs is 0: give a whole number of at least 1, or -1 for all cores")


def _parts(permutations: int, rows: int, columns: int, *, many: bool) -> dict[str, Part]:
    """Return the stages of an estimate; of many, the estimates themselves are counted."""
    from infomax.estimation.task import stages_of_estimate  # noqa: PLC0415

    if many:
        return {}
    stages = stages_of_estimate(permutations, rows, columns)
    return {name: Part(name, *each) for name, each in stages.items()}
