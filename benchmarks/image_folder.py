"""Training on a folder of 50,000 JPEG images, beside the same images as an array in memory.

Run it with ``python benchmarks/image_folder.py``. It needs the archive of CIFAR-10 as JPEG images,
looked for in the folder that ``INFOMAX_DATA`` names or else in ``../shared/datasets``, and says so
where it is not there. Contestants take turns, so that a machine whose speed drifts is fair to all.
"""

import os
import platform
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from infomax import train
from infomax.critics import BilinearCritic
from infomax.data import ArraySource, ImageSource, ItemDataset, ItemSource, RowSplit
from infomax.data import images as image_files_room
from infomax.encoders import ENCODERS
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.training import PairModel, generator_for
from infomax.views import make_views

ARCHIVE = "cifar10-jpeg.tar.xz"
BATCH_SIZE = 128
LARGEST_RATIO = 1.3
CASES = (
    # views, encoder, updates of a turn, turns
    ("halves", "mlp", 200, 3),
    ("augment", "mlp", 40, 3),
    ("halves", "resnet", 8, 2),
    ("augment", "resnet", 6, 2),
)
MEMORY, KEPT, DECODED = "array in memory", "folder, kept decoded", "folder, decoded as it is read"


class Clock:
    """Notes when updates were made."""

    def __init__(self) -> None:
        self.times: list[tuple[int, float]] = []

    def begin(self, step: int) -> None:
        """Take no note."""

    def advance(self, step: int, value: float) -> None:  # noqa: ARG002
        """Take note of the time."""
        self.times.append((step, time.perf_counter()))

    def seconds_per_step(self) -> float:
        """Return the seconds of an update, without the first ones and without any look."""
        last, ended = self.times[-1]
        first, begun = next(each for each in self.times if each[0] >= last // 8)
        return (ended - begun) / (last - first)


def extracted(archive: Path, folder: Path) -> Path:
    """Write the training images to a folder, and return it."""
    with tarfile.open(archive) as stream:
        stream.extractall(folder, filter="data")
    return folder / "train"


def trained(rows: ItemSource, views: str, encoder: str, updates: int) -> float:
    """Train, and return the seconds of an update."""
    pairs = ItemPairDataset(ItemDataset(rows), make_views(views, {}), torch.device("cpu"))
    x_encoder, y_encoder = (
        ENCODERS[encoder](shape, generator_for(0, side))
        for shape, side in ((pairs.x_shape, "x"), (pairs.y_shape, "y"))
    )
    size = x_encoder.code_size
    clock = Clock()
    indices = np.random.default_rng(0).permutation(len(rows))
    train(
        pairs,
        PairModel(x_encoder, y_encoder, BilinearCritic(size, size, generator_for(0, "critic"))),
        steps=updates,
        batch_size=BATCH_SIZE,
        # No more than a look needs, since looks are not what is measured.
        validation=RowSplit(np.sort(indices[2 * BATCH_SIZE :]), np.sort(indices[: 2 * BATCH_SIZE])),
        evaluate_every=updates,
        progress=clock,
    )
    return clock.seconds_per_step()


def opened(folder: Path, most_bytes_kept: int) -> tuple[ImageSource, float, float]:
    """Open a folder; return it, and the seconds of that and of reading all of it once."""
    with patch.object(image_files_room, "_MOST_BYTES_KEPT", most_bytes_kept):
        began = time.perf_counter()
        files = ImageSource(folder)
    opening = time.perf_counter() - began
    began = time.perf_counter()
    for indices in np.array_split(np.arange(len(files)), len(files) // BATCH_SIZE):
        files.read(indices)
    return files, opening, time.perf_counter() - began


def seconds_of(do: Callable[[], object], turns: int = 5) -> float:
    """Return the median of the seconds that something takes."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print milliseconds per step, and ratios."""
    given = os.environ.get("INFOMAX_DATA")
    root = Path(given) if given else Path(__file__).parents[2] / "shared" / "datasets"
    if not (root / ARCHIVE).is_file():
        print(f"{root / ARCHIVE} is not there: set INFOMAX_DATA to the folder that holds it")
        return
    torch.set_num_threads(2)
    print(f"torch {torch.__version__}, 2 threads, {os.cpu_count()} cores, {platform.machine()}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = extracted(root / ARCHIVE, Path(temporary))
        kept, opening, first_reading = opened(folder, 2**30)
        decoded, *_ = opened(folder, 0)
        indices = np.random.default_rng(0).integers(0, len(kept), BATCH_SIZE)
        reading, decoding = (
            1e3 * seconds_of(partial(each.read, indices)) for each in (kept, decoded)
        )
        print(
            f"{len(kept)} images opened in {opening:.1f} s and read once in {first_reading:.1f} s; "
            f"then a batch is read in {reading:.2f} ms where they are kept, in {decoding:.1f} ms "
            "where they are not"
        )
        array = kept.read(np.arange(len(kept)))
        contestants: dict[str, ItemSource] = {
            MEMORY: ArraySource(array, "array"),
            KEPT: kept,
            DECODED: decoded,
        }
        for views, encoder, updates, turns in CASES:
            rounds = [
                {name: trained(rows, views, encoder, updates) for name, rows in contestants.items()}
                for _ in range(turns)
            ]
            steps_of_pass = len(kept) // BATCH_SIZE
            report(f"{views}, {encoder}", rounds, (opening + first_reading) / steps_of_pass)
    print(f"kept decoded, a ratio of at most {LARGEST_RATIO} is asked for")


def report(case: str, rounds: list[dict[str, float]], before: float) -> None:
    """Print what one case took.

    Args:
        case: what was trained.
        rounds: seconds of an update in each.
        before: seconds of opening and of reading all images once, for each update of a pass.
    """
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    for name, seconds in medians.items():
        ratio = statistics.median(each[name] / each[MEMORY] for each in rounds)
        print(f"{case:16} {name:30} {1e3 * seconds:8.2f} ms/step, ratio {ratio:.2f}")
    first_pass = medians[KEPT] + before
    print(
        f"{case:16} {'first pass, opening included':30} {1e3 * first_pass:8.2f} ms/step, ratio "
        f"{first_pass / medians[MEMORY]:.2f}"
    )


if __name__ == "__main__":
    main()
