"""How far blocks of columns are from the same blocks permuted, where they are sound and elsewhere.

Run it with ``OMP_NUM_THREADS=1 python benchmarks/independent_blocks.py``.

Of every task with four columns and more whose blocks are independent by construction, the farthest
of all draws is printed, and how many draws were found to be of other blocks than they are; of tasks
that are a single block, in how many draws it was cut.
"""

import argparse

import numpy as np
import torch

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.blocks.independence import find_independent_blocks
from infomax.estimation.samples import read_samples

# By construction: pairs of columns, or single ones, that share nothing with any other.
SOUND = ("multinormal-sparse", "sines", "tanh", "staircase", "independent", "high-")
TURNED = ("spiral", "w-inliers", "high-student")


def main() -> None:
    """Print a row for each number of rows and kind of task."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[300, 1000, 5000])
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    print("| tasks | rows | draws | farthest, standard deviations | largest block as it is |")
    print("|---|---|---|---|---|")
    for rows in chosen.rows:
        for sound in (True, False):
            found = [
                blocks_of(name, rows, seed)
                for name in DISTRIBUTIONS
                if is_of(name, sound=sound)
                for seed in range(chosen.seeds)
            ]
            farthest = max(each[0] for each in found)
            right = sum(each[1] for each in found)
            kind = "independent blocks" if sound else "a single block"
            print(
                f"| {kind} | {rows:,} | {len(found)} | {farthest:.1f} | {right} of {len(found)} |",
                flush=True,
            )


def is_of(name: str, *, sound: bool) -> bool:
    """Tell whether a task has blocks that are independent, or else is one block of all columns."""
    task = DISTRIBUTIONS[name]
    if task.x_size + task.y_size < 4 or any(part in name for part in TURNED):
        return False
    return any(part in name for part in SOUND) is sound


def blocks_of(name: str, rows: int, seed: int) -> tuple[float, bool]:
    """Return how far the blocks of a draw are, and whether the largest is as large as it is."""
    task = DISTRIBUTIONS[name]
    x, y = task.sample(rows, torch.Generator().manual_seed(seed))
    samples = read_samples(x.double().numpy(), y.double().numpy(), discrete=[])
    found = find_independent_blocks(samples.columns, np.random.default_rng(seed))
    largest = max(map(len, found.blocks))
    of_task = 1 if task.mutual_information == 0 else 2
    if not any(part in name for part in SOUND):
        of_task = task.x_size + task.y_size
    return found.deviations, largest == of_task


if __name__ == "__main__":
    main()
