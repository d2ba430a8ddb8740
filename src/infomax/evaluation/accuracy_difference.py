"""By how much one classifier is right more often than another, on the same rows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infomax.errors import UserError
from infomax.evaluation.accuracy import wilson_interval

__all__ = ["AccuracyDifference", "accuracy_difference"]


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
    values, lows, highs = np.array(of_classes).T
    balanced, number = float(values.mean()), len(values)
    return AccuracyDifference(
        *_paired_interval(right, others_right),
        balanced,
        balanced - math.sqrt(float(np.square(values - lows).sum())) / number,
        balanced + math.sqrt(float(np.square(highs - values).sum())) / number,
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
    shown, *ends = (f"{round(100 * each, 1) + 0:+.1f}" for each in (value, low, high))
    return f"{shown} % [{', '.join(ends)}]"
