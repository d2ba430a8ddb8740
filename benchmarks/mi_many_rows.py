"""How long does an estimate of very many rows take, beside scikit-learn's value alone?

Run it with ``python benchmarks/mi_many_rows.py``. ``estimate_mi`` chooses its method, and says an
interval, a p-value and warnings; ``mutual_info_regression`` of scikit-learn says one number, of one
column with one other, so it is timed where there are no more.
"""

import argparse
import platform
import time
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import sklearn
import torch
from sklearn.feature_selection import mutual_info_regression

from infomax.estimation import estimate_mi

CASES = (
    "normal 10000 1",
    "normal 100000 1",
    "normal 1000000 1",
    "sines 100000 1",
    "sines 1000000 1",
    "normal 100000 5",
    "sines 100000 5",
    "normal 100000 50",
    "sines 100000 50",
)
CORRELATION, NOISE = 0.75, 0.3

ResultT = TypeVar("ResultT")


def drawn(law: str, rows: int, columns: int) -> tuple[Any, Any]:
    """Return x and y, of which each column of y goes with one of x."""
    x, noise = np.random.default_rng(0).standard_normal((2, rows, columns))
    if law == "normal":
        return x, CORRELATION * x + (1 - CORRELATION**2) ** 0.5 * noise
    return x, np.sin(3 * x) + NOISE * noise


def timed(compute: Callable[[], ResultT]) -> tuple[ResultT, float, float]:
    """Return what is computed, the seconds that it took, and those of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    result = compute()
    return result, time.perf_counter() - wall, time.process_time() - processor


def row(case: str) -> str:
    """Return the row of a case."""
    law, rows, columns = case.split()
    x, y = drawn(law, int(rows), int(columns))
    result, wall, processor = timed(lambda: estimate_mi(x, y))
    beside = ""
    if columns == "1":
        value, seconds, _ = timed(lambda: mutual_info_regression(x, y[:, 0], random_state=0)[0])
        beside = f"{seconds:.2f} s, {value:.4f}"
    claim = f"{result.claim} " if result.claim else ""
    cells = [
        f"{law}, {int(rows):,} x {columns} + {columns}",
        f"{wall:.1f}",
        f"{processor:.1f}",
        f"{claim}{result.value:.{result.decimals}f} {result.interval_told}",
        f"{result.p_value:.3g}",
        result.method,
        result.parts_told,
        beside,
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", default=list(CASES), help="law rows columns")
    told = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"torch {torch.__version__}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, "
        f"{torch.get_num_threads()} threads, {platform.machine()}\n"
    )
    print(
        "| pairs | seconds | CPU seconds | estimate, nats | p | method | on a part | "
        "scikit-learn: seconds, value |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case in told.cases:
        print(row(case), flush=True)


if __name__ == "__main__":
    main()
