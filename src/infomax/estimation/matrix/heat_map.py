"""A heat map of the information of all pairs, columns that share much beside each other."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist, squareform

from infomax.estimation.arrays import Array, Indices
from infomax.information import BEGINS_AT_LEAST, SIGNIFICANT

if TYPE_CHECKING:
    from infomax.estimation.matrix.result import InformationMatrix

__all__ = ["clustered_order", "draw_matrix"]

_MOST_WRITTEN = 16
_FEWEST_CLUSTERED = 3
_CELL_INCHES, _MOST_INCHES = 0.42, 14.0
_DARK = 0.55
_NONE = "#dddddd"


def clustered_order(shares: pd.DataFrame, *, of_one_table: bool) -> tuple[Indices, Indices]:
    """Return the order of rows and of columns in which those that share much are neighbours.

    It is that of the leaves of average linkage, by one less the share within one table, and else by
    the Euclidean distance of rows, and of columns. What is not known counts as nothing shared.

    Args:
        shares: between 0 and 1.
        of_one_table: whether rows and columns are the same.

    Example:
        >>> pairs = np.array([[1, 0, 0.9, 0], [0, 1, 0, 0.8], [0.9, 0, 1, 0], [0, 0.8, 0, 1]])
        >>> clustered_order(pd.DataFrame(pairs), of_one_table=True)[0].tolist()
        [0, 2, 3, 1]
    """
    known = shares.fillna(0.0).to_numpy()
    if not of_one_table:
        return _leaves(known), _leaves(known.T)
    order = np.arange(len(known))
    if len(known) >= _FEWEST_CLUSTERED:
        apart = 1 - known
        np.fill_diagonal(apart, 0.0)
        linked = hierarchy.linkage(squareform(apart), "average", optimal_ordering=True)
        order = hierarchy.leaves_list(linked)
    return order, order


def _leaves(rows: Array) -> Indices:
    if len(rows) < _FEWEST_CLUSTERED:
        return np.arange(len(rows))
    linked = hierarchy.linkage(pdist(rows), "average", optimal_ordering=True)
    order: Indices = hierarchy.leaves_list(linked)
    return order


def draw_matrix(matrix: "InformationMatrix", source: str = "") -> Figure:
    """Draw shares as colours; amounts in nats are written in the cells of small tables.

    Args:
        matrix: of `information_matrix`.
        source: what the columns are of, for the title.
    """
    of_rows, of_columns = clustered_order(matrix.normalised, of_one_table=matrix.of_one_table)
    shares = matrix.normalised.iloc[of_rows, of_columns]
    sizes = [min(_CELL_INCHES * size, _MOST_INCHES) for size in reversed(shares.shape)]
    # Not by pyplot, which would keep every figure for ever.
    figure = Figure(figsize=(sizes[0] + 3.6, sizes[1] + 2.6), layout="constrained")
    axes = figure.add_subplot()
    colours = colormaps["viridis"].with_extremes(bad=_NONE)
    image = axes.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    # Names that are long, or hold signs of formulas, are written as they are.
    for axis, names in ((axes.xaxis, shares.columns), (axes.yaxis, shares.index)):
        axis.set_ticks(range(len(names)), list(names))
        for label in axis.get_ticklabels():
            label.set_parse_math(False)
            label.set_fontsize(8 if len(names) <= _MOST_WRITTEN else 6)
    for label in axes.get_xticklabels():
        label.set_rotation(90)
    axes.grid(visible=False)
    if max(shares.shape) <= _MOST_WRITTEN:
        _write_amounts(axes, matrix, of_rows, of_columns)
    figure.colorbar(
        image,
        label="share of entropy; of two continuous columns,\ncorrelation of Gaussians that share"
        " as much",
        shrink=0.8,
    )
    title = "information of pairs of columns"
    axes.set_title(f"{title}, {source}" if source else title, fontsize=11, parse_math=False)
    return figure


def _write_amounts(
    axes: Axes, matrix: "InformationMatrix", of_rows: Indices, of_columns: Indices
) -> None:
    """Write nats, "≥" of lower bounds, paler where no dependence is shown."""
    values, kinds, p_values, shares = (
        table.iloc[of_rows, of_columns].to_numpy()
        for table in (
            matrix.values,  # noqa: PD011 - it is no table of pandas
            matrix.kinds,
            matrix.corrected_p_values,
            matrix.normalised,
        )
    )
    for (row, column), value in np.ndenumerate(values):
        if math.isnan(value):
            continue
        at_least = "≥" if kinds[row, column] in BEGINS_AT_LEAST else ""
        axes.text(
            column,
            row,
            f"{at_least}{value:z.2f}",
            ha="center",
            va="center",
            fontsize=6.5,
            # What has no share is on light grey.
            color="white" if shares[row, column] <= _DARK else "black",
            alpha=0.5 if p_values[row, column] > SIGNIFICANT else 1.0,
        )
