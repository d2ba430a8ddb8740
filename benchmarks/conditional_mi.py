"""Conditional information of known truth by infomax, tigramite and ennemi, on the same rows.

Run it with ``python -m benchmarks.conditional_mi``. It goes through the 12 cells of discrete and
continuous x and y with no, a discrete, a continuous and a mixed condition, three truths each, and
then measures what a value and a test cost. tigramite and ennemi take part where they apply, in an
environment of theirs, which is made on demand in ``--environments``. Seconds are of the processor,
on one thread. Each row is printed as soon as it is measured.
"""

import argparse
import math
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.worker import Worker, environment_of
from infomax.distributions.conditional_cells import (
    CONDITIONS,
    PAIRS,
    STRENGTHS,
    Cell,
    draw_cell,
)
from infomax.estimation import estimate_mi
from infomax.estimation.conditional.estimate import information_given
from infomax.estimation.conditional.neighbours import conditional_points, frenzel_pompe_terms
from infomax.estimation.samples import read_samples
from infomax.warnings import EstimationWarning

# CMIknn's own choice is a fifth of the rows; few neighbours are what it is compared at, too.
NEIGHBOURS = {"CMIknn": 0.2, "CMIknn, k = 5": 5}
PEERS = (*NEIGHBOURS, "ennemi")
# Other draws than those that rules were tried on.
FIRST_SEED = 5000
SIZES = (500, 1000, 2000, 10_000)
MOST_TESTED = 2000
REPEATS = 5


def timed(measure: Callable[[], float]) -> float:
    """Return the seconds that a value takes."""
    began = time.process_time()
    measure()
    return time.process_time() - began


def measure_here(cell: Cell) -> dict[str, Any]:
    """Estimate by infomax, with an interval and no test."""
    began = time.process_time()
    result = estimate_mi(cell.x, cell.y, given=cell.given, permutations=0)
    return {
        "by": "infomax",
        "value": result.value,
        "seconds": time.process_time() - began,
        "covered": cell.truth in result.interval,
        "width": result.interval.width,
        "method": result.method,
    }


def measure_peers(peers: Worker, cell: Cell, pair: str, condition: str) -> Iterator[dict[str, Any]]:
    """Estimate values by those of the others that take such columns."""
    of_x, of_y = (side == "discrete" for side in pair.split("-"))
    continuous = condition == "continuous"
    all_discrete = of_x and of_y and condition == "discrete"
    assert cell.given is not None
    with tempfile.TemporaryDirectory() as folder:
        rows = f"{folder}/rows.npz"
        np.savez(rows, x=cell.x, y=cell.y, given=cell.given)
        if continuous and not of_x:
            for name, neighbours in NEIGHBOURS.items():
                asked = {"neighbours": neighbours, "permutations": 0}
                yield {"by": name, **peers.ask(estimator="tigramite", rows=rows, **asked)}
        if (continuous and not (of_x and of_y)) or all_discrete:
            asked_of = {"x": of_x, "y": of_y}
            yield {"by": "ennemi", **peers.ask(estimator="ennemi", rows=rows, discrete=asked_of)}


def print_row(cells: list[Any]) -> None:
    """Print a row of a table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def print_head(names: list[str]) -> None:
    """Print the head of a table."""
    print_row(names)
    print_row(["---"] * len(names))


def errors_and_coverage(peers: Worker, size: int, seeds: int) -> None:
    """Print a row for each cell and truth, and means over all."""
    print(f"\n{size} rows, {seeds} draws each:\n")
    print_head(
        [
            *("x and y", "z", "truth", "mean", "error", "held", "width", "s", "method"),
            *(f"{name}: error" for name in PEERS),
        ]
    )
    rows: list[dict[str, Any]] = []
    for pair in PAIRS:
        for condition in CONDITIONS:
            for strength in STRENGTHS:
                found: list[dict[str, Any]] = []
                for seed in range(FIRST_SEED, FIRST_SEED + seeds):
                    cell = draw_cell(pair, condition, strength, size, seed)
                    of_draw = [measure_here(cell)]
                    if cell.given is not None:
                        of_draw += measure_peers(peers, cell, pair, condition)
                    found += [{"truth": cell.truth, **each} for each in of_draw]
                rows += found
                table = _with_errors(found)
                mean: dict[Any, Any]
                mean = table.groupby("by")[["value", "error", "seconds", "width"]].mean().to_dict()
                here = table[table["by"] == "infomax"]
                print_row(
                    [
                        pair,
                        condition,
                        f"{abs(here['truth'].iloc[0]):.3f}",
                        *(f"{mean[name]['infomax']:.3f}" for name in ("value", "error")),
                        f"{int(here['covered'].sum())} of {seeds}",
                        *(f"{mean[name]['infomax']:.2f}" for name in ("width", "seconds")),
                        "`, `".join(here["method"].unique()).join("``"),
                        *(
                            f"{mean['error'][name]:.3f}" if name in mean["error"] else ""
                            for name in PEERS
                        ),
                    ]
                )
    table = _with_errors(rows)
    for name, of_it in table.groupby("by", sort=False):
        held = of_it["covered"].dropna().astype(float)
        said = f", interval held in {held.mean():.1%}" if len(held) else ""
        print(f"\n{name}: mean error {of_it['error'].mean():.4f} over {len(of_it)}{said}")


def _with_errors(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table.assign(error=(table["value"] - table["truth"]).abs())


def plain_value(cell: Cell) -> float:
    """Estimate as Frenzel and Pompe did, which is what the others compute."""
    samples = read_samples(cell.x, cell.y, given=cell.given)
    points = conditional_points(samples, np.random.default_rng(0), residuals=False)
    return float(frenzel_pompe_terms(*points, neighbours=5).mean())


def value_alone(cell: Cell) -> float:
    """Estimate as ``estimate_mi`` does, without its test, interval and warnings."""
    assert cell.given is not None
    return information_given(cell.x[:, None], cell.y[:, None], cell.given)


def tested_value(cell: Cell, permutations: int) -> float:
    """Estimate with a test, an interval and warnings."""
    return estimate_mi(cell.x, cell.y, given=cell.given, permutations=permutations).value


def seconds(peers: Worker, permutations: int) -> None:
    """Print what a value, and a value with a test, take of three continuous columns."""
    print("\nThree continuous columns, seconds:\n")
    print_head(
        [
            *("rows", "Frenzel-Pompe", "value alone", "ennemi", "CMIknn, k = 5"),
            *(f"with {permutations} permutations", f"CMIknn, k = 5, with {permutations}"),
        ]
    )
    values: dict[str, Any] = {
        "ennemi": {"estimator": "ennemi", "discrete": {"x": False, "y": False}},
        "CMIknn": {"estimator": "tigramite", "neighbours": 5, "permutations": 0},
    }
    for size in SIZES:
        cell = draw_cell("continuous-continuous", "continuous", "moderate", size, FIRST_SEED)
        assert cell.given is not None
        ours = [
            min(timed(partial(measure, cell)) for _ in range(REPEATS))
            for measure in (plain_value, value_alone)
        ]
        tested = timed(partial(tested_value, cell, permutations))
        with tempfile.TemporaryDirectory() as folder:
            rows = f"{folder}/rows.npz"
            np.savez(rows, x=cell.x, y=cell.y, given=cell.given)
            theirs = [
                min(peers.ask(rows=rows, **each)["seconds"] for _ in range(REPEATS))
                for each in values.values()
            ]
            test = {**values["CMIknn"], "permutations": permutations}
            # The first one compiles.
            peers.ask(rows=rows, **{**test, "permutations": 1})
            # Of more rows it takes a minute.
            of_test = peers.ask(rows=rows, **test)["seconds"] if size <= MOST_TESTED else math.nan
        print_row(
            [
                size,
                *(f"{each:.4f}" for each in (*ours, *theirs)),
                *(f"{each:.2f}" for each in (tested, of_test)),
            ]
        )


def main() -> None:
    """Measure all cells, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="*", default=[500, 2000])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--environments", type=Path, default=Path(".peers"))
    asked = parser.parse_args()
    warnings.simplefilter("ignore", EstimationWarning)
    python = environment_of("conditional", asked.environments)
    with Worker("conditional", python, env={"OMP_NUM_THREADS": "1"}) as peers:
        for size in asked.n:
            errors_and_coverage(peers, size, asked.seeds)
        seconds(peers, asked.permutations)


if __name__ == "__main__":
    main()
