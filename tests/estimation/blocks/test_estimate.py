"""Estimates as a sum over independent blocks."""

import numpy as np
import pytest

from infomax import UserError, estimate_mi
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.benchmark import draw_pairs


@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
@pytest.mark.parametrize("seed", range(3))
def test_five_sines_are_read_to_the_full(seed: int) -> None:
    result = estimate_mi(*draw_pairs("sines-5-5", 5000, seed), permutations=19)
    assert result.method == "independent-blocks"
    assert DISTRIBUTIONS["sines-5-5"].mutual_information in result.interval
    assert result.value == pytest.approx(4.317, abs=0.1)
    assert "columns fall into blocks that do not depend on each other" in result.reason
    assert "(x0; y0), (x1; y1), (x2; y2) and 2 more" in result.reason
    assert result.p_value == 0.05


def test_columns_that_share_nothing_are_left_out_and_told() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2000, 6))
    y = np.column_stack([np.tanh(x[:, 1] + x[:, 2] ** 2), generator.standard_normal((2000, 3))])
    y[:, 0] += 0.3 * generator.standard_normal(2000)
    result = estimate_mi(x, y, permutations=19)
    alone = estimate_mi(x[:, [1, 2]], y[:, 0], permutations=19)
    assert result.value == pytest.approx(alone.value, abs=0.01)
    assert result.method == alone.method
    assert "(x1, x2; y0), and the other 7 share nothing" in result.reason


def test_errors_of_blocks_add_in_squares() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 2000, 4))
    y = 0.8 * x + 0.6 * noise
    whole = estimate_mi(x, y, permutations=0)
    blocks = [estimate_mi(x[:, each], y[:, each], permutations=0) for each in range(4)]
    assert whole.method == "independent-blocks"
    assert whole.value == pytest.approx(sum(each.value for each in blocks), abs=1e-9)
    half_widths = [each.interval.high - each.value for each in blocks]
    assert whole.interval.high - whole.value == pytest.approx(np.hypot.reduce(half_widths))
    assert np.isnan(whole.p_value)
    assert -2 * np.log(0.6**2) in whole.interval


def test_where_nothing_is_shared_no_block_is_and_the_copula_says_so() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 2000, 4))
    result = estimate_mi(x, y, permutations=19)
    assert result.method == "elliptical-copula"
    assert result.p_value > 0.05


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_a_block_that_is_read_at_least_makes_the_sum_at_least() -> None:
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((2000, 8))
    x, y = rows[:, :4], rows[:, 4:]
    # Two columns of each side by critics, and one with one by its copula.
    turned = np.sin(3 * x[:, :2] @ np.array([[0.8, -0.6], [0.6, 0.8]]))
    y[:, :2] = turned + 0.5 * y[:, :2]
    y[:, 2] = x[:, 2] + 0.5 * y[:, 2]
    result = estimate_mi(x, y, permutations=19)
    assert result.method == "independent-blocks"
    assert result.kind == "lower bound"
    assert result.interval.high == np.inf
    assert "each by elliptical-copula or infonce-symmetric" in result.reason


def test_rows_in_time_are_not_cut_into_blocks() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 1000, 3))
    result = estimate_mi(x, x + noise, order="rows", permutations=19)
    assert result.method != "independent-blocks"


def test_blocks_can_be_asked_for_by_name() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 500, 2))
    asked = estimate_mi(x, x + noise, "independent-blocks", permutations=19)
    assert asked.method == "independent-blocks"
    assert asked.value == estimate_mi(x, x + noise, permutations=19).value
    one = estimate_mi(x, x.sum(axis=1) + noise[:, 0], "independent-blocks", permutations=19)
    assert one.reason.startswith("there are no independent blocks that both sides share: ")
    with pytest.raises(UserError, match="method independent-blocks tests rows as independent"):
        estimate_mi(x, x + noise, "independent-blocks", order="rows")
