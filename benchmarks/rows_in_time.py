"""Are p-values and intervals of series in time what they claim to be, with ``order`` and without?

Run it with ``python benchmarks/rows_in_time.py``. Autoregressive series of known memory share
nothing, or as much as correlated noise of theirs does. Then transfer entropies: of such pairs both
ways, and of pairs of which x drives y.
"""

import math
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.linalg import solve_discrete_lyapunov
from scipy.signal import lfilter

from infomax.estimation import estimate_mi, transfer_entropy

# Other draws than those that tests and the rule for shifts were tried on.
FIRST_SEED = 1000
# Memory, correlation, rows, draws.
SERIES = (
    (0.98, 0.0, 5000, 60),
    (0.95, 0.0, 5000, 20),
    (0.9, 0.0, 5000, 20),
    (0.98, 0.6, 5000, 20),
    (0.95, 0.6, 2000, 20),
    (0.9, 0.8, 2000, 20),
)
# Of transfer entropies.
ROWS, INDEPENDENT, DRIVEN = 2000, 60, 20
MEMORY_OF_X, DRIVEN_BY, BURN_IN = 0.8, 0.3, 500


def draw(memory: float, correlation: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw two stationary series of order 1 that share -log(1 - correlation^2) / 2 nats a row."""
    noise = np.random.default_rng(seed).standard_normal((2, rows))
    noise[:, 1:] *= math.sqrt(1 - memory**2)
    x, other = lfilter([1], [1, -memory], noise)
    return x, correlation * x + math.sqrt(1 - correlation**2) * other


def drive(own: tuple[float, float], rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw x of memory 0.8, and y that remembers its last two rows and is driven by x."""
    noise = np.random.default_rng(seed).standard_normal((2, rows + BURN_IN))
    x = lfilter([1], [1, -MEMORY_OF_X], noise[0])
    driven = noise[1].copy()
    driven[1:] += DRIVEN_BY * x[:-1]
    y = lfilter([1], [1, -own[0], -own[1]], driven)
    return x[BURN_IN:], y[BURN_IN:]


def transferred(own: tuple[float, float], history: int) -> float:
    """Return what one row of x tells of the next of y given so many rows of y, in nats."""
    lags = history + 1
    step = np.zeros((2 * lags + 2, 2 * lags + 2))
    step[0, 0] = MEMORY_OF_X
    step[1, [0, 1, 3]] = DRIVEN_BY, *own
    step[2:, :-2] = np.eye(2 * lags)
    noise = np.zeros_like(step)
    noise[0, 0] = noise[1, 1] = 1
    covariance = solve_discrete_lyapunov(step, noise)
    # x and y of each row, the latest first.
    now, source, past = [1], [2], list(range(3, 2 * history + 2, 2))

    def log_determinant(columns: list[int]) -> float:
        return float(np.linalg.slogdet(covariance[np.ix_(columns, columns)])[1])

    of_both = log_determinant([*now, *past]) + log_determinant([*source, *past])
    return 0.5 * (of_both - log_determinant(past) - log_determinant([*now, *source, *past]))


def print_transfers() -> None:
    """Print what is transferred between series that share nothing, and that drive each other."""
    names = ("series", "rows", "truth, nats", "p < 0.05", "interval holds it", "mean", "own past")
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for memory in (0.98, 0.95, 0.9):
        pairs = [draw(memory, 0.0, ROWS, FIRST_SEED + seed) for seed in range(INDEPENDENT)]
        _print_transfer(f"memory {memory}, x and y apart", pairs, lambda _: 0.0)
    for own in ((0.7, 0.0), (0.4, 0.4)):
        pairs = [drive(own, ROWS, FIRST_SEED + seed) for seed in range(DRIVEN)]
        _print_transfer(f"x drives y of {own}", pairs, partial(transferred, own))
        back = [(y, x) for x, y in pairs]
        _print_transfer("y to x of the same", back, lambda _: 0.0)


def _print_transfer(
    name: str, pairs: list[tuple[np.ndarray, np.ndarray]], truth_of: Callable[[int], float]
) -> None:
    results = [transfer_entropy(*pair) for pair in pairs]
    histories = [len(result.given_columns) for result in results]
    held = sum(
        truth_of(history) in result.interval
        for result, history in zip(results, histories, strict=True)
    )
    small = sum(result.p_value < 0.05 for result in results)
    mean = np.mean([result.value for result in results])
    truth = np.mean([truth_of(history) for history in histories])
    told = ", ".join(f"{each}: {count}" for each, count in sorted(Counter(histories).items()))
    of_all = len(pairs)
    print(
        f"| {name} | {ROWS} | {truth:.3f} | {small} of {of_all} | {held} of {of_all} | {mean:.4f} "
        f"| {told} |",
        flush=True,
    )


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    print("| memory | truth, nats | rows | order | p < 0.05 | interval holds it | mean value |")
    print("|---|---|---|---|---|---|---|")
    for memory, correlation, rows, draws in SERIES:
        truth = -math.log1p(-(correlation**2)) / 2
        for order in ("rows", None):
            results = [
                estimate_mi(*draw(memory, correlation, rows, FIRST_SEED + seed), order=order)
                for seed in range(draws)
            ]
            small = sum(result.p_value < 0.05 for result in results)
            held = sum(truth in result.interval for result in results)
            mean = np.mean([result.value for result in results])
            print(
                f"| {memory} | {truth:.3f} | {rows} | {order or 'none'} | {small} of {draws} | "
                f"{held} of {draws} | {mean:.3f} |",
                flush=True,
            )
    print_transfers()


if __name__ == "__main__":
    main()
