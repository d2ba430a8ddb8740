"""The nearest-neighbour estimate of two scalars beside scikit-learn's, on the same pairs.

Both are the first estimator of Kraskov et al. with as many neighbours; ours also checks and ranks
what it is given, which tells where tails are heavy.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.feature_selection import mutual_info_regression

from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.neighbours.ksg import ksg_1_terms
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.samples import read_samples

Array = NDArray[np.float64]

PAIRS = 5000
NEIGHBOURS = 5
ROUNDS = 15
LARGEST_ERROR = 0.05


def ours(x: Array, y: Array) -> float:
    """Estimate as ``estimate_mi`` does, without interval and test, in nats."""
    space = neighbour_space(read_samples(x, y), np.random.default_rng(0))
    return float(ksg_1_terms(*space, neighbours=NEIGHBOURS).mean())


def theirs(x: Array, y: Array) -> float:
    """Estimate by scikit-learn, in nats."""
    (value,) = mutual_info_regression(x, y[:, 0], n_neighbors=NEIGHBOURS, random_state=0)
    return float(value)


@pytest.mark.parametrize("task", ["1v1-normal-0.75", "1v1-additive-0.1", "student-identity-1-1-1"])
def test_an_estimate_of_scalars(task: str, compare: Compare, table: list[Row]) -> None:
    x, y = draw_pairs(task, PAIRS, seed=0)
    value, their_value = ours(x, y), theirs(x, y)
    truth = DISTRIBUTIONS[task].mutual_information
    assert abs(value - truth) < LARGEST_ERROR
    turns = compare(lambda: ours(x, y), lambda: theirs(x, y), rounds=ROUNDS)
    table.append(
        turns.row(
            f"nearest neighbours, {PAIRS:,} pairs of {task}, {truth:.3f} nats",
            how=f"{value:.3f} nats",
            beside=f"{their_value:.3f} nats, scikit-learn",
            at_most=1.0,
        )
    )
