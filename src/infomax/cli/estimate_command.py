"""``infomax estimate``."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infomax import __version__
from infomax.cli.estimate_output import estimate_as_data, format_estimate
from infomax.cli.estimate_sides import Side, chosen_sides, declared_of
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import (
    REPORT_HELP,
    check_report_path,
    error_console,
    output_console,
    print_warning,
)
from infomax.errors import UserError
from infomax.whole_file import written_whole

if TYPE_CHECKING:
    import pandas as pd

    from infomax.data.tables import MeasuredTable
    from infomax.estimation import MIResult

__all__ = ["estimate"]

_FIGURE_METADATA: dict[str, dict[str, None]] = {".png": {"Software": None}, ".svg": {"Date": None}}
_PIXELS_PER_INCH = 160
# Headings of the help.
_COLUMNS, _METHOD = "Columns and rows", "Method"
_TEXT, _SHOWN = "How text is read", "What is shown"


def estimate(  # noqa: PLR0912, PLR0917 - one parameter for each flag
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE [FILE_OF_Y]",
            help="One table, or one of x and one of y whose rows belong together: "
            ".csv, .tsv, .csv.gz, .tsv.gz, .csv.xz, .tsv.xz, .parquet, .npy, .npz.",
        ),
    ],
    x: Annotated[
        list[str] | None,
        typer.Option(
            "--x",
            metavar="COLUMNS",
            help="Columns of x: names with commas between, or places such as 0-3,5 where there are "
            "no names; may be given again, for names that hold commas.",
            show_default="all other columns",
            rich_help_panel=_COLUMNS,
        ),
    ] = None,
    y: Annotated[
        list[str] | None,
        typer.Option(
            "--y",
            metavar="COLUMNS",
            help="Columns of y.",
            show_default="all other columns",
            rich_help_panel=_COLUMNS,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(help="Name of a method; auto chooses and says why.", rich_help_panel=_METHOD),
    ] = ("auto"),
    discrete: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMNS",
            help="Columns of which only equality means something; the others are continuous.",
            show_default="whole numbers of at most 20 levels",
            rich_help_panel=_COLUMNS,
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Confidence of the interval.", rich_help_panel=_METHOD)
    ] = 0.95,
    permutations: Annotated[
        int,
        typer.Option(
            help="Number of permutations of the test for any dependence at all; 0 leaves it out.",
            rich_help_panel=_METHOD,
        ),
    ] = 199,
    neighbours: Annotated[
        int,
        typer.Option(
            help="Number of neighbours that nearest-neighbour methods look at.",
            rich_help_panel=_METHOD,
        ),
    ] = 5,
    scaling: Annotated[
        str,
        typer.Option(
            help="Scaling of what networks see: rank-gaussian or standard.", rich_help_panel=_METHOD
        ),
    ] = "rank-gaussian",
    random_state: Annotated[
        int, typer.Option(help="Seed of everything that is drawn.", rich_help_panel=_METHOD)
    ] = 0,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw the estimate: .png or .svg.", rich_help_panel=_SHOWN
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help=REPORT_HELP, rich_help_panel=_SHOWN)
    ] = None,
    missing: Annotated[
        str,
        typer.Option(
            help="Rows with a missing value: refuse, or drop and count them.",
            rich_help_panel=_COLUMNS,
        ),
    ] = "refuse",
    *,
    separator: Annotated[
        str | None,
        typer.Option(
            help="Separator of cells in text: one character, or tab.",
            show_default="by the file's ending",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    decimal: Annotated[
        str, typer.Option(help="Decimal mark in text.", rich_help_panel=_TEXT)
    ] = ".",
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Encoding of text: latin-1, ...",
            show_default="UTF-8, or as the file is marked",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether the first line of text names the columns.",
            show_default="unless it looks measured; a warning says so",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    continuous: Annotated[
        bool,
        typer.Option("--continuous", help="Take no column as discrete.", rich_help_panel=_COLUMNS),
    ] = False,
    by_column: Annotated[
        bool,
        typer.Option(
            "--columns",
            help="Rank the columns of x by what each of them shares with all of y.",
            rich_help_panel=_SHOWN,
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Columns estimated at a time with --columns; -1 for one on each core.",
            show_default="1",
            rich_help_panel=_SHOWN,
        ),
    ] = None,
    bits: Annotated[
        bool,
        typer.Option(
            "--bits", help="Tell values in bits; the figure keeps nats.", rich_help_panel=_SHOWN
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print one JSON object, warnings included.", rich_help_panel=_SHOWN
        ),
    ] = False,
) -> None:
    """Estimate how many nats x and y share, how sure that is, and what speaks against it.

    With --columns, rank the columns of x by the information that each shares with y.

    Exit status: 0; 2 for a mistake in what was given.
    """
    if continuous and discrete:
        raise UserError("--discrete names discrete columns and --continuous denies any: give one")
    _check_jobs(jobs, by_column=by_column)
    if plot is not None:
        _check_figure_path(plot, by_column=by_column)
    check_report_path(report)
    form = {"separator": separator, "decimal": decimal, "encoding": encoding, "header": header}
    tables, remarks = _read(files, form)
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
        "scaling": scaling,
        "random_state": random_state,
        "missing": missing,
    }
    unit = "bits" if bits else "nats"
    said: dict[str, Any] = {"settings": settings, "text": form}
    errors = error_console()
    shown = output_console()
    with ProgressLine(errors, _parts(permutations, by_column=by_column)) as line:
        of_x, of_y = (side.cells(declared or ()) for side in sides)
        watched = {**settings, "progress": line}
        if by_column:
            ranking, cautions = _ranked(of_x, of_y, {**watched, "n_jobs": jobs})
        else:
            result = _estimated(of_x, of_y, watched)
            cautions = result.warnings
    if by_column:
        from infomax.cli.estimate_output import format_ranking, ranking_as_data  # noqa: PLC0415

        found = ranking_as_data(ranking, unit)
        whole = format_ranking(ranking, sides[1].columns, unit=unit, confidence=confidence)
    else:
        found, whole = estimate_as_data(result, unit), format_estimate(result, sides, unit)
    cautions = (*remarks, *cautions)
    if as_json:
        typer.echo(_as_json(found, files, sides, said, cautions))
    else:
        shown.print(whole)
        for caution in cautions:
            print_warning(errors, caution)
    source = " and ".join(path.name for path in files)
    if plot is not None:
        _draw(result, plot, source)
    if report is not None:
        from infomax.report import write_estimate_report, write_ranking_report  # noqa: PLC0415

        if by_column:
            write_ranking_report(
                report,
                ranking=ranking,
                x=of_x,
                y=of_y,
                source=source,
                unit=unit,
                confidence=confidence,
                warnings=cautions,
            )
        else:
            write_estimate_report(report, result=result, x=of_x, y=of_y, source=source, unit=unit)
        errors.print(f"page: {report}")


def _read(
    files: Sequence[Path], form: dict[str, Any]
) -> tuple[list["MeasuredTable"], list[Warning]]:
    """Read all tables, text as it is written, and return what there is to say of them."""
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


def _check_jobs(jobs: int | None, *, by_column: bool) -> None:
    if jobs is not None and not by_column:
        raise UserError("--jobs is for the columns of --columns: give both, or neither")
    if jobs == 0:
        raise UserError("--jobs is 0: give a whole number of at least 1, or -1 for all cores")


def _check_figure_path(path: Path, *, by_column: bool) -> None:
    if by_column:
        raise UserError("--plot draws one estimate and --columns makes many: give one of both")
    if path.suffix.lower() not in _FIGURE_METADATA:
        raise UserError(f"--plot is {path}: give a file that ends in .png or .svg")
    if not path.parent.is_dir():
        raise UserError(f"--plot is {path}: there is no folder {path.parent}, make it first")


def _parts(permutations: int, *, by_column: bool) -> dict[str, Part]:
    """Return what an estimate may go through; of columns, the estimates themselves are counted."""
    from infomax.estimation.task import stages_of_estimate  # noqa: PLC0415

    if by_column:
        return {}
    stages = stages_of_estimate(permutations)
    return {name: Part(name, *each) for name, each in stages.items()}


def _estimated(x: "pd.DataFrame", y: "pd.DataFrame", settings: dict[str, Any]) -> "MIResult":
    from infomax.estimation import estimate_mi  # noqa: PLC0415
    from infomax.warnings import EstimationWarning  # noqa: PLC0415

    with warnings.catch_warnings():
        # They are in the result, which is where they are shown from.
        warnings.simplefilter("ignore", EstimationWarning)
        return estimate_mi(x, y, **settings)


def _ranked(
    x: "pd.DataFrame", y: "pd.DataFrame", settings: dict[str, Any]
) -> tuple["pd.DataFrame", tuple[Warning, ...]]:
    """Return the ranking, and what there is to say of it."""
    from infomax.estimation import rank_columns  # noqa: PLC0415
    from infomax.warnings import EstimationWarning  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EstimationWarning)
        ranking = rank_columns(x, y, **settings)
    for each in caught:
        if not isinstance(each.message, EstimationWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    said = [each.message for each in caught if isinstance(each.message, EstimationWarning)]
    return ranking, tuple(said)


def _as_json(
    found: dict[str, Any],
    files: Sequence[Path],
    sides: tuple[Side, Side],
    said: dict[str, Any],
    cautions: Sequence[Warning],
) -> str:
    told = {
        "version": __version__,
        "files": [str(path) for path in files],
        "columns": {"x": sides[0].columns, "y": sides[1].columns},
        **said,
        **found,
        "warnings": [
            {"type": type(caution).__name__, "message": str(caution)} for caution in cautions
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)


def _draw(result: "MIResult", path: Path, source: str) -> None:
    import matplotlib  # noqa: PLC0415

    from infomax.report.drawing import STYLE  # noqa: PLC0415

    # No window is wanted, and there may be no screen to open one on.
    matplotlib.use("agg")
    ending = path.suffix.lower()
    with matplotlib.rc_context(STYLE), written_whole(path) as beside:
        result.plot(source).savefig(
            beside, format=ending[1:], dpi=_PIXELS_PER_INCH, metadata=_FIGURE_METADATA[ending]
        )
