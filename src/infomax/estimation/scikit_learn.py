"""The estimate as scikit-learn knows estimators, and as its feature selection knows scores."""

from collections.abc import Collection, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import validate_data

from infomax.errors import UserError
from infomax.estimation.arrays import Array
from infomax.estimation.columns import FEW_LEVELS
from infomax.estimation.containers import as_table, named_table
from infomax.estimation.estimate import estimate_mi
from infomax.estimation.pairwise import estimate_pairs, warn_once_of_each_kind
from infomax.estimation.result import MIResult
from infomax.estimation.samples import check_declared
from infomax.training import RandomState, checked_seed

__all__ = [
    "MutualInformation",
    "columns_and_target",
    "mutual_information_scores",
    "refuse_none",
    "validated_sides",
]

_KINDS_OF_TEXT = {"string", "bytes"}


class MutualInformation(BaseEstimator):  # type: ignore[misc]
    """Mutual information of X and y as a scikit-learn estimator.

    Args:
        method: as of ``estimate_mi``.
        discrete: as of ``estimate_mi``; names of the columns of a table, or ``x0``, ``y0``, ...
        confidence: of the interval.
        permutations: of the test for any dependence at all; 0 leaves it out.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see.
        random_state: as of ``estimate_mi``.
        missing: ``refuse``, or ``drop`` rows in which a value is missing.

    Attributes:
        result_: the ``MIResult``.
        mutual_information_: its value, in nats.
        interval_: its interval, low and high, in nats.
        p_value_: of any dependence at all; NaN for no permutations.
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
        random_state: RandomState = 0,
        missing: str = "refuse",
    ) -> None:
        self.method = method
        self.discrete = discrete
        self.confidence = confidence
        self.permutations = permutations
        self.neighbours = neighbours
        self.scaling = scaling
        self.random_state = random_state
        self.missing = missing

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 - scikit-learn's name
        """Estimate the information that the rows of X and y share.

        Args:
            X: ``(N, dx)``; text is taken as categories.
            y: ``(N,)`` or ``(N, dy)``; so is text of y.

        Raises:
            UserError: if the pairs cannot be estimated from as they are.
        """
        x_side, y_side = validated_sides(self, X, y, missing=self.missing)
        settings = self.get_params(deep=False)
        self.result_ = estimate_mi(_with_categories(x_side), _with_categories(y_side), **settings)
        self.mutual_information_ = self.result_.value
        self.interval_ = (self.result_.interval.low, self.result_.interval.high)
        self.p_value_ = self.result_.p_value
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags


def mutual_information_scores(
    X: Any,  # noqa: N803 - scikit-learn's name
    y: Any,
    *,
    method: str = "auto",
    discrete: Collection[str] | None = None,
    permutations: int = 0,
    neighbours: int = 5,
    random_state: RandomState = 0,
    missing: str = "refuse",
    n_jobs: int | None = None,
) -> Array | tuple[Array, Array]:
    """Score each column of X by the information it shares with y, for feature selection.

    Give it as ``score_func`` of ``SelectKBest`` or ``SelectPercentile``. ``SelectFdr`` and its kin
    choose by p-value: give them ``functools.partial(mutual_information_scores, permutations=199)``.

    Args:
        X: ``(N, dx)``: an array, a sparse matrix or a table; text is taken as categories.
        y: ``(N,)``; classes are text, truth values, categories or whole numbers of at most 20
            levels.
        method: as of ``estimate_mi``.
        discrete: names of the discrete columns, ``x0``, ``x1``, ... in arrays, and ``y``, or
            ``y_`` where X has a column of that name; by default whole numbers of at most 20
            levels. Text, truth values and categories always are, and so are classes of y.
        permutations: of each column's test; by default none is tested.
        neighbours: k of the nearest-neighbour methods.
        random_state: as of ``estimate_mi``, one seed for all columns.
        missing: ``refuse``, or ``drop`` for each column the rows in which it or y is missing.
        n_jobs: columns scored at a time, as scikit-learn has it: -1 for one on each core.

    Returns:
        Scores in nats, ``(dx,)``; with permutations, a tuple of them and of p-values, ``(dx,)``.

    Raises:
        UserError: if the pairs cannot be estimated from as they are.

    Warns:
        EstimationWarning: once for each kind, with the columns that it is about.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.feature_selection import SelectKBest
        >>> from sklearn.utils import shuffle
        >>> X, y = shuffle(*load_wine(return_X_y=True), random_state=0)  # it is sorted by class
        >>> select = SelectKBest(mutual_information_scores, k=2).fit(X[:, 5:], y)
        >>> select.get_support(indices=True).tolist()
        [1, 7]
    """
    table, target, declared = columns_and_target(as_table(X, "x"), y, discrete)
    settings = {
        "method": method,
        "permutations": permutations,
        "neighbours": neighbours,
        "random_state": checked_seed(random_state),
        "missing": missing,
    }
    results = refuse_none(
        estimate_pairs(
            [(table[[name]], target) for name in table.columns],
            settings,
            discrete=declared,
            n_jobs=n_jobs,
        )
    )
    found = zip(table.columns, (result.warnings for result in results), strict=True)
    warn_once_of_each_kind(dict(found), stacklevel=2)
    scores = np.array([result.value for result in results])
    if not permutations:
        return scores
    return scores, np.array([result.p_value for result in results])


def validated_sides(
    estimator: BaseEstimator,
    X: Any,  # noqa: N803 - scikit-learn's name
    y: Any,
    *,
    missing: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check X and y as scikit-learn has it, and return them as tables.

    Args:
        estimator: is told the number of columns of X, and their names.
        X: ``(N, dx)``.
        y: ``(N,)`` or ``(N, dy)``.
        missing: ``drop`` where missing values are left to be dropped.
    """
    # A table knows names and types of its columns, which scikit-learn's arrays do not.
    x_side, y_side = named_table(X, "x"), named_table(y, "y")
    if x_side is not None:
        validate_data(estimator, x_side, y, skip_check_array=True)
    else:
        finite = missing != "drop" or "allow-nan"
        of_x = {"dtype": None, "ensure_all_finite": finite}
        of_y = {**of_x, "ensure_2d": False, "dtype": None if y_side is None else object}
        checked_x, y = validate_data(
            estimator, X, y, validate_separately=({**of_x, "accept_sparse": ("csr", "csc")}, of_y)
        )
        x_side = as_table(checked_x, "x")
        y_side = None if y_side is None else y_side.reset_index(drop=True)
    if y_side is None:
        # Labels of the rows of x alone say nothing of those of y.
        x_side, y_side = x_side.reset_index(drop=True), as_table(y, "y")
    return x_side, y_side


def columns_and_target(
    table: pd.DataFrame, y: Any, discrete: Collection[str] | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str] | None]:
    """Return columns and the target that each is scored against, text and classes as categories.

    Args:
        table: the columns; their names become text.
        y: ``(N,)``.
        discrete: names that are declared, as of `mutual_information_scores`.

    Returns:
        The columns, the target as a table of one column, and which of x are declared discrete.

    Raises:
        UserError: if y has several columns, or a name is unknown.
    """
    table, of_y = _with_categories(table), as_table(y, "y")
    if of_y.shape[1] != 1:
        raise UserError(f"y has {of_y.shape[1]} columns: each column of x is scored against one")
    names = [str(name) for name in table.columns]
    name_of_y = "y"
    while name_of_y in names:
        # Else a name that is declared would mean both.
        name_of_y += "_"
    chosen = check_declared(discrete, [*names, name_of_y])
    target = of_y.iloc[:, 0]
    if _are_classes(target) or name_of_y in (chosen or ()):
        target = target.astype("category")
    # Of classes it is known already, and of no others.
    declared = None if chosen is None else [name for name in chosen if name in names]
    return table.set_axis(names, axis=1), target.to_frame(name_of_y), declared


def refuse_none(results: Sequence[MIResult | UserError]) -> list[MIResult]:
    """Return results all of which are wanted.

    Raises:
        UserError: the first that there is instead of one.
    """
    wanted = []
    for result in results:
        if isinstance(result, UserError):
            raise result
        wanted.append(result)
    return wanted


def _with_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of text are categories."""
    text = [
        name for name, column in table.items() if pd.api.types.infer_dtype(column) in _KINDS_OF_TEXT
    ]
    return table.astype(dict.fromkeys(text, "category"))


def _are_classes(target: "pd.Series[Any]") -> bool:
    """Whether to predict y is to classify; whole numbers of many levels are a scale."""
    if isinstance(target.dtype, pd.CategoricalDtype):
        return True
    known = target.dropna().infer_objects().to_numpy()
    if not len(known) or type_of_target(known) not in {"binary", "multiclass"}:
        return False
    return known.dtype.kind not in "iuf" or len(np.unique(known)) <= FEW_LEVELS
