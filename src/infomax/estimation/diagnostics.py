"""What in the data speaks against an estimate, whatever method makes it."""

import math
import shlex

import numpy as np

from infomax.errors import advice, choosing
from infomax.estimation.columns import Column, name_columns, stack_columns
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.discrete.contingency import combine_levels, count_levels
from infomax.estimation.neighbours.saturation import (
    measure_lost_dimensions,
    measure_saturated_share,
)
from infomax.estimation.rows import RowOrder, RowsInTime
from infomax.estimation.samples import PairedSamples
from infomax.warnings import (
    AssumptionWarning,
    ContinuousColumnWarning,
    DependentRowsWarning,
    EstimationWarning,
    FewSamplesWarning,
    SaturationWarning,
    UnevenTimeWarning,
)

__all__ = [
    "WAYS_OUT",
    "tied_columns",
    "warnings_of_atoms",
    "warnings_of_order",
    "warnings_of_rows",
    "warnings_of_scales",
]

_LAGS = 5
_UNLIKELY_DEVIATIONS = 5
_ROWS_PER_COLUMN = 20
_ROWS_PER_CORRELATION = 5
_ROWS_PER_LEVEL = 5
_ROWS_PER_WHOLE_NUMBER = 2.5
_COLUMNS_NAMED = 5
_FEWEST_IN_COMBINATIONS = 2
_ALONE_SHARE = 0.05
_TIED_SHARE = 0.05
_REPEATED_SHARE = 0.01
_SATURATED_SHARE = 0.3
_LOST_DIMENSIONS = 0.45
_FEWEST_WORTH = 30
_ORDER = "order='rows'"

WAYS_OUT = (
    "give more rows, fewer columns, a few principal components of them (PCA of scikit-learn), or "
    "one column at a time (mutual_information_scores)"
)
"""What may be done about too few rows for so many columns."""


def warnings_of_order(samples: PairedSamples, rows: RowOrder) -> list[EstimationWarning]:
    """Return what speaks against taking rows as they are taken: as independent, or in time.

    Args:
        samples: the pairs; where rows are in time, in order of it.
        rows: as what they are taken.
    """
    if isinstance(rows, RowsInTime):
        return [*_gaps_of_missing(samples), *_worth_little(samples, rows)]
    sides = [_most_autocorrelated(columns) for columns in (samples.x, samples.y)]
    if None in sides:
        return []
    named = " and ".join(map(str, sides))
    in_time = advice(_ORDER, "--order TIME_COLUMN")
    way_out = f"say {in_time} for rows in order of time, or take one row of each block"
    return [
        DependentRowsWarning(
            f"rows resemble their neighbours (autocorrelation of {named}): if they are a series, "
            "they hold fewer independent draws than rows, the interval is too narrow and the "
            f"p-value too small: {way_out}; if they were only sorted, the estimate stands"
        )
    ]


def _gaps_of_missing(samples: PairedSamples) -> list[EstimationWarning]:
    if not samples.rows_left_out:
        return []
    return [
        UnevenTimeWarning(
            f"{samples.rows_left_out} rows in which a value is missing are left out, which leaves "
            "gaps in time: the rows around them are taken as if they followed each other"
        )
    ]


def _worth_little(samples: PairedSamples, rows: RowsInTime) -> list[EstimationWarning]:
    size = len(samples)
    if rows.worth(size) >= _FEWEST_WORTH and rows.memory < size // 10:
        return []
    return [
        FewSamplesWarning(
            f"{size} rows in time resemble each other over {rows.memory} rows, and are worth about "
            f"{rows.worth(size):z.0f} independent ones: an interval or a test of so few is rough, "
            "and what drifts all the time seems to share what it does not; give a longer stretch, "
            "or differences from row to row"
        )
    ]


def warnings_of_rows(samples: PairedSamples) -> list[EstimationWarning]:
    """Return what the rows themselves give reason to, whatever method is to estimate.

    They may repeat each other, be too few, or show a dependence that is too strong for them.
    """
    found: list[EstimationWarning] = []
    repeated = _repeated_rows(samples)
    if repeated > _REPEATED_SHARE * len(samples):
        found.append(
            DependentRowsWarning(
                f"{repeated} of {len(samples)} rows repeat another row exactly: copies are no "
                "independent draws, remove them if they are not measurements of their own"
            )
        )
    columns, correlations = len(samples.columns), len(samples.x) * len(samples.y)
    needed = max(_ROWS_PER_COLUMN * columns, _ROWS_PER_CORRELATION * correlations)
    if len(samples) < needed:
        found.append(
            FewSamplesWarning(
                f"{len(samples)} rows for {len(samples.x)} and {len(samples.y)} columns: about "
                f"{needed} are needed before an estimate says more than its own error; {WAYS_OUT}"
            )
        )
    saturated = measure_saturated_share(samples, np.random.default_rng(0))
    if saturated > _SATURATED_SHARE:
        found.append(
            SaturationWarning(
                f"around {saturated:.0%} of the pairs whatever is near in one side is near in the "
                "other, as if one determined the other: these rows cannot tell very strong "
                "dependence from infinite, and the information may be far beyond the interval"
            )
        )
    elif measure_lost_dimensions(samples, np.random.default_rng(0)) > _LOST_DIMENSIONS:
        found.append(
            SaturationWarning(
                "the pairs lie along a curve as far as these rows can tell: pairs on a curve share "
                "infinitely much, and the information of pairs near one may be far beyond the "
                "interval"
            )
        )
    return found + _too_many_levels(samples)


def warnings_of_scales(samples: PairedSamples) -> list[EstimationWarning]:
    """Return a warning if continuous columns are whole numbers that repeat as levels do.

    It is for columns of which nothing was declared: 200 codes and 200 years look alike.
    """
    found = [
        column
        for column in samples.columns
        if not column.discrete
        and (column.measured == np.rint(column.measured)).all()
        and 1 < column.different <= len(samples) / _ROWS_PER_WHOLE_NUMBER
    ]
    if not found:
        return []
    names = [column.name for column in found]
    fewest, most = (pick(column.different for column in found) for pick in (min, max))
    levels = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    said = names[:_COLUMNS_NAMED]
    declared = advice(f"discrete={said}", f"--discrete {shlex.quote(','.join(said))}")
    others = " and so on" if len(names) > len(said) else ""
    return [
        ContinuousColumnWarning(
            f"{levels} whole numbers repeat in {name_columns(names)}: taken as points on a scale, "
            "of which larger and smaller mean something; if they are codes or classes, of which "
            f"only equality does, say {declared}{others}; if not, "
            f"{advice('discrete=[]', '--continuous')} takes them so without a warning"
        )
    ]


def _too_many_levels(samples: PairedSamples) -> list[EstimationWarning]:
    discrete = [column for column in samples.columns if column.discrete]
    found: list[EstimationWarning] = []
    rare = [column for column in discrete if column.different > len(samples) / _ROWS_PER_LEVEL]
    if rare:
        most = max(column.different for column in rare)
        has, up_to = ("has", "") if len(rare) == 1 else ("have", "up to ")
        found.append(
            FewSamplesWarning(
                f"{name_columns([column.name for column in rare])} {has} {up_to}{most} levels in "
                f"{len(samples)} rows: a level that hardly repeats, as that of an identifier, "
                "tells nothing of the next row"
            )
        )
    if found or len(discrete) < _FEWEST_IN_COMBINATIONS:
        return found
    if len(discrete) == len(samples.columns):
        return _rows_alone(samples)
    together = int(combine_levels(discrete).max()) + 1
    if together > len(samples) / _ROWS_PER_LEVEL:
        named = ", ".join(column.name for column in discrete)
        found.append(
            FewSamplesWarning(
                f"the levels of {named} stand together in {together} combinations in "
                f"{len(samples)} rows: with fewer than {_ROWS_PER_LEVEL} rows to each, the "
                "estimate may be far off, beyond its interval; join levels that are alike"
            )
        )
    return found


def _rows_alone(samples: PairedSamples) -> list[EstimationWarning]:
    alone = count_levels(samples).alone
    if alone <= _ALONE_SHARE:
        return []
    return [
        FewSamplesWarning(
            f"{alone:.0%} of the rows are alone in their combination of levels of x and y: "
            "combinations that no row has are about as probable, and how much they matter is "
            "hardly told by these rows; give more, or join levels that are alike"
        )
    ]


def warnings_of_atoms(method: str, samples: PairedSamples) -> list[EstimationWarning]:
    """Return the warning of a method that takes columns with atoms for continuous ones."""
    if not samples.columns_with_atoms:
        return []
    return [
        AssumptionWarning(
            f"{method} assumes continuous columns, and a single value is that of a tenth of the "
            f"rows or more in {', '.join(samples.columns_with_atoms)}: "
            f"{choosing('method', 'mixed-ksg-1')} takes it for what it is"
        )
    ]


def tied_columns(samples: PairedSamples) -> list[str]:
    """Return the continuous columns in which one value in twenty or more repeats another."""
    return [
        column.name
        for column in samples.columns
        if not column.discrete and column.different < (1 - _TIED_SHARE) * len(column.measured)
    ]


def _most_autocorrelated(columns: tuple[Column, ...]) -> str | None:
    """Describe the column whose ranks are most alike in neighbouring rows, if beyond chance."""
    values = stack_columns(columns)
    rows = NormalScores(values)(values)
    rows = rows - rows.mean(axis=0)
    variances = (rows**2).mean(axis=0)
    variances[variances == 0] = 1
    correlations = np.stack(
        [(rows[lag:] * rows[:-lag]).mean(axis=0) / variances for lag in range(1, _LAGS + 1)]
    )
    lag, index = np.unravel_index(np.abs(correlations).argmax(), correlations.shape)
    largest = float(correlations[lag, index])
    if abs(largest) * math.sqrt(len(rows)) < _UNLIKELY_DEVIATIONS:
        return None
    return f"{columns[int(index)].name} at lag {lag + 1}: {largest:z.2f}"


def _repeated_rows(samples: PairedSamples) -> int:
    """Count rows that repeat another whole: levels and rounded values repeat by themselves."""
    continuous = [column.measured for column in samples.columns if not column.discrete]
    if not continuous or (len(continuous) == 1 and tied_columns(samples)):
        return 0
    if any(column.different == len(samples) for column in samples.columns):
        return 0
    rows = stack_columns(samples.columns)
    _, different, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    different = different.reshape(-1)
    copied = counts[different] > 1
    for values in continuous:
        _, of_value, times = np.unique(values, return_inverse=True, return_counts=True)
        # A value that was rounded stands in other rows too, a copied one in copies alone.
        copied &= times[of_value] == counts[different]
    return int(copied.sum()) - len(np.unique(different[copied]))
