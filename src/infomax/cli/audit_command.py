"""``infomax audit``: whether mutual information is what makes codes good."""

import json
import math
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from infomax import __version__
from infomax.cli.audit_encoders import audit_encoders, names_encoders
from infomax.cli.audit_inputs import read_inputs
from infomax.cli.estimate_flags import Seed, columns_option, method_option, shown_option
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console, output_console, print_warning, show_warnings
from infomax.errors import UserError, unknown_name

__all__ = ["audit"]

_FILES = (
    "Codes of each view, whose rows belong together, or one table that holds x and y: .npy, .npz, "
    ".parquet, .csv, .tsv; several such tables are compared. Or folders of runs; or what makes an "
    "encoder, or is one, as module:callable: that of both views, or of x and of y."
)
_SIDE = "Columns or arrays of {}, of a table that holds more: names, with commas, as z1,z2 or 0-31."
_LABELS = (
    "Class of each pair, a file of one column; of data, also a column or array of theirs. Without, "
    "re-coding, probes and baselines are not asked."
)
_RAW = (
    "What the encoder saw as {}, row by row: a table, which is audited beside the codes, or images "
    "in an .npy file, (N, H, W) or (N, H, W, C); goes with --raw-{}."
)
_GROUPS = "Item or source of each pair, a file of one column: no group is both fitted and held out."
_NUISANCES = (
    "What codes should rather not hold, a table with a column for each, such as site and age: text "
    "and few whole numbers are classes, other numbers measurements."
)
_TRAINED_ON = (
    "Whether the encoder was trained on each pair, a file of one column of 0 and 1: what it knows "
    "by heart is then told from the rest."
)
_DATA = (
    "Name or path of data, as `infomax train` has it: what modules encode; for runs, other data "
    "than what they held out."
)
_WEIGHTS = (
    "A .safetensors file of the weights of a module, again for that of y; of runs best or last, by "
    "the bound on validation pairs."
)
_SEEDS = "Over how many splits of the pairs each check is repeated."
_BUDGET = (
    "Time after which no check begins, such as 2m, 10m or 1h: those that decide most come first, "
    "and those that do not fit are told."
)
_FAIL_ON = (
    "Exit with status 3 if any check finds codes or split to be so, or worse: caution, broken."
)
_OUT = (
    "Write a page (report.html), all measurements and thresholds (audit.json) and what each figure "
    "is drawn from (figures/*.csv) into a folder."
)
_FAILING = {"broken": ("broken",), "caution": ("caution", "broken")}
_FAILED = 3
_encoders = partial(typer.Option, rich_help_panel="Runs and modules")


def audit(  # noqa: PLR0917 - one parameter for each flag
    files: Annotated[list[Path], typer.Argument(metavar="FILE [FILE_OF_Y]", help=_FILES)],
    x: Annotated[
        list[str] | None,
        columns_option("--x", metavar="COLUMNS", help=_SIDE.format("x"), show_default="all others"),
    ] = None,
    y: Annotated[
        list[str] | None,
        columns_option("--y", metavar="COLUMNS", help=_SIDE.format("y"), show_default="all others"),
    ] = None,
    labels: Annotated[
        Path | None, columns_option(metavar="FILE", help=_LABELS, show_default="no labels")
    ] = None,
    raw_x: Annotated[
        Path | None, columns_option(metavar="FILE", help=_RAW.format("x", "y"), show_default="none")
    ] = None,
    raw_y: Annotated[
        Path | None, columns_option(metavar="FILE", help=_RAW.format("y", "x"), show_default="none")
    ] = None,
    groups: Annotated[
        Path | None, columns_option(metavar="FILE", help=_GROUPS, show_default="no groups")
    ] = None,
    nuisances: Annotated[
        Path | None, columns_option(metavar="FILE", help=_NUISANCES, show_default="none")
    ] = None,
    trained_on: Annotated[
        Path | None, columns_option(metavar="FILE", help=_TRAINED_ON, show_default="not known")
    ] = None,
    data: Annotated[str | None, _encoders(help=_DATA, show_default="held out by runs")] = None,
    y_data: Annotated[
        str | None, _encoders(help="What view y is read from.", show_default="in --data")
    ] = None,
    views: Annotated[
        str | None,
        _encoders(help="How two views are made of one item, as `infomax train` has it."),
    ] = None,
    view_options: Annotated[
        list[str] | None, _encoders(metavar="NAME=VALUE", help="Options of the views.")
    ] = None,
    weights: Annotated[
        list[str] | None, _encoders(metavar="FILE", help=_WEIGHTS, show_default="best")
    ] = None,
    random_state: Seed = 0,
    seeds: Annotated[int, method_option(help=_SEEDS)] = 1,
    budget: Annotated[
        str | None, method_option(metavar="TIME", help=_BUDGET, show_default="no limit")
    ] = None,
    out: Annotated[
        Path | None,
        shown_option(metavar="FOLDER", help=_OUT),
    ] = None,
    fail_on: Annotated[str | None, shown_option(help=_FAIL_ON, show_default="never")] = None,
    *,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object in place of the answer.")
    ] = False,
) -> None:
    """Ask of codes, runs or encoders whether mutual information is what makes them good.

    The answer is No, Cannot be told, or Not contradicted, and never an unqualified yes.

    Exit status: 0; 2 for a mistake in what was given; 3 for what --fail-on names.
    """
    if fail_on is not None and fail_on not in _FAILING:
        raise unknown_name("status of --fail-on", fail_on, _FAILING)
    if out is not None and (out.suffix or (out.exists() and not out.is_dir())):
        raise UserError(f"--out is {out}: give a folder, for report.html, audit.json and figures")
    seconds = _seconds(budget)
    from infomax.audit.audit_plan import AuditPlan  # noqa: PLC0415

    # What is wrong with it is said before files are read, which takes long.
    plan = AuditPlan(seeds, seconds, out)
    errors = error_console()
    read_warnings: list[Warning] = []
    of_encoders = {
        **{"data": data, "y_data": y_data, "views": views, "view_options": view_options},
        **{"weights": weights},
    }
    if names_encoders(files):
        texts = {"labels": labels, "groups": groups}
        with show_warnings(errors), ProgressLine(errors) as line:
            result = audit_encoders(
                files,
                {**of_encoders, **{key: each and str(each) for key, each in texts.items()}},
                refused={
                    **{"x": x, "y": y, "raw_x": raw_x, "raw_y": raw_y},
                    **{"nuisances": nuisances, "trained_on": trained_on},
                },
                random_state=random_state,
                progress=line,
                plan=plan,
            )
    else:
        for name, value in of_encoders.items():
            if value is not None:
                raise UserError(
                    f"--{name.replace('_', '-')} goes with runs or modules, and {files[0]} is "
                    "taken as codes: leave it out, or give module:callable"
                )
        given = read_inputs(
            files,
            x=x,
            y=y,
            raw=(raw_x, raw_y),
            told={
                **{"labels": labels, "groups": groups, "nuisances": nuisances},
                "trained_on": trained_on,
            },
        )
        read_warnings = given.warnings
        from infomax.audit import audit_codes  # noqa: PLC0415

        with ProgressLine(errors) as line:
            result = audit_codes(
                given.codes,
                **given.told,
                random_state=random_state,
                seeds=seeds,
                budget=seconds,
                folder=out,
                progress=line,
            )
    if as_json:
        whole = {"version": __version__, "files": [str(path) for path in files], **result.as_dict()}
        typer.echo(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        output_console().print(result)
    for each in read_warnings:
        print_warning(errors, each)
    if out is not None:
        from infomax.report import write_audit_files  # noqa: PLC0415

        source = ", ".join(map(str, files))
        errors.print(f"audit: {write_audit_files(out, result=result, source=source)}")
    if fail_on is not None and result.worst in _FAILING[fail_on]:
        raise typer.Exit(_FAILED)


def _seconds(budget: str | None) -> float:
    """Return a budget in seconds, of which a number alone is so many.

    Example:
        >>> _seconds("2m"), _seconds("1h30m"), _seconds("45"), _seconds(None)
        (120.0, 5400.0, 45.0, inf)
    """
    if budget is None:
        return math.inf
    import pandas as pd  # noqa: PLC0415

    # NaN of what is no time.
    text = f"{budget}s" if budget.isdigit() else budget
    seconds = float(pd.to_timedelta(text, errors="coerce").total_seconds())
    if math.isnan(seconds):
        raise UserError(f"--budget is {budget!r}: give a time such as 2m, 10m or 1h")
    return seconds
