"""The stairs of the staircase: normal pairs of a chosen information."""

import math

from infomax.distributions.covariance import paired_correlation
from infomax.distributions.multivariate_normal import MultivariateNormal
from infomax.errors import UserError

__all__ = ["staircase_gaussian"]


def staircase_gaussian(name: str, *, pairs: int, information: float) -> MultivariateNormal:
    r"""Make a normal distribution of independent pairs that share the information evenly.

    .. math:: I(X; Y) = -\frac{d}{2} \log(1 - \rho^2), \quad
              \rho = \sqrt{1 - e^{-2 I / d}}

    Source: Belghazi et al. (2018), section 4.1; Poole et al. (2019), section 3, whose estimators
    climb from 2 to 10 nats with 20 pairs.

    Args:
        name: what it is called in the registry, in settings and in records.
        pairs: pairs of correlated scalars, d: the values in an x, and in a y.
        information: I(X; Y) of all pairs together, in nats.

    Raises:
        UserError: if there is no pair or the information is negative or infinite.

    Example:
        >>> stair = staircase_gaussian("example", pairs=20, information=2.0)
        >>> round(stair.mutual_information, 4), round(stair.covariance[0][20], 4)
        (2.0, 0.4258)
    """
    if pairs < 1:
        raise UserError(f"{name!r} has {pairs} pairs: give at least 1")
    if not 0 <= information < math.inf:
        raise UserError(f"{name!r} is to hold {information} nats: give 0 or a positive number")
    correlation = math.sqrt(-math.expm1(-2 * information / pairs))
    return MultivariateNormal(name, paired_correlation(pairs, pairs, [correlation] * pairs), pairs)
