"""Information against lag: found where it is, and no more often than chance has it elsewhere."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from infomax.errors import UserError
from infomax.estimation import estimate_mi
from infomax.estimation.lags import draw_lags, information_by_lag, lag_answer

pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")


def test_the_lag_of_most_information_is_found_and_each_is_an_estimate() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 400))
    y = np.roll(x, 2) + noise
    table = information_by_lag(x, y, [0, 1, 2, 4], permutations=99)
    assert table["corrected_p_value"].gt(0.05).tolist() == [True, True, False, True]
    assert (table["corrected_p_value"] >= table["p_value"] - 1e-12).all()
    alone = estimate_mi(x[:-2], y[2:], order="rows", permutations=99)
    assert table.loc[2, "value_nats"] == alone.value
    assert lag_answer(table, ["x"], ["y"]).startswith("x shares most with y 2 rows later, of 4")
    assert "lag" in draw_lags(table, "x with y").axes[0].get_xlabel()


def test_shuffled_rows_are_sorted_by_their_times() -> None:
    x, y = np.random.default_rng(1).standard_normal((2, 200))
    shuffled = np.random.default_rng(0).permutation(200)
    table = information_by_lag(x, y, [1], permutations=19)
    again = information_by_lag(x[shuffled], y[shuffled], [1], order=shuffled, permutations=19)
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    ("lags", "message"),
    [
        ([], "lags are []: give whole numbers of at least 0, each once"),
        ([1, 1], "lags are [1, 1]: give"),
        ([-1], "lags are [-1]: give"),
        ([60], "lag 60 leaves 40 pairs of 100 rows: an estimate needs 50, so give lags of at most"),
        ([200], "lag 200 leaves 0 pairs of 100 rows"),
    ],
)
def test_lags_that_rows_do_not_allow_are_refused(lags: Sequence[int], message: str) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 100))
    with pytest.raises(UserError) as refused:
        information_by_lag(x, y, lags)
    assert str(refused.value).startswith(message)
