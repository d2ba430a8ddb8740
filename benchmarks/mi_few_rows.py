"""Do intervals of ``estimate_mi`` hold the truth where rows are few: 50 to 300 of them?

Run it with ``python benchmarks/mi_few_rows.py``. Each law is drawn anew for every seed, and the
table says how many intervals hold its information, those with two ends and those of "at least"
apart, and how wide they are. ``--csv FILE`` keeps every estimate.
"""

import argparse
import platform
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy import integrate, stats

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs

ROWS = (50, 100, 200, 300)
SEEDS = 40
TABLE = np.array([[6, 2, 1], [1, 4, 1], [1, 1, 5]]) / 22
GROUPS, APART = 3, 1.5


class Law(NamedTuple):
    """Pairs whose information is known.

    Attributes:
        truth: in nats.
        draw: from a number of rows and a seed to x and y.
    """

    truth: float
    draw: Callable[[int, int], tuple[Any, Any]]


def gaussian(correlation: float) -> Law:
    """Return a bivariate normal law."""

    def draw(rows: int, seed: int) -> tuple[Any, Any]:
        x, noise = np.random.default_rng((seed, 1)).standard_normal((2, rows))
        return x, correlation * x + (1 - correlation**2) ** 0.5 * noise

    return Law(-0.5 * np.log1p(-(correlation**2)), draw)


def named(task: str) -> Law:
    """Return the law of a task of the benchmark."""

    def draw(rows: int, seed: int) -> tuple[Any, Any]:
        return draw_pairs(task, rows, seed)

    return Law(float(DISTRIBUTIONS[task].mutual_information), draw)


def levels() -> Law:
    """Return two variables of three levels each."""

    def draw(rows: int, seed: int) -> tuple[Any, Any]:
        cells = np.random.default_rng((seed, 2)).choice(TABLE.size, rows, p=TABLE.ravel())
        return np.divmod(cells, TABLE.shape[1])

    independent = np.outer(TABLE.sum(axis=1), TABLE.sum(axis=0))
    return Law(float((TABLE * np.log(TABLE / independent)).sum()), draw)


def groups() -> Law:
    """Return three groups, as probable, and a normal variable whose mean is the group's."""
    centres = APART * np.arange(GROUPS)

    def draw(rows: int, seed: int) -> tuple[Any, Any]:
        generator = np.random.default_rng((seed, 3))
        group = generator.integers(GROUPS, size=rows)
        return group, centres[group] + generator.standard_normal(rows)

    def surprise(y: float) -> float:
        density = stats.norm.pdf(y, centres).mean()
        return float(-density * np.log(density))

    entropy = integrate.quad(surprise, -12, centres[-1] + 12, limit=200)[0]
    return Law(float(entropy - stats.norm.entropy()), draw)


def sine() -> Law:
    """Return a sine of a uniform variable, with noise."""
    noise = 0.3

    def draw(rows: int, seed: int) -> tuple[Any, Any]:
        generator = np.random.default_rng((seed, 4))
        x = generator.uniform(-2, 2, rows)
        return x, np.sin(3 * x) + noise * generator.standard_normal(rows)

    x = np.linspace(-2, 2, 4001)

    def surprise(y: float) -> float:
        density = integrate.simpson(stats.norm.pdf(y, np.sin(3 * x), noise), x=x) / 4
        return float(-density * np.log(density))

    entropy = integrate.quad(surprise, -4, 4, limit=400)[0]
    return Law(float(entropy - stats.norm.entropy(scale=noise)), draw)


LAWS: dict[str, Callable[[], Law]] = {
    "independent": lambda: gaussian(0.0),
    "normal, correlation 0.5": lambda: gaussian(0.5),
    "normal, correlation 0.9": lambda: gaussian(0.9),
    "normal, 3 + 3 columns": lambda: named("multinormal-dense-3-3-0.5"),
    "uniform with uniform noise": lambda: named("1v1-additive-0.75"),
    "Student, 1 degree": lambda: named("student-identity-1-1-1"),
    "levels and levels": levels,
    "levels and continuous": groups,
    "sine with noise": sine,
}


def estimates(names: list[str], sizes: list[int], seeds: int) -> Iterator[dict[str, Any]]:
    """Yield what is read of each draw of each law."""
    for name in names:
        law = LAWS[name]()
        for rows in sizes:
            for seed in range(seeds):
                began = time.process_time()
                result = estimate_mi(*law.draw(rows, seed), random_state=seed)
                yield {
                    "law": name,
                    "truth": law.truth,
                    "rows": rows,
                    "seed": seed,
                    "value": result.value,
                    "low": result.interval.low,
                    "high": result.interval.high,
                    "at_least": result.at_least,
                    "p_value": result.p_value,
                    "method": result.method,
                    "seconds": time.process_time() - began,
                }


def summary(drawn: pd.DataFrame) -> str:
    """Return the row of a law and a number of rows."""
    truth, seeds = drawn["truth"].iloc[0], len(drawn)
    holds = (drawn["low"] <= truth) & (truth <= drawn["high"])
    ended = ~drawn["at_least"]
    width = (drawn["high"] - drawn["low"])[ended].mean()
    methods = ", ".join(sorted(set(drawn["method"])))
    cells = [
        drawn["law"].iloc[0],
        f"{truth:.3f}",
        f"{drawn['rows'].iloc[0]}",
        f"{drawn['value'].mean():.3f}",
        f"{(holds & ended).sum()} of {ended.sum()}",
        f"{(holds & ~ended).sum()} of {(~ended).sum()}",
        f"{width:.2f}" if ended.any() else "",
        f"{(drawn['p_value'] < 0.05).sum()} of {seeds}",
        f"{drawn['seconds'].mean():.2f}",
        methods,
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--laws", nargs="+", default=list(LAWS), choices=list(LAWS))
    parser.add_argument("--csv", type=Path, help="where to keep every estimate")
    told = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    print(f"{told.seeds} draws each, intervals of 95 %\n")
    print(
        "| law | truth, nats | rows | mean estimate | interval holds it | at least, and is | "
        "mean width | p < 0.05 | CPU seconds | methods |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    kept = []
    for name in told.laws:
        for rows in told.rows:
            drawn = pd.DataFrame(estimates([name], [rows], told.seeds))
            kept.append(drawn)
            print(summary(drawn), flush=True)
    everything = pd.concat(kept)
    ended = everything[~everything["at_least"]]
    holds = ended["truth"].between(ended["low"], ended["high"])
    print(f"\nOf {len(ended)} intervals with two ends {holds.mean():.1%} hold the truth.")
    if told.csv is not None:
        everything.to_csv(told.csv, index=False)


if __name__ == "__main__":
    main()
