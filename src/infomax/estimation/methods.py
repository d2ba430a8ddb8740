"""The methods by name."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from infomax.bounds import BOUNDS
from infomax.errors import unknown_name
from infomax.estimation.automatic import measure_automatically
from infomax.estimation.classical import measure_by_ellipse, measure_by_terms
from infomax.estimation.elliptical import (
    EllipticalDependence,
    fit_elliptical_copula,
    fit_gaussian,
    fit_gaussian_copula,
)
from infomax.estimation.histogram import histogram_terms
from infomax.estimation.measured_by_bound import measure_by_bound
from infomax.estimation.nearest_neighbours import (
    ksg_1_terms,
    ksg_2_terms,
    mixed_ksg_1_terms,
    mixed_ksg_terms,
)
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings

__all__ = ["METHODS", "find_method"]

Method: TypeAlias = Callable[[PairedSamples, EstimationSettings], MIResult]

_ASKED_FOR = "it was asked for"


def _by_neighbours(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    terms_of, continuous = _NEIGHBOURS[name]
    return measure_by_terms(
        name,
        samples,
        settings,
        partial(terms_of, neighbours=settings.neighbours),
        _ASKED_FOR,
        continuous=continuous,
    )


def _by_histogram(samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_terms(
        "histogram", samples, settings, histogram_terms, _ASKED_FOR, continuous=False
    )


def _by_ellipse(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_ellipse(name, samples, settings, _ELLIPSES[name], _ASKED_FOR)


def _by_bound(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_bound(name, samples, settings, _ASKED_FOR)


_NEIGHBOURS = {
    "ksg-1": (ksg_1_terms, True),
    "ksg-2": (ksg_2_terms, True),
    "mixed-ksg": (mixed_ksg_terms, False),
    "mixed-ksg-1": (mixed_ksg_1_terms, False),
}
_ELLIPSES: dict[str, Callable[..., EllipticalDependence]] = {
    "gaussian": fit_gaussian,
    "gaussian-copula": fit_gaussian_copula,
    "elliptical-copula": fit_elliptical_copula,
}

METHODS: dict[str, Method] = {
    "auto": measure_automatically,
    **{name: partial(_by_neighbours, name) for name in _NEIGHBOURS},
    **{name: partial(_by_ellipse, name) for name in _ELLIPSES},
    "histogram": _by_histogram,
    **{name: partial(_by_bound, name) for name in BOUNDS},
}
"""The methods by name."""


def find_method(name: str) -> Method:
    """Return the method of a name.

    Raises:
        UserError: if there is none.
    """
    if name not in METHODS:
        raise unknown_name("method", name, METHODS)
    return METHODS[name]
