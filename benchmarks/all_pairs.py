"""What the information of all pairs of 30 columns of mixed kinds costs, tested and not.

Run it with ``python benchmarks/all_pairs.py``; scikit-learn's values alone stand beside it.
"""

import time
import warnings

import numpy as np
import pandas as pd
from sklearn.feature_selection import mutual_info_regression

from infomax import information_matrix

ROWS = 2000


def table(seed: int = 0) -> pd.DataFrame:
    """Draw 20 continuous columns, 5 of whole numbers, 3 of text, a truth value and many zeros."""
    generator = np.random.default_rng(seed)
    hidden = generator.standard_normal((ROWS, 4))
    values = hidden @ generator.standard_normal((4, 30)) + generator.standard_normal((ROWS, 30))
    frame = pd.DataFrame(values, columns=[f"column {index}" for index in range(30)])
    for index in range(20, 25):
        frame[f"column {index}"] = frame[f"column {index}"].round().astype(int).clip(-4, 4)
    for index in range(25, 28):
        frame[f"column {index}"] = pd.qcut(frame[f"column {index}"], 4, labels=list("abcd")).astype(
            str
        )
    frame["column 28"] = frame["column 28"] > 0
    frame["column 29"] = frame["column 29"].clip(lower=0)
    return frame


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    frame = table()
    numbers = frame.copy()
    for name in numbers.columns[25:28]:
        numbers[name] = pd.factorize(numbers[name])[0]
    print("| of 435 pairs, 2,000 rows | seconds, wall |")
    print("|---|---|")
    for name, settings in (
        ("199 permutations, two at a time", {"n_jobs": 2}),
        ("no test, one at a time", {"permutations": 0}),
    ):
        start = time.perf_counter()
        information_matrix(frame, **settings)  # type: ignore[arg-type]
        print(f"| {name} | {time.perf_counter() - start:.0f} |", flush=True)
    start = time.perf_counter()
    for index in range(1, 30):
        before = numbers.iloc[:, :index].to_numpy(float)
        mutual_info_regression(before, numbers.iloc[:, index].to_numpy(float))
    seconds = time.perf_counter() - start
    print(f"| scikit-learn's mutual_info_regression, values alone | {seconds:.0f} |")


if __name__ == "__main__":
    main()
