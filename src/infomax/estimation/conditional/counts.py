"""Conditional information of discrete columns: what x and y share within each stratum of z."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from scipy.special import xlogy

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.conditional.local_permutation import (
    draw_local_permutations,
    permute_locally,
)
from infomax.estimation.discrete.contingency import (
    LEAST_EXPECTED,
    ContingencyTable,
    combine_levels,
    count_together,
    plug_in_information,
    williams_divisor,
)
from infomax.estimation.discrete.entropies import ENTROPIES, counts_of_counts
from infomax.estimation.discrete.information import entropy_without_one, lowered_for_unseen
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.result import Interval
from infomax.estimation.rows import RowOrder
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask
from infomax.estimation.terms import interval_of_terms

__all__ = ["StrataCounts", "independence_within_strata"]

# Sums of the same terms in another order are equal, whatever rounding makes of them.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class StrataCounts:
    """Levels of N rows, and how often they occur together.

    Attributes:
        x: ``(N,)``; whole numbers from 0, each of which occurs.
        y: ``(N,)``.
        z: ``(N,)``, the stratum.
    """

    x: Indices
    y: Indices
    z: Indices

    @classmethod
    def of_samples(cls, samples: PairedSamples) -> "StrataCounts":
        """Take several discrete columns of a side as one."""
        return cls(*(combine_levels(side) for side in (samples.x, samples.y, samples.given)))

    @cached_property
    def combinations(self) -> list[tuple[Indices, Indices]]:
        """Which combination each row has, and how many rows have each: of xz, yz, xyz and z."""
        of_xz, of_yz = _numbered(self.x, self.z), _numbered(self.y, self.z)
        of_all = _numbered(of_xz, self.y)
        return [(each, np.bincount(each)) for each in (of_xz, of_yz, of_all, self.z)]

    @property
    def alone(self) -> float:
        """The share of rows that are alone in their combination of levels of x, y and z."""
        return float((self.combinations[2][1] == 1).sum()) / len(self.x)

    @property
    def tables(self) -> Iterator[ContingencyTable]:
        """The counts of x and y in each stratum in which both vary."""
        for rows in np.split(
            np.argsort(self.z, kind="stable"), np.cumsum(np.bincount(self.z))[:-1]
        ):
            x, y = (np.unique(side[rows], return_inverse=True)[1] for side in (self.x, self.y))
            if x.any() and y.any():
                yield count_together(x, y)

    def information(self, name: str) -> float:
        r"""Return the information of x and y given z, in nats.

        .. math:: \hat I(X; Y \mid Z) = \sum_z \frac{n_z}{N} \hat I_z
                  = \hat H(X, Z) + \hat H(Y, Z) - \hat H(X, Y, Z) - \hat H(Z)

        Both forms are one of plug-in entropies. The second lets the others correct for combinations
        that were not seen by all N rows: a stratum alone may have too few to tell of any.

        Source: Cover and Thomas (2006), equation 2.61.

        Args:
            name: of ``ENTROPIES``: how an entropy is estimated from counts.

        Example:
            >>> x, z = np.tile([0, 1], 500), np.repeat([0, 1], 500)
            >>> round(StrataCounts(x, x ^ z, z).information("plug-in"), 3)  # log 2
            0.693
        """
        of_xz, of_yz, of_all, of_z = (
            float(ENTROPIES[name](*counts_of_counts(counts))) for _, counts in self.combinations
        )
        return of_xz + of_yz - of_all - of_z

    def interval(self, name: str, value: float, confidence: float) -> Interval:
        """Return the interval by the jackknife, its lower end lowered for what was not seen.

        See `information_interval`, of which this is the form with a condition.

        Args:
            name: of ``ENTROPIES``.
            value: the estimate, in nats.
            confidence: of the interval.
        """
        size = len(self.x)
        of_xz, of_yz, of_all, of_z = (
            entropy_without_one(counts, ENTROPIES[name])[levels]
            for levels, counts in self.combinations
        )
        variance = (size - 1) * float((of_xz + of_yz - of_all - of_z).var())
        half_width = float(stats.t(size - 1).ppf((1 + confidence) / 2)) * math.sqrt(variance)
        seen = self.combinations[2][1]
        lowered = lowered_for_unseen(seen, max(self._possible, len(seen)))
        return Interval(value - lowered - half_width, value + half_width)

    def in_time(self, value: float, rows: RowOrder, confidence: float) -> tuple[float, Interval]:
        """Return the estimate and its interval of rows that are no independent draws.

        They raise the plug-in information as fewer rows would. The interval is that of the mean of
        its terms, with the chi-squared variance of independent levels.

        Args:
            value: the estimate as of independent rows, in nats.
            rows: in time.
            confidence: of the interval.
        """
        of_xz, of_yz, of_all, of_z = (counts[levels] for levels, counts in self.combinations)
        terms: Array = np.log(of_all * of_z / (of_xz * of_yz))
        degrees = sum((len(each.of_x) - 1) * (len(each.of_y) - 1) for each in self.tables)
        size = len(self.x)
        worth = rows.worth(size)
        value -= degrees / 2 * (1 / worth - 1 / size)
        second_order = degrees / (2 * worth**2)
        interval = interval_of_terms(value, terms, confidence, second_order=second_order, rows=rows)
        return value, interval

    @property
    def _possible(self) -> int:
        """The number of combinations that the levels within each stratum allow."""
        return sum(table.possible for table in self.tables)


def independence_within_strata(task: EstimationTask, counts: StrataCounts) -> DependenceTest:
    r"""Test by the likelihood ratio, :math:`G = 2 N \hat I`, of plug-in information within strata.

    Where independence lets five rows or more be expected in every cell of every stratum, the sum
    of each stratum's G over Williams' divisor is compared with a chi-squared distribution.
    Elsewhere x is permuted within strata.

    Source: Wilks (1938); Williams (1976); Cochran (1954), for the sum over strata.

    Args:
        task: the rows, and the number of permutations.
        counts: of its levels.
    """
    tables = list(counts.tables)
    expected = (int(each.of_x.min()) * int(each.of_y.min()) / each.size for each in tables)
    if tables and min(expected) >= LEAST_EXPECTED:
        degrees = [(len(each.of_x) - 1) * (len(each.of_y) - 1) for each in tables]
        ratio = sum(
            2 * each.size * plug_in_information(each.together, each) / williams_divisor(each, own)
            for each, own in zip(tables, degrees, strict=True)
        )
        p_value = max(float(stats.chi2.sf(ratio, sum(degrees))), float(np.finfo(float).tiny))
        name = f"G-test of all rows in {len(tables)} strata, {sum(degrees)} degrees of freedom"
        return DependenceTest(counts.information("plug-in"), np.zeros(0), p_value, name)
    settings = task.settings
    generator = task.generator()
    settings.progress.start("testing all rows by permutation", max(settings.permutations, 1))
    drawn = draw_local_permutations(task.samples.given, settings.permutations, generator)
    of_yz = counts.combinations[1][0]

    def statistic(rows: Indices) -> Array:
        together = np.bincount(_numbered(counts.x[rows], of_yz))
        return np.array([float(xlogy(together, together).sum()) / len(rows)])

    (test,) = permute_locally(statistic, np.arange(len(counts.x)), drawn, settings.progress)
    p_value = DependenceTest(test.observed - _ROUNDING, test.null_values).p_value
    name = f"{settings.permutations} permutations of all rows within strata"
    return DependenceTest(test.observed, test.null_values, p_value, name)


def _numbered(first: Indices, second: Indices) -> Indices:
    """Number the combinations of two levels that occur, from 0: ``(N,)``."""
    combined = first * (int(second.max()) + 1) + second
    numbered: Indices = np.unique(combined, return_inverse=True)[1].reshape(-1)
    return numbered
