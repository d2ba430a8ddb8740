"""Many pairs of sides estimated side by side, with what is to be said of all of them together."""

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.utils.parallel import Parallel, delayed

from infomax.errors import UserError, advice, advises_flags, advising_flags
from infomax.estimation.arrays import Array
from infomax.estimation.columns import name_columns
from infomax.estimation.estimate import estimate_mi
from infomax.estimation.result import MIResult
from infomax.information import SIGNIFICANT
from infomax.training import NoProgress, StagedProgress
from infomax.warnings import EstimationWarning, FewPermutationsWarning

__all__ = [
    "correct_p_values",
    "estimate_pairs",
    "one_of_each_kind",
    "warn_once_of_each_kind",
    "warning_of_few_permutations",
]

Pair: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]


def estimate_pairs(
    pairs: Sequence[Pair],
    settings: Mapping[str, Any],
    *,
    discrete: Sequence[str] | None = None,
    n_jobs: int | None = None,
    progress: StagedProgress | None = None,
) -> list[MIResult | UserError]:
    """Estimate the information of each pair of sides as `estimate_mi` does.

    Args:
        pairs: x and y of each, as tables; none of the warnings of their results is shown.
        settings: of ``estimate_mi``, the same for all.
        discrete: names of the discrete columns of all; None leaves them open.
        n_jobs: pairs estimated at a time, as scikit-learn has it: -1 for one on each core.
        progress: is told how many pairs are done.

    Returns:
        The results in the order of the pairs; where a pair cannot be estimated from, the reason.

    Raises:
        UserError: if no pair can be estimated from, with the commonest reason.
    """
    watching = NoProgress() if progress is None else progress
    watching.start(f"estimating {len(pairs)} pairs of columns", len(pairs))
    outcomes = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_estimated)(
            x, y, {**settings, "discrete": _of_these(discrete, x, y)}, flags=advises_flags()
        )
        for x, y in pairs
    )
    results: list[MIResult | UserError] = []
    for outcome in outcomes:
        results.append(outcome)
        watching.advance(len(results))
    reasons = Counter(str(result) for result in results if isinstance(result, UserError))
    if reasons.total() == len(results):
        raise UserError(reasons.most_common(1)[0][0])
    return results


def correct_p_values(p_values: Array) -> Array:
    r"""Return p-values that keep the false discovery rate over all of them; NaN stays NaN.

    .. math:: \tilde p_{(i)} = \min_{j \ge i} \min\big( \tfrac{m}{j} p_{(j)}, 1 \big)

    :math:`p_{(1)} \le \dots \le p_{(m)}` are those that are no NaN.

    Source: Benjamini and Hochberg (1995).

    Args:
        p_values: ``(m,)``.

    Example:
        >>> correct_p_values(np.array([0.01, 0.5, np.nan, 0.02])).tolist()
        [0.03, 0.5, nan, 0.03]
    """
    corrected = np.full(len(p_values), math.nan)
    tested = ~np.isnan(p_values)
    if tested.any():
        corrected[tested] = stats.false_discovery_control(p_values[tested])
    return corrected


def warning_of_few_permutations(
    p_values: pd.Series,
    corrected: pd.Series,
    permutations: int,
    naming: Callable[[Sequence[str]], str] = name_columns,
) -> FewPermutationsWarning | None:
    """Return what is to be said where more permutations could show what the correction hides.

    Args:
        p_values: of each pair, by the name it is warned of by.
        corrected: the same, corrected for their number.
        permutations: of each test.
        naming: makes words of several names.
    """
    if not permutations:
        return None
    least = 1 / (1 + permutations)
    hidden = np.isclose(p_values, least) & (corrected > SIGNIFICANT)
    if not hidden.any():
        return None
    tested = int(p_values.notna().sum())
    # So many suffice where one of all is dependent.
    enough = math.ceil(tested / SIGNIFICANT)
    return FewPermutationsWarning(
        f"{naming([str(name) for name in p_values.index[hidden]])}: p = {least:.3g} is the "
        f"least that {permutations} permutations give, and the correction for {tested} tests "
        f"makes it {corrected[hidden].min():.3g}: give {enough} permutations or more "
        f"({advice(f'permutations={enough}', f'--permutations {enough}')}) to tell what is shared "
        "from chance"
    )


def warn_once_of_each_kind(
    found: Mapping[str, Iterable[EstimationWarning]], *, stacklevel: int
) -> None:
    """Warn once of each kind, with the names of the columns that it is about.

    Args:
        found: by the name of a column, what is to be said of its estimate.
        stacklevel: as of ``warnings.warn``, seen from who calls this.
    """
    for warning in one_of_each_kind(found):
        warnings.warn(warning, stacklevel=stacklevel + 1)


def one_of_each_kind(
    found: Mapping[str, Iterable[EstimationWarning]],
    naming: Callable[[Sequence[str]], str] = name_columns,
) -> list[EstimationWarning]:
    """Return one warning of each kind, with the names of what it is about.

    Args:
        found: by the name of a column or a pair, what is to be said of its estimate.
        naming: makes words of several names.
    """
    by_kind: dict[type[EstimationWarning], dict[str, EstimationWarning]] = {}
    for name, warned in found.items():
        for warning in warned:
            by_kind.setdefault(type(warning), {}).setdefault(name, warning)
    told = []
    for kind, of_kind in by_kind.items():
        first = str(next(iter(of_kind.values())))
        same = len(of_kind) == len(found) and {str(each) for each in of_kind.values()} == {first}
        named = naming(list(of_kind))
        # What is said of all alike is said of what they are compared with.
        if same or (len(of_kind) == 1 and named in first):
            before = ""
        else:
            before = f"{named}: the first: " if len(of_kind) > 1 else f"{named}: "
        told.append(kind(f"{before}{first}"))
    return told


def _of_these(discrete: Sequence[str] | None, x: pd.DataFrame, y: pd.DataFrame) -> list[str] | None:
    if discrete is None:
        return None
    names = {str(name) for table in (x, y) for name in table.columns}
    return [name for name in discrete if name in names]


def _estimated(
    x: pd.DataFrame, y: pd.DataFrame, settings: Mapping[str, Any], *, flags: bool
) -> MIResult | UserError:
    # Maybe in a process of its own, which does not know what it is asked by.
    with warnings.catch_warnings(), advising_flags(flags=flags):
        # They are in the result, and told of together.
        warnings.simplefilter("ignore", EstimationWarning)
        try:
            return estimate_mi(x, y, **settings)
        except UserError as error:
            return error
