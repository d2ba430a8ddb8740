"""Are p-values and intervals of series in time what they claim to be, with ``order`` and without?

Run it with ``python benchmarks/rows_in_time.py``. Autoregressive series of known memory share
nothing, or as much as correlated noise of theirs does.
"""

import math
import warnings

import numpy as np
from scipy.signal import lfilter

from infomax.estimation import estimate_mi

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


def draw(memory: float, correlation: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw two stationary series of order 1 that share -log(1 - correlation^2) / 2 nats a row."""
    noise = np.random.default_rng(seed).standard_normal((2, rows))
    noise[:, 1:] *= math.sqrt(1 - memory**2)
    x, other = lfilter([1], [1, -memory], noise)
    return x, correlation * x + math.sqrt(1 - correlation**2) * other


def main() -> None:
    """Print the table."""
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


if __name__ == "__main__":
    main()
