"""What a condition makes of columns before anything is estimated: determined, constant, too few."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from infomax.estimation.columns import Column, name_columns
from infomax.estimation.discrete.contingency import combine_levels
from infomax.estimation.neighbours.saturation import measure_saturated_share
from infomax.estimation.redundant_columns import (
    drop_from_side,
    drop_redundant_columns,
    find_determined_column,
    linear_in_others,
)
from infomax.estimation.samples import PairedSamples
from infomax.warnings import (
    ConstantColumnWarning,
    DeterminedColumnWarning,
    EstimationWarning,
    FewSamplesWarning,
    SaturationWarning,
)

__all__ = [
    "drop_constant_condition",
    "drop_determined_columns",
    "find_determined_given",
    "warnings_of_condition",
]

_FEW_ROWS = 50
_SATURATED_SHARE = 0.3
_ALONE_SHARE = 0.05
_MOST_ALONE = 8
_FEWEST_ROWS_OF_STRATUM = 2


def drop_constant_condition(samples: PairedSamples) -> PairedSamples:
    """Leave out columns of the condition that are constant or repeat others, and warn of them.

    Returns:
        What is left; its condition has no columns where all are constant.
    """
    given, warnings = drop_from_side(samples.given, "given")
    if not given:
        warnings = [
            ConstantColumnWarning(
                f"{name_columns([column.name for column in samples.given])} of given "
                f"{'is' if len(samples.given) == 1 else 'are'} constant, and what is constant is "
                "no condition: this is the information of x and y without one"
            )
        ]
    return dataclasses.replace(samples, given=given, warnings=(*samples.warnings, *warnings))


def drop_determined_columns(samples: PairedSamples) -> PairedSamples:
    """Leave out columns of x and y that are constant, or known once the condition is.

    Returns:
        What is left, with a warning of each kind; a side of such columns alone has none.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> x, y, z = np.random.default_rng(0).standard_normal((3, 60))
        >>> read = read_samples(np.column_stack([x, np.exp(z), x - z]), y, given=z)
        >>> kept = drop_determined_columns(read)
        >>> [column.name for column in kept.x], str(kept.warnings[0])
        (['x0'], 'columns x1, x2 of x are known from given and ...')
    """
    kept = drop_redundant_columns(samples)
    sides, warnings = [], list(kept.warnings)
    for side, columns in (("x", kept.x), ("y", kept.y)):
        left: list[Column] = []
        known: list[str] = []
        for column in columns:
            if _known_from(column, samples.given, left):
                known.append(column.name)
            else:
                left.append(column)
        sides.append(tuple(left))
        if known:
            are, they, beside = (
                ("is", "it has", "") if len(known) == 1 else ("are", "they have", "")
            )
            beside = f" and the other columns of {side}" if left else ""
            warnings.append(
                DeterminedColumnWarning(
                    f"{name_columns(known)} of {side} {are} known from given{beside}: {they} "
                    f"nothing left to share, and {are} left out"
                )
            )
    x, y = sides
    return dataclasses.replace(samples, x=x, y=y, warnings=(*samples.warnings, *warnings))


def find_determined_given(samples: PairedSamples) -> str | None:
    """Return what shows that x or y is known from the other side and the condition, if it is."""
    found = find_determined_column(PairedSamples(samples.x, samples.y))
    if found is not None:
        return found
    for side, other, columns, others in (
        ("x", "y", samples.x, samples.y),
        ("y", "x", samples.y, samples.x),
    ):
        if (name := linear_in_others(columns, (*others, *samples.given))) is not None:
            return f"column {name} of {side} is a sum of multiples of columns of {other} and given"
    return None


def warnings_of_condition(samples: PairedSamples, left: PairedSamples) -> list[EstimationWarning]:
    """Return what the rows give reason to, because of the condition.

    Args:
        samples: x, y and the condition.
        left: x and y with what the condition leaves of them.
    """
    found: list[EstimationWarning] = []
    rows = len(samples)
    if rows < _FEW_ROWS:
        found.append(
            FewSamplesWarning(
                f"{rows} rows: fewer than {_FEW_ROWS} hardly tell what is shared beyond a "
                "condition; the interval is wider for it, and what errs beyond it is not seen"
            )
        )
    for side, columns in (("x", samples.x), ("y", samples.y)):
        share = _share_following(columns, samples.given)
        if share > _SATURATED_SHARE:
            found.append(
                SaturationWarning(
                    f"around {share:.0%} of the rows {side} follows given as if given determined "
                    f"it: if it does, nothing is left of {side} to share, and the information is 0 "
                    "whatever is read of the rest, which may be rounding"
                )
            )
    share = measure_saturated_share(left, np.random.default_rng(0))
    if share > _SATURATED_SHARE:
        found.append(
            SaturationWarning(
                f"around {share:.0%} of the rows whatever is near in one side is near in the "
                "other, given the condition, as if one determined the other: these rows cannot "
                "tell very strong dependence from infinite, and the information may be far beyond "
                "the interval"
            )
        )
    return found + _strata_too_small(samples)


def _share_following(columns: tuple[Column, ...], given: tuple[Column, ...]) -> float:
    """Return of how many rows columns follow the condition, or one of its columns by itself.

    Where there are many columns of it, that one alone says as much can still be seen.
    """
    alone = [(column,) for column in given[:_MOST_ALONE]] if len(given) > 1 else []
    return max(
        measure_saturated_share(PairedSamples(columns, each), np.random.default_rng(0))
        for each in (given, *alone)
    )


def _strata_too_small(samples: PairedSamples) -> list[EstimationWarning]:
    levels = [column for column in samples.columns if column.discrete]
    if not any(column.discrete for column in samples.given):
        return []
    counts = np.bincount(combine_levels(levels))
    alone = float((counts == 1).sum()) / len(samples)
    if alone <= _ALONE_SHARE:
        return []
    names = ", ".join(column.name for column in levels)
    return [
        FewSamplesWarning(
            f"{alone:.0%} of the rows are alone in their combination of levels of {names}: what "
            "such rows share beyond the condition cannot be seen in them; give more rows, or join "
            "levels that are alike"
        )
    ]


def _known_from(column: Column, given: Sequence[Column], others: Sequence[Column]) -> bool:
    if find_determined_column(PairedSamples((column,), tuple(given))) is not None:
        return True
    if linear_in_others([column], [*given, *others]) is not None:
        return True
    levels = [each for each in given if each.discrete]
    if not (column.discrete and levels):
        return False
    strata = combine_levels(levels)
    together = combine_levels([*levels, column])
    # Strata of one row each would determine anything.
    often = len(strata) >= _FEWEST_ROWS_OF_STRATUM * (int(strata.max()) + 1)
    return often and int(together.max()) == int(strata.max())
