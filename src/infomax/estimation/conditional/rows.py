"""What rows in time remember once the condition is known: often less than each side alone does."""

from infomax.estimation.conditional.local_tests import Points, residual_samples
from infomax.estimation.conditional.residuals import features_of_condition, less_explained
from infomax.estimation.rows import RowsInTime, remembered_functions
from infomax.estimation.samples import PairedSamples

__all__ = ["rows_given"]


def rows_given(samples: PairedSamples, points: Points) -> RowsInTime:
    """Return what rows in order of time remember of what the condition leaves of x and y.

    A series whose past is the condition has little left but what is new in each row: its rows are
    then worth as many independent ones as they are, though each resembles the row before it.

    Args:
        samples: x, y and the condition, in order of time.
        points: x and y with what the condition leaves of them.

    Example:
        >>> import numpy as np
        >>> from scipy.signal import lfilter
        >>> from infomax.estimation.conditional.neighbours import conditional_points
        >>> from infomax.estimation.samples import read_samples
        >>> x, y = lfilter([1], [1, -0.9], np.random.default_rng(0).standard_normal((2, 2000)))
        >>> samples = read_samples(x[:-1], y[1:], given=y[:-1])
        >>> points = conditional_points(samples, np.random.default_rng(0))
        >>> of_both, of_left = RowsInTime.of(samples), rows_given(samples, points)
        >>> of_both.worth(2000) < 500, of_left.worth(2000) > 1500
        (True, True)
    """
    features = features_of_condition(samples.given)
    left = residual_samples(samples, points)
    return RowsInTime.of_functions(
        *(less_explained(remembered_functions(side), features) for side in (left.x, left.y))
    )
