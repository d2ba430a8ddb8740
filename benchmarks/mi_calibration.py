"""Are the intervals and p-values of ``estimate_mi`` what they claim to be?

Run it with ``python benchmarks/mi_calibration.py``. On independent pairs the interval is to hold 0
and the p-value to be small by chance alone; where the information is known the interval is to hold
it; and what leaves the information as it is must not move the estimate out of its own interval.
"""

import platform
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs

PAIRS = 5000
DRAWS = 20
INDEPENDENT = tuple(f"independent-normal-{size}-{size}" for size in (1, 5, 25))
KNOWN = ("1v1-normal-0.75", "multinormal-sparse-3-3-2-2.0", "asinh-student-identity-1-1-1")
INVARIANT = (*KNOWN, "1v1-additive-0.75", "spiral-multinormal-sparse-3-3-2-2.0")


def turned(x: Any, y: Any) -> tuple[Any, Any]:
    """Swap x and y."""
    return y, x


def shuffled(x: Any, y: Any) -> tuple[Any, Any]:
    """Permute the rows."""
    rows = np.random.default_rng(0).permutation(len(x))
    return x[rows], y[rows]


def rescaled(x: Any, y: Any) -> tuple[Any, Any]:
    """Rescale every column by a factor of its own."""
    return x * 10.0 ** np.arange(x.shape[1]), y * -0.1


def exponential(x: Any, y: Any) -> tuple[Any, Any]:
    """Apply exp to the first column of x, brought to a range in which it is finite."""
    x = x.copy()
    x[:, 0] = np.exp(x[:, 0] / np.abs(x[:, 0]).max())
    return x, y


CHANGES: tuple[Callable[[Any, Any], tuple[Any, Any]], ...] = (
    turned,
    shuffled,
    rescaled,
    exponential,
)


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    print(f"{DRAWS} draws of {PAIRS} pairs each\n")
    print("| task | truth, nats | interval holds it | p < 0.05 | mean width | seconds | methods |")
    print("|---|---|---|---|---|---|---|")
    for task in (*INDEPENDENT, *KNOWN):
        print(calibration(task), flush=True)
    print("\n| task | change | estimate | moved by | half its width |")
    print("|---|---|---|---|---|")
    for task in INVARIANT:
        for line in invariance(task):
            print(line, flush=True)


def calibration(task: str) -> str:
    """Return the row of a task."""
    truth = DISTRIBUTIONS[task].mutual_information
    began = time.perf_counter()
    results = [
        estimate_mi(*draw_pairs(task, PAIRS, seed), random_state=seed) for seed in range(DRAWS)
    ]
    seconds = (time.perf_counter() - began) / DRAWS
    holds = sum(truth in result.interval for result in results)
    small = sum(result.p_value < 0.05 for result in results)
    width = np.mean([result.interval.width for result in results])
    methods = ", ".join(sorted({result.method for result in results}))
    return (
        f"| {task} | {truth:.3f} | {holds} of {DRAWS} | {small} of {DRAWS} | {width:.3f} | "
        f"{seconds:.1f} | {methods} |"
    )


def invariance(task: str) -> list[str]:
    """Return a row for each change that leaves the information as it is."""
    x, y = draw_pairs(task, PAIRS, 0)
    before = estimate_mi(x, y)
    rows = []
    for change in CHANGES:
        after = estimate_mi(*change(x, y))
        rows.append(
            f"| {task} | {change.__name__} | {before.value:.3f} "
            f"| {after.value - before.value:+.4f} | {before.interval.width / 2:.4f} |"
        )
    return rows


if __name__ == "__main__":
    main()
