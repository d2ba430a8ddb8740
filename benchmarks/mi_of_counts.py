"""Which estimate of information from counts errs least, and do its intervals hold what is true?

Run it with ``python benchmarks/mi_of_counts.py``. Laws of two discrete variables whose information
is known are drawn from, from many rows to each pair of levels down to hardly one; a ``*`` marks the
least error of a row. The last two columns are of the interval that is given, and of the jackknife's
without what unseen pairs may add. NSB needs to know how many levels there are, which samples do not
tell: it is given the true numbers, and stands here for comparison alone.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from infomax.estimation.discrete.contingency import ContingencyTable, count_together
from infomax.estimation.discrete.entropies import ENTROPIES, counts_of_counts
from infomax.estimation.discrete.information import (
    information_interval,
    information_of_counts,
    jackknife_variance,
)
from infomax.estimation.result import Interval

ROWS = (100, 300, 1000, 3000, 10_000)
DRAWS = 40
CHOSEN = "chao-wang-jost"


def channel(levels: int, noise: float) -> np.ndarray:
    """Return the law of a level that noise replaces by another."""
    same = np.eye(levels)
    return ((1 - noise) * same + noise * (1 - same) / (levels - 1)) / levels


def harmonic(levels: int) -> np.ndarray:
    """Return shares that fall as 1 / rank, as those of words do."""
    shares = 1 / np.arange(1, levels + 1)
    normalised: np.ndarray = shares / shares.sum()
    return normalised


def laws() -> Iterator[tuple[str, np.ndarray]]:
    """Yield laws of pairs by name."""
    generator = np.random.default_rng(1)
    yield "independent 5 x 5", np.full((5, 5), 1 / 25)
    yield "independent 20 x 20", np.full((20, 20), 1 / 400)
    yield "independent 4 x 200", np.full((4, 200), 1 / 800)
    yield "independent 50 x 50, 1 / rank", np.outer(harmonic(50), harmonic(50))
    yield "channel of 8, 10 % noise", channel(8, 0.1)
    yield "channel of 50, 10 % noise", channel(50, 0.1)
    yield "channel of 50, 50 % noise", channel(50, 0.5)
    yield "channel of 200, 10 % noise", channel(200, 0.1)
    yield "copy of 50", np.eye(50) / 50
    yield "copy of 200, 1 / rank", np.diag(harmonic(200))
    yield "any of 30 x 30", generator.dirichlet(np.full(900, 0.2)).reshape(30, 30)
    rank = harmonic(100)
    rows = [generator.dirichlet(5 * rank) for _ in rank]
    yield "any of 100 x 100, 1 / rank", np.array(rows) * rank[:, None]


def information(law: np.ndarray) -> float:
    """Return what a law shares, in nats."""
    apart = np.outer(law.sum(axis=1), law.sum(axis=0))
    held = law > 0
    return max(float((law[held] * np.log(law[held] / apart[held])).sum()), 0.0)


def drawn(law: np.ndarray, number: int, generator: np.random.Generator) -> ContingencyTable:
    """Draw rows of a law, and count them."""
    cells = generator.choice(law.size, size=number, p=law.ravel())
    levels = (
        np.unique(each, return_inverse=True)[1] for each in np.unravel_index(cells, law.shape)
    )
    return count_together(*levels)


def nsb_entropy(counts: np.ndarray, levels: int) -> float:
    """Entropy by a prior of Dirichlet laws that is flat in it (Nemenman, Shafee, Bialek, 2002)."""
    often, times = counts_of_counts(counts)
    number = times @ often
    beta = np.geomspace(1e-6, 1e4, 400)[:, None]
    total = (beta * levels)[:, 0]
    prior = levels * polygamma(1, total + 1) - polygamma(1, beta[:, 0] + 1)
    weights = gammaln(total) - gammaln(total + number) + np.log(prior * beta[:, 0])
    weights += (times * (gammaln(often + beta) - gammaln(beta))).sum(axis=1)
    terms = times * (often + beta) * digamma(often + beta + 1)
    unseen = (levels - times.sum()) * beta[:, 0] * digamma(beta[:, 0] + 1)
    means = digamma(number + total + 1) - (terms.sum(axis=1) + unseen) / (number + total)
    return float(np.average(means, weights=np.exp(weights - weights.max())))


def nsb_information(table: ContingencyTable, shape: tuple[int, int]) -> float:
    """Return the information by entropies of NSB, in nats."""
    of_x, of_y = nsb_entropy(table.of_x, shape[0]), nsb_entropy(table.of_y, shape[1])
    return of_x + of_y - nsb_entropy(table.together, shape[0] * shape[1])


@dataclass(frozen=True)
class Measurement:
    """What the draws of a law gave.

    Attributes:
        errors: root mean squared, of each estimate, in nats.
        alone: share of rows that no other row shares both levels with.
        held: in how many draws the interval held the truth.
        held_by_jackknife: the same of the jackknife's alone.
    """

    errors: list[float]
    alone: float
    held: int
    held_by_jackknife: int


def main() -> None:
    """Print the table, and the means of all laws for each number of rows."""
    began = time.process_time()
    print(f"root mean squared errors of {DRAWS} draws, nats; intervals are of {CHOSEN}\n")
    names = [*ENTROPIES, "nsb"]
    columns = ["law", "truth", "rows", "alone", *names, "interval holds it", "jackknife's alone"]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    by_rows: dict[int, list[Measurement]] = {number: [] for number in ROWS}
    for name, law in laws():
        for number in ROWS:
            found = measured(law, number)
            by_rows[number].append(found)
            least = min(found.errors)
            errors = " | ".join(f"{each:.3f}{'*' * (each == least)}" for each in found.errors)
            print(
                f"| {name} | {information(law):.3f} | {number} | {found.alone:.0%} | {errors} | "
                f"{found.held} of {DRAWS} | {found.held_by_jackknife} of {DRAWS} |",
                flush=True,
            )
    for number, found_of_laws in by_rows.items():
        means = np.mean([each.errors for each in found_of_laws], axis=0)
        held = min(each.held for each in found_of_laws)
        alone = min(each.held_by_jackknife for each in found_of_laws)
        errors = " | ".join(f"{mean:.3f}" for mean in means)
        print(
            f"| all {len(found_of_laws)}, mean | | {number} | | {errors} | at least {held} | "
            f"at least {alone} |"
        )
    print(f"\n{time.process_time() - began:.0f} s of CPU")


def measured(law: np.ndarray, number: int) -> Measurement:
    """Estimate from draws of so many rows of a law."""
    truth = information(law)
    generator = np.random.default_rng(0)
    tables = [drawn(law, number, generator) for _ in range(DRAWS)]
    values = {each: [information_of_counts(table, each) for table in tables] for each in ENTROPIES}
    intervals, by_jackknife = [], []
    for table, value in zip(tables, values[CHOSEN], strict=True):
        intervals.append(information_interval(table, CHOSEN, value, 0.95))
        half_width = 1.96 * math.sqrt(jackknife_variance(table, CHOSEN))
        by_jackknife.append(Interval(value - half_width, value + half_width))
    values["nsb"] = [nsb_information(table, law.shape) for table in tables]
    # Information is not below 0, and no reading counts as less.
    errors = [
        float(np.sqrt(np.mean((np.maximum(each, 0) - truth) ** 2))) for each in values.values()
    ]
    return Measurement(
        errors,
        float(np.mean([table.alone for table in tables])),
        *(
            sum(max(low, 0) <= truth + 1e-9 and truth <= high for low, high in each)
            for each in (intervals, by_jackknife)
        ),
    )


if __name__ == "__main__":
    main()
