"""The estimate as scikit-learn knows estimators, and as its feature selection knows scores."""

from collections.abc import Collection
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_X_y, validate_data

from infomax.estimation.estimate import estimate_mi
from infomax.estimation.samples import FEW_LEVELS

__all__ = ["MutualInformation", "mutual_information_scores"]


class MutualInformation(BaseEstimator):  # type: ignore[misc]
    """Mutual information of X and y as a scikit-learn estimator.

    Args:
        method: as of ``estimate_mi``.
        discrete: as of ``estimate_mi``; names of the columns of a table, or ``x0``, ``y0``, ...
        confidence: of the interval.
        permutations: of the test for any dependence at all.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see.
        random_state: seed of everything that is drawn.

    Attributes:
        result_: the ``MIResult``.
        mutual_information_: its value, in nats.
        interval_: its interval, low and high, in nats.
        p_value_: of any dependence at all.
        n_features_in_: number of columns of X.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> estimate = MutualInformation().fit(X[:, [2]], y)
        >>> round(estimate.mutual_information_, 1), estimate.p_value_
        (0.2, 0.005)
    """

    def __init__(
        self,
        method: str = "auto",
        *,
        discrete: Collection[str] | None = None,
        confidence: float = 0.95,
        permutations: int = 199,
        neighbours: int = 5,
        scaling: str = "rank-gaussian",
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.discrete = discrete
        self.confidence = confidence
        self.permutations = permutations
        self.neighbours = neighbours
        self.scaling = scaling
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 - scikit-learn's name
        """Estimate the information that the rows of X and y share.

        Args:
            X: ``(N, dx)``.
            y: ``(N,)`` or ``(N, dy)``.

        Raises:
            UserError: if the pairs cannot be estimated from as they are.
        """
        checked_x, checked_y = validate_data(self, X, y, multi_output=True, dtype=None)
        # A table knows names and categories, which scikit-learn's arrays do not.
        x_side = X if isinstance(X, pd.DataFrame) else checked_x
        y_side = y if isinstance(y, (pd.DataFrame, pd.Series)) else checked_y
        settings = self.get_params(deep=False)
        self.result_ = estimate_mi(x_side, y_side, **settings)
        self.mutual_information_ = self.result_.value
        self.interval_ = (self.result_.interval.low, self.result_.interval.high)
        self.p_value_ = self.result_.p_value
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags


def mutual_information_scores(
    X: Any,  # noqa: N803 - scikit-learn's name
    y: Any,
    *,
    method: str = "auto",
    permutations: int = 99,
    neighbours: int = 5,
    random_state: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score each column of X by the information it shares with y, for feature selection.

    Give it, or a ``functools.partial`` of it, as ``score_func`` of ``SelectKBest``,
    ``SelectPercentile``, or, by p-value, of ``SelectFdr`` and its kin.

    Args:
        X: ``(N, dx)``.
        y: ``(N,)``; classes are text, truth values, categories or whole numbers of at most 20
            levels.
        method: as of ``estimate_mi``.
        permutations: of each column's test.
        neighbours: k of the nearest-neighbour methods.
        random_state: seed of everything that is drawn.

    Returns:
        Scores in nats, ``(dx,)``, which scatter around 0 for columns that share nothing, and
        p-values, ``(dx,)``.

    Raises:
        UserError: if the pairs cannot be estimated from as they are.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.feature_selection import SelectKBest
        >>> from sklearn.utils import shuffle
        >>> X, y = shuffle(*load_wine(return_X_y=True), random_state=0)  # it is sorted by class
        >>> select = SelectKBest(mutual_information_scores, k=2).fit(X[:, 5:], y)
        >>> select.get_support(indices=True).tolist()
        [1, 7]
    """
    checked, target = check_X_y(X, y, dtype=None)
    if isinstance(X, pd.DataFrame):
        # A table knows names and categories. Rows belong together by their places.
        table = X.reset_index(drop=True)
    else:
        table = pd.DataFrame(checked, columns=[f"x{place}" for place in range(checked.shape[1])])
    of_y = pd.Series(pd.Categorical(target) if _are_classes(y, target) else target, name="y")
    results = [
        estimate_mi(
            column,
            of_y,
            method,
            permutations=permutations,
            neighbours=neighbours,
            random_state=random_state,
        )
        for _, column in table.items()
    ]
    return (
        np.array([result.value for result in results]),
        np.array([result.p_value for result in results]),
    )


def _are_classes(y: Any, target: NDArray[Any]) -> bool:
    """Whether to predict y is to classify; whole numbers of many levels are a scale."""
    if isinstance(getattr(y, "dtype", None), pd.CategoricalDtype):
        return True
    if type_of_target(target) not in {"binary", "multiclass"}:
        return False
    return target.dtype.kind not in "iuf" or len(np.unique(target)) <= FEW_LEVELS
