import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax import estimate_mi
from infomax.distributions.conditional_cells import CONDITIONS, PAIRS, STRENGTHS, draw_cell
from infomax.errors import UserError
from infomax.estimation.conditional.estimate import information_given
from infomax.estimation.result import MIResult
from infomax.warnings import (
    ConstantColumnWarning,
    DeterminedColumnWarning,
    EstimationWarning,
    FewSamplesWarning,
    SaturationWarning,
)


def _estimate(*sides: Any, **settings: Any) -> MIResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        return estimate_mi(*sides, **settings)


def _kinds(result: MIResult) -> set[type]:
    return {type(each) for each in result.warnings}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_all_cells_are_near_their_truth(pair: str, condition: str) -> None:
    errors = []
    for strength in STRENGTHS:
        cell = draw_cell(pair, condition, strength, 2000, seed=0)
        result = _estimate(cell.x, cell.y, given=cell.given, permutations=0)
        errors.append(abs(result.value - cell.truth))
    assert np.mean(errors) < 0.03


def test_the_test_sees_dependence_beyond_the_condition_and_no_other() -> None:
    for strength, least, most in (("nothing", 0.05, 1.0), ("moderate", 0.0, 0.01)):
        cell = draw_cell("continuous-continuous", "continuous", strength, 600, seed=2)
        result = _estimate(cell.x, cell.y, given=cell.given, permutations=99)
        assert least < result.p_value <= most
        # Without the condition there is much to see in either case.
        assert _estimate(cell.x, cell.y, permutations=99).p_value < 0.02


def test_several_columns_of_a_gaussian_are_read_by_partial_correlations() -> None:
    generator = np.random.default_rng(0)
    z = generator.standard_normal((2000, 3))
    x = z[:, :2] + generator.standard_normal((2000, 2))
    y = 0.6 * (x - z[:, :2]) + 0.8 * generator.standard_normal((2000, 2)) + z[:, 1:]
    result = _estimate(np.exp(x), y, given=z, permutations=99)
    truth = -np.log(1 - 0.36)
    assert result.method == "elliptical-copula"
    assert truth in result.interval
    assert abs(result.value - truth) < 0.03
    assert result.p_value == 0.01


def test_the_chain_rule_holds_within_errors() -> None:
    cell = draw_cell("continuous-continuous", "mixed", "moderate", 2000, seed=1)
    assert cell.given is not None
    both = np.column_stack([cell.y, cell.given])
    settings = {"method": "mixed-ksg-1", "permutations": 0}
    of_all = _estimate(cell.x, both, discrete=["y1"], **settings)
    of_z = _estimate(cell.x, cell.given, discrete=["y0"], **settings)
    of_y = _estimate(cell.x, cell.y, given=cell.given, discrete=["z0"], **settings)
    assert of_z.value + of_y.value == pytest.approx(of_all.value, abs=0.08)


def test_a_result_says_of_what_it_is() -> None:
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.standard_normal((300, 3)), columns=["dose", "effect", "age"])
    result = _estimate(table["dose"], table["effect"], given=table["age"], permutations=19)
    assert "dose shares" in result.answer()
    assert "nats with effect given age, 95 %" in result.answer()
    assert str(result).startswith("I(X; Y | Z) = ")
    assert result.as_dict()["given"] == ["age"]
    assert result.given_columns == ("age",)


def test_the_share_of_y_is_of_what_is_left_of_it() -> None:
    z, x = np.random.default_rng(0).integers(2, size=(2, 1000))
    result = _estimate(x, 2 * z + x, given=z)
    assert result.entropy_of_y == pytest.approx(math.log(2), abs=0.01)
    assert result.share_of_y == pytest.approx(1, abs=0.01)


def test_a_constant_condition_is_none() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 200))
    with pytest.warns(ConstantColumnWarning, match="no condition"):
        result = estimate_mi(x, x + y, given=np.ones(200), permutations=19)
    assert result.value == _estimate(x, x + y, permutations=19).value
    assert "as without a condition" in result.reason
    assert result.given_columns == ("z0",)


@pytest.mark.parametrize("of_x", [np.exp, lambda z: -z, lambda z: 2 * z + 1])
def test_of_what_the_condition_determines_nothing_is_left(of_x: Any) -> None:
    z, y = np.random.default_rng(0).standard_normal((2, 200))
    result = _estimate(of_x(z), y + z, given=z)
    assert (result.value, tuple(result.interval), result.p_value) == (0, (0, 0), 1)
    assert DeterminedColumnWarning in _kinds(result)
    assert "once given is known" in result.reason


def test_levels_that_the_condition_determines_are_left_out() -> None:
    generator = np.random.default_rng(0)
    z, other = generator.integers(6, size=(2, 300))
    result = _estimate(np.column_stack([z % 2, other]), (other + z) % 3, given=z)
    assert any(
        str(each).startswith("column x0 of x is known from given") for each in result.warnings
    )
    assert result.value > 0.9


def test_a_curve_of_the_condition_is_warned_of() -> None:
    z, y = np.random.default_rng(0).standard_normal((2, 500))
    result = _estimate(z**2, y + z, given=z, permutations=19)
    assert SaturationWarning in _kinds(result)
    assert any("follows given" in str(each) for each in result.warnings)


def test_what_is_known_from_the_other_side_and_the_condition_is_infinite() -> None:
    x, z = np.random.default_rng(0).standard_normal((2, 200))
    result = _estimate(x, x + 2 * z, given=z, permutations=19)
    assert result.value == math.inf
    assert "sum of multiples of columns of y and given" in result.reason
    # A column of the condition that x gives is another matter.
    pair = np.random.default_rng(1).standard_normal((200, 2))
    finite = _estimate(pair, pair[:, 0] + x, given=pair.sum(axis=1), permutations=0)
    assert math.isfinite(finite.value)


def test_few_rows_are_warned_of_and_read_widely() -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 400))
    widths = []
    for rows in (30, 400):
        result = _estimate(x[:rows] + z[:rows], y[:rows] + z[:rows], given=z[:rows])
        widths.append(result.interval.width)
        assert (FewSamplesWarning in _kinds(result)) == (rows == 30)
    assert widths[0] > 2 * widths[1]


def test_more_columns_than_rows_are_read_and_warned_of() -> None:
    generator = np.random.default_rng(0)
    x, z = generator.standard_normal((60, 40)), generator.standard_normal((60, 40))
    result = _estimate(x, x[:, :2] + z[:, :2], given=z, permutations=9)
    assert FewSamplesWarning in _kinds(result)
    assert "too few" in result.reason
    assert math.isfinite(result.value)


def test_rows_that_do_not_match_are_refused() -> None:
    x = np.arange(60.0)
    with pytest.raises(UserError, match="x and y have 60 rows and given has 61"):
        estimate_mi(x, x, given=np.arange(61.0))
    with pytest.raises(UserError, match="there are 19 rows: an estimate needs at least 20"):
        estimate_mi(x[:19], x[:19], given=x[:19])
    with pytest.raises(UserError, match="rows of x and given have different labels"):
        estimate_mi(pd.Series(x), pd.Series(x), given=pd.Series(x, index=x + 1))
    with pytest.raises(UserError, match="ksg-2"):
        estimate_mi(x, x, "ksg-2", given=x)


def test_missing_values_are_dropped_over_all_three() -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 100))
    x[0] = y[1] = z[2] = np.nan
    with pytest.raises(UserError, match="column x0 has 1 missing"):
        estimate_mi(x, y, given=z)
    result = _estimate(x, y, given=z, missing="drop", permutations=9)
    assert (result.pairs, result.rows_left_out) == (97, 3)


def test_arrays_are_estimated_fast_to_the_same_value() -> None:
    cell = draw_cell("discrete-continuous", "mixed", "moderate", 500, seed=0)
    assert cell.given is not None
    level = draw_cell("discrete-discrete", "discrete", "strong", 500, seed=0)
    assert level.given is not None
    continuous = draw_cell("continuous-continuous", "continuous", "moderate", 500, seed=0)
    assert continuous.given is not None
    for each, discrete in ((level, True), (continuous, False)):
        assert each.given is not None
        found = information_given(
            each.x[:, None], each.y[:, None], each.given, discrete=(discrete,) * 3
        )
        method = "auto" if discrete else "mixed-ksg-1"
        assert (
            found == _estimate(each.x, each.y, method, given=each.given, permutations=0).raw_value
        )


@pytest.mark.parametrize("method", ["frenzel-pompe", "mesner-shalizi", "gaussian", "mixed-ksg-1"])
def test_methods_that_are_asked_for_are_taken(method: str) -> None:
    generator = np.random.default_rng(0)
    x, noise, z = generator.standard_normal((3, 1000))
    result = _estimate(x + z, 0.6 * x + 0.8 * noise + z, method, given=z, permutations=19)
    assert result.method == method
    assert result.value == pytest.approx(0.223, abs=0.06)
    assert result.value in result.interval
    assert result.p_value == 0.05


def test_methods_of_continuous_columns_refuse_levels_of_the_condition() -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 100))
    level = (z > 0).astype(int)
    with pytest.raises(UserError, match="z0 is discrete"):
        _estimate(x, y, "frenzel-pompe", given=level)
    with pytest.raises(UserError, match="counts levels"):
        _estimate(x, y, "plug-in", given=level)
