"""How far do pairs of a copula go from it by chance, and how far others?

Run it with ``python benchmarks/copula_fit.py``. Pairs of Gaussian and Student copulas are tested
for the copula that is fitted to them, as ``auto`` does before it claims one, and so are pairs that
are of none. The farthest statistic, in standard deviations of samples of the copula, contradicts it
beyond ``CONTRADICTING_DEVIATIONS``.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from infomax.estimation.copula.fits import fit_elliptical_copula
from infomax.estimation.copula.goodness_of_fit import CONTRADICTING_DEVIATIONS, goodness_of_fit

Sides = tuple[np.ndarray, np.ndarray]
Draw = Callable[[np.random.Generator], Sides]
COPULAS = (
    # columns of each side, rows, draws
    *((columns, rows, 40) for columns in (1, 2, 5) for rows in (300, 1000, 5000)),
    *((25, rows, 20) for rows in (1000, 5000)),
    (50, 10_000, 5),
)


def elliptical(generator: np.random.Generator, *, columns: int, rows: int, degrees: float) -> Sides:
    """Draw pairs of an elliptical copula with correlations of its own, behind exponentials."""
    loadings = generator.standard_normal((2 * columns, 2 * columns)) / np.sqrt(columns)
    drawn = generator.standard_normal((rows, 2 * columns)) @ (loadings + np.eye(2 * columns))
    if np.isfinite(degrees):
        drawn /= np.sqrt(generator.chisquare(degrees, size=(rows, 1)) / degrees)
    drawn = np.exp(drawn / 3)
    return drawn[:, :columns], drawn[:, columns:]


def digits(generator: np.random.Generator, *, x_layers: int, y_layers: int) -> Sides:
    """Return six components of each half of digits, sent through coupling layers."""
    x, y = (PCA(6).fit_transform(half) for half in np.hsplit(load_digits().data, 2))
    return coupled(x, x_layers, generator), coupled(y, y_layers, generator)


def coupled(side: np.ndarray, layers: int, generator: np.random.Generator) -> np.ndarray:
    """Send rows through a bijection, layer by layer u + 3 sin(4 h W)."""
    side = side / side.std(axis=0)
    for layer in range(layers):
        held, moved = (slice(3), slice(3, 6)) if layer % 2 else (slice(3, 6), slice(3))
        side[:, moved] += 3 * np.sin(4 * side[:, held] @ generator.standard_normal((3, 3)))
    return side


def spread(generator: np.random.Generator, *, columns: int, rows: int) -> Sides:
    """Draw y of tanh x, with noise that grows with x."""
    x, noise = generator.standard_normal((2, rows, columns))
    return x, np.tanh(x) + 0.5 * (1 + np.abs(x)) * noise


def families() -> Iterator[tuple[str, Draw, int]]:
    """Yield what is drawn, how, and how often."""
    for columns, rows, draws in COPULAS:
        for name, degrees in (("Gaussian", np.inf), ("Student, 3", 3.0)):
            draw = partial(elliptical, columns=columns, rows=rows, degrees=degrees)
            yield f"{name}, {columns} + {columns} columns, {rows} rows", draw, draws
    for x_layers, y_layers in ((0, 0), (2, 0), (8, 0), (2, 2), (4, 4), (8, 8)):
        name = f"digits, 6 + 6 components, {x_layers} and {y_layers} layers, 1797 rows"
        yield name, partial(digits, x_layers=x_layers, y_layers=y_layers), 5
    for columns, rows in ((2, 1000), (5, 5000), (50, 10_000)):
        name = f"tanh x and noise that grows, {columns} + {columns} columns, {rows} rows"
        yield name, partial(spread, columns=columns, rows=rows), 3


def farthest(draw: Draw, seed: int) -> float:
    """Return the farthest statistic of one draw."""
    generator = np.random.default_rng(seed)
    x, y = draw(generator)
    fit = goodness_of_fit(fit_elliptical_copula(x, y), x, y, generator)
    return max(fit.of_x, fit.of_y, fit.jointly)


def main() -> None:
    """Print the table."""
    began = time.process_time()
    print("| pairs | draws | median | farthest | contradicted |\n|---|---|---|---|---|")
    for name, draw, draws in families():
        found = [farthest(draw, seed) for seed in range(draws)]
        beyond = sum(each > CONTRADICTING_DEVIATIONS for each in found)
        print(
            f"| {name} | {draws} | {np.median(found):.1f} | {max(found):.1f} | {beyond} |",
            flush=True,
        )
    print(f"\n{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
