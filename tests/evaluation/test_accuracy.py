"""Accuracies and their intervals, beside what needs no codes."""

import math

import numpy as np
import pytest

from infomax.errors import UserError
from infomax.evaluation import accuracy_of, majority_share


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
