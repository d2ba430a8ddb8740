"""Which estimate of information from counts errs least, and do its intervals hold what is true?

Run it with ``python benchmarks/mi_of_counts.py``. Laws of two discrete variables whose information
is known are drawn from, from many rows to each pair of levels down to hardly one; a ``*`` marks the
least error of a row. NSB needs to know how many levels there are, which samples do not tell: it is
given the true numbers, and stands here for comparison alone.
"""

from collections.abc import Iterator

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from infomax.estimation.discrete.contingency import ContingencyTable, count_together
from infomax.estimation.discrete.entropies import ENTROPIES, counts_of_counts
from infomax.estimation.discrete.information import information_interval, information_of_counts

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


def main() -> None:
    """Print the table."""
    print(f"root mean squared errors of {DRAWS} draws, nats; the last column is of {CHOSEN}\n")
    names = [*ENTROPIES, "nsb"]
    print(f"| law | truth | rows | alone | {' | '.join(names)} | interval holds it |")
    print("|---" * (len(names) + 5) + "|")
    for name, law in laws():
        for number in ROWS:
            print(line(name, law, number), flush=True)


def line(name: str, law: np.ndarray, number: int) -> str:
    """Return the row of a law and a number of rows."""
    truth = information(law)
    generator = np.random.default_rng(0)
    tables = [drawn(law, number, generator) for _ in range(DRAWS)]
    values = {each: [information_of_counts(table, each) for table in tables] for each in ENTROPIES}
    intervals = [
        information_interval(table, CHOSEN, value, 0.95)
        for table, value in zip(tables, values[CHOSEN], strict=True)
    ]
    values["nsb"] = [nsb_information(table, law.shape) for table in tables]
    # Information is not below 0, and no reading counts as less.
    errors = [
        float(np.sqrt(np.mean((np.maximum(each, 0) - truth) ** 2))) for each in values.values()
    ]
    holds = sum(max(low, 0) <= truth + 1e-9 and truth <= high for low, high in intervals)
    shown = " | ".join(f"{error:.3f}{'*' * (error == min(errors))}" for error in errors)
    alone = np.mean([table.alone for table in tables])
    return f"| {name} | {truth:.3f} | {number} | {alone:.0%} | {shown} | {holds} of {DRAWS} |"


if __name__ == "__main__":
    main()
