"""Accuracies and their differences: published intervals, and how often they hold the truth."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from infomax.errors import UserError
from infomax.evaluation import accuracy_difference, accuracy_of, majority_share


def test_the_interval_of_a_share_is_wilsons() -> None:
    labels = np.zeros(256, np.int64)
    found = accuracy_of(np.arange(256) % 8 // 7, labels)
    assert found.value == found.balanced == 0.875
    z, p, n = 1.959964, 0.875, 256
    centre, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    expected = tuple((centre + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.balanced_low, found.balanced_high) == pytest.approx(expected)


def test_one_per_cent_of_positives_that_are_never_found_show() -> None:
    labels = np.repeat([0, 1], [990, 10])
    found = accuracy_of(np.zeros(1000, np.int64), labels)
    assert found.value == majority_share(labels, labels) == 0.99
    assert found.balanced == 0.5
    assert found.balanced_low == pytest.approx(0.5, abs=0.01)
    assert found.balanced_high > 0.6


def test_the_interval_of_a_mean_of_classes_is_put_together_from_theirs() -> None:
    labels = np.repeat([0, 1, 2], [10, 20, 40])
    predicted = np.where(np.arange(70) % 5 < 3, labels, -1)
    found = accuracy_of(predicted, labels)
    each = [accuracy_of(predicted[labels == one], labels[labels == one]) for one in range(3)]
    assert found.balanced == pytest.approx(0.6)
    below = math.sqrt(sum((one.value - one.low) ** 2 for one in each)) / 3
    above = math.sqrt(sum((one.high - one.value) ** 2 for one in each)) / 3
    assert (found.balanced_low, found.balanced_high) == pytest.approx((0.6 - below, 0.6 + above))


def test_both_intervals_hold_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(0)
    rates, sizes = np.array([0.9, 0.6, 0.3]), [200, 60, 25]
    labels = np.repeat(np.arange(3), sizes)
    truth, balanced = rates[labels].mean(), rates.mean()
    covered = np.zeros(2)
    for _ in range(300):
        found = accuracy_of(np.where(generator.random(285) < rates[labels], labels, -1), labels)
        covered += [
            found.low <= truth <= found.high,
            found.balanced_low <= balanced <= found.balanced_high,
        ]
    assert (covered >= 276).all()
    assert (covered <= 297).all()


def test_nothing_and_other_lengths_are_refused() -> None:
    for predicted, labels in (([], []), ([0], [0, 1])):
        with pytest.raises(UserError, match="an accuracy needs one of each"):
            accuracy_of(np.array(predicted, np.int64), np.array(labels, np.int64))


Rows = NDArray[np.int64]
# How often intervals that are said to hold the truth in 95 % of all cases may miss by chance.
DRAWS = 1_000
ALLOWED = 3 * (0.05 * 0.95 / DRAWS) ** 0.5


def rows(both: int, one: int, other: int, none: int) -> tuple[Rows, Rows, Rows]:
    """Return predictions of two classifiers and labels with so many rows of each kind."""
    right = np.repeat([True, True, False, False], [both, one, other, none])
    others_right = np.repeat([True, False, True, False], [both, one, other, none])
    labels = np.zeros(len(right), np.int64)
    return np.where(right, 0, 1), np.where(others_right, 0, 1), labels


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe (1998), table II, method 10.
        ((36, 12, 2, 0), 0.0569, 0.3404),
        # Wilson's upper end of 0 of 50, z^2 / (50 + z^2), to either side.
        ((0, 0, 0, 50), -0.0713, 0.0713),
        # They are never right together, so lengths add up: 0.44 -+ 2 (0.72 - 0.5833).
        ((0, 36, 14, 0), 0.1667, 0.6505),
        # By the formula: where they are right together n / 2 is taken off what they have in common,
        # down to nothing, and where one is never right they have nothing in common.
        ((20, 6, 2, 12), -0.0420, 0.2348),
        ((8, 6, 4, 4), -0.1868, 0.3501),
        ((0, 0, 14, 36), -0.4167, -0.1528),
    ],
)
def test_the_interval_is_newcombes(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = accuracy_difference(*rows(*table))
    assert found.value == pytest.approx((table[1] - table[2]) / sum(table))
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-4)


def test_a_difference_is_that_of_two_accuracies() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 300)
    predicted, others = (
        np.where(generator.random(300) < share, labels, (labels + 1) % 4) for share in (0.9, 0.7)
    )
    found = accuracy_difference(predicted, others, labels)
    mine, theirs = accuracy_of(predicted, labels), accuracy_of(others, labels)
    assert found.value == pytest.approx(mine.value - theirs.value)
    assert found.balanced == pytest.approx(mine.balanced - theirs.balanced)
    assert found.verdict == "better"
    turned = accuracy_difference(others, predicted, labels)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert turned.verdict == "worse"
    assert (turned.balanced_low, turned.balanced_high) == pytest.approx(
        (-found.balanced_high, -found.balanced_low)
    )


@pytest.mark.parametrize("number", [40, 250])
@pytest.mark.parametrize(
    "shares",
    # Of rows that both have right, that one alone has, and that none has.
    [(0.80, 0.05, 0.05, 0.10), (0.60, 0.25, 0.05, 0.10), (0.93, 0.03, 0.02, 0.02)],
    ids=["alike", "better", "nearly-always-right"],
)
def test_intervals_hold_the_truth_as_often_as_they_say(
    shares: tuple[float, float, float, float], number: int
) -> None:
    generator = np.random.default_rng(1)
    truth = shares[1] - shares[2]
    held = 0
    for table in generator.multinomial(number, shares, size=DRAWS):
        found = accuracy_difference(*rows(*table))
        held += found.low <= truth <= found.high
    assert held / DRAWS >= 0.95 - ALLOWED


def test_intervals_of_means_of_classes_hold_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2)
    sizes, gains, draws = (20, 60, 160), (0.2, 0.0, -0.1), DRAWS // 2
    truth, held = float(np.mean(gains)), 0
    labels = np.repeat([0, 1, 2], sizes)
    base = np.array([0.7, 0.8, 0.85])[labels]
    gain = np.array(gains)[labels]
    for _ in range(draws):
        # The same draw decides both, which makes them agree more often than chance.
        drawn = generator.random(len(labels))
        right, others_right = drawn < base + gain, drawn < base
        found = accuracy_difference(
            np.where(right, labels, 3), np.where(others_right, labels, 3), labels
        )
        held += found.balanced_low <= truth <= found.balanced_high
    assert held / draws >= 0.95 - ALLOWED * 2**0.5


def test_what_differs_in_length_is_refused() -> None:
    three = np.zeros(3, np.int64)
    with pytest.raises(UserError, match="3 and 2 predictions for 3 labels"):
        accuracy_difference(three, three[:2], three)
    with pytest.raises(UserError, match="at least one"):
        accuracy_difference(three[:0], three[:0], three[:0])
