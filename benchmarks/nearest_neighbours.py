"""The nearest-neighbour estimate of two scalars beside scikit-learn's, in turn on the same pairs.

Run it with ``make bench`` or ``python benchmarks/nearest_neighbours.py``. Both are the first
estimator of Kraskov et al. with as many neighbours; ours also checks and ranks what it is given.
"""

import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_selection import mutual_info_regression

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.nearest_neighbours import ksg_1_terms
from infomax.estimation.neighbour_space import neighbour_space
from infomax.estimation.samples import paired_samples

Array = NDArray[np.float64]

TASKS = ("1v1-normal-0.75", "1v1-additive-0.1", "student-identity-1-1-1")
PAIRS = 5000
NEIGHBOURS = 5
ROUNDS = 15


def ours(x: Array, y: Array) -> float:
    """Estimate as ``estimate_mi`` does, without interval and test, in nats."""
    space = neighbour_space(paired_samples(x, y), np.random.default_rng(0))
    return float(ksg_1_terms(*space, neighbours=NEIGHBOURS).mean())


def theirs(x: Array, y: Array) -> float:
    """Estimate by scikit-learn, in nats."""
    (value,) = mutual_info_regression(x, y[:, 0], n_neighbors=NEIGHBOURS, random_state=0)
    return float(value)


def timed(estimate: Callable[[], float]) -> float:
    """Return the seconds of one estimate."""
    began = time.perf_counter()
    estimate()
    return time.perf_counter() - began


def main() -> None:
    """Print values, milliseconds and their ratio."""
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    for task in TASKS:
        x, y = draw_pairs(task, PAIRS, seed=0)
        both = (partial(ours, x, y), partial(theirs, x, y))
        values = [estimate() for estimate in both]
        rounds = [[timed(estimate) for estimate in both] for _ in range(ROUNDS)]
        seconds = [statistics.median(times) for times in zip(*rounds, strict=True)]
        print(
            f"{task:24} truth {DISTRIBUTIONS[task].mutual_information:.3f}, "
            f"ours {values[0]:.3f} nats in {1e3 * seconds[0]:.1f} ms, scikit-learn "
            f"{values[1]:.3f} in {1e3 * seconds[1]:.1f} ms, ratio {seconds[0] / seconds[1]:.2f}"
        )


if __name__ == "__main__":
    main()
