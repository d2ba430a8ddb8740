"""``infomax benchmark mi``: errors of estimates where the information is known."""

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
from infomax.errors import UserError
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    import pandas as pd

    from infomax.estimation.benchmark import BenchmarkEstimate

__all__ = ["benchmark_mi"]

_RECORDS = "records.parquet"
_TIMINGS = "timings.json"
_NAME = "errors"
# Options by the heading that they stand under in the help.
_measured = partial(typer.Option, rich_help_panel="What is measured")
_written = partial(typer.Option, rich_help_panel="What is written")


def benchmark_mi(
    tasks: Annotated[
        str | None,
        _measured(
            help="Names of distributions, with commas between; see `infomax list distributions`.",
            show_default="the 40 tasks of bmi",
        ),
    ] = None,
    methods: Annotated[str, _measured(help="Names of methods, with commas between.")] = "auto",
    pairs: Annotated[int, _measured("--n", help="Number of pairs in a sample.")] = 5000,
    seeds: Annotated[int, _measured(help="Number of seeds, from 0.")] = 3,
    out: Annotated[Path, _written(help="Folder to write to.")] = Path("runs/benchmark-mi"),
    *,
    overwrite: Annotated[
        bool, _written("--overwrite", help="Replace the benchmark that --out holds.")
    ] = False,
) -> None:
    """Estimate known information, and write records, a table of errors and a heat map of them."""
    import pyarrow as pa  # noqa: PLC0415

    from infomax.distributions import BENCHMARK_TASKS  # noqa: PLC0415
    from infomax.estimation.benchmark import Benchmark, benchmark_records, measure  # noqa: PLC0415
    from infomax.records import write_records  # noqa: PLC0415
    from infomax.report.charts import draw_errors  # noqa: PLC0415
    from infomax.report.figure import save_figure  # noqa: PLC0415
    from infomax.report.tables import estimation_errors, mean_errors  # noqa: PLC0415

    benchmark = Benchmark(
        tasks=BENCHMARK_TASKS if tasks is None else _names(tasks),
        methods=_names(methods),
        pairs=pairs,
        seeds=seeds,
    )
    if (out / _RECORDS).exists() and not overwrite:
        raise UserError(
            f"{out} already holds a benchmark: choose another --out, or give --overwrite"
        )
    out.mkdir(parents=True, exist_ok=True)
    errors = error_console()
    measured: list[BenchmarkEstimate] = []
    # In the order in which they are made.
    parts = {
        f"{task} by {method}, seed {seed}": Part(kind=method)
        for task in benchmark.tasks
        for seed in range(benchmark.seeds)
        for method in benchmark.methods
    }
    with ProgressLine(errors, parts) as line:
        estimates = measure(benchmark)
        for name in parts:
            line.begin_part(name)
            measured.append(next(estimates))
            line.end_part(name)
    settings = {
        "tasks": benchmark.tasks,
        "methods": benchmark.methods,
        "pairs": benchmark.pairs,
        "seeds": benchmark.seeds,
    }
    records = benchmark_records(measured)
    method = pa.array(records["method"], pa.string())
    write_records(records, out / _RECORDS, {"settings": settings}, before={"method": method})
    write_text_whole(out / _TIMINGS, json.dumps([_timing(one) for one in measured], indent=2))
    by_estimate = estimation_errors(records)
    save_figure(draw_errors(mean_errors(by_estimate)), by_estimate, out, _NAME)
    _say_refusals(measured, errors)
    _print(mean_errors(by_estimate, absolute=True), measured, Console(markup=False))


def _names(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))


def _timing(one: "BenchmarkEstimate") -> dict[str, object]:
    return {
        "task": one.task,
        "method": one.method,
        "seed": one.seed,
        "seconds": one.seconds,
        "took": getattr(one.outcome, "method", None),
        "warnings": [type(each).__name__ for each in getattr(one.outcome, "warnings", ())],
    }


def _say_refusals(measured: "list[BenchmarkEstimate]", errors: Console) -> None:
    refusals = {
        (one.method, str(one.outcome)): one
        for one in measured
        if isinstance(one.outcome, UserError)
    }
    for one in refusals.values():
        errors.print(f"infomax: no estimate of {one.task} by {one.method}: {one.outcome}")


def _print(means: "pd.DataFrame", measured: "list[BenchmarkEstimate]", console: Console) -> None:
    truths = {one.task: one.truth for one in measured}
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("mean absolute error, nats")
    table.add_column("truth", justify="right")
    for method in means.columns:
        table.add_column(method, justify="right")
    for task, row in means.iterrows():
        table.add_row(str(task), f"{truths[str(task)]:.3f}", *map(_shown, row))
    table.add_section()
    table.add_row("mean of all tasks", "", *map(_shown, means.mean()))
    seconds = {
        method: [one.seconds for one in measured if one.method == method]
        for method in means.columns
    }
    table.add_row(
        "mean seconds", "", *(f"{sum(of_one) / len(of_one):.2f}" for of_one in seconds.values())
    )
    console.print(table)


def _shown(error: float) -> str:
    return "-" if error != error else f"{error:.3f}"  # noqa: PLR0124 - NaN
