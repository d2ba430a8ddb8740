"""Training on an array of 4 GB that is mapped: memory, and speed beside rows in memory.

Run it with ``python benchmarks/mapped_rows.py``. The file is sparse: it takes little room on the
disk, and all of its pages in memory once they are read. Each training is a process of its own,
whose memory the system counts.
"""

import multiprocessing
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from infomax import train
from infomax.critics import BilinearCritic
from infomax.data import ArraySource, ItemDataset, RowSplit, open_data
from infomax.encoders import MLPEncoder
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.training import PairModel, generator_for
from infomax.views import make_views

ROWS, VALUES = 2**20, 1024
ROWS_IN_MEMORY = 10_000
WRITTEN_EVERY = 64
BATCH_SIZE = 128
UPDATES = 500
WARM_UP = 100
LARGEST_MEMORY_GB = 1.5


class Measurement(NamedTuple):
    """What one training took.

    Attributes:
        peak_gb: of resident memory (VmHWM).
        of_files_gb: resident memory of mapped files at the end (RssFile).
        steps_per_second: after the first updates.
    """

    peak_gb: float
    of_files_gb: float
    steps_per_second: float


class Clock:
    """Notes when updates were made."""

    def __init__(self) -> None:
        self.times: list[tuple[int, float]] = []

    def begin(self, step: int) -> None:
        """Take no note."""

    def advance(self, step: int, value: float) -> None:  # noqa: ARG002
        """Take note of the time."""
        self.times.append((step, time.perf_counter()))

    def steps_per_second(self) -> float:
        """Return updates per second after the first ones."""
        (first, begun), (last, ended) = (
            next(each for each in self.times if each[0] >= WARM_UP),
            self.times[-1],
        )
        return (last - first) / (ended - begun)


def items_in_memory(*, in_two_views: bool) -> ItemDataset:
    """Return a few rows of as many values."""
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((2, ROWS_IN_MEMORY, VALUES), np.float32)
    return ItemDataset(ArraySource(x, "x"), ArraySource(y, "y") if in_two_views else None)


def items_of(paths: tuple[Path, ...]) -> ItemDataset:
    """Return the rows of one file, or of two that are two views."""
    x, *y = map(str, paths)
    return open_data(x, y_data=y[0] if y else None, cache=paths[0].parent)


def measured(number_of_views: int, paths: tuple[Path, ...]) -> Measurement:
    """Train on what files hold or, without files, on rows in memory."""
    torch.set_num_threads(2)
    items = items_of(paths) if paths else items_in_memory(in_two_views=number_of_views == 2)
    views = make_views("noise", {"deviation": 0.5}) if items.y is None else None
    pairs = ItemPairDataset(items, views, torch.device("cpu"))
    encoders = [
        MLPEncoder(shape, generator_for(0, side))
        for shape, side in ((pairs.x_shape, "x"), (pairs.y_shape, "y"))
    ]
    critic = BilinearCritic(100, 100, generator_for(0, "critic"))
    indices = np.random.default_rng(0).permutation(len(pairs))
    clock = Clock()
    train(
        pairs,
        PairModel(encoders[0], encoders[1], critic),
        steps=UPDATES,
        batch_size=BATCH_SIZE,
        validation=RowSplit(np.sort(indices[1_000:]), np.sort(indices[:1_000])),
        evaluate_every=UPDATES,
        progress=clock,
    )
    return Measurement(resident_gb("VmHWM"), resident_gb("RssFile"), clock.steps_per_second())


def resident_gb(name: str) -> float:
    """Return a size of this process's memory."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024 / 1e9


def write_sparse(path: Path, rows: int) -> Path:
    """Write an array of which few rows take room on the disk."""
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, VALUES))
    generator = np.random.default_rng(0)
    for row in range(0, rows, WRITTEN_EVERY):
        array[row] = generator.standard_normal(VALUES, np.float32)
    return path


def gigabytes(path: Path) -> str:
    """Return the length of a file in words."""
    return f"{path.stat().st_size / 1e9:.1f}"


def main() -> None:
    """Print memory and speed."""
    print(f"torch {torch.__version__}, 2 threads, {platform.machine()}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        whole = write_sparse(folder / "whole.npy", ROWS)
        halves = [write_sparse(folder / f"{side}.npy", ROWS // 2) for side in "xy"]
        cases: tuple[tuple[str, int, tuple[Path, ...]], ...] = (
            (f"{ROWS_IN_MEMORY} rows in memory, views with noise", 1, ()),
            (f"{gigabytes(whole)} GB mapped, views with noise", 1, (whole,)),
            (f"{ROWS_IN_MEMORY} rows in memory, two views", 2, ()),
            (f"2 x {gigabytes(halves[0])} GB mapped, two views", 2, tuple(halves)),
        )
        # Each in a process that has trained on nothing else.
        with ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
        ) as processes:
            for name, number_of_views, paths in cases:
                found = processes.submit(measured, number_of_views, paths).result()
                print(
                    f"{name:45} peak {found.peak_gb:.2f} GB (of files, at the end, "
                    f"{found.of_files_gb:.2f}), {found.steps_per_second:.0f} steps/s"
                )
    print(f"at most {LARGEST_MEMORY_GB} GB are asked for")


if __name__ == "__main__":
    main()
