"""Columns selected for what they add: nothing twice, and what only tells together with another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import shuffle
from sklearn.utils.estimator_checks import check_estimator

from infomax.errors import UserError
from infomax.estimation import InformationSelection, estimate_mi
from infomax.estimation.selection import CRITERIA
from infomax.warnings import DiscreteColumnWarning, EstimationWarning
from tests.estimation.test_scikit_learn import NOT_APPLICABLE

# A scikit-learn user's y is often one of few whole numbers; its own checks have many such.
pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")


@pytest.mark.parametrize("criterion", CRITERIA)
def test_passes_the_checks_of_scikit_learn(criterion: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The checks fit as few as ten rows, of which an estimate of ours is refused with reason.
    monkeypatch.setattr("infomax.estimation.samples._FEWEST_ROWS", 3)
    estimator = InformationSelection(criterion=criterion, method="mixed-ksg-1", neighbours=1)
    outcomes = check_estimator(
        estimator, expected_failed_checks=NOT_APPLICABLE, on_skip=None, on_fail=None
    )
    failed = {
        each["check_name"]: each["exception"] for each in outcomes if each["status"] == "failed"
    }
    assert failed == {}
    assert sum(each["status"] == "passed" for each in outcomes) > 30


def by_a_loop(
    table: pd.DataFrame, y: Any, size: int, score: Callable[[str, list[str]], float]
) -> list[str]:
    """The definition: the first for its relevance, each next for its score beside all before."""
    names = [str(name) for name in table.columns]
    chosen = [max(names, key=lambda name: estimate_mi(table[name], y, permutations=0).value)]
    while len(chosen) < size:
        left = [name for name in names if name not in chosen]
        chosen.append(max(left, key=lambda name: score(name, chosen)))
    return chosen


@pytest.mark.parametrize("criterion", CRITERIA)
def test_columns_are_those_that_the_definition_selects(criterion: str) -> None:
    generator = np.random.default_rng(0)
    y = generator.normal(size=200)
    table = pd.DataFrame(
        {
            name: y * share + generator.normal(size=200)
            for name, share in zip("abcd", range(4), strict=True)
        }
    )
    table["e"] = table["d"] + 0.2 * generator.normal(size=200)

    def nats(x: Any, other: Any) -> float:
        return estimate_mi(x, other, permutations=0).value

    def score(name: str, chosen: list[str]) -> float:
        if criterion == "jmi":
            return float(np.mean([nats(table[[name, other]], y) for other in chosen]))
        redundant = np.mean([nats(table[name], table[other]) for other in chosen])
        return float(nats(table[name], y) - redundant)

    fitted = InformationSelection(4, criterion).fit(table, y)
    expected = by_a_loop(table, y, 4, score)
    assert [table.columns[place] for place in fitted.selected_] == expected
    assert fitted.scores_[-1] == pytest.approx(score(expected[-1], expected[:-1]), abs=1e-12)
    assert fitted.ranking_[fitted.selected_].tolist() == [1, 2, 3, 4]
    assert sorted(fitted.ranking_) == [1, 2, 3, 4, 5]
    assert fitted.get_support().sum() == 4
    np.testing.assert_array_equal(
        fitted.transform(table), table.loc[:, fitted.get_support()].to_numpy()
    )


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_copy_is_not_selected_beside_what_it_copies(criterion: str, noise: float) -> None:
    generator = np.random.default_rng(0)
    first, second, other, error = generator.normal(size=(4, 600))
    copy = np.exp(first + noise * generator.normal(size=600))
    table = pd.DataFrame({"first": first, "copy": copy, "second": second, "other": other})
    y = first + 0.5 * second + 0.3 * error
    selected = InformationSelection(2, criterion).fit(table, y)
    names = set(selected.get_feature_names_out())
    assert names in ({"first", "second"}, {"copy", "second"})


def test_only_joint_information_finds_an_exclusive_or() -> None:
    generator = np.random.default_rng(0)
    # Alone the fair bit tells a little of y, and the other one nothing.
    fair, other = generator.random(2000) < 0.5, generator.random(2000) < 0.25
    y = fair ^ other
    hint = np.where(generator.random(2000) < 0.3, y, generator.random(2000) < 0.5)
    noise = generator.random(2000) < 0.5
    table = pd.DataFrame({"noise": noise, "other": other, "hint": hint, "fair": fair})
    by_jmi = InformationSelection(2, "jmi").fit(table, y)
    assert by_jmi.selected_.tolist() == [3, 1]
    # Both together tell y: log 2 of levels that are nearly even.
    assert by_jmi.scores_[1] == pytest.approx(estimate_mi(y, y, permutations=0).value, abs=0.001)
    by_mrmr = InformationSelection(2, "mrmr").fit(table, y)
    assert by_mrmr.selected_.tolist() == [3, 2]


def test_stands_in_a_pipeline_and_takes_text_and_gaps() -> None:
    x, y = shuffle(*load_wine(return_X_y=True, as_frame=True), random_state=0)
    x, y = x.iloc[:, 4:10], y.astype(str)
    selection = InformationSelection(3)
    pipeline = make_pipeline(selection, LogisticRegression(max_iter=10_000)).fit(x, y)
    assert pipeline.score(x, y) > 0.8
    assert clone(selection).get_params() == selection.get_params()
    mixed = x[["flavanoids", "magnesium"]].assign(
        grown=np.where(y == "0", "hill", "plain"), flavanoids=x["flavanoids"].where(x.index > 3)
    )
    with pytest.raises(UserError, match="column flavanoids has 4 missing"):
        InformationSelection(1).fit(mixed, y)
    with_gaps = InformationSelection(1, missing="drop", n_jobs=1).fit(mixed, y)
    assert with_gaps.relevance_.shape == (3,)
    assert with_gaps.transform(mixed).shape == (178, 1)


@pytest.mark.filterwarnings("default::infomax.warnings.EstimationWarning")
def test_columns_are_warned_of_once_for_each_kind() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 5, size=(200, 3))
    with pytest.warns(EstimationWarning) as told:
        InformationSelection(2).fit(x, generator.normal(size=200))
    kinds = [each.category for each in told]
    assert len(set(kinds)) == len(kinds)
    assert DiscreteColumnWarning in kinds
    assert {each.filename for each in told} == {__file__}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"n_features": 0}, "n_features is 0: give a whole number of columns, 1 to the 3"),
        ({"n_features": 4}, "n_features is 4"),
        ({"n_features": 0.5}, "n_features is 0.5"),
        ({"n_features": True}, "n_features is True"),
        ({"criterion": "jim"}, "unknown criterion 'jim': did you mean 'jmi'"),
        ({"method": "ksg"}, "unknown method 'ksg'"),
        ({"discrete": ["x7"]}, "unknown discrete column 'x7'"),
    ],
)
def test_a_mistake_is_said(settings: dict[str, Any], told: str) -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    with pytest.raises(UserError, match=told):
        InformationSelection(**settings).fit(x, x[:, 0] > 0)
