"""How many codes a classifier gets right, in all and class by class, with intervals."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from infomax.errors import UserError

__all__ = ["Accuracy", "accuracy_of", "majority_share", "wilson_interval"]


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
            f"{self.value:.4f} [{self.low:.3f}, {self.high:.3f}]",
            f"{self.balanced:.4f} [{self.balanced_low:.3f}, {self.balanced_high:.3f}]",
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
    of_classes = np.array(
        [wilson_interval(*each) for each in zip(right_of_class, sizes, strict=True)]
    )
    shares, lows, highs = of_classes.T
    balanced, number = float(shares.mean()), len(shares)
    return Accuracy(
        *wilson_interval(int(right.sum()), len(labels)),
        balanced,
        balanced - math.sqrt(float(np.square(shares - lows).sum())) / number,
        balanced + math.sqrt(float(np.square(highs - shares).sum())) / number,
    )


def majority_share(train_labels: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Return the accuracy on labels of always naming the commonest training label.

    Example:
        >>> majority_share(np.array([0, 1, 1]), np.array([1, 1, 0, 1]))
        0.75
    """
    present, sizes = np.unique(train_labels, return_counts=True)
    return float((labels == present[sizes.argmax()]).mean())


# SciPy finds an exact p-value first, which takes a hundred times longer than the interval.
@lru_cache(maxsize=4_096)
def wilson_interval(right: int, number: int) -> tuple[float, float, float]:
    """Return the share of a number that is right, and the ends of Wilson's 95 % interval of it."""
    interval = binomtest(int(right), int(number)).proportion_ci(0.95, method="wilson")
    # At 0 and 1 the interval is closed by rounding alone.
    share = int(right) / int(number)
    return share, min(float(interval.low), share), max(float(interval.high), share)
