"""A ladder of 1 to 10 nats in seven families, of two columns each: where estimates give out."""

import math
from collections.abc import Callable

from scipy.special import lambertw

from infomax.distributions.covariance import paired_correlation
from infomax.distributions.distribution import PairDistribution, Transformed
from infomax.distributions.gamma_exponential import LogGammaExponential
from infomax.distributions.heavy_tails import MultivariateStudent
from infomax.distributions.independent_parts import IndependentParts
from infomax.distributions.injective_maps import normal_cdf
from infomax.distributions.levels import QuantizedNormal, SmoothedLevels
from infomax.distributions.normal import MultivariateNormal, staircase_gaussian
from infomax.distributions.uniform import AdditiveUniform

__all__ = ["high_information_tasks"]

_COLUMNS = 2


def high_information_tasks() -> tuple[PairDistribution, ...]:
    """Make the seven families, each with 1 to 10 nats that its columns share evenly.

    The package's grid is of one to three columns a side, and its pairs of columns are turned at
    random; here they are two and as they are. The levels of the smoothed family are twice as many
    as its information needs.

    Source: the package mutinfo, grid "lowdim"; arXiv 2607.03487, for estimates at N = 10,000.

    Example:
        >>> tasks = high_information_tasks()
        >>> len(tasks), tasks[0].name, round(tasks[9].mutual_information, 9)
        (70, 'high-normal-2-2-1', 10.0)
    """
    return tuple(
        make(f"high-{family}-{_COLUMNS}-{_COLUMNS}-{nats}", float(nats))
        for family, make in _FAMILIES.items()
        for nats in range(1, 11)
    )


def _normal(name: str, information: float) -> PairDistribution:
    return staircase_gaussian(name, pairs=_COLUMNS, information=information)


def _student(name: str, information: float) -> PairDistribution:
    """Student of one degree of freedom, of which the tails hold a part of the information."""
    alone = MultivariateStudent(name, paired_correlation(_COLUMNS, _COLUMNS, []), _COLUMNS, 1)
    rest = staircase_gaussian(
        name, pairs=_COLUMNS, information=information - alone.mutual_information
    )
    return MultivariateStudent(name, rest.covariance, _COLUMNS, 1)


def _uniform(name: str, information: float) -> PairDistribution:
    base: MultivariateNormal = staircase_gaussian(
        f"base of {name}", pairs=_COLUMNS, information=information
    )
    return Transformed(name, base, normal_cdf, normal_cdf)


def _smoothed_uniform(name: str, information: float) -> PairDistribution:
    """Uniform with uniform noise, of e - log 2e nats for noise of size e."""
    each = information / _COLUMNS
    noise = -float(lambertw(-0.5 * math.exp(-each)).real)
    return IndependentParts(name, (AdditiveUniform(f"part of {name}", noise),) * _COLUMNS)


def _log_gamma_exponential(name: str, information: float) -> PairDistribution:
    part = LogGammaExponential(f"part of {name}", information / _COLUMNS)
    return IndependentParts(name, (part,) * _COLUMNS)


def _quantized(name: str, information: float) -> PairDistribution:
    part = QuantizedNormal(f"part of {name}", information / _COLUMNS)
    return IndependentParts(name, (part,) * _COLUMNS)


def _smoothed_levels(name: str, information: float) -> PairDistribution:
    each = information / _COLUMNS
    part = SmoothedLevels(f"part of {name}", 2 * math.ceil(math.exp(each)), each)
    return IndependentParts(name, (part,) * _COLUMNS)


_FAMILIES: dict[str, Callable[[str, float], PairDistribution]] = {
    "normal": _normal,
    "student": _student,
    "uniform": _uniform,
    "smoothed-uniform": _smoothed_uniform,
    "log-gamma-exponential": _log_gamma_exponential,
    "quantized": _quantized,
    "smoothed-levels": _smoothed_levels,
}
