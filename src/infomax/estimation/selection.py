"""Columns chosen one by one for what each adds to those before it, as scikit-learn selects."""

import math
import warnings
from collections.abc import Collection, Sequence
from numbers import Integral
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted

from infomax.errors import UserError, unknown_name
from infomax.estimation.arrays import Array
from infomax.estimation.containers import as_table
from infomax.estimation.pairwise import estimate_pairs, one_of_each_kind
from infomax.estimation.scikit_learn import columns_and_target, refuse_none, validated_sides
from infomax.training import RandomState, checked_seed
from infomax.warnings import DuplicateColumnWarning, EstimationWarning

__all__ = ["CRITERIA", "InformationSelection"]

CRITERIA: Final = ("jmi", "mrmr")
"""What the next column is chosen by."""


class InformationSelection(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    r"""Select columns of X one by one, each for what it adds to those that were selected before.

    The first shares most with y. Each next one has, over the set S of those selected, the largest

    .. math:: \text{jmi: } \frac{1}{|S|} \sum_{j \in S} I(X_k, X_j; Y), \qquad
              \text{mrmr: } I(X_k; Y) - \frac{1}{|S|} \sum_{j \in S} I(X_k; X_j)

    By the chain rule JMI chooses by the mean of :math:`I(X_k; Y \mid X_j)`, so it sees what is told
    of y only together with a column that is there already, as of both sides of an exclusive or, of
    which mRMR sees nothing. Both look at pairs alone. Right after its original is selected, a copy
    has the least score of all; it may rise again as S grows, since the mean is over all of S.

    Source: Yang and Moody (1999); Peng, Long and Ding (2005), equation 7.

    Args:
        n_features: number of columns to select; None for half of them.
        criterion: ``jmi`` (joint mutual information) or ``mrmr`` (minimal redundancy, maximal
            relevance).
        method: as of ``estimate_mi``, for every estimate.
        discrete: names of discrete columns, as of ``mutual_information_scores``.
        neighbours: k of the nearest-neighbour methods.
        random_state: as of ``estimate_mi``, one seed for all estimates.
        missing: ``refuse``, or ``drop`` for each estimate the rows in which a value is missing.
        n_jobs: estimates made at a time, as scikit-learn has it: -1 for one on each core.

    Attributes:
        selected_: indices of the columns that are selected, in the order in which they were.
        scores_: of each of them what it was selected by, in nats: of the first its relevance.
        ranking_: ``(dx,)``, 1 for the column selected first, 2 for the next; all that are not
            selected share the rank after the last.
        relevance_: ``(dx,)``, what each column alone shares with y, in nats.
        n_features_in_: number of columns of X.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.utils import shuffle
        >>> X, y = shuffle(*load_wine(return_X_y=True, as_frame=True), random_state=0)
        >>> X["flavanoids in mg"] = 1000 * X["flavanoids"]
        >>> X = X[["ash", "flavanoids", "flavanoids in mg", "proline"]]
        >>> InformationSelection(2).fit(X, y).get_feature_names_out().tolist()
        ['flavanoids', 'proline']
    """

    def __init__(
        self,
        n_features: int | None = None,
        criterion: str = "jmi",
        *,
        method: str = "auto",
        discrete: Collection[str] | None = None,
        neighbours: int = 5,
        random_state: RandomState = 0,
        missing: str = "refuse",
        n_jobs: int | None = None,
    ) -> None:
        self.n_features = n_features
        self.criterion = criterion
        self.method = method
        self.discrete = discrete
        self.neighbours = neighbours
        self.random_state = random_state
        self.missing = missing
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 - scikit-learn's name
        """Select columns of X by what they tell of y.

        Args:
            X: ``(N, dx)``: an array, a sparse matrix or a table; text is taken as categories.
            y: ``(N,)``; classes are text, truth values, categories or whole numbers of at most 20
                levels.

        Raises:
            UserError: if columns cannot be estimated from, or are fewer than are to be selected.

        Warns:
            EstimationWarning: once for each kind, with the columns that it is about.
        """
        if self.criterion not in CRITERIA:
            raise unknown_name("criterion", self.criterion, CRITERIA)
        x_side, y_side = validated_sides(self, X, y, missing=self.missing)
        table, target, declared = columns_and_target(as_table(x_side, "x"), y_side, self.discrete)
        size = self._size(table.shape[1])
        information = _Informations(
            {
                "method": self.method,
                "permutations": 0,
                "neighbours": self.neighbours,
                "random_state": checked_seed(self.random_state),
                "missing": self.missing,
            },
            declared,
            self.n_jobs,
        )
        self.relevance_ = information([[name] for name in table.columns], table, target)
        chosen = [int(np.argmax(self.relevance_))]
        scores = [float(self.relevance_[chosen[0]])]
        of_pairs = np.zeros(table.shape[1])
        while len(chosen) < size:
            left = np.setdiff1d(np.arange(table.shape[1]), chosen)
            last = table.columns[chosen[-1]]
            if self.criterion == "jmi":
                beside = [[table.columns[place], last] for place in left]
                of_pairs[left] += information(beside, table, target)
                score = of_pairs[left] / len(chosen)
            else:
                alone = [[table.columns[place]] for place in left]
                of_pairs[left] += information(alone, table, table[[last]])
                score = _difference(self.relevance_[left], of_pairs[left] / len(chosen))
            best = int(np.argmax(score))
            chosen.append(int(left[best]))
            scores.append(float(score[best]))
        self.selected_, self.scores_ = np.array(chosen), np.array(scores)
        self.ranking_ = np.full(table.shape[1], size + 1)
        self.ranking_[chosen] = np.arange(1, size + 1)
        for warning in one_of_each_kind(information.warnings):
            warnings.warn(warning, stacklevel=2)
        return self

    def _size(self, columns: int) -> int:
        given = self.n_features
        if given is None:
            return max(1, columns // 2)
        if not isinstance(given, Integral) or isinstance(given, bool) or not 1 <= given <= columns:
            raise UserError(
                f"n_features is {given!r}: give a whole number of columns, 1 to the {columns} that "
                "there are"
            )
        return int(given)

    def _get_support_mask(self) -> Any:
        check_is_fitted(self)
        return self.ranking_ <= len(self.selected_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self.missing == "drop"
        tags.target_tags.required = True
        return tags


class _Informations:
    """Estimates information of columns with one side, and keeps what is to be said of each."""

    def __init__(
        self, settings: dict[str, Any], declared: list[str] | None, n_jobs: int | None
    ) -> None:
        self._settings, self._declared, self._n_jobs = settings, declared, n_jobs
        self.warnings: dict[str, list[EstimationWarning]] = {}

    def __call__(
        self, sides: Sequence[list[str]], table: pd.DataFrame, target: pd.DataFrame
    ) -> Array:
        """Return what each of several sides of x shares with the target, in nats: ``(sides,)``."""
        results = refuse_none(
            estimate_pairs(
                [(table[names], target) for names in sides],
                self._settings,
                discrete=self._declared,
                n_jobs=self._n_jobs,
            )
        )
        for names, result in zip(sides, results, strict=True):
            # That a column repeats one which is selected already is what its score is for.
            self.warnings.setdefault(names[0], []).extend(
                each for each in result.warnings if not isinstance(each, DuplicateColumnWarning)
            )
        return np.array([result.value for result in results])


def _difference(relevance: Array, redundancy: Array) -> Array:
    """Return what is relevant beyond what is redundant; a copy adds nothing, whatever it has."""
    copies = np.isinf(redundancy)
    return np.where(copies, -math.inf, relevance - np.where(copies, 0.0, redundancy))
