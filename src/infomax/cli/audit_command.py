"""``infomax audit``: whether mutual information is what makes codes good."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from infomax import __version__
from infomax.cli.estimate_flags import Seed, columns_option, shown_option
from infomax.cli.estimate_sides import chosen_sides
from infomax.cli.measurement_files import read_tables
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console, output_console, print_warning
from infomax.errors import UserError, unknown_name

__all__ = ["audit"]

_FILES = (
    "Codes of each view, whose rows belong together, or one table that holds x and y: .npy, .npz, "
    ".parquet, .csv, .tsv."
)
_LABELS = "Class of each pair, a file of one column; without, re-coding is not asked."
_RAW = "What the encoder saw as {}, row by row, audited beside the codes; goes with --raw-{}."
_FAIL_ON = (
    "Exit with status 3 if any check finds codes or split to be so, or worse: caution, broken."
)
_FAILING = {"broken": ("broken",), "caution": ("caution", "broken")}
_FAILED = 3


def audit(  # noqa: PLR0917 - one parameter for each flag
    files: Annotated[list[Path], typer.Argument(metavar="FILE [FILE_OF_Y]", help=_FILES)],
    labels: Annotated[
        Path | None, columns_option(metavar="FILE", help=_LABELS, show_default="no labels")
    ] = None,
    raw_x: Annotated[
        Path | None, columns_option(metavar="FILE", help=_RAW.format("x", "y"), show_default="none")
    ] = None,
    raw_y: Annotated[
        Path | None, columns_option(metavar="FILE", help=_RAW.format("y", "x"), show_default="none")
    ] = None,
    random_state: Seed = 0,
    out: Annotated[
        Path | None,
        shown_option(metavar="FILE", help="Write all measurements and thresholds: .json."),
    ] = None,
    fail_on: Annotated[str | None, shown_option(help=_FAIL_ON, show_default="never")] = None,
    *,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object in place of the answer.")
    ] = False,
) -> None:
    """Ask of frozen codes of two views whether mutual information is what makes them good.

    The answer is No, Cannot be told, or Not contradicted, and never an unqualified yes.

    Exit status: 0; 2 for a mistake in what was given; 3 for what --fail-on names.
    """
    if fail_on is not None and fail_on not in _FAILING:
        raise unknown_name("status of --fail-on", fail_on, _FAILING)
    if out is not None and (out.suffix.lower() != ".json" or not out.parent.is_dir()):
        raise UserError(
            f"--out is {out}: give a file that ends in .json, in a folder that there is"
        )
    if (raw_x is None) != (raw_y is None):
        lacking = "--raw-y" if raw_y is None else "--raw-x"
        raise UserError(
            f"{lacking} is lacking: give what the encoder saw on both sides, or neither"
        )
    codes, table_warnings = _sides(files)
    given: dict[str, tuple[Any, Any]] = {"codes": codes}
    if raw_x is not None and raw_y is not None:
        given["raw"], more = _sides([raw_x, raw_y])
        table_warnings += more
    classes = None
    if labels is not None:
        (table,), more = read_tables([labels], {})
        classes, table_warnings = table.cells, table_warnings + more
    from infomax.audit import audit_codes  # noqa: PLC0415
    from infomax.audit.checks import CHECKS  # noqa: PLC0415

    errors = error_console()
    steps = len(given) * len(CHECKS)
    with ProgressLine(errors, {"checking codes": Part(steps=steps)}) as line:
        result = audit_codes(given, labels=classes, random_state=random_state, progress=line)
    if as_json:
        told = {"version": __version__, "files": [str(path) for path in files], **result.as_dict()}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        output_console().print(result)
    for each in table_warnings:
        print_warning(errors, each)
    if out is not None:
        result.write_json(out)
        errors.print(f"audit: {out}")
    if fail_on is not None and result.worst in _FAILING[fail_on]:
        raise typer.Exit(_FAILED)


def _sides(files: list[Path]) -> tuple[tuple[Any, Any], list[Warning]]:
    tables, table_warnings = read_tables(files, {})
    of_x, of_y = chosen_sides(tables, None, None)
    return (of_x.cells(()), of_y.cells(())), table_warnings
