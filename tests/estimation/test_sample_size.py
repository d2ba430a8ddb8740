"""The curve of values against pairs: what it is of, and when it is said to rise."""

import numpy as np
import pytest

from infomax import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.sample_size import SampleSizeCurve, sample_size_curve
from infomax.warnings import SampleSizeWarning


def test_values_are_means_over_disjoint_parts_of_all_pairs() -> None:
    seen: list[np.ndarray] = []

    def estimate(x: np.ndarray, y: np.ndarray) -> float:
        assert (x[:, 0] == y[:, 0]).all()
        seen.append(x[:, 0])
        return 1 - 10 / len(x)

    rows = np.arange(400.0)[:, None]
    curve = sample_size_curve(estimate, rows, rows, np.random.default_rng(0))
    assert curve is not None
    assert curve.pairs == (100, 200, 400)
    assert curve.values == pytest.approx((0.9, 0.95, 0.975))
    assert [len(part) for part in seen] == [100] * 12 + [200] * 6 + [400]
    for first in range(0, 12, 4):
        assert np.array_equal(np.sort(np.concatenate(seen[first : first + 4])), rows[:, 0])
    for first in range(12, 18, 2):
        assert np.array_equal(np.sort(np.concatenate(seen[first : first + 2])), rows[:, 0])
    # An error that falls as 1 / N leaves as much as the last step made.
    assert curve.left == pytest.approx(0.025)
    assert curve.still_rises(error=0.02)
    assert not curve.still_rises(error=0.03)


def test_of_very_many_pairs_some_are_asked_and_of_very_few_none() -> None:
    sizes: list[int] = []

    def estimate(x: np.ndarray, _y: np.ndarray) -> float:
        sizes.append(len(x))
        return 0.0

    many, few = np.zeros((50_000, 1)), np.zeros((47, 1))
    assert sample_size_curve(estimate, few, few, np.random.default_rng(0)) is None
    curve = sample_size_curve(estimate, many, many, np.random.default_rng(0))
    assert curve is not None
    assert max(sizes) == curve.pairs[-1] == 20_000


@pytest.mark.parametrize(
    ("values", "step_error", "rises"),
    [
        ((0.3, 0.5, 0.7), 0.01, True),  # no flatter yet
        ((0.5, 0.6, 0.65), 0.01, True),
        ((0.5, 0.6, 0.65), 0.03, False),  # no more than halves scatter
        ((0.70, 0.65, 0.60), 0.01, False),
        ((0.5, 0.6, 0.605), 0.001, False),  # nearly there
    ],
)
def test_what_rises_is_told_from_what_scatters(
    values: tuple[float, ...], step_error: float, *, rises: bool
) -> None:
    curve = SampleSizeCurve((1000, 2000, 4000), values, (0.05, step_error, 0.0))
    assert curve.still_rises(error=0.02) is rises


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_neighbours_that_resolve_too_little_say_at_least_and_others_do_not() -> None:
    waves, x_shape = (
        estimate_mi(*draw_pairs(task, 2000, 0), permutations=9)
        for task in ("2v1-waves-12-5.0-3.0", "1v1-X-0.9")
    )
    assert waves.method == x_shape.method == "ksg-1"
    assert waves.kind == "lower bound"
    assert waves.interval.low < 1.307
    assert any(isinstance(each, SampleSizeWarning) for each in waves.warnings)
    assert waves.curve["value"].is_monotonic_increasing
    assert x_shape.kind == "neither"
    assert 0.408 in x_shape.interval
    assert list(x_shape.curve["pairs"]) == [500, 1000, 2000]
    assert "does it still rise" in waves.plot().axes[-1].get_title()


def test_curves_of_independent_estimates_add() -> None:
    one = SampleSizeCurve((100, 200, 400), (0.1, 0.2, 0.3), (0.03, 0.03, 0.0))
    other = SampleSizeCurve((100, 200, 400), (1.0, 1.0, 1.0), (0.04, 0.04, 0.0))
    both = SampleSizeCurve.summed([one.as_table(), other.as_table()])
    assert both.pairs == (100, 200, 400)
    assert both.values == pytest.approx((1.1, 1.2, 1.3))
    assert both.scatters == pytest.approx((0.05, 0.05, 0.0))
    assert both.left == pytest.approx(0.5)  # as much as fits a step that grows no smaller
