"""What is known of all pairs of columns: amounts, tests, shares, and why some have none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from infomax.errors import UserError, unknown_name
from infomax.estimation.pairwise import correct_p_values
from infomax.estimation.result import MIResult
from infomax.information import NATS_OF
from infomax.warnings import EstimationWarning

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["InformationMatrix", "normalised_information"]

_MEASURED = ("value_nats", "low_nats", "high_nats")
_SAID, _COUNTED = ("method", "kind", "reason"), ("pairs", "rows_left_out")


@dataclass(frozen=True, eq=False)
class InformationMatrix:
    """The information of each pair of columns: of one table, or of one from each of two.

    Attributes:
        outcomes: by the names of both columns the estimate, or why there is none; of one table each
            pair once, the column that stands first in it first.
        x_entropies: of each column of x what it holds, in nats, by its name; NaN where continuous.
        y_entropies: the same of y; of one table, that of x.
        of_one_table: whether x and y are the same columns.
        confidence: of the intervals.
        random_state: the seed of everything that was drawn.
        warnings: one of each kind, with the columns or pairs that it is about.
    """

    outcomes: Mapping[tuple[str, str], MIResult | UserError] = field(repr=False)
    x_entropies: "pd.Series[float]" = field(repr=False)
    y_entropies: "pd.Series[float]" = field(repr=False)
    of_one_table: bool
    confidence: float
    random_state: int
    warnings: tuple[EstimationWarning, ...] = ()

    @property
    def x_columns(self) -> list[str]:
        """The names of the columns of x."""
        return [str(name) for name in self.x_entropies.index]

    @property
    def y_columns(self) -> list[str]:
        """The names of the columns of y."""
        return [str(name) for name in self.y_entropies.index]

    @property
    def values(self) -> pd.DataFrame:
        """Nats that each pair shares; on the diagonal the entropy of what has levels, else NaN."""
        return self._squared("value_nats", self.x_entropies.to_numpy())

    @property
    def low(self) -> pd.DataFrame:
        """Lower ends of the intervals, in nats."""
        return self._squared("low_nats", math.nan)

    @property
    def high(self) -> pd.DataFrame:
        """Upper ends of the intervals, in nats."""
        return self._squared("high_nats", math.nan)

    @property
    def p_values(self) -> pd.DataFrame:
        """P-values of any dependence at all."""
        return self._squared("p_value", math.nan)

    @property
    def corrected_p_values(self) -> pd.DataFrame:
        """The same, corrected so that the false discovery rate of all pairs is kept (q-values)."""
        return self._squared("corrected_p_value", math.nan)

    @property
    def normalised(self) -> pd.DataFrame:
        """Shares between 0 and 1, see `normalised_information`; a column is all of itself."""
        return self._squared("normalised", np.where(self.x_entropies == 0, math.nan, 1.0))

    @property
    def methods(self) -> pd.DataFrame:
        """The method of each estimate; empty where there is none."""
        return self._squared("method", "")

    @property
    def kinds(self) -> pd.DataFrame:
        """What each value is: ``lower bound`` is to be read as "at least"; empty without one."""
        return self._squared("kind", "")

    def __getitem__(self, names: tuple[str, str]) -> MIResult | UserError:
        """Return the estimate of two columns, in either order if they are of one table.

        Raises:
            UserError: if there is no such pair.
        """
        x, y = names
        for name, columns in ((x, self.x_columns), (y, self.y_columns)):
            if name not in columns:
                raise unknown_name("column", name, columns)
        if names in self.outcomes:
            return self.outcomes[names]
        if (y, x) not in self.outcomes:
            raise UserError(f"column {x!r} is no pair with itself: its entropy is in values")
        return self.outcomes[y, x]

    def to_frame(self, unit: str = "nats") -> pd.DataFrame:
        """Return a row for each pair, the largest value first; those without an estimate last.

        Its columns are the names (``x``, ``y``), the value and the ends of its interval
        (``value_nats``, ``low_nats``, ``high_nats``, or by their unit), ``p_value``,
        ``corrected_p_value``, ``normalised`` and what it is (``normalised_as``), what `MIResult`
        says (``method``, ``kind``, ``reason``, ``pairs``, ``rows_left_out``), the types of its
        warnings, and in ``refused`` why there is no estimate.

        Args:
            unit: of ``NATS_OF``.
        """
        amounts = {name: name.replace("nats", unit) for name in _MEASURED}
        frame = self._pairs.copy()
        frame[list(_MEASURED)] /= NATS_OF[unit]
        return frame.rename(columns=amounts)

    def plot(self, source: str = "") -> "Figure":
        """Draw a heat map of the shares, columns that share much beside each other.

        Args:
            source: what the columns are of, such as the name of a file, for the title.
        """
        # Here, so that whoever draws nothing does not wait for matplotlib.
        from infomax.estimation.matrix.heat_map import draw_matrix  # noqa: PLC0415

        return draw_matrix(self, source)

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        frame = pd.DataFrame([self._row(*pair) for pair in self.outcomes])
        corrected = correct_p_values(frame["p_value"].to_numpy())
        frame.insert(list(frame.columns).index("p_value") + 1, "corrected_p_value", corrected)
        return frame.sort_values(
            "value_nats", ascending=False, kind="stable", na_position="last", ignore_index=True
        )

    def _row(self, x: str, y: str) -> dict[str, Any]:
        outcome, names = self.outcomes[x, y], {"x": x, "y": y}
        if isinstance(outcome, UserError):
            return {
                **names,
                **dict.fromkeys((*_MEASURED, "p_value", "normalised"), math.nan),
                "normalised_as": "",
                **dict.fromkeys(_SAID, ""),
                **dict.fromkeys(_COUNTED, 0),
                "warnings": "",
                "refused": str(outcome),
            }
        share, share_of = normalised_information(
            outcome.value, float(self.x_entropies[x]), float(self.y_entropies[y])
        )
        amounts = (outcome.value, *outcome.interval)
        return {
            **names,
            **dict(zip(_MEASURED, amounts, strict=True)),
            "p_value": outcome.p_value,
            "normalised": share,
            "normalised_as": share_of.format(x=x, y=y),
            **{name: getattr(outcome, name) for name in (*_SAID, *_COUNTED)},
            "warnings": ", ".join(dict.fromkeys(type(each).__name__ for each in outcome.warnings)),
            "refused": "",
        }

    def _squared(self, name: str, diagonal: Any) -> pd.DataFrame:
        """Return one thing that is known of all pairs, a row for each x and a column for each y."""
        pairs = self._pairs
        rows = pd.Index(self.x_columns).get_indexer(pd.Index(pairs["x"]))
        columns = pd.Index(self.y_columns).get_indexer(pd.Index(pairs["y"]))
        told = pairs[name].to_numpy()
        square = np.empty((len(self.x_columns), len(self.y_columns)), told.dtype)
        square[rows, columns] = told
        if self.of_one_table:
            square[columns, rows] = told
            np.fill_diagonal(square, diagonal)
        return pd.DataFrame(square, index=self.x_columns, columns=self.y_columns)


def normalised_information(value: float, of_x: float, of_y: float) -> tuple[float, str]:
    r"""Return information as a share between 0 and 1, and what it is a share of.

    .. math:: \frac{2 I}{H(X) + H(Y)}, \qquad \frac{I}{H(X)}, \qquad \sqrt{1 - e^{-2 I}}

    The first is of two discrete columns, the second of a discrete and a continuous one, which share
    no more than the discrete one holds, and the third of two continuous ones: the correlation of
    Gaussians that share as much. What an estimate has above the entropy is its error. Where a
    column is constant, nothing can be shared, and there is no share (NaN).

    Source: Witten and Frank (2005), symmetric uncertainty; Linfoot (1957), informational
    coefficient of correlation.

    Args:
        value: in nats.
        of_x: entropy of x in nats; NaN if it is continuous.
        of_y: the same of y.

    Example:
        >>> normalised_information(math.log(2), math.log(2), math.log(4))[0].__round__(3)
        0.667
        >>> normalised_information(math.log(2) / 2, math.log(2), math.nan)
        (0.5, 'share of the entropy of {x}')
        >>> round(normalised_information(-0.5 * math.log(1 - 0.75**2), math.nan, math.nan)[0], 9)
        0.75
    """
    known = [entropy for entropy in (of_x, of_y) if not math.isnan(entropy)]
    if not known:
        return math.sqrt(-math.expm1(-2 * value)), "correlation of Gaussians that share as much"
    share = min(value * len(known) / sum(known), 1.0) if min(known) > 0 else math.nan
    if len(known) > 1:
        return share, "share of the mean entropy of both"
    one = "x" if math.isnan(of_y) else "y"
    return share, f"share of the entropy of {{{one}}}"
