"""``infomax benchmark mi``: what estimates say where the information is known."""

import csv
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console
from infomax.errors import UserError, unknown_name
from infomax.truth_table import COLUMNS, TruthRow, summarise
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    import pandas as pd

    from infomax.estimation.benchmark import Benchmark, BenchmarkEstimate

__all__ = ["benchmark_mi"]

_RECORDS = "records.parquet"
_TIMINGS = "timings.json"
_ROWS = "estimates.csv"
_NAME = "errors"
# Options by the heading that they stand under in the help.
_measured = partial(typer.Option, rich_help_panel="What is measured")
_written = partial(typer.Option, rich_help_panel="What is written")


def benchmark_mi(
    tasks: Annotated[
        str,
        _measured(
            help="Sets of tasks (bmi, bmi-v2, hard, high-information) and distributions, with "
            "commas between; see `infomax list distributions`."
        ),
    ] = "bmi",
    methods: Annotated[str, _measured(help="Names of methods, with commas between.")] = "auto",
    samples: Annotated[
        str, _measured(help="Numbers of pairs in a sample, with commas between.")
    ] = "5000",
    seeds: Annotated[int, _measured(help="Number of seeds, from 0.")] = 3,
    out: Annotated[Path, _written(help="Folder to write to.")] = Path("runs/benchmark-mi"),
    *,
    only: Annotated[
        str | None, _measured(help="Of these, the tasks whose name contains this.")
    ] = None,
    overwrite: Annotated[
        bool, _written("--overwrite", help="Replace the benchmark that --out holds.")
    ] = False,
) -> None:
    """Estimate known information, and write each estimate, whether it is true, and a heat map."""
    import pyarrow as pa  # noqa: PLC0415

    from infomax.estimation.benchmark import Benchmark, benchmark_records  # noqa: PLC0415
    from infomax.records import write_records  # noqa: PLC0415
    from infomax.report.charts import draw_errors  # noqa: PLC0415
    from infomax.report.figure import save_figure  # noqa: PLC0415
    from infomax.report.tables import estimation_errors, mean_errors  # noqa: PLC0415

    benchmark = Benchmark(
        tasks=_tasks(tasks, only), methods=_names(methods), samples=_sizes(samples), seeds=seeds
    )
    held = [name for name in (_RECORDS, _ROWS) if (out / name).exists()]
    if held and not overwrite:
        raise UserError(
            f"{out} already holds a benchmark: choose another --out, or give --overwrite"
        )
    out.mkdir(parents=True, exist_ok=True)
    errors = error_console()
    measured = _measure(benchmark, out / _ROWS, errors)
    settings = {
        "tasks": benchmark.tasks,
        "methods": benchmark.methods,
        "samples": benchmark.samples,
        "seeds": benchmark.seeds,
    }
    records = benchmark_records(measured)
    before = {
        "method": pa.array(records["method"], pa.string()),
        "samples": pa.array(records["samples"], pa.int64()),
    }
    write_records(records, out / _RECORDS, {"settings": settings}, before=before)
    write_text_whole(out / _TIMINGS, json.dumps([_timing(one) for one in measured], indent=2))
    by_estimate = estimation_errors(records)
    save_figure(draw_errors(mean_errors(by_estimate)), by_estimate, out, _NAME)
    rows = [one.row for one in measured]
    _say_refusals(rows, errors)
    console = Console(markup=False)
    _print_statements(rows, console)
    _print_errors(mean_errors(by_estimate, absolute=True), rows, console)


def _tasks(given: str, only: str | None) -> tuple[str, ...]:
    """Return the distributions that are named, one by one or in sets, each once."""
    from infomax.distributions import DISTRIBUTIONS, TASK_SETS  # noqa: PLC0415

    names: list[str] = []
    for name in _names(given):
        if name not in TASK_SETS and name not in DISTRIBUTIONS:
            raise unknown_name("task", name, (*TASK_SETS, *DISTRIBUTIONS))
        names += TASK_SETS.get(name, (name,))
    chosen = tuple(dict.fromkeys(name for name in names if only is None or only in name))
    if names and not chosen:
        raise UserError(f"no name of these tasks contains {only!r}: they are {', '.join(names)}")
    return chosen


def _names(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))


def _sizes(given: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in _names(given))
    except ValueError as error:
        raise UserError(
            f"--samples is {given!r}: give whole numbers with commas between, e.g. 1000,5000"
        ) from error


def _measure(benchmark: "Benchmark", rows: Path, errors: Console) -> "list[BenchmarkEstimate]":
    """Make the estimates, and write each as it comes: what is killed keeps what it has."""
    from infomax.estimation.benchmark import measure  # noqa: PLC0415

    # In the order in which they are made.
    parts = {
        f"{task} by {method}, N = {samples}, seed {seed}": Part(kind=method)
        for task in benchmark.tasks
        for samples in benchmark.samples
        for seed in range(benchmark.seeds)
        for method in benchmark.methods
    }
    measured: list[BenchmarkEstimate] = []
    with (
        rows.open("w", newline="", encoding="utf-8", buffering=1) as file,
        ProgressLine(errors, parts) as line,
    ):
        table = csv.writer(file)
        table.writerow(COLUMNS)
        estimates = measure(benchmark)
        for name in parts:
            line.begin_part(name)
            measured.append(next(estimates))
            table.writerow(measured[-1].row.cells())
            line.end_part(name)
    return measured


def _timing(one: "BenchmarkEstimate") -> dict[str, object]:
    return {
        "task": one.task,
        "method": one.method,
        "samples": one.samples,
        "seed": one.seed,
        "seconds": one.seconds,
        "took": getattr(one.outcome, "method", None),
        "warnings": [type(each).__name__ for each in getattr(one.outcome, "warnings", ())],
    }


def _say_refusals(rows: list[TruthRow], errors: Console) -> None:
    refusals = {(row.method, row.refusal): row for row in rows if row.refusal}
    for row in refusals.values():
        errors.print(f"infomax: no estimate of {row.task} by {row.method}: {row.refusal}")


def _print_statements(rows: list[TruthRow], console: Console) -> None:
    """Print each estimate with its claim, those that are false marked."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in ("task", "N", "method", "seed", "truth", "estimate", "says", "true", "warnings"):
        table.add_column(header, justify="right" if header in _NUMBERS else "left")
    for row in rows:
        named = (row.task, f"{row.samples}", row.took or row.method, f"{row.seed}")
        if row.refusal:
            table.add_row(*named, f"{row.truth:.3f}", "-", "refused", "", "")
            continue
        says = f"at least {row.low:.3f}" if row.at_least else f"[{row.low:.3f}, {row.high:.3f}]"
        table.add_row(
            *named,
            f"{row.truth:.3f}",
            f"{row.estimate:.3f}",
            says,
            "yes" if row.is_true else "NO",
            ", ".join(row.warnings),
        )
    console.print(table)
    console.print()


_NUMBERS = {"N", "seed", "truth", "estimate"}


def _print_errors(means: "pd.DataFrame", rows: list[TruthRow], console: Console) -> None:
    truths = {row.task: row.truth for row in rows}
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("mean absolute error, nats")
    table.add_column("truth", justify="right")
    for method in means.columns:
        table.add_column(method, justify="right")
    for task, errors in means.iterrows():
        table.add_row(str(task), f"{truths[str(task)]:.3f}", *map(_shown, errors))
    table.add_section()
    table.add_row("mean of all tasks", "", *map(_shown, means.mean()))
    console.print(table)
    groups = dict.fromkeys((row.method, row.samples) for row in rows)
    for method, samples in groups:
        of_group = [row for row in rows if (row.method, row.samples) == (method, samples)]
        console.print(f"\n{method}, N = {samples}", style="bold")
        for line in summarise(of_group).lines():
            console.print(f"  {line}")


def _shown(error: float) -> str:
    return "-" if error != error else f"{error:.3f}"  # noqa: PLR0124 - NaN
