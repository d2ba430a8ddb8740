"""How many codes a classifier gets right, in all and class by class, with intervals.

And by how much one classifier is right more often than another, on the same rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from infomax.errors import UserError

__all__ = [
    "Accuracy",
    "AccuracyDifference",
    "accuracy_difference",
    "accuracy_of",
    "majority_share",
    "wilson_interval",
]


@dataclass(frozen=True)
class Accuracy:
    """Share of labels that were predicted, with 95 % confidence intervals.

    Attributes:
        value: the share of all labels that were predicted.
        low: lower end of its interval.
        high: upper end of its interval.
        balanced: mean over classes of the share of their labels that were predicted. A classifier
            that always names the commonest of C classes has 1 / C, however common that is.
        balanced_low: lower end of its interval.
        balanced_high: upper end of its interval.
    """

    value: float
    low: float
    high: float
    balanced: float
    balanced_low: float
    balanced_high: float

    def in_words(self) -> tuple[str, str]:
        """Return both accuracies with their intervals, as tables show them.

        Example:
            >>> Accuracy(0.9, 0.85, 0.94, 0.5, 0.4, 0.6).in_words()
            ('0.9000 [0.850, 0.940]', '0.5000 [0.400, 0.600]')
        """
        return (
            f"{self.value:z.4f} [{self.low:z.3f}, {self.high:z.3f}]",
            f"{self.balanced:z.4f} [{self.balanced_low:z.3f}, {self.balanced_high:z.3f}]",
        )


def accuracy_of(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> Accuracy:
    r"""Compare predicted with true labels.

    The interval of a share is Wilson's; that of the mean over C classes is put together from the
    Wilson intervals :math:`[l_c, u_c]` of the shares :math:`p_c` of the classes:

    .. math:: \bar p - \frac{1}{C} \sqrt{\textstyle\sum_c (p_c - l_c)^2}, \quad
              \bar p + \frac{1}{C} \sqrt{\textstyle\sum_c (u_c - p_c)^2}

    They hold for labels of independent rows, and say nothing of another training of the classifier.

    Source: Wilson (1927); Zou and Donner (2008) for sums of independent estimates.

    Args:
        predicted: ``(n,)``.
        labels: ``(n,)``, at least one.

    Raises:
        UserError: if there are no labels, or their number is not that of what was predicted.

    Example:
        >>> found = accuracy_of(np.zeros(100, np.int64), np.array([0] * 99 + [1]))
        >>> found.value, found.balanced
        (0.99, 0.5)
        >>> round(found.low, 3), round(found.high, 3)
        (0.946, 0.998)
    """
    if len(predicted) != len(labels) or not len(labels):
        raise UserError(
            f"{len(predicted)} predictions for {len(labels)} labels: an accuracy needs one of each "
            "and at least one"
        )
    right = predicted == labels
    _, classes = np.unique(labels, return_inverse=True)
    sizes, right_of_class = (
        np.bincount(classes),
        np.bincount(classes[right], minlength=max(classes) + 1),
    )
    of_classes = [wilson_interval(*each) for each in zip(right_of_class, sizes, strict=True)]
    return Accuracy(
        *wilson_interval(int(right.sum()), len(labels)), *_mean_over_classes(of_classes)
    )


def majority_share(train_labels: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Return the accuracy on labels of always naming the commonest training label.

    Example:
        >>> majority_share(np.array([0, 1, 1]), np.array([1, 1, 0, 1]))
        0.75
    """
    present, sizes = np.unique(train_labels, return_counts=True)
    return float((labels == present[sizes.argmax()]).mean())


def _mean_over_classes(
    of_classes: Sequence[tuple[float, float, float]],
) -> tuple[float, float, float]:
    """Return the mean of the values of classes and the ends of its interval, put together."""
    values, lows, highs = np.array(of_classes).T
    mean, number = float(values.mean()), len(values)
    return (
        mean,
        mean - math.sqrt(float(np.square(values - lows).sum())) / number,
        mean + math.sqrt(float(np.square(highs - values).sum())) / number,
    )


# SciPy finds an exact p-value first, which takes a hundred times longer than the interval.
@lru_cache(maxsize=4_096)
def wilson_interval(right: int, number: int) -> tuple[float, float, float]:
    """Return the share of a number that is right, and the ends of Wilson's 95 % interval of it."""
    interval = binomtest(int(right), int(number)).proportion_ci(0.95, method="wilson")
    # At 0 and 1 the interval is closed by rounding alone.
    share = int(right) / int(number)
    return share, min(float(interval.low), share), max(float(interval.high), share)


@dataclass(frozen=True)
class AccuracyDifference:
    """The accuracy of one classifier less that of another, with 95 % confidence intervals.

    Attributes:
        value: the difference of the shares of all labels that were predicted.
        low: lower end of its interval.
        high: upper end of its interval.
        balanced: mean over classes of the differences of the shares of their labels.
        balanced_low: lower end of its interval.
        balanced_high: upper end of its interval.
    """

    value: float
    low: float
    high: float
    balanced: float
    balanced_low: float
    balanced_high: float

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where the interval over all rows excludes 0.

        Else ``not shown to differ``.

        Example:
            >>> AccuracyDifference(0.03, 0.01, 0.05, 0.0, -0.1, 0.1).verdict
            'better'
        """
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "not shown to differ"

    def in_words(self) -> tuple[str, str]:
        """Return both differences with their intervals in per cent, as tables show them.

        Example:
            >>> AccuracyDifference(0.004, -0.021, 0.029, -0.001, -0.03, 0.02).in_words()
            ('+0.4 % [-2.1, +2.9]', '-0.1 % [-3.0, +2.0]')
        """
        return (
            _in_per_cent(self.value, self.low, self.high),
            _in_per_cent(self.balanced, self.balanced_low, self.balanced_high),
        )


def accuracy_difference(
    predicted: NDArray[np.int64], others: NDArray[np.int64], labels: NDArray[np.int64]
) -> AccuracyDifference:
    r"""Compare the predictions of two classifiers for the same rows.

    With the shares p and q of rows that each has right, their Wilson intervals
    :math:`[l_p, u_p]` and :math:`[l_q, u_q]`, and the correlation :math:`\phi` of being right, the
    interval of p - q is

    .. math:: p - q - \sqrt{(p - l_p)^2 - 2 \phi (p - l_p)(u_q - q) + (u_q - q)^2}, \quad
              p - q + \sqrt{(u_p - p)^2 - 2 \phi (u_p - p)(q - l_q) + (q - l_q)^2}

    Of a rows that both have right, b and c that one alone has, and d that none has, out of n,

    .. math:: \phi = \frac{ad - bc - \min(n / 2, \max(ad - bc, 0))}
              {\sqrt{(a + b)(c + d)(a + c)(b + d)}}

    or 0 where a margin is 0. It does not close where the classifiers never differ, as resampling
    the rows would let it. The interval of the mean over classes is put together from theirs as that
    of one accuracy is. Rows must be independent; nothing is said of another training.

    Source: Newcombe (1998), "Improved confidence intervals for the difference between binomial
    proportions based on paired data", method 10; Zou and Donner (2008) for sums of independent
    estimates.

    Args:
        predicted: ``(n,)``, by the classifier that is asked about.
        others: ``(n,)``, by the one that it is compared with.
        labels: ``(n,)``, at least one.

    Raises:
        UserError: if there are no labels, or their number is not that of what was predicted.

    Example:
        >>> labels = np.arange(100) % 2
        >>> found = accuracy_difference(labels, np.zeros(100, np.int64), labels)
        >>> found.value, found.balanced, found.verdict
        (0.5, 0.5, 'better')
    """
    if not len(predicted) == len(others) == len(labels) or not len(labels):
        raise UserError(
            f"{len(predicted)} and {len(others)} predictions for {len(labels)} labels: a "
            "difference of accuracies needs one of each for every label, and at least one"
        )
    right, others_right = predicted == labels, others == labels
    of_classes = [
        _paired_interval(right[rows], others_right[rows])
        for rows in (labels == label for label in np.unique(labels))
    ]
    return AccuracyDifference(
        *_paired_interval(right, others_right), *_mean_over_classes(of_classes)
    )


def _paired_interval(
    right: NDArray[np.bool_], others_right: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Return the difference of two shares of the same rows, and the ends of its interval."""
    number = len(right)
    both, one = int((right & others_right).sum()), int((right & ~others_right).sum())
    other, none = int((~right & others_right).sum()), int((~right & ~others_right).sum())
    share, low, high = wilson_interval(both + one, number)
    others_share, others_low, others_high = wilson_interval(both + other, number)
    margins = (both + one) * (other + none) * (both + other) * (one + none)
    product = float(both * none - one * other)
    product -= min(number / 2, max(product, 0.0))
    phi = product / math.sqrt(margins) if margins else 0.0
    difference = share - others_share
    return (
        difference,
        difference - _length(share - low, others_high - others_share, phi),
        difference + _length(high - share, others_share - others_low, phi),
    )


def _length(first: float, second: float, correlation: float) -> float:
    # Rounding alone brings the square below 0.
    return math.sqrt(max(first**2 - 2 * correlation * first * second + second**2, 0.0))


def _in_per_cent(value: float, low: float, high: float) -> str:
    # What rounds to nothing has no sign: adding 0 takes it from -0.
    shown, *ends = (f"{round(100 * each, 1) + 0:+z.1f}" for each in (value, low, high))
    return f"{shown} % [{', '.join(ends)}]"
