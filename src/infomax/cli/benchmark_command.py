"""``infomax benchmark mi``: what estimates say where the information is known."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from infomax.cli.benchmark_pixels import (
    CONSISTENCY,
    CONSISTENCY_PAIRS,
    IMAGE_PAIRS,
    IMAGES,
    bounds_of,
    measure_consistency,
    measure_pixels,
    rows,
)
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
            "commas between; see `infomax list distributions`. Or, apart: images, self-consistency."
        ),
    ] = "bmi",
    methods: Annotated[
        str,
        _measured(help="Names of methods, with commas between; of images, names of bounds."),
    ] = "auto",
    samples: Annotated[
        str | None,
        _measured(
            help="Numbers of pairs in a sample, with commas between; of images, to train on.",
            show_default=f"5000; of images {IMAGE_PAIRS}, or {CONSISTENCY_PAIRS} for {CONSISTENCY}",
        ),
    ] = None,
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

    of_images = _image_tasks(tasks, only)
    sizes = _sizes(samples or f"{_usual_size(of_images)}")
    if of_images:
        bounds_of(_names(methods))
        if seeds < 1:
            raise UserError(f"seeds is {seeds}: give a whole number of at least 1")
    else:
        benchmark = Benchmark(
            tasks=_tasks(tasks, only), methods=_names(methods), samples=sizes, seeds=seeds
        )
    held = [name for name in (_RECORDS, _ROWS) if (out / name).exists()]
    if held and not overwrite:
        raise UserError(
            f"{out} already holds a benchmark: choose another --out, or give --overwrite"
        )
    out.mkdir(parents=True, exist_ok=True)
    errors, console = error_console(), Console(markup=False)
    if of_images:
        path, bounds = out / _ROWS, _names(methods)
        if CONSISTENCY in of_images:
            measure_consistency(
                path, methods=bounds, samples=sizes, seeds=seeds, errors=errors, console=console
            )
        else:
            of_pixels = measure_pixels(
                of_images, path, methods=bounds, samples=sizes, seeds=seeds, errors=errors
            )
            _print_statements(of_pixels, console)
            _print_summaries(of_pixels, console)
        return
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
    judged = [one.row for one in measured]
    _say_refusals(judged, errors)
    _print_statements(judged, console)
    _print_errors(mean_errors(by_estimate, absolute=True), judged, console)
    _print_summaries(judged, console)


def _usual_size(of_images: tuple[str, ...]) -> int:
    if CONSISTENCY in of_images:
        return CONSISTENCY_PAIRS
    return IMAGE_PAIRS if of_images else 5000


def _image_tasks(given: str, only: str | None) -> tuple[str, ...]:
    """Return the tasks whose pairs are images, or none; they are not mixed with others."""
    from infomax.experiments.image_channel import IMAGE_TASKS  # noqa: PLC0415

    names = _names(given)
    if not any(name in {IMAGES, CONSISTENCY, *IMAGE_TASKS} for name in names):
        return ()
    if CONSISTENCY in names:
        if len(names) > 1 or only is not None:
            raise UserError(f"{CONSISTENCY} is a benchmark of its own: leave other tasks out")
        return names
    chosen: list[str] = []
    for name in names:
        if name != IMAGES and name not in IMAGE_TASKS:
            raise UserError(f"{name} is no task of images: measure it apart from {IMAGES}")
        chosen += IMAGE_TASKS if name == IMAGES else (name,)
    return _containing(only, chosen)


def _tasks(given: str, only: str | None) -> tuple[str, ...]:
    """Return the distributions that are named, one by one or in sets, each once."""
    from infomax.distributions import DISTRIBUTIONS, TASK_SETS  # noqa: PLC0415

    names: list[str] = []
    for name in _names(given):
        if name not in TASK_SETS and name not in DISTRIBUTIONS:
            raise unknown_name("task", name, (*TASK_SETS, *DISTRIBUTIONS))
        names += TASK_SETS.get(name, (name,))
    return _containing(only, names)


def _containing(only: str | None, names: list[str]) -> tuple[str, ...]:
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


def _measure(benchmark: "Benchmark", path: Path, errors: Console) -> "list[BenchmarkEstimate]":
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
        rows(path, COLUMNS) as write,
        ProgressLine(errors, parts) as line,
    ):
        estimates = measure(benchmark)
        for name in parts:
            line.begin_part(name)
            measured.append(next(estimates))
            write(measured[-1].row.cells())
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


def _say_refusals(measured: list[TruthRow], errors: Console) -> None:
    refusals = {(row.method, row.refusal): row for row in measured if row.refusal}
    for row in refusals.values():
        errors.print(f"infomax: no estimate of {row.task} by {row.method}: {row.refusal}")


def _print_statements(measured: list[TruthRow], console: Console) -> None:
    """Print each estimate with its claim, those that are false marked."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in ("task", "N", "method", "seed", "truth", "estimate", "says", "true", "warnings"):
        table.add_column(header, justify="right" if header in _NUMBERS else "left")
    for row in measured:
        named = (row.task, f"{row.samples}", row.took or row.method, f"{row.seed}")
        if row.refusal:
            table.add_row(*named, f"{row.truth:z.3f}", "-", "refused", "", "")
            continue
        says = f"at least {row.low:z.3f}" if row.at_least else f"[{row.low:z.3f}, {row.high:z.3f}]"
        table.add_row(
            *named,
            f"{row.truth:z.3f}",
            f"{row.estimate:z.3f}",
            says,
            "yes" if row.is_true else "NO",
            ", ".join(row.warnings),
        )
    console.print(table)
    console.print()


_NUMBERS = {"N", "seed", "truth", "estimate"}


def _print_errors(means: "pd.DataFrame", measured: list[TruthRow], console: Console) -> None:
    truths = {row.task: row.truth for row in measured}
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("mean absolute error, nats")
    table.add_column("truth", justify="right")
    for method in means.columns:
        table.add_column(method, justify="right")
    for task, errors in means.iterrows():
        table.add_row(str(task), f"{truths[str(task)]:z.3f}", *map(_shown, errors))
    table.add_section()
    table.add_row("mean of all tasks", "", *map(_shown, means.mean()))
    console.print(table)


def _print_summaries(measured: list[TruthRow], console: Console) -> None:
    groups = dict.fromkeys((row.method, row.samples) for row in measured)
    for method, samples in groups:
        of_group = [row for row in measured if (row.method, row.samples) == (method, samples)]
        console.print(f"\n{method}, N = {samples}", style="bold")
        for line in summarise(of_group).lines():
            console.print(f"  {line}")


def _shown(error: float) -> str:
    return "-" if error != error else f"{error:z.3f}"  # noqa: PLR0124 - NaN
