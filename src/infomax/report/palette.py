"""One colour for one thing, in every figure of every report."""

from collections.abc import Iterable

__all__ = ["NEUTRAL", "colours_of"]

NEUTRAL = "#4a4a4a"
"""Colour of what belongs to no level of the coloured factor."""

# After Okabe and Ito, and Tol: told apart under the common colour vision deficiencies, and dark
# enough for thin lines on white.
_KNOWN = {
    "infonce": "#332288",
    "nwj": "#cc4466",
    "bilinear": "#0072b2",
    "separable": "#009e73",
    "concat": "#d55e00",
    "mlp": "#aa3377",
    "convnet": "#b8860b",
    "realnvp-affine": "#882255",
    "gaussian-iid": "#0072b2",
    "gaussian-dependent": "#d55e00",
}
_OTHERS = ("#0072b2", "#d55e00", "#009e73", "#aa3377", "#b8860b", "#332288", "#56b4e9", "#882255")


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name; names without a colour of their own take those left over.

    Example:
        >>> colours_of(["concat"])
        {'concat': '#d55e00'}
    """
    levels = list(dict.fromkeys(names))
    taken = {_KNOWN[name] for name in levels if name in _KNOWN}
    free = [colour for colour in _OTHERS if colour not in taken] or list(_OTHERS)
    unknown = [name for name in levels if name not in _KNOWN]
    return {
        name: _KNOWN[name] if name in _KNOWN else free[unknown.index(name) % len(free)]
        for name in levels
    }
