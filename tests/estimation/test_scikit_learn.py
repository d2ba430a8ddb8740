"""The estimate as scikit-learn's own checks and feature selection see it."""

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.feature_selection import SelectFdr, SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import shuffle
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.multiclass import type_of_target

from infomax.errors import UserError
from infomax.estimation import MutualInformation, estimate_mi, mutual_information_scores
from infomax.training import checked_seed
from infomax.warnings import ContinuousColumnWarning, DiscreteColumnWarning, EstimationWarning

# A scikit-learn user's y is often one of few whole numbers; its own checks have many such.
pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")

NOT_APPLICABLE = {
    "check_dtype_object": "objects that are no numbers are refused as text is, not by TypeError",
    "check_fit2d_1sample": "one row is refused with the number of rows that are needed",
}


def test_passes_the_checks_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    # The checks fit as few as ten rows, of which an estimate of ours is refused with reason.
    monkeypatch.setattr("infomax.estimation.samples._FEWEST_ROWS", 3)
    estimator = MutualInformation(method="mixed-ksg-1", permutations=3, neighbours=1)
    outcomes = check_estimator(
        estimator, expected_failed_checks=NOT_APPLICABLE, on_skip=None, on_fail=None
    )
    by_status: dict[str, list[str]] = {}
    for outcome in outcomes:
        by_status.setdefault(outcome["status"], []).append(outcome["check_name"])
    assert len(by_status["passed"]) > 30
    assert set(by_status["xfail"]) == set(NOT_APPLICABLE)
    assert "failed" not in by_status


def test_holds_what_estimate_mi_returns() -> None:
    table, y = load_diabetes(return_X_y=True, as_frame=True)
    fitted = MutualInformation(permutations=19).fit(table[["bmi", "bp", "s5"]], y)
    result = estimate_mi(table[["bmi", "bp", "s5"]], y, permutations=19)
    assert fitted.mutual_information_ == result.value
    assert fitted.interval_ == (result.interval.low, result.interval.high)
    assert fitted.p_value_ == result.p_value
    assert fitted.n_features_in_ == 3
    assert list(fitted.feature_names_in_) == ["bmi", "bp", "s5"]
    assert clone(fitted).get_params() == fitted.get_params()


def test_y_may_have_several_columns() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(300, 2))
    y = x + generator.normal(size=(300, 2))
    fitted = MutualInformation(method="gaussian", permutations=19).fit(x, y)
    assert fitted.mutual_information_ == pytest.approx(np.log(2), abs=0.15)


def test_few_rows_are_refused() -> None:
    with pytest.raises(UserError, match="at least 50"):
        MutualInformation().fit(np.zeros((40, 1)), np.zeros(40))


def wine() -> tuple[Any, Any]:
    x, y = load_wine(return_X_y=True)
    shuffled: tuple[Any, Any] = shuffle(x, y, random_state=0)
    return shuffled


def test_scores_select_features_in_a_pipeline() -> None:
    x, y = wine()
    noise = np.random.default_rng(0).normal(size=(len(x), 5))
    select = SelectKBest(mutual_information_scores, k=8)
    pipeline = make_pipeline(select, LogisticRegression(max_iter=10_000))
    pipeline.fit(np.hstack([noise, x]), y)
    # All that is chosen is wine, nothing of the noise.
    assert select.get_support(indices=True).min() >= 5
    assert pipeline.score(np.hstack([noise, x]), y) > 0.9


def test_p_values_control_what_is_selected() -> None:
    x, y = wine()
    noise = np.random.default_rng(0).normal(size=(len(x), 20))
    chosen = SelectFdr(partial(mutual_information_scores, permutations=99), alpha=0.05)
    chosen.fit(np.hstack([noise, x]), y)
    support = chosen.get_support()
    assert support[:20].sum() <= 2
    assert support[20:].sum() >= 10


def test_scores_are_those_of_single_estimates() -> None:
    x, y = wine()
    scores, p_values = mutual_information_scores(x[:, :3], y, permutations=19)
    for place in range(3):
        single = estimate_mi(x[:, place], pd.Series(pd.Categorical(y)), permutations=19)
        assert scores[place] == single.value
        assert p_values[place] == single.p_value


def test_classes_may_be_text_and_targets_numbers() -> None:
    x, y = wine()
    names = np.array(["barolo", "grignolino", "barbera"])[y]
    by_text, _ = mutual_information_scores(x[:, :2], names, permutations=9)
    by_number, _ = mutual_information_scores(x[:, :2], y, permutations=9)
    assert by_text == pytest.approx(by_number, abs=1e-12)
    scores, _ = mutual_information_scores(x[:, :2], x[:, 2] + 0.001, permutations=9)
    assert np.isfinite(scores).all()


def test_whole_numbers_of_many_levels_are_a_scale_and_no_classes() -> None:
    table, y = load_diabetes(return_X_y=True, as_frame=True)
    assert type_of_target(y) == "multiclass"
    scores, _ = mutual_information_scores(table[["bmi", "s5"]], y, permutations=9)
    singles = [estimate_mi(table[name], y, permutations=9).value for name in ("bmi", "s5")]
    assert scores.tolist() == singles
    assert scores.max() < 0.3


def test_a_target_of_many_codes_may_be_declared_as_the_warning_says() -> None:
    generator = np.random.default_rng(0)
    y = generator.integers(60, size=600)
    shifts = pd.DataFrame({"y": generator.permutation(60)[y] % 4 + generator.random(600)})
    with pytest.warns(ContinuousColumnWarning, match=r"discrete=\['y_'\]"):
        scale = mutual_information_scores(shifts, y)
    codes = mutual_information_scores(shifts, y, discrete=["y_"])
    assert np.max(scale) < 0.7
    assert np.max(codes) == pytest.approx(math.log(4), abs=0.2)
    with pytest.raises(UserError, match="choose one of y, y_"):
        mutual_information_scores(shifts, y, discrete=["target"])


def test_categories_of_many_levels_are_classes() -> None:
    generator = np.random.default_rng(0)
    codes = generator.permutation(np.repeat(np.arange(30), 20))
    x = codes[:, None] % 5 + generator.normal(size=(600, 1))
    by_category, _ = mutual_information_scores(x, pd.Series(pd.Categorical(codes)), permutations=9)
    by_text, _ = mutual_information_scores(x, codes.astype(str), permutations=9)
    assert by_category == pytest.approx(by_text, abs=1e-12)


@pytest.fixture
def patients() -> pd.DataFrame:
    """A table whose rows have labels of their own."""
    generator = np.random.default_rng(0)
    ward = pd.Categorical(generator.choice(["north", "south"], size=200))
    return pd.DataFrame({"ward": ward, "age": generator.normal(size=200)}, index=range(200, 400))


def test_a_table_beside_an_array_keeps_names_and_categories(patients: pd.DataFrame) -> None:
    y = patients["age"].to_numpy() + 3 * (patients["ward"] == "north").to_numpy()
    fitted = MutualInformation(discrete=["ward"], permutations=9).fit(patients, y)
    whole = estimate_mi(patients, y, discrete=["ward"], permutations=9)
    assert fitted.mutual_information_ == whole.value
    scores, _ = mutual_information_scores(patients, y, permutations=9)
    for place, name in enumerate(patients):
        assert scores[place] == estimate_mi(patients[name], y, permutations=9).value
    by_labels, _ = mutual_information_scores(patients, pd.Series(y), permutations=9)
    np.testing.assert_array_equal(by_labels, scores)


@pytest.fixture
def survey() -> pd.DataFrame:
    """Truth values beside text, numbers and gaps."""
    generator = np.random.default_rng(1)
    region = generator.choice(["N", "S", "W"], size=300)
    member = region == "N"
    return pd.DataFrame(
        {
            "member": member,
            "region": region,
            "code": generator.choice([1000, 2000], size=300) + 0.5,
            "age": generator.normal(size=300) + member,
        }
    )


def test_text_is_categories_beside_truth_values(survey: pd.DataFrame) -> None:
    y = np.where(survey["member"], "yes", "no")
    scores = mutual_information_scores(survey, y)
    assert isinstance(scores, np.ndarray)
    share = survey["member"].mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert scores[:2] == pytest.approx(entropy, abs=0.03)
    assert scores[2] < 0.03
    fitted = MutualInformation(permutations=0).fit(survey[["member", "region"]], y)
    assert fitted.mutual_information_ == pytest.approx(entropy, abs=0.03)
    assert list(fitted.feature_names_in_) == ["member", "region"]
    assert fitted.p_value_ < 1e-50  # an exact test of levels needs no permutations
    of_array = MutualInformation(permutations=0).fit(survey[["region"]].to_numpy(str), y)
    assert of_array.mutual_information_ == pytest.approx(scores[1], abs=1e-12)


def test_columns_may_be_declared_and_scored_side_by_side(survey: pd.DataFrame) -> None:
    declared = mutual_information_scores(survey, survey["age"], discrete=["code"])
    typed = survey.astype({"region": "category"})
    singles = [
        estimate_mi(typed[name], typed["age"], discrete=[name] * (name == "code"), permutations=0)
        for name in ("member", "region", "code")
    ]
    assert declared[:3] == pytest.approx([single.value for single in singles], abs=1e-12)
    both = mutual_information_scores(survey, survey["age"], discrete="code", n_jobs=2)
    np.testing.assert_array_equal(both, declared)
    with pytest.raises(UserError, match="unknown discrete column 'cod': did you mean 'code'"):
        mutual_information_scores(survey, survey["age"], discrete=["cod"])


def test_no_test_is_made_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def recorded(x: Any, y: Any, *arguments: Any, permutations: int, **settings: Any) -> Any:
        asked.append(permutations)
        return estimate_mi(x, y, *arguments, permutations=permutations, **settings)

    monkeypatch.setattr("infomax.estimation.pairwise.estimate_mi", recorded)
    x, y = wine()
    assert isinstance(mutual_information_scores(x[:, :2], y), np.ndarray)
    assert asked == [0, 0]


def test_missing_values_leave_rows_out_of_each_column_by_itself(survey: pd.DataFrame) -> None:
    gaps = survey.astype({"member": object})
    gaps.loc[:9, "member"] = None
    gaps.loc[5:29, "region"] = None
    with pytest.raises(UserError, match="column member has 10 missing"):
        mutual_information_scores(gaps, survey["age"])
    scores = mutual_information_scores(gaps, survey["age"], missing="drop")
    for name, first in (("member", 10), ("age", 0)):
        whole = estimate_mi(survey[name][first:], survey["age"][first:], permutations=0)
        assert scores[list(gaps).index(name)] == whole.value
    fitted = MutualInformation(missing="drop", permutations=0).fit(gaps, survey["age"])
    assert fitted.result_.rows_left_out == 30
    assert np.isnan(fitted.p_value_)
    with_gaps = np.where(np.arange(300) < 7, np.nan, survey["age"])
    of_array = MutualInformation(missing="drop", permutations=0).fit(
        survey[["code"]].to_numpy(), with_gaps
    )
    assert of_array.result_.rows_left_out == 7


@pytest.mark.filterwarnings("default::infomax.warnings.EstimationWarning")
def test_columns_are_warned_of_once_for_each_kind() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 5, size=(200, 8))
    with pytest.warns(EstimationWarning) as told:
        mutual_information_scores(x, generator.normal(size=200))
    kinds = [warning.category for warning in told]
    assert len(set(kinds)) == len(kinds)
    (levels,) = (w for w in told if w.category is DiscreteColumnWarning)
    assert str(levels.message).startswith("columns x0, x1, x2, x3, x4, ... (8 in all): the first: ")
    assert levels.filename == __file__


def test_sparse_and_arrow_columns_are_scored() -> None:
    x, y = wine()
    scores = mutual_information_scores(x[:, :2], y)
    np.testing.assert_array_equal(mutual_information_scores(sparse.csr_matrix(x[:, :2]), y), scores)
    table = pa.table({"alcohol": x[:, 0], "acid": x[:, 1]})
    np.testing.assert_array_equal(mutual_information_scores(table, y), scores)
    fitted = MutualInformation(permutations=0).fit(table, y)
    assert list(fitted.feature_names_in_) == ["alcohol", "acid"]


def test_one_target_is_scored_against() -> None:
    with pytest.raises(UserError, match="y has 2 columns: each column of x is scored against one"):
        mutual_information_scores(np.zeros((60, 1)), np.zeros((60, 2)))


def test_a_random_state_of_numpy_draws_one_seed() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((200, 2)), generator.standard_normal(200)
    seed = checked_seed(np.random.RandomState(3))
    chosen: dict[str, Any] = {"method": "ksg-1", "permutations": 19}
    drawn, given = (
        mutual_information_scores(x, y, random_state=random_state, **chosen)
        for random_state in (np.random.RandomState(3), seed)
    )
    np.testing.assert_array_equal(drawn, given)
    for random_state in (None, np.random.RandomState(3)):
        estimate = MutualInformation(random_state=random_state, **chosen).fit(x, y)
        again = MutualInformation(random_state=estimate.result_.random_state, **chosen).fit(x, y)
        np.testing.assert_array_equal(again.result_.null_values, estimate.result_.null_values)
