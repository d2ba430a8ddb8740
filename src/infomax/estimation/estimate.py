"""The question that all of this is for: how many nats do x and y share, and how sure is that?"""

import dataclasses
import math
import warnings
from collections.abc import Collection
from itertools import permutations as orders_of
from typing import Any

import numpy as np

from infomax.errors import UserError
from infomax.estimation.classical import NO_HISTORY
from infomax.estimation.columns import Column, matrix, named_columns
from infomax.estimation.copula.margins import StandardScores
from infomax.estimation.diagnostics import cautions_of_rows, cautions_of_scales
from infomax.estimation.discrete.contingency import combined_levels
from infomax.estimation.discrete.entropies import (
    ENTROPIES,
    chao_wang_jost_entropy,
    counts_of_counts,
)
from infomax.estimation.methods import find_method
from infomax.estimation.permutation import MOST_PAIRS_REPEATED
from infomax.estimation.progress import EstimationProgress
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.samples import PairedSamples, paired_samples
from infomax.estimation.settings import EstimationSettings
from infomax.training import NoProgress
from infomax.warnings import (
    ConstantColumnWarning,
    DuplicateColumnWarning,
    EstimationWarning,
)

__all__ = ["estimate_mi"]

# Sums of float32 have no more digits.
_ROUNDING = 1e-6
# Beyond that, decomposing their correlations alone takes minutes.
_MOST_COLUMNS = 2000


def estimate_mi(
    x: Any,
    y: Any,
    method: str = "auto",
    *,
    discrete: Collection[str] | None = None,
    confidence: float = 0.95,
    permutations: int = 199,
    neighbours: int = 5,
    scaling: str = "rank-gaussian",
    random_state: int = 0,
    missing: str = "refuse",
    progress: EstimationProgress | None = None,
) -> MIResult:
    """Estimate the mutual information of x and y, in nats.

    Args:
        x: ``(N,)`` or ``(N, dx)``: an array, a list, a tensor, a sparse matrix, or a table of
            pandas, Polars or Arrow, or a dictionary of columns, whose names are kept; row i was
            measured together with row i of y.
        y: ``(N,)`` or ``(N, dy)``.
        method: ``auto`` chooses by what the data contradict and says why; see ``METHODS``.
        discrete: names of discrete columns (``x0``, ``y1``, ... in arrays); by default whole
            numbers of at most 20 levels, with a warning of those, and of more that repeat. Truth
            values and pandas categories always are.
        confidence: of the interval.
        permutations: of the test for any dependence at all; 0 leaves it out, where levels are not
            tested without any.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see, ``rank-gaussian`` or ``standard``.
        random_state: seed of everything that is drawn.
        missing: ``refuse``, or ``drop`` rows in which a value of x or y is missing.
        progress: is told what is being done, by ``start(doing, steps)``, and how far it is, by
            ``advance(step)``: any object that has both.

    Returns:
        The estimate, with its interval, p-value, method, history and warnings.

    Raises:
        UserError: if the pairs cannot be estimated from as they are; the message says what to mend.

    Warns:
        EstimationWarning: for each reason to read the number with care; also in the result.

    Example:
        >>> import numpy as np
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 2000))
        >>> y = np.exp(0.75 * x + (1 - 0.75**2) ** 0.5 * noise)  # 0.413 nats
        >>> result = estimate_mi(x, y)
        >>> round(result.value, 1), 0.413 in result.interval, result.p_value
        (0.4, True, 0.005)
    """
    measure = find_method(method).measure
    settings = EstimationSettings(
        confidence,
        permutations,
        neighbours,
        scaling,
        random_state,
        NoProgress() if progress is None else progress,
    )
    settings.progress.start("reading columns", 1)
    samples = paired_samples(x, y, discrete=discrete, missing=missing)
    if len(samples.columns) > _MOST_COLUMNS:
        raise UserError(
            f"there are {len(samples.x)} columns of x and {len(samples.y)} of y, and an estimate "
            f"takes at most {_MOST_COLUMNS} in all: give fewer columns, a few principal components "
            "of them (PCA of scikit-learn), or one column at a time (mutual_information_scores)"
        )
    # The choice of a method and the test look at some of the rows only.
    most = min(len(samples), MOST_PAIRS_REPEATED) // 2
    if neighbours > most:
        raise UserError(
            f"neighbours is {neighbours} for {len(samples)} rows: give at most {most}, half of the "
            "rows that a test looks at"
        )
    cautions: list[EstimationWarning] = list(samples.cautions)
    sides = [_informative(columns, side, cautions) for columns, side in _sides(samples)]
    if not all(sides):
        names = [
            side for columns, (_, side) in zip(sides, _sides(samples), strict=True) if not columns
        ]
        result = _nothing_shared(samples, settings, " and ".join(names))
    else:
        kept = PairedSamples(tuple(sides[0]), tuple(sides[1]))
        shown = _determined(*sides)
        if shown is None:
            cautions += cautions_of_rows(kept)
        if discrete is None:
            cautions += cautions_of_scales(kept)
        if shown is None:
            result = measure(kept, settings)
        else:
            result = _everything_shared(samples, settings, shown)
    result = dataclasses.replace(
        result,
        warnings=(*cautions, *result.warnings),
        rows_left_out=samples.rows_left_out,
        entropy_of_y=_entropy_of(samples.y, result.method),
        x_columns=tuple(column.name for column in samples.x),
        y_columns=tuple(column.name for column in samples.y),
    )
    for caution in result.warnings:
        warnings.warn(caution, stacklevel=2)
    return result


def _entropy_of(columns: tuple[Column, ...], method: str) -> float:
    """Return the entropy of discrete columns in nats, by the same counts as the information."""
    if not all(column.discrete for column in columns):
        return math.nan
    _, counts = np.unique(combined_levels(columns), return_counts=True)
    entropy = ENTROPIES.get(method, chao_wang_jost_entropy)
    return float(entropy(*counts_of_counts(counts)))


def _sides(samples: PairedSamples) -> tuple[tuple[tuple[Column, ...], str], ...]:
    return (samples.x, "x"), (samples.y, "y")


def _informative(
    columns: tuple[Column, ...], side: str, cautions: list[EstimationWarning]
) -> list[Column]:
    """Leave out, and say so, columns without which the information is the same."""
    kept: list[Column] = []
    constant: list[str] = []
    repeated: dict[str, str] = {}
    seen: dict[bytes, str] = {}
    for column in columns:
        # Turned, it says the same: the smaller of both stands for either.
        order = min(_order(column), _order(column, turned=True))
        if column.constant:
            constant.append(column.name)
        elif order in seen:
            repeated[column.name] = seen[order]
        else:
            seen[order] = column.name
            kept.append(column)
    if constant:
        has, it = ("has", "it shares") if len(constant) == 1 else ("have", "they share")
        are = "is" if len(constant) == 1 else "are"
        cautions.append(
            ConstantColumnWarning(
                f"{named_columns(constant)} of {side} {has} one value in all rows: {it} no "
                f"information and {are} left out"
            )
        )
    if len(repeated) == 1:
        ((name, first),) = repeated.items()
        cautions.append(
            DuplicateColumnWarning(
                f"column {name} of {side} orders the rows as {first} does, or in reverse: it adds "
                "no information and is left out"
            )
        )
    elif repeated:
        cautions.append(
            DuplicateColumnWarning(
                f"{named_columns(list(repeated))} of {side} order the rows as others do "
                f"({', '.join(dict.fromkeys(repeated.values()))}), or in reverse: they add no "
                "information and are left out"
            )
        )
    return kept


def _determined(x: list[Column], y: list[Column]) -> str | None:
    """Return what shows that a continuous column of one side is known from the other, if it is."""
    of_x = {_order(column): column.name for column in x if _continuous(column)}
    for column in y:
        for order in (_order(column), _order(column, turned=True)):
            if _continuous(column) and order in of_x:
                return (
                    f"column {of_x[order]} of x and column {column.name} of y order the rows alike"
                )
    for (side, columns), (other, others) in orders_of((("x", x), ("y", y))):
        if (sum_of_others := _linear(columns, others)) is not None:
            return f"column {sum_of_others} of {side} is a sum of multiples of columns of {other}"
    return None


def _linear(columns: list[Column], others: list[Column]) -> str | None:
    """Return a column that the others give by a linear map, if there is one; levels give none."""
    sought, given = (
        [
            column
            for column in side
            if not column.discrete
            and not len(column.atoms)
            and column.different > len(column.measured) / 2
        ]
        for side in (columns, others)
    )
    # As many others as rows give anything.
    if not (sought and given) or len(given) + 1 > len(given[0].measured) / 2:
        return None
    values, rows = matrix(sought), matrix(given)
    values, rows = StandardScores(values)(values), StandardScores(rows)(rows)
    rows = np.column_stack([rows, np.ones(len(rows))])
    left = np.abs(values - rows @ np.linalg.lstsq(rows, values)[0]).max(axis=0)
    # Not the deviation, which an outlier may govern.
    spread = np.subtract(*np.quantile(values, [0.75, 0.25], axis=0))
    found = np.flatnonzero(left < _ROUNDING * spread)
    return sought[found[0]].name if len(found) else None


def _continuous(column: Column) -> bool:
    """Tell whether a column has a continuous part, beside values of positive probability or not."""
    if column.discrete or not len(column.atoms):
        return not column.discrete
    elsewhere = int((~np.isin(column.measured, column.atoms)).sum())
    return column.different - len(column.atoms) > elsewhere / 2


def _order(column: Column, *, turned: bool = False) -> bytes:
    """Return what columns have in common that are increasing maps of each other."""
    values = -column.measured if turned else column.measured
    return np.unique(values, return_inverse=True)[1].tobytes()


def _nothing_shared(samples: PairedSamples, settings: EstimationSettings, side: str) -> MIResult:
    reason = f"{side} is constant, and a constant shares no information with anything"
    return _known(samples, settings, 0.0, 1.0, reason)


def _everything_shared(
    samples: PairedSamples, settings: EstimationSettings, shown: str
) -> MIResult:
    reason = (
        f"{shown}: as far as these rows show, one side determines the other, and the information "
        "of continuous variables that do is infinite"
    )
    p_value = 1 / (1 + settings.permutations) if settings.permutations else math.nan
    return _known(samples, settings, math.inf, p_value, reason)


def _known(
    samples: PairedSamples,
    settings: EstimationSettings,
    value: float,
    p_value: float,
    reason: str,
) -> MIResult:
    return MIResult(
        value=value,
        interval=Interval(value, value),
        p_value=p_value,
        method="none",
        kind="neither",
        reason=reason,
        pairs=len(samples),
        confidence=settings.confidence,
        null_values=np.zeros(0),
        observed=value,
        history=NO_HISTORY,
    )
