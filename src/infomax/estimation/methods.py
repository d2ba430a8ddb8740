"""The methods by name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from infomax.bounds import BOUNDS, DENSITY_BOUNDS, find_bound
from infomax.errors import unknown_name
from infomax.estimation.automatic import measure_automatically
from infomax.estimation.classical import measure_by_ellipse, measure_by_terms
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_gaussian,
    fit_gaussian_copula,
)
from infomax.estimation.discrete.entropies import ENTROPIES
from infomax.estimation.discrete.histogram import histogram_terms
from infomax.estimation.measured_by_counts import measure_by_counts
from infomax.estimation.measured_by_neighbours import NEIGHBOUR_TERMS, measure_by_neighbours
from infomax.estimation.neural.estimate import measure_by_bound
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings

__all__ = ["METHODS", "Method", "find_method"]

_ASKED_FOR = "it was asked for"


@dataclass(frozen=True)
class Method:
    """A way from pairs to an estimate.

    Attributes:
        meaning: what it is, in a line.
        measure: from pairs and settings to the estimate.
    """

    meaning: str
    measure: Callable[[PairedSamples, EstimationSettings], MIResult]


def _first_line(part: object) -> str:
    return (part.__doc__ or "").partition("\n")[0].replace("``", "")


def _by_neighbours(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_neighbours(name, samples, settings, _ASKED_FOR)


def _by_counts(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_counts(name, samples, settings, _ASKED_FOR)


def _by_histogram(samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_terms(
        "histogram", samples, settings, histogram_terms, _ASKED_FOR, continuous=False
    )


def _by_ellipse(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_ellipse(name, samples, settings, _ELLIPSES[name], _ASKED_FOR)


def _by_bound(name: str, samples: PairedSamples, settings: EstimationSettings) -> MIResult:
    return measure_by_bound(name, samples, settings, _ASKED_FOR)


_ELLIPSES: dict[str, Callable[..., EllipticalDependence]] = {
    "gaussian": fit_gaussian,
    "gaussian-copula": fit_gaussian_copula,
    "elliptical-copula": fit_elliptical_copula,
}

_WITHOUT_BOUNDS: dict[str, Method] = {
    "auto": Method(
        "Elliptical copula, unless neighbours, critics or a test of fit contradict it; says why.",
        measure_automatically,
    ),
    **{
        name: Method(_first_line(terms_of), partial(_by_neighbours, name))
        for name, terms_of in NEIGHBOUR_TERMS.items()
    },
    **{
        name: Method(_first_line(fit), partial(_by_ellipse, name))
        for name, fit in _ELLIPSES.items()
    },
    **{
        name: Method(f"Of discrete columns: {_first_line(entropy)}", partial(_by_counts, name))
        for name, entropy in ENTROPIES.items()
    },
    "histogram": Method(_first_line(histogram_terms), _by_histogram),
}


class _Methods(Mapping[str, Method]):
    """All methods, those by bounds that are registered later among them."""

    def __getitem__(self, name: str) -> Method:
        if name in _WITHOUT_BOUNDS:
            return _WITHOUT_BOUNDS[name]
        if name in DENSITY_BOUNDS:
            return Method(DENSITY_BOUNDS[name]().summary(), partial(_by_bound, name))
        if name not in BOUNDS:
            raise KeyError(name)
        meaning = find_bound(name).summary()
        return Method(f"By trained critics: {meaning}", partial(_by_bound, name))

    def __iter__(self) -> Iterator[str]:
        return iter((*_WITHOUT_BOUNDS, *BOUNDS, *DENSITY_BOUNDS))

    def __len__(self) -> int:
        return len(_WITHOUT_BOUNDS) + len(BOUNDS) + len(DENSITY_BOUNDS)


METHODS: Mapping[str, Method] = _Methods()
"""The methods by name."""


def find_method(name: str) -> Method:
    """Return the method of a name.

    Raises:
        UserError: if there is none.
    """
    if name not in list(METHODS):  # A list may be asked for what cannot be hashed.
        raise unknown_name("method", name, METHODS)
    return METHODS[name]
