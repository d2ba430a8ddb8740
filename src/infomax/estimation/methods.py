"""The table of methods by name."""

from collections.abc import Iterator, Mapping

from infomax.bounds import BOUNDS, DENSITY_BOUNDS
from infomax.errors import unknown_name
from infomax.estimation.automatic import AUTO, INDEPENDENT_BLOCKS
from infomax.estimation.copula.estimate import COPULA_METHODS
from infomax.estimation.discrete.information import COUNT_METHODS
from infomax.estimation.neighbours.ksg import KSG_METHODS
from infomax.estimation.neighbours.residuals import RESIDUAL_KSG
from infomax.estimation.neural.estimate import bound_method
from infomax.estimation.task import Method
from infomax.estimation.terms import HISTOGRAM

__all__ = ["METHODS", "find_method"]

_WITHOUT_BOUNDS = {
    method.name: method
    for method in (
        AUTO,
        *KSG_METHODS,
        RESIDUAL_KSG,
        INDEPENDENT_BLOCKS,
        *COPULA_METHODS,
        *COUNT_METHODS.values(),
        HISTOGRAM,
    )
}


class _Methods(Mapping[str, Method]):
    """All methods, those by bounds that are registered later among them."""

    def __getitem__(self, name: str) -> Method:
        if name in _WITHOUT_BOUNDS:
            return _WITHOUT_BOUNDS[name]
        if name not in BOUNDS and name not in DENSITY_BOUNDS:
            raise KeyError(name)
        return bound_method(name)

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
