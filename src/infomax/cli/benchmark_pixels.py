"""``infomax benchmark mi`` on images: known information, and tests that ask for none."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.errors import UserError
from infomax.truth_table import COLUMNS, TruthRow

__all__ = [
    "CONSISTENCY",
    "CONSISTENCY_PAIRS",
    "IMAGES",
    "IMAGE_PAIRS",
    "bounds_of",
    "measure_consistency",
    "measure_pixels",
    "rows",
]

IMAGES, CONSISTENCY = "images", "self-consistency"
"""The sets of tasks whose pairs are images."""

IMAGE_PAIRS, CONSISTENCY_PAIRS = 102_400, 512_000
"""Pairs that a model is trained on where nothing is said: 400 batches, or 2,000."""


@contextmanager
def rows(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Iterable[Any]], Any]]:
    """Open a table of which each row is on the disk as soon as it is written."""
    with path.open("w", newline="", encoding="utf-8", buffering=1) as file:
        table = csv.writer(file)
        table.writerow(columns)
        yield table.writerow


def bounds_of(methods: Sequence[str]) -> tuple[str, ...]:
    """Return the bounds that are asked for: of images, methods are bounds; `auto` is InfoNCE."""
    from infomax.bounds import find_bound  # noqa: PLC0415

    bounds = tuple(dict.fromkeys("infonce" if name == "auto" else name for name in methods))
    if not bounds:
        raise UserError("there is no bound to measure: name at least one")
    for name in bounds:
        find_bound(name)
    return bounds


def measure_pixels(
    tasks: Sequence[str],
    path: Path,
    *,
    methods: Sequence[str],
    samples: Sequence[int],
    seeds: int,
    errors: Console,
) -> list[TruthRow]:
    """Train on each channel of images, and write each reading as it comes."""
    from infomax.experiments.image_channel import measure_images  # noqa: PLC0415

    jobs = {
        f"{task} by {bound}, N = {size}, seed {seed}": (task, bound, size, seed)
        for size in samples
        # A benchmark that is killed has then measured each task about as often.
        for seed in range(seeds)
        for task in tasks
        for bound in bounds_of(methods)
    }
    measured = []
    with (
        rows(path, COLUMNS) as write,
        ProgressLine(errors, {name: Part(kind="pixels") for name in jobs}) as line,
    ):
        for name, (task, bound, size, seed) in jobs.items():
            line.begin_part(name)
            row = measure_images(task, samples=size, bound=bound, seed=seed)
            measured.append(row)
            write(row.cells())
            line.end_part(name)
    return measured


def measure_consistency(
    path: Path,
    *,
    methods: Sequence[str],
    samples: Sequence[int],
    seeds: int,
    errors: Console,
    console: Console,
) -> None:
    """Make Song and Ermon's three tests by each bound, write each ratio as it comes, and print."""
    from infomax.experiments.self_consistency import (  # noqa: PLC0415
        CONSISTENCY_COLUMNS,
        self_consistency,
    )

    jobs = {
        f"{bound}, N = {size}, seed {seed}": (bound, size, seed)
        for bound in bounds_of(methods)
        for size in samples
        for seed in range(seeds)
    }
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in ("bound", "N", "test", "seed", "ratio", "95 % interval", "expected", "holds"):
        table.add_column(header)
    with (
        rows(path, ("bound", "samples", *CONSISTENCY_COLUMNS)) as write,
        ProgressLine(errors, {name: Part(kind="pixels") for name in jobs}) as line,
    ):
        for name, (bound, size, seed) in jobs.items():
            line.begin_part(name)
            for row in self_consistency(samples=size, bound=bound, seed=seed):
                write((bound, size, *row.cells()))
                said = (f"{row.ratio:z.3f}", f"[{row.low:z.3f}, {row.high:z.3f}]")
                told = (row.expected_told, "yes" if row.holds else "NO")
                table.add_row(bound, f"{size}", row.test, f"{row.seed}", *said, *told)
            line.end_part(name)
    console.print(table)
