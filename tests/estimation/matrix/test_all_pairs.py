"""All pairs of columns: each as `estimate_mi` has it, once, and none is lost."""

# ruff: noqa: PD011 - values are those of a matrix of information, and not of pandas

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from infomax.errors import UserError
from infomax.estimation import InformationMatrix, MIResult, estimate_mi, information_matrix
from infomax.estimation.matrix.heat_map import clustered_order
from infomax.estimation.matrix.result import normalised_information
from infomax.warnings import (
    ConstantColumnWarning,
    ContinuousColumnWarning,
    DiscreteColumnWarning,
    EstimationWarning,
    FewPermutationsWarning,
    FewSamplesWarning,
)

ROWS = 150
FAST: dict[str, Any] = {"permutations": 19}


def in_silence(*tables: Any, **settings: Any) -> InformationMatrix:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        return information_matrix(*tables, **{**FAST, **settings})


def at(table: pd.DataFrame, x: str, y: str) -> Any:
    return table.loc[x, y]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=ROWS)
    return pd.DataFrame(
        {
            "weight": hidden + 0.5 * generator.normal(size=ROWS),
            "grade": np.digitize(hidden, [-1, 0, 1]),
            "height": hidden + generator.normal(size=ROWS),
            "colour": np.where(hidden + generator.normal(size=ROWS) > 0, "red", "blue"),
            "noise": generator.normal(size=ROWS),
        }
    )


@pytest.fixture(scope="module")
def matrix(table: pd.DataFrame) -> InformationMatrix:
    return in_silence(table)


def test_each_pair_is_estimated_as_by_itself(
    table: pd.DataFrame, matrix: InformationMatrix
) -> None:
    typed = table.astype({"colour": "category"})
    assert list(matrix.outcomes) == list(itertools.combinations(table, 2))
    for x, y in matrix.outcomes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EstimationWarning)
            alone = estimate_mi(typed[x], typed[y], **FAST)
        for first, second in ((x, y), (y, x)):
            assert at(matrix.values, first, second) == alone.value
            assert at(matrix.low, first, second) == alone.interval.low
            assert at(matrix.high, first, second) == alone.interval.high
            assert at(matrix.p_values, first, second) == alone.p_value
            assert at(matrix.methods, first, second) == alone.method
            assert at(matrix.kinds, first, second) == alone.kind
            found = matrix[first, second]
            assert isinstance(found, MIResult)
            assert found.reason == alone.reason
    frame = matrix.to_frame()
    assert len(frame) == 10
    assert frame["value_nats"].is_monotonic_decreasing
    expected = stats.false_discovery_control(frame["p_value"])
    np.testing.assert_array_equal(frame["corrected_p_value"], expected)
    bits = matrix.to_frame("bits")
    np.testing.assert_allclose(bits["value_bits"] * math.log(2), frame["value_nats"])


def test_what_has_levels_holds_its_entropy_and_shares_are_of_it(
    table: pd.DataFrame, matrix: InformationMatrix
) -> None:
    # The correction of Chao, Wang and Jost adds nothing where no level is rare.
    entropies = {name: stats.entropy(table[name].value_counts()) for name in ("grade", "colour")}
    diagonal = pd.Series(np.diag(matrix.values), index=table.columns)
    assert diagonal[list(entropies)].to_dict() == pytest.approx(entropies, abs=0.02)
    assert diagonal[["weight", "height", "noise"]].isna().all()
    values, shares = matrix.values, matrix.normalised
    both = diagonal["grade"] + diagonal["colour"]
    assert at(shares, "grade", "colour") == 2 * at(values, "grade", "colour") / both
    of_one = at(values, "weight", "grade") / diagonal["grade"]
    assert at(shares, "weight", "grade") == pytest.approx(of_one, abs=1e-12)
    correlation = math.sqrt(1 - math.exp(-2 * at(values, "weight", "height")))
    assert at(shares, "weight", "height") == pytest.approx(correlation, abs=1e-12)
    told = matrix.to_frame().set_index(["x", "y"])["normalised_as"]
    assert told["weight", "grade"] == "share of the entropy of grade"


@pytest.mark.parametrize("entropies", [(0.5, 0.9), (0.5, math.nan), (math.nan, math.nan)])
def test_shares_are_between_0_and_1(entropies: tuple[float, float]) -> None:
    assert normalised_information(0.0, *entropies)[0] == 0
    assert normalised_information(math.inf, *entropies)[0] == 1
    assert 0 < normalised_information(0.3, *entropies)[0] < 1
    assert math.isnan(normalised_information(0.0, 0.0, entropies[1])[0])


def test_columns_of_x_are_paired_with_those_of_y(
    table: pd.DataFrame, matrix: InformationMatrix
) -> None:
    block = in_silence(table[["weight", "noise"]], table[["grade", "colour"]])
    assert block.values.shape == (2, 2)
    pd.testing.assert_frame_equal(
        block.values, matrix.values.loc[["weight", "noise"], ["grade", "colour"]]
    )
    same_name = in_silence(table[["grade"]], table[["weight"]].set_axis(["grade"], axis=1))
    assert at(same_name.values, "grade", "grade") == at(matrix.values, "weight", "grade")


def test_pairs_that_cannot_be_estimated_from_have_the_reason(table: pd.DataFrame) -> None:
    days = pd.date_range("2026-01-01", periods=ROWS)
    holes = table["noise"].where(np.arange(ROWS) > 2)
    odd = table[["weight"]].assign(when=days, day=days.strftime("%Y-%m-%d"), holes=holes, one="a")
    with pytest.warns(ConstantColumnWarning, match="column one has one value in all rows"):
        matrix = information_matrix(odd, **FAST)
    frame = matrix.to_frame().set_index(["x", "y"])
    assert len(frame) == 10
    refused = frame["refused"][frame["refused"] != ""]
    assert len(refused) == 9
    assert "holds dates or times" in refused["weight", "when"]
    assert "holds dates or times as text" in refused["weight", "day"]
    assert "column holes has 3 missing value(s)" in refused["weight", "holes"]
    assert isinstance(matrix["holes", "weight"], UserError)
    assert frame["value_nats"]["weight", "one"] == 0
    assert math.isnan(frame["normalised"]["weight", "one"])
    dropped = in_silence(odd[["weight", "holes"]], missing="drop").to_frame()
    assert dropped["rows_left_out"].to_list() == [3]
    with pytest.raises(UserError, match="holds dates or times"):
        in_silence(odd[["when", "day"]])


def test_rows_in_time_are_tested_as_such() -> None:
    generator = np.random.default_rng(0)
    walks = generator.normal(size=(3, 200)).cumsum(axis=1)
    table = pd.DataFrame(dict(zip("abc", walks, strict=True)))
    matrix = in_silence(table, order="rows")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        alone = estimate_mi(table["a"], table["b"], order="rows", **FAST)
    assert at(matrix.values, "a", "b") == alone.value
    assert at(matrix.p_values, "a", "b") == alone.p_value
    assert at(matrix.high, "a", "b") == alone.interval.high


def test_warnings_are_one_of_a_kind(table: pd.DataFrame) -> None:
    codes = table[["noise", "grade"]].assign(year=np.arange(ROWS) % 30)
    with pytest.warns(EstimationWarning) as told:
        matrix = information_matrix(codes, permutations=0)
    by_kind = {each.category: str(each.message) for each in told}
    assert len(by_kind) == len(told) == len(matrix.warnings)
    assert by_kind[DiscreteColumnWarning].startswith("column grade has 4 levels")
    assert "30 whole numbers repeat in column year" in by_kind[ContinuousColumnWarning]
    assert {each.filename for each in told} == {__file__}
    wide = pd.DataFrame(np.random.default_rng(1).normal(size=(100, 5)), columns=list("abcde"))
    wide["b"] += wide["a"]
    with pytest.warns(FewPermutationsWarning, match="a with b: p = 0.2 is the least"):
        information_matrix(wide, method="ksg-1", permutations=4)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"x": np.zeros(60)}, "x has 1 column, which makes no pair"),
        ({"missing": "fill"}, "unknown choice of missing"),
        ({"method": "ksg"}, "unknown method 'ksg'"),
        ({"discrete": ["grad"]}, "unknown discrete column 'grad': did you mean 'grade'"),
        ({"y": np.zeros((60, 2))}, "x has 150 rows and y has 60"),
        ({"x": np.zeros((40, 2))}, "there are 40 rows"),
    ],
)
def test_what_is_wrong_with_all_is_said_once(
    table: pd.DataFrame, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        in_silence(**{"x": table, **changes})


def test_pairs_that_are_not_there_are_said(matrix: InformationMatrix) -> None:
    with pytest.raises(UserError, match="unknown column 'wait': did you mean 'weight'"):
        matrix["wait", "grade"]
    with pytest.raises(UserError, match="'grade' is no pair with itself"):
        matrix["grade", "grade"]


def test_columns_that_share_much_are_drawn_beside_each_other(matrix: InformationMatrix) -> None:
    generator = np.random.default_rng(0)
    order = generator.permutation(12)
    groups = np.repeat(np.arange(4), 3)[order]
    shares = pd.DataFrame(np.where(groups[:, None] == groups, 0.8, 0.1))
    rows, columns = clustered_order(shares, of_one_table=True)
    assert rows.tolist() == columns.tolist()
    assert len(list(itertools.groupby(groups[rows]))) == 4
    rows, _ = clustered_order(shares.iloc[:, :5], of_one_table=False)
    assert sorted(rows) == list(range(12))
    axes = matrix.plot("a table").axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(names) == sorted(matrix.x_columns)
    written = {round(float(text.get_text()), 2) for text in axes.texts}
    known = matrix.values.to_numpy()
    assert written == {round(float(value), 2) for value in known[~np.isnan(known)]}
    assert "a table" in axes.get_title()


def test_an_identifier_holds_no_more_than_its_rows_can_show(table: pd.DataFrame) -> None:
    identified = table[["colour"]].assign(id=[f"row {row}" for row in range(ROWS)])
    matrix = in_silence(identified)
    told = [str(each) for each in matrix.warnings if isinstance(each, FewSamplesWarning)]
    assert any(f"column id holds more than {ROWS} rows can show" in each for each in told)
    assert at(matrix.values, "id", "id") == math.log(ROWS)
    assert at(matrix.values, "colour", "colour") < math.log(2) + 0.01
