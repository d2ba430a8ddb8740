"""Conditional information of known truth by infomax, tigramite and ennemi, on the same rows.

Run it with ``python -m benchmarks.conditional_mi``. It goes through the 12 cells of discrete and
continuous x and y with no, a discrete, a continuous and a mixed condition, three truths each.
tigramite and ennemi take part where they apply, in an environment of theirs, which is made on
demand in ``--environments``. Seconds are of the processor, on one thread.
"""

import argparse
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

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
from infomax.warnings import EstimationWarning

# CMIknn's own choice is a fifth of the rows; few neighbours are what it is compared at, too.
NEIGHBOURS = {"CMIknn": 0.2, "CMIknn, k = 5": 5}


def measure_here(cell: Cell, permutations: int, method: str = "auto") -> dict[str, object]:
    """Estimate by infomax."""
    began = time.process_time()
    result = estimate_mi(cell.x, cell.y, method, given=cell.given, permutations=permutations)
    return {
        "value": result.value,
        "seconds": time.process_time() - began,
        "p_value": result.p_value,
        "covered": cell.truth in result.interval,
        "method": result.method,
    }


def measure_peers(
    peers: Worker, cell: Cell, pair: str, condition: str, permutations: int
) -> Iterator[dict[str, object]]:
    """Estimate by those of the others that take such columns."""
    of_x, of_y = (side == "discrete" for side in pair.split("-"))
    continuous = condition == "continuous"
    all_discrete = of_x and of_y and condition == "discrete"
    assert cell.given is not None
    with tempfile.TemporaryDirectory() as folder:
        rows = f"{folder}/rows.npz"
        np.savez(rows, x=cell.x, y=cell.y, given=cell.given)
        if continuous and not of_x:
            for name, neighbours in NEIGHBOURS.items():
                asked = {"neighbours": neighbours, "permutations": permutations}
                yield {"by": name, **peers.ask(estimator="tigramite", rows=rows, **asked)}
        if (continuous and not (of_x and of_y)) or all_discrete:
            asked_of = {"x": of_x, "y": of_y}
            yield {"by": "ennemi", **peers.ask(estimator="ennemi", rows=rows, discrete=asked_of)}


def main() -> None:
    """Measure all cells, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--environments", type=Path, default=Path(".peers"))
    asked = parser.parse_args()
    warnings.simplefilter("ignore", EstimationWarning)
    rows = []
    python = environment_of("conditional", asked.environments)
    with Worker("conditional", python, env={"OMP_NUM_THREADS": "1"}) as peers:
        for pair in PAIRS:
            for condition in CONDITIONS:
                for strength in STRENGTHS:
                    for seed in range(asked.seeds):
                        cell = draw_cell(pair, condition, strength, asked.n, seed)
                        found = [
                            {"by": "infomax", **measure_here(cell, asked.permutations)},
                            {"by": "infomax, no test", **measure_here(cell, 0)},
                        ]
                        if cell.given is not None:
                            found += measure_peers(peers, cell, pair, condition, asked.permutations)
                        at = {"pair": pair, "condition": condition, "strength": strength}
                        rows += [{**at, "truth": cell.truth, **each} for each in found]
                    print(pair, condition, strength, flush=True)
    answers = pd.DataFrame(rows)
    answers["error"] = (answers["value"] - answers["truth"]).abs()
    where = ["pair", "condition", "by"]
    for keys in ([*where[:2], "strength", "by"], where, ["by"]):
        table = answers.groupby(keys, sort=False)[["error", "seconds"]].mean()
        table["covered"] = answers.dropna(subset="covered").groupby(keys)["covered"].mean()
        print(table.round(3).to_string(), end="\n\n")


if __name__ == "__main__":
    main()
