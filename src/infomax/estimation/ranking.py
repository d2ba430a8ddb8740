"""Which columns of x carry information of y, most first."""

import math
import warnings
from collections.abc import Collection
from typing import Any

import pandas as pd

from infomax.errors import UserError
from infomax.estimation.containers import as_table
from infomax.estimation.pairwise import (
    correct_p_values,
    estimate_pairs,
    warn_once_of_each_kind,
    warning_of_few_permutations,
)
from infomax.estimation.result import MIResult
from infomax.estimation.samples import check_declared, check_labels, read_samples
from infomax.training import RandomState, StagedProgress, checked_seed

__all__ = ["rank_columns"]

_MEASURED = ("value_nats", "low_nats", "high_nats", "p_value", "entropy_of_y_nats", "share_of_y")
_SAID, _COUNTED = ("method", "kind", "reason"), ("pairs", "rows_left_out")


def rank_columns(
    x: Any,
    y: Any,
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
) -> pd.DataFrame:
    """Rank the columns of x by the information that each shares with y.

    Args:
        x: ``(N, dx)``: whatever `estimate_mi` takes; the names of its columns are kept.
        y: ``(N,)`` or ``(N, dy)``, of which all columns are taken together.
        method: as of `estimate_mi`, for each column.
        discrete: names of the discrete columns of x and y; by default whole numbers of at most 20
            levels.
        confidence: of each interval.
        permutations: of each column's test for any dependence at all.
        neighbours: of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see.
        random_state: as of `estimate_mi`, one seed for all columns; ``ranking.attrs`` tells it.
        missing: ``refuse`` columns in which a value is missing, or ``drop`` for each column the
            rows in which it or y is missing.
        order: of rows in time, as of `estimate_mi`.
        n_jobs: columns estimated at a time, as scikit-learn has it: -1 for one on each core.
        progress: is told how many columns are done; see `estimate_mi`.

    Returns:
        A row for each column of x, by its name (``column``), the largest value first: the value
        and the ends of its interval, in nats (``value_nats``, ``low_nats``, ``high_nats``), the
        p-value (``p_value``), and corrected for the number of columns so that the false discovery
        rate is kept (``corrected_p_value``), the entropy of y in nats and the share of it that the
        value is, at most 1, where all of y is discrete (``entropy_of_y_nats``, ``share_of_y``),
        and what `MIResult` says: ``method``, ``kind``, ``reason``, ``pairs``, ``rows_left_out``.
        Columns that cannot be estimated from are the last: ``refused`` says why, and else is
        empty.

    Raises:
        UserError: if y, or each column of x, cannot be estimated from.

    Warns:
        EstimationWarning: once for each kind, with the columns that it is about.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> wine = load_wine(as_frame=True).frame.sample(frac=1, random_state=0)
        >>> ranking = rank_columns(wine[["ash", "flavanoids"]], wine["target"], discrete=["target"])
        >>> ranking["share_of_y"].round(1).to_dict()
        {'flavanoids': 0.6, 'ash': 0.1}
    """
    check_labels(x, y)
    of_x, of_y = as_table(x, "x"), as_table(y, "y")
    names = [str(name) for name in of_x.columns]
    declared = check_declared(discrete, [*names, *map(str, of_y.columns)])
    # What is wrong with y is said of y, not of each column.
    of_these = None if declared is None else [name for name in declared if name in of_y.columns]
    read_samples(of_y, of_y, discrete=of_these, missing=missing)
    settings = {
        "method": method,
        "confidence": confidence,
        "permutations": permutations,
        "neighbours": neighbours,
        "scaling": scaling,
        "random_state": checked_seed(random_state),
        "missing": missing,
        "order": order,
    }
    results = estimate_pairs(
        [(of_x[[name]], of_y) for name in of_x.columns],
        settings,
        discrete=declared,
        n_jobs=n_jobs,
        progress=progress,
    )
    ranking = pd.DataFrame(
        [_row(result) for result in results], index=pd.Index(names, name="column")
    )
    corrected = correct_p_values(ranking["p_value"].to_numpy())
    ranking.insert(list(ranking.columns).index("p_value") + 1, "corrected_p_value", corrected)
    found = {
        name: result.warnings
        for name, result in zip(names, results, strict=True)
        if isinstance(result, MIResult)
    }
    warn_once_of_each_kind(found, stacklevel=2)
    few = warning_of_few_permutations(
        ranking["p_value"], ranking["corrected_p_value"], permutations
    )
    if few is not None:
        warnings.warn(few, stacklevel=2)
    ranking.attrs["random_state"] = settings["random_state"]
    return ranking.sort_values("value_nats", ascending=False, kind="stable", na_position="last")


def _row(result: MIResult | UserError) -> dict[str, Any]:
    if isinstance(result, UserError):
        nothing = dict.fromkeys(_MEASURED, math.nan)
        said, counted = dict.fromkeys(_SAID, ""), dict.fromkeys(_COUNTED, 0)
        return {**nothing, **said, **counted, "refused": str(result)}
    low, high = result.interval
    measured = (result.value, low, high, result.p_value, result.entropy_of_y, result.share_of_y)
    return {
        **dict(zip(_MEASURED, measured, strict=True)),
        **{name: getattr(result, name) for name in (*_SAID, *_COUNTED)},
        "refused": "",
    }
