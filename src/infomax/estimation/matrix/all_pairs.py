"""The information of all pairs of columns, or of each column of x with each of y."""

import math
import warnings
from collections.abc import Collection, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from infomax.data.text_cells import first_text
from infomax.errors import UserError, advice, unknown_name
from infomax.estimation.columns import Column
from infomax.estimation.containers import as_table
from infomax.estimation.diagnostics import warnings_of_scales
from infomax.estimation.discrete.information import entropy_of_columns
from infomax.estimation.matrix.result import InformationMatrix
from infomax.estimation.pairwise import (
    correct_p_values,
    estimate_pairs,
    one_of_each_kind,
    warning_of_few_permutations,
)
from infomax.estimation.result import MIResult
from infomax.estimation.samples import (
    MISSING,
    PairedSamples,
    check_declared,
    check_labels,
    read_samples,
)
from infomax.training import RandomState, StagedProgress, checked_seed
from infomax.warnings import ConstantColumnWarning, EstimationWarning, FewSamplesWarning

__all__ = ["information_matrix"]

_PAIRS_NAMED = 3


def information_matrix(
    x: Any,
    y: Any = None,
    *,
    method: str = "auto",
    discrete: Collection[str] | None = None,
    confidence: float = 0.95,
    permutations: int = 199,
    neighbours: int = 5,
    scaling: str = "rank-gaussian",
    random_state: RandomState = 0,
    missing: str = "refuse",
    order: Any = None,
    n_jobs: int | None = None,
    progress: StagedProgress | None = None,
) -> InformationMatrix:
    """Estimate the information of all pairs of columns of x, or of each of x with each of y.

    Each pair is estimated once, as `estimate_mi` does it.

    Args:
        x: ``(N, dx)``: whatever `estimate_mi` takes; the names of its columns are kept. Text, dates
            aside, is taken as levels.
        y: ``(N, dy)``, or None for the pairs within x.
        method: as of `estimate_mi`, for each pair.
        discrete: names of the discrete columns; by default whole numbers of at most 20 levels.
            Text, truth values and categories always are.
        confidence: of each interval.
        permutations: of each pair's test for any dependence at all.
        neighbours: of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see.
        random_state: as of `estimate_mi`, one seed for all pairs.
        missing: ``refuse`` columns in which a value is missing, or ``drop`` for each pair the rows
            in which either is missing.
        order: of rows in time, as of `estimate_mi`.
        n_jobs: pairs estimated at a time, as scikit-learn has it: -1 for one on each core.
        progress: is told how many pairs are done; see `estimate_mi`.

    Returns:
        Values, intervals, p-values, the same corrected for the number of pairs so that the false
        discovery rate is kept, and shares between 0 and 1. A pair that cannot be estimated from is
        in it with the reason.

    Raises:
        UserError: if there is no pair, or none can be estimated from.

    Warns:
        EstimationWarning: once for each kind, with the columns or pairs that it is about; also in
            the result.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> wine = load_wine(as_frame=True).frame.sample(frac=1, random_state=0)
        >>> matrix = information_matrix(wine[["flavanoids", "hue", "target"]], discrete=["target"])
        >>> matrix.values.round(1).loc["target"].to_dict()
        {'flavanoids': 0.7, 'hue': 0.4, 'target': 1.1}
        >>> matrix.to_frame()[["x", "y", "normalised_as"]].iloc[0].to_list()
        ['flavanoids', 'target', 'share of the entropy of target']
    """
    if missing not in MISSING:
        raise unknown_name("choice of missing", missing, MISSING)
    seed = checked_seed(random_state)
    of_one = y is None
    if not of_one:
        check_labels(x, y)
    tables = [_named(x, "x"), *([] if of_one else [_named(y, "y")])]
    if of_one and tables[0].shape[1] < 2:
        raise UserError(
            "x has 1 column, which makes no pair: give two columns or more, or "
            f"{advice('y', 'a second table')}"
        )
    declared = check_declared(discrete, [name for table in tables for name in table.columns])
    sides = [_read(table, declared, method, missing) for table in tables]
    of_x, of_y = sides[0], sides[-1]
    columns = (of_x.table.columns, of_y.table.columns)
    names = list(combinations(columns[0], 2)) if of_one else list(product(*columns))
    outcomes = estimate_pairs(
        [(of_x.table[[one]], of_y.table[[other]]) for one, other in names],
        {
            "method": method,
            "confidence": confidence,
            "permutations": permutations,
            "neighbours": neighbours,
            "scaling": scaling,
            "random_state": seed,
            "missing": missing,
            "order": order,
        },
        # What is discrete is a category by now.
        discrete=[],
        n_jobs=n_jobs,
        progress=progress,
    )
    found = {name: warned for side in sides for name, warned in side.warnings.items()}
    matrix = InformationMatrix(
        dict(zip(names, outcomes, strict=True)),
        of_x.entropies,
        of_y.entropies,
        of_one_table=of_one,
        confidence=confidence,
        random_state=seed,
        warnings=(*one_of_each_kind(found), *_of_pairs(names, outcomes, permutations)),
    )
    for warning in matrix.warnings:
        warnings.warn(warning, stacklevel=2)
    return matrix


class _Side(NamedTuple):
    """A table whose discrete columns are categories, and what each column is by itself."""

    table: pd.DataFrame
    entropies: "pd.Series[float]"
    warnings: dict[str, list[EstimationWarning]]


def _named(data: Any, side: str) -> pd.DataFrame:
    table = as_table(data, side)
    # A second time, for names that differ as numbers and text alone.
    return as_table(table.set_axis([str(name) for name in table.columns], axis=1), side)


def _read(
    table: pd.DataFrame, declared: Collection[str] | None, method: str, missing: str
) -> _Side:
    """Read each column once, for what holds of it in every pair."""
    typed, entropies = {}, {}
    found: dict[str, list[EstimationWarning]] = {}
    for name in table.columns:
        cells = table[name]
        levels = name in (declared or ()) or _is_text(cells)
        undeclared: list[str] | None = None if declared is None else []
        typed[name], entropies[name] = cells, math.nan
        try:
            samples = read_samples(
                cells.to_frame(name),
                cells.to_frame(name),
                discrete=[name] if levels else undeclared,
                missing=missing,
            )
        except UserError:
            # It is the reason why none of its pairs has an estimate.
            continue
        column = samples.x[0]
        found[name] = [*samples.warnings]
        if column.discrete:
            typed[name] = cells.astype("category")
            entropies[name], of_rows = _entropy(column, method)
            found[name] += of_rows
        elif declared is None:
            found[name] += warnings_of_scales(PairedSamples((column,), ()))
        if column.constant:
            entropies[name] = 0.0
            told = f"column {name} has one value in all rows: it shares no information"
            found[name].append(ConstantColumnWarning(told))
    return _Side(pd.DataFrame(typed), pd.Series(entropies, dtype=float), found)


def _entropy(column: Column, method: str) -> tuple[float, list[EstimationWarning]]:
    """Return what a column of levels holds, in nats, at most what its rows can show."""
    entropy, rows = entropy_of_columns([column], method), len(column.measured)
    if entropy <= math.log(rows):
        return entropy, []
    told = (
        f"column {column.name} holds more than {rows} rows can show: on the diagonal stands "
        f"log {rows} = {math.log(rows):z.2f} nats, as of an identifier"
    )
    return math.log(rows), [FewSamplesWarning(told)]


def _is_text(cells: "pd.Series[Any]") -> bool:
    """Whether cells are text of levels, and neither dates nor numbers that are written oddly."""
    known = cells.dropna()
    return pd.api.types.infer_dtype(known) == "string" and first_text(known)[2] == ""


def _of_pairs(
    names: Sequence[tuple[str, str]], outcomes: Sequence[MIResult | UserError], permutations: int
) -> list[EstimationWarning]:
    """Return what is to be said of pairs; what is constant was said of columns."""
    results = {
        f"{one} with {other}": outcome
        for (one, other), outcome in zip(names, outcomes, strict=True)
        if isinstance(outcome, MIResult)
    }
    found = {
        name: [each for each in result.warnings if not isinstance(each, ConstantColumnWarning)]
        for name, result in results.items()
    }
    p_values = pd.Series({name: result.p_value for name, result in results.items()})
    corrected = pd.Series(
        correct_p_values(np.asarray(p_values, dtype=np.float64)), index=p_values.index
    )
    few = warning_of_few_permutations(p_values, corrected, permutations, _name_pairs)
    return [*one_of_each_kind(found, _name_pairs), *([] if few is None else [few])]


def _name_pairs(names: Sequence[str]) -> str:
    more = f", ... ({len(names)} pairs in all)" if len(names) > _PAIRS_NAMED else ""
    return f"{', '.join(names[:_PAIRS_NAMED])}{more}"
