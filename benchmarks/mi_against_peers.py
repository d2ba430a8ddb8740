"""Estimates of known information by infomax and its peers, beside each other on the same pairs.

Run it with ``python -m benchmarks.mi_against_peers``. Peers run in environments of their own, which
are made on demand in ``--environments``. For each task and seed all estimators take their turn on
the same pairs, so that drifts of the machine's speed fall on all. What is done is kept in
``--out``: run it again to go on. ``--seeds 1 --tasks a,b`` measures a part.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_selection import mutual_info_regression

from benchmarks.worker import PEERS, Worker, environment_of
from infomax.distributions import BENCHMARK_TASKS, DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs

ESTIMATORS = {
    "infomax": ["auto", "infonce-symmetric", "ksg-1"],
    "bmi": ["infonce", "nwj", "donsker-varadhan", "mine", "ksg", "cca", "histogram", "kde"],
    "torch_mist": ["infonce"],
    "scikit-learn": ["ksg"],
}
KEYS = ["task", "seed", "package", "estimator"]
# torch-mist takes minutes for one estimate of many values: one seed shows what it gives.
SEEDS_OF_TORCH_MIST = 1


def estimate_here(package: str, estimator: str, pairs: Path) -> dict[str, float]:
    """Estimate in this process, by infomax or scikit-learn."""
    drawn = np.load(pairs)
    x, y = drawn["x"], drawn["y"]
    began = time.perf_counter()
    if package == "infomax":
        # Its peers make no test of dependence, which for nearest neighbours is most of the time.
        permutations = 1 if estimator == "ksg-1" else 199
        result = estimate_mi(x, y, estimator, permutations=permutations)
        seconds = time.perf_counter() - began
        return {
            "value": result.value,
            "seconds": seconds,
            "low": result.interval.low,
            "high": result.interval.high,
        }
    (value,) = mutual_info_regression(x, y[:, 0], n_neighbors=5, random_state=0)
    return {"value": float(value), "seconds": time.perf_counter() - began}


def questions(tasks: Sequence[str], seeds: int) -> Iterator[tuple[str, int, str, str]]:
    """Yield task, seed, package and estimator of everything that is measured."""
    for seed in range(seeds):
        for task in tasks:
            scalars = DISTRIBUTIONS[task].x_size == DISTRIBUTIONS[task].y_size == 1
            for package, estimators in ESTIMATORS.items():
                for estimator in estimators:
                    if package == "scikit-learn" and not scalars:
                        continue
                    if package == "torch_mist" and seed >= SEEDS_OF_TORCH_MIST:
                        continue
                    yield task, seed, package, estimator


def show(answers: pd.DataFrame) -> None:
    """Print errors and seconds over all tasks, and mean estimates by task."""
    answers["truth"] = [DISTRIBUTIONS[task].mutual_information for task in answers["task"]]
    answers["error"] = (answers["value"] - answers["truth"]).abs()
    answers["by"] = answers["package"] + " " + answers["estimator"]
    order = list(dict.fromkeys(answers["by"]))
    by_estimator = answers.groupby("by")
    table = pd.DataFrame(
        {
            "mean absolute error, nats": by_estimator["error"].mean(),
            "median": by_estimator["error"].median(),
            "seconds": by_estimator["seconds"].mean(),
            "tasks": answers.dropna(subset="value").groupby("by")["task"].nunique(),
        }
    )
    print(table.loc[order].round(3).to_string())
    print()
    by_task = answers.pivot_table(index=["task", "truth"], columns="by", values="value")
    print(by_task[[name for name in order if name in by_task]].round(3).to_string())


def main() -> None:
    """Measure what is not measured yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", default=",".join(BENCHMARK_TASKS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--environments", type=Path, default=Path(".peers"))
    parser.add_argument("--out", type=Path, default=Path("runs/mi-against-peers.jsonl"))
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    kept = [json.loads(line) for line in given.out.open()] if given.out.exists() else []
    done = {tuple(answer[key] for key in KEYS) for answer in kept}
    workers: dict[str, Worker] = {}
    with ExitStack() as stack:
        out = stack.enter_context(given.out.open("a"))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for asked in questions(given.tasks.split(","), given.seeds):
            if asked in done:
                continue
            task, seed, package, estimator = asked
            pairs = Path(folder) / f"{task}-{seed}.npz"
            if not pairs.exists():
                x, y = draw_pairs(task, given.n, seed)
                np.savez(pairs, x=x, y=y)
            if package in PEERS:
                if package not in workers:
                    python = environment_of(package, given.environments)
                    workers[package] = stack.enter_context(Worker(package, python))
                answer = workers[package].ask(estimator=estimator, pairs=str(pairs))
            else:
                answer = estimate_here(package, estimator, pairs)
            kept.append({**dict(zip(KEYS, asked, strict=True)), **answer})
            print(json.dumps(kept[-1]), file=out, flush=True)
            print(json.dumps(kept[-1]), file=sys.stderr)
    show(pd.DataFrame(kept))


if __name__ == "__main__":
    main()
