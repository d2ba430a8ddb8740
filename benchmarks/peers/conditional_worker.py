"""Conditional information by tigramite and ennemi, in an environment of their own: JSON lines."""

import contextlib
import json
import sys
import time
from typing import Any

import ennemi
import numpy as np
from tigramite.independence_tests.cmiknn import CMIknn


def by_tigramite(rows: Any, neighbours: float, permutations: int) -> dict[str, float]:
    """Estimate by CMIknn, with its test by local permutation unless there are none."""
    test = CMIknn(knn=neighbours, sig_samples=permutations, workers=1, seed=0)
    x, y, given = rows["x"][:, None], rows["y"][:, None], rows["given"]
    if not permutations:
        columns = np.hstack([x, y, given]).T
        sides = np.array([0, 1] + [2] * given.shape[1])
        return {"value": float(test.get_dependence_measure(columns, sides))}
    value, p_value, *_ = test.run_test_raw(x, y, given, alpha_or_thres=0.05)
    return {"value": float(value), "p_value": float(p_value)}


def by_ennemi(rows: Any, discrete: dict[str, bool]) -> dict[str, float]:
    """Estimate by ennemi, which has no test."""
    value = ennemi.estimate_mi(
        rows["y"],
        rows["x"],
        k=5,
        cond=rows["given"],
        discrete_x=discrete["x"],
        discrete_y=discrete["y"],
        max_threads=1,
    )
    return {"value": float(np.ravel(value)[0])}


def main() -> None:
    """Answer until there is nothing more to answer."""
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        rows = np.load(asked["rows"])
        began = time.process_time()
        with contextlib.redirect_stdout(sys.stderr):
            if asked["estimator"] == "ennemi":
                answer = by_ennemi(rows, asked["discrete"])
            else:
                answer = by_tigramite(rows, asked["neighbours"], asked["permutations"])
        answer["seconds"] = time.process_time() - began
        print(json.dumps(answer), flush=True)


main()
