"""``estimate_mi`` from end to end: values, invariances, refusals, and what it says of columns."""

import json
import math
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2, chi2_contingency

import infomax
from infomax.bounds import DENSITY_BOUNDS
from infomax.errors import UserError
from infomax.estimation import METHODS, estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.discrete.entropies import ENTROPIES
from infomax.estimation.task import stages_of_estimate
from infomax.training import RandomState
from infomax.warnings import (
    ConstantColumnWarning,
    ContinuousColumnWarning,
    DependentRowsWarning,
    DiscreteColumnWarning,
    DuplicateColumnWarning,
    FewSamplesWarning,
    SaturationWarning,
)

QUIETLY = pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")


def gaussian(pairs: int, correlation: float = 0.75, seed: int = 0) -> tuple[Any, Any]:
    x, noise = np.random.default_rng(seed).standard_normal((2, pairs))
    return x, correlation * x + math.sqrt(1 - correlation**2) * noise


@QUIETLY
@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in {*DENSITY_BOUNDS, *ENTROPIES}]
)
def test_every_method_finds_the_information_of_gaussians(method: str) -> None:
    result = estimate_mi(*gaussian(2000), method, permutations=99)
    assert result.value == pytest.approx(-0.5 * math.log(1 - 0.75**2), abs=0.1)
    # What mixed KSG errs by is of order 1 / k, and no matter of spread.
    assert 0.413 in result.interval or method == "mixed-ksg"
    assert result.p_value == 0.01
    assert result.pairs == 2000
    assert result.method in METHODS


@QUIETLY
@pytest.mark.parametrize("method", ["auto", "infonce", "nwj", "smile", "gaussian", "histogram"])
def test_every_kind_of_method_finds_nothing_where_nothing_is(method: str) -> None:
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((2, 1000))
    result = estimate_mi(x, y, method, permutations=99)
    assert abs(result.value) < 0.05
    assert 0.0 in result.interval
    assert result.p_value > 0.05


def independent(kind: str, seed: int) -> tuple[Any, Any, list[str]]:
    generator = np.random.default_rng(seed)
    if kind == "counts":
        return *generator.integers([[3], [4]], size=(2, 200)), ["x0", "y0"]
    x, y = generator.standard_normal((2, 120))
    if kind == "a rare level":
        return (np.arange(120) < 8).astype(float), y, ["x0"]
    return x, y, []


@QUIETLY
@pytest.mark.parametrize(
    ("kind", "draws"), [("counts", 600), ("a rare level", 120), ("continuous", 120)]
)
def test_what_is_independent_looks_dependent_as_seldom_as_p_says(kind: str, draws: int) -> None:
    p_values = []
    for seed in range(draws):
        x, y, discrete = independent(kind, seed)
        p_values.append(estimate_mi(x, y, discrete=discrete, permutations=39).p_value)
    # One in twenty in the long run, and of so many no more than chance makes of that.
    small = sum(p_value <= 0.05 for p_value in p_values)
    assert binomtest(small, draws, 0.05, alternative="greater").pvalue > 0.01, small


def test_a_weak_dependence_of_levels_is_as_sure_as_all_rows_make_it() -> None:
    # A correlation of 0.0416 among 10,000 rows.
    counts = np.array([[2604, 2396], [2396, 2604]])
    x, y = np.repeat([[0, 0, 1, 1], [0, 1, 0, 1]], counts.ravel(), axis=1)[
        :, np.random.default_rng(0).permutation(10_000)
    ]
    plain = chi2_contingency(counts, correction=False)
    assert plain.pvalue == pytest.approx(3e-5, rel=0.1)
    result = estimate_mi(x, y, discrete=["x0", "y0"])
    likelihood_ratio = chi2_contingency(counts, correction=False, lambda_="log-likelihood")
    # Williams' divisor of 2 x 2 equal cells is 1 + 1.5 / N.
    assert result.p_value == pytest.approx(chi2.sf(likelihood_ratio.statistic / 1.00015, 1))
    assert result.interval.low > 0
    for seed in range(20):
        x, other, drawn = np.random.default_rng(seed).random((3, 10_000))
        y = np.where(drawn < 0.08, x, other) < 0.5
        assert estimate_mi(x < 0.5, y, discrete=["x0", "y0"]).p_value < 1e-6


@QUIETLY
@pytest.mark.parametrize(
    "change",
    [
        lambda x, y: (y, x),
        lambda x, y: (x[::-1], y[::-1]),
        lambda x, y: (1e6 * x, -3 * y + 1),
        lambda x, y: (np.exp(x), y),
        lambda x, y: (x, np.exp(3 * y)),
    ],
    ids=["swapped", "rows permuted", "rescaled", "exp of x", "exp of y"],
)
@pytest.mark.parametrize("task", ["1v1-additive-0.75", "spiral-multinormal-sparse-3-3-2-2.0"])
def test_what_leaves_the_information_leaves_the_estimate(
    task: str, change: Callable[[Any, Any], tuple[Any, Any]]
) -> None:
    x, y = draw_pairs(task, 1500, seed=0)
    before, after = estimate_mi(x, y), estimate_mi(*change(x, y))
    assert abs(after.value - before.value) < before.interval.width / 2


@QUIETLY
def test_the_same_call_gives_the_same_result() -> None:
    x, y = draw_pairs("multinormal-sparse-2-2-2-2.0", 500, seed=0)
    first, again = (estimate_mi(x, y, "infonce", permutations=19) for _ in range(2))
    assert first.as_dict() == again.as_dict()
    assert (first.history.dropna() == again.history.dropna()).all(axis=None)
    other = estimate_mi(x, y, "infonce", permutations=19, random_state=1)
    assert other.value != first.value


@QUIETLY
def test_neural_results_show_their_history_and_say_what_they_are() -> None:
    x, y = draw_pairs("multinormal-sparse-2-2-2-2.0", 500, seed=0)
    result = estimate_mi(x, y, "infonce", permutations=19)
    assert result.kind == "lower bound"
    assert set(result.history.columns) == {"refit", "step", "train", "validation"}
    assert result.history["refit"].nunique() == 4
    assert result.history.query("step > 0").notna().all(axis=None)
    assert "lower bound" in str(result)
    assert json.dumps(dict(result.as_dict()))


@QUIETLY
def test_a_figure_shows_the_estimate_the_test_and_the_training() -> None:
    x, y = draw_pairs("multinormal-sparse-2-2-2-2.0", 500, seed=0)
    assert len(estimate_mi(x, y, "infonce", permutations=19).plot().axes) == 3
    assert len(estimate_mi(x, y, "gaussian", permutations=19).plot().axes) == 2


@QUIETLY
def test_a_result_knows_its_columns_and_its_figure_names_them() -> None:
    x, y = gaussian(100)
    table = pd.DataFrame({"a": x.ravel(), "$b$": x.ravel() ** 2})
    result = estimate_mi(table, y, "gaussian", permutations=0)
    assert result.x_columns == ("a", "$b$")
    assert result.y_columns == ("y0",)
    assert result.answer().startswith(f"a and $b$ share {result.value:.3f} nats with y0, 95 % [")
    figure = result.plot("table.csv")
    assert figure.get_suptitle() == "a and $b$ with y0, table.csv"
    # A name is no mathematics.
    figure.canvas.draw()


def test_a_constant_shares_nothing_and_that_is_said() -> None:
    x, _ = gaussian(100)
    with pytest.warns(ConstantColumnWarning, match="column y0 of y has one value"):
        result = estimate_mi(x, np.ones(100))
    assert result.value == 0
    assert result.interval.width == 0
    assert result.p_value == 1
    assert "constant" in result.reason


def test_constant_and_repeated_columns_are_told_of_once() -> None:
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 8)))
    y = x[0] + x[1]
    for place in range(2, 5):
        x[place] = 7.0
    for place in range(5, 8):
        x[place] = np.exp(x[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = estimate_mi(x, y, "ksg-1", permutations=0).warnings
    by_kind = {type(caution): str(caution) for caution in told}
    assert len(by_kind) == len(told)
    assert by_kind[ConstantColumnWarning] == (
        "columns 2, 3, 4 of x have one value in all rows: they share no information and are left "
        "out"
    )
    assert by_kind[DuplicateColumnWarning] == (
        "columns 5, 6, 7 of x order the rows as others do (0), or in reverse: they add no "
        "information and are left out"
    )


@pytest.mark.parametrize("method", ["ksg-1", "mixed-ksg-1", "elliptical-copula"])
def test_nothing_is_tested_where_no_permutations_are_asked_for(method: str) -> None:
    x, noise = np.random.default_rng(0).normal(size=(2, 200))
    result = estimate_mi(x, x + noise, method, permutations=0)
    assert math.isnan(result.p_value)
    assert result.verdict == "not tested"
    assert result.as_dict()["p_value"] is None
    tested = estimate_mi(x, x + noise, method, permutations=19)
    assert result.value == pytest.approx(tested.value)


def test_constant_and_repeated_columns_change_nothing_and_are_named() -> None:
    x, y = gaussian(500)
    plain = estimate_mi(x, y, permutations=19)
    table = pd.DataFrame({"a": x, "same": np.exp(x), "still": np.zeros(500)})
    with (
        pytest.warns(DuplicateColumnWarning, match="column same of x orders the rows as a does"),
        pytest.warns(ConstantColumnWarning, match="column still of x"),
    ):
        more = estimate_mi(table, y, permutations=19)
    assert more.value == plain.value
    assert {type(caution) for caution in more.warnings} == {
        DuplicateColumnWarning,
        ConstantColumnWarning,
    }


@QUIETLY
@pytest.mark.parametrize("zeros", [0.3, 0.8])
def test_a_column_of_many_zeros_and_measurements_determines_itself(zeros: float) -> None:
    generator = np.random.default_rng(0)
    x = np.where(generator.random(300) < zeros, 0.0, generator.exponential(size=300))
    assert estimate_mi(x, x**2).value == math.inf
    grades = np.where(x > 0, np.ceil(4 * x), 0)  # Nothing of these is continuous.
    assert estimate_mi(grades, grades).value < math.log(300)


@pytest.mark.parametrize("of", [np.exp, lambda x: -x])
def test_columns_that_determine_each_other_share_infinitely_much(
    of: Callable[[Any], Any],
) -> None:
    x, _ = gaussian(100)
    result = estimate_mi(x, of(x))
    assert result.value == math.inf
    assert "order the rows alike: as far as these rows show" in result.reason
    assert json.loads(json.dumps(dict(result.as_dict()), allow_nan=False))["value_nats"] is None


def test_levels_are_noticed_and_can_be_denied_or_declared() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(4, size=400)
    y = x + generator.normal(size=400)
    with pytest.warns(DiscreteColumnWarning, match="column x0 has 4 levels"):
        noticed = estimate_mi(x, y, permutations=19)
    assert noticed.method == "mixed-ksg-1"
    declared = estimate_mi(x, y, discrete=["x0"], permutations=19)
    assert declared.value == noticed.value
    assert not declared.warnings
    with pytest.raises(UserError, match="unknown discrete column 'x1'"):
        estimate_mi(x, y, discrete=["x1"])


def test_text_can_be_declared_discrete() -> None:
    generator = np.random.default_rng(0)
    colour = np.array(["blue", "green", "red"])[generator.integers(3, size=600)]
    table = pd.DataFrame({"colour": colour})
    y = (colour == "red") + 0.1 * generator.normal(size=600)
    with pytest.raises(UserError, match=r"column colour holds text.*discrete=\['colour'\]"):
        estimate_mi(table, y)
    result = estimate_mi(table, y, discrete=["colour"], permutations=19)
    # y says red or not: the entropy of one in three.
    assert result.value == pytest.approx(math.log(3) - 2 / 3 * math.log(2), abs=0.06)


def test_discrete_columns_among_many_do_not_hide_the_rest() -> None:
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(1500, 4)), columns=list("abcd"))
    table["level"] = generator.integers(2, size=1500)
    table["b"] += 0.5 * table["a"]
    table["c"] += table["level"] * table["b"]
    y = table["a"] + table["level"] + 0.5 * generator.normal(size=1500)
    result = estimate_mi(table, y, discrete=["level"], permutations=19)
    assert result.method == "infonce-symmetric"
    assert 0.6 < result.value < 1.0
    assert result.p_value == 0.05


@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
def test_series_are_warned_of_and_sorted_rows_named_as_the_other_cause() -> None:
    walk = np.random.default_rng(0).normal(size=(400, 2)).cumsum(axis=0)
    with pytest.warns(DependentRowsWarning, match="if they were only sorted"):
        estimate_mi(walk[:, 0], walk[:, 1], permutations=19)


@pytest.mark.parametrize(
    ("x", "y", "line"),
    [
        (np.zeros(60), np.zeros(61), "x has 60 rows and y has 61"),
        (np.zeros(49), np.zeros(49), "there are 49 rows: an estimate needs at least 50"),
        (np.r_[np.nan, np.zeros(59)], np.zeros(60), r"column x0 has 1 missing value\(s\) \(NaN\)"),
        (np.zeros(60), np.r_[np.zeros(59), np.inf], r"1 infinite value\(s\), in row\(s\) 59"),
        (np.zeros((60, 2, 2)), np.zeros(60), r"x has shape \(60, 2, 2\)"),
        (np.zeros((60, 0)), np.zeros(60), "x has no columns"),
    ],
)
def test_a_mistake_is_one_line(x: Any, y: Any, line: str) -> None:
    with pytest.raises(UserError, match=line) as caught:
        estimate_mi(x, y)
    assert "\n" not in str(caught.value)


def test_unknown_methods_and_settings_are_named() -> None:
    x, y = gaussian(100)
    with pytest.raises(UserError, match="unknown method 'ksg'"):
        estimate_mi(x, y, "ksg")
    with pytest.raises(UserError, match="confidence is 95"):
        estimate_mi(x, y, confidence=95)


def test_the_package_itself_has_what_is_needed() -> None:
    assert infomax.estimate_mi is estimate_mi
    assert set(infomax.__all__) <= set(dir(infomax))
    with pytest.raises(AttributeError, match="no attribute 'estimate'"):
        infomax.estimate  # noqa: B018


@QUIETLY
@pytest.mark.parametrize(
    ("method", "x_levels", "y_levels"),
    [("mixed-ksg-1", 2, 2), ("mixed-ksg-1", 3, None), ("ksg-1", None, None)],
)
def test_intervals_of_few_independent_rows_hold_nothing(
    method: str, x_levels: int | None, y_levels: int | None
) -> None:
    # By the variance of the terms alone they would be too narrow, and hold it too seldom.
    generator = np.random.default_rng(0)

    def side(levels: int | None) -> Any:
        return (
            generator.normal(size=300) if levels is None else generator.integers(levels, size=300)
        )

    intervals = [
        estimate_mi(side(x_levels), side(y_levels), method, permutations=1).interval
        for _ in range(100)
    ]
    assert sum(0 in interval for interval in intervals) >= 92


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_column_that_is_a_sum_of_others_shares_everything(
    *, turned: bool, dtype: type[np.floating[Any]]
) -> None:
    parts = np.random.default_rng(0).normal(size=(200, 4)).astype(dtype)
    table = np.column_stack([parts[:, 1] ** 2, 3 * parts[:, 0] - parts[:, 3] + 7])
    sides = (table, parts) if turned else (parts, table)
    result = estimate_mi(*sides)
    assert result.value == math.inf
    side, other = ("x", "y") if turned else ("y", "x")
    assert result.reason.startswith(
        f"column {side}1 of {side} is a sum of multiples of columns of {other}"
    )


@QUIETLY
def test_as_many_columns_as_rows_determine_nothing() -> None:
    # A linear map of 60 columns gives any values of 60 rows.
    x, y = np.random.default_rng(0).normal(size=(60, 61)), np.random.default_rng(1).normal(size=60)
    assert math.isfinite(estimate_mi(x, y, permutations=19).value)


@pytest.mark.parametrize(("rows", "most"), [(60, 30), (3_000, 500)])
@pytest.mark.parametrize("method", ["auto", "ksg-1"])
def test_more_neighbours_than_half_of_the_rows_are_refused(
    method: str, rows: int, most: int
) -> None:
    x, y = gaussian(rows)
    assert estimate_mi(x, y, method, neighbours=most, permutations=1).pairs == rows
    with pytest.raises(UserError, match=f"^neighbours is {most + 1} for {rows} rows: give at most"):
        estimate_mi(x, y, method, neighbours=most + 1, permutations=1)


def levels_and_a_map_of_them() -> tuple[Any, Any]:
    level = np.random.default_rng(0).integers(15, size=400)
    return level, level / 4 + 0.1


def one_row_that_is_no_measurement() -> tuple[Any, Any]:
    x, y = np.random.default_rng(0).normal(size=(2, 600))
    x[7], y[7] = 999999999.0, 999999999.0
    return x, y


def test_whole_numbers_that_determine_each_other_are_warned_of_as_a_scale() -> None:
    codes = np.random.default_rng(0).integers(60, size=300)
    with pytest.warns(ContinuousColumnWarning, match="60 whole numbers repeat in columns x0, y0"):
        assert estimate_mi(codes, codes, permutations=0).value == math.inf


def test_an_outlier_beside_which_all_else_is_equal_is_no_cause_for_warnings() -> None:
    x, y = gaussian(500)
    y[3] = 1e30
    assert estimate_mi(x, y, permutations=0).value == pytest.approx(0.413, abs=0.1)


@QUIETLY
def test_identifiers_are_no_evidence_of_anything() -> None:
    names = pd.DataFrame({"name": [f"row {place}" for place in range(300)]})
    beside = np.random.default_rng(0).standard_normal(300)
    for y in (beside, beside > 0, pd.Categorical(names["name"])):
        result = estimate_mi(names.astype("category"), pd.DataFrame({"y": y}))
        assert result.interval.low == 0.0
        assert result.interval.high > 0.6
        assert result.p_value > 0.9
        assert "misleads" not in str(result)


@QUIETLY
@pytest.mark.parametrize("pairs", [levels_and_a_map_of_them, one_row_that_is_no_measurement])
def test_levels_and_outliers_determine_nothing_infinite(
    pairs: Callable[[], tuple[Any, Any]],
) -> None:
    assert estimate_mi(*pairs(), permutations=19).value < 3


@pytest.mark.parametrize("method", [None, ["ksg-1"], "kgs-1"])
def test_a_method_that_is_none_is_named(method: Any) -> None:
    with pytest.raises(UserError, match=r"^unknown method "):
        estimate_mi(*gaussian(60), method)


def test_levels_are_counted_in_a_second_though_there_are_a_million() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(2, size=1_000_000)
    y = np.where(generator.random(len(x)) < 0.4, 1 - x, x)
    began = time.process_time()
    result = estimate_mi(x, y, discrete=["x0", "y0"])
    assert time.process_time() - began < 1
    assert result.method == "chao-wang-jost"
    assert math.log(2) + 0.4 * math.log(0.4) + 0.6 * math.log(0.6) in result.interval
    assert 0 < result.p_value < 1e-100
    assert not result.warnings


def test_columns_of_levels_are_counted_while_rows_share_their_combination() -> None:
    # A stimulus and a word of three bits, each of them wrong in one of ten: 1.104 nats.
    generator = np.random.default_rng(0)
    stimulus = generator.integers(8, size=300)
    word = (stimulus[:, None] >> np.arange(3)) % 2 ^ (generator.random((300, 3)) < 0.1)
    result = estimate_mi(stimulus, word, discrete=["x0", "y0", "y1", "y2"])
    assert result.method == "chao-wang-jost"
    assert 3 * (math.log(2) + 0.1 * math.log(0.1) + 0.9 * math.log(0.9)) in result.interval
    assert result.value == pytest.approx(1.1, abs=0.15)
    assert result.p_value == 0.005
    assert not result.warnings


def test_a_tenth_of_the_rows_in_thin_cells_are_corrected_and_said() -> None:
    generator = np.random.default_rng(0)
    code = generator.integers(50, size=3000)
    wrong = np.where(generator.random(3000) < 0.1, generator.integers(1, 50, size=3000), 0)
    with pytest.warns(FewSamplesWarning, match=r"\d+% of the rows are alone"):
        result = estimate_mi(code, (code + wrong) % 50, discrete=["x0", "y0"], permutations=19)
    truth = math.log(50) + 0.9 * math.log(0.9) + 0.1 * math.log(0.1 / 49)
    assert truth in result.interval
    assert result.value == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize("name", ENTROPIES)
def test_methods_that_count_refuse_what_is_no_level(name: str) -> None:
    x = np.random.default_rng(0).normal(size=100)
    with pytest.raises(UserError, match=rf"method {name} counts levels and x0 is continuous: ch"):
        estimate_mi(x, x > 0, name)
    # Truth values have an information of log 2 with themselves, by any of them.
    result = estimate_mi(x > 0, x > 0, name)
    assert result.value == pytest.approx(math.log(2), abs=0.02)
    assert result.method == name


def test_no_information_of_answers_that_share_none_is_below_0() -> None:
    answers = np.random.default_rng(0).integers(5, size=(400, 3))
    names = ["x0", "y0", "y1"]
    result = estimate_mi(answers[:, 0], answers[:, 1:], discrete=names, permutations=19)
    assert result.value >= 0
    assert 0 in result.interval
    assert result.interval.width > 0
    assert result.p_value > 0.05


# As points on a scale, codes show more the more rows there are.
@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
@pytest.mark.filterwarnings("ignore::infomax.warnings.DependentRowsWarning")
@pytest.mark.filterwarnings("ignore::infomax.warnings.FewSamplesWarning")
def test_codes_of_many_levels_are_said_to_be_taken_as_a_scale_unless_declared() -> None:
    generator = np.random.default_rng(0)
    code = generator.integers(200, size=500)
    noise = generator.integers(200, size=500)
    other = np.where(generator.random(500) < 0.6, generator.permutation(200)[code], noise)
    # Noise is the right code in one of 200.
    right = 0.6 + 0.4 / 200
    truth = math.log(200) + right * math.log(right) + (1 - right) * math.log((1 - right) / 199)
    with pytest.warns(ContinuousColumnWarning, match=r"say discrete=\['x0', 'y0'\]"):
        assert estimate_mi(code, other, permutations=19).value < truth / 4
    counted = estimate_mi(code, other, discrete=["x0", "y0"], permutations=19)
    assert truth in counted.interval
    assert counted.p_value == 0.05
    estimate_mi(code, other, discrete=[], permutations=19)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_of_too_few_rows_nothing_is_certain_and_a_way_out_is_named() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 120, 250))
    result = estimate_mi(x, y, permutations=19)
    assert result.value == 0
    assert tuple(result.interval) == (0, math.inf)
    said = [str(each) for each in result.warnings if isinstance(each, FewSamplesWarning)]
    assert any("no critic says more" in each for each in said)
    assert all("principal components" in each for each in said)


def test_more_columns_than_can_be_taken_are_refused_with_a_way_out() -> None:
    x = np.random.default_rng(0).standard_normal((60, 2_500))
    with pytest.raises(UserError, match=r"2500 columns of x and 2500 of y.*at most 2000.*PCA"):
        estimate_mi(x, x[::-1])


class Watch:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.stages: dict[str, int] = {}
        self.steps: list[int] = []

    def start(self, doing: str, steps: int) -> None:
        self.stages[doing] = steps

    def advance(self, step: int) -> None:
        self.steps.append(step)


@QUIETLY
@pytest.mark.parametrize(
    ("method", "stages"),
    [
        ("ksg-1", ["repeating the estimate on permuted pairs", "testing all rows by permutation"]),
        (
            "infonce",
            ["training critics until they settle", "drawing test pairs again, for the interval"],
        ),
    ],
)
def test_who_waits_is_told_what_is_done(method: str, stages: list[str]) -> None:
    x, y = draw_pairs("1v1-normal-0.75", 200, seed=0)
    watch = Watch()
    watched = estimate_mi(x, y, method, permutations=19, progress=watch)
    assert set(stages) < set(watch.stages) <= set(stages_of_estimate(19))
    assert watch.stages["testing all rows by permutation"] == 19
    assert max(watch.steps) >= 18
    assert watched.as_dict() == estimate_mi(x, y, method, permutations=19).as_dict()


@pytest.mark.parametrize("waves", [5, 30])
def test_of_fast_waves_the_test_shows_dependence_and_a_warning_that_it_has_no_end(
    waves: int,
) -> None:
    x = np.random.default_rng(0).standard_normal(3_000)
    with pytest.warns(SaturationWarning, match="may be far beyond the interval"):
        result = estimate_mi(x, np.sin(waves * x))
    assert result.p_value == pytest.approx(0.005)


def test_pairs_on_a_circle_come_with_the_warning() -> None:
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 1_000)
    with pytest.warns(SaturationWarning, match="lie along a curve"):
        estimate_mi(np.cos(angle), np.sin(angle), permutations=19)


def test_a_curve_over_a_regular_grid_comes_with_the_warning() -> None:
    x = np.linspace(-1, 1, 1_001)
    with pytest.warns(SaturationWarning), pytest.warns(DependentRowsWarning):
        estimate_mi(x, x**2, permutations=19)


@QUIETLY
@pytest.mark.parametrize(("levels", "tested"), [(3, True), (30, False)])
def test_without_permutations_levels_are_tested_where_their_cells_are_full(
    levels: int, tested: bool
) -> None:
    x, y = np.random.default_rng(0).integers(levels, size=(2, 300))
    result = estimate_mi(x, y, discrete=["x0", "y0"], permutations=0)
    assert math.isnan(result.p_value) != tested
    assert ("; tested by G-test of all rows" in result.reason) == tested
    assert ("tested" in result.reason) == tested


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3)])
def test_what_a_fresh_seed_gave_is_given_again(random_state: RandomState) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 200))
    first, other = (
        estimate_mi(x, y, "ksg-1", permutations=19, random_state=random_state) for _ in range(2)
    )
    again = estimate_mi(x, y, "ksg-1", permutations=19, random_state=first.random_state)
    assert again.random_state == first.random_state != other.random_state
    np.testing.assert_array_equal(again.null_values, first.null_values)
    assert not np.array_equal(other.null_values, first.null_values)
    assert f"random_state={first.random_state}" in repr(first)


def test_a_random_state_that_is_none_is_refused_before_columns_are_read() -> None:
    with pytest.raises(UserError, match=r"^random_state is 'today': give a whole number"):
        estimate_mi([], [], random_state="today")  # type: ignore[arg-type]
