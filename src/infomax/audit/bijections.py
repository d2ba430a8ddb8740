"""Re-codings of codes that lose nothing: each with its inverse, by which that is checked."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from infomax.training import generator_for

__all__ = [
    "MOST_INVERSE_ERROR",
    "RECODINGS",
    "Bijection",
    "Recoding",
    "coupling_layers",
    "inverse_error",
    "monotone_warp",
    "rotation",
    "scaling",
]

MOST_INVERSE_ERROR: Final = 1e-3
"""Codes come back from single precision to within this share of their standard deviation."""


@dataclass(frozen=True, eq=False)
class Bijection:
    """A map of codes that are scaled to unit variance, and the map back.

    Attributes:
        forward: ``(N, d)`` -> ``(N, d)``.
        inverse: ``(N, d)`` -> ``(N, d)``.
    """

    forward: Callable[[Tensor], Tensor]
    inverse: Callable[[Tensor], Tensor]


def inverse_error(bijection: Bijection, codes: Tensor) -> float:
    """Return how far codes come back, the farthest of all values; infinite if one is not finite.

    What is inverted is rounded to single precision first, in which probes and critics read it:
    what they see still holds the codes.

    Args:
        bijection: that is checked.
        codes: ``(N, d)``, of unit variance.

    Example:
        >>> codes = torch.randn(100, 4, dtype=torch.float64, generator=generator_for(0, "codes"))
        >>> inverse_error(rotation(4, 0), codes) < 1e-5
        True
        >>> flat = Bijection(lambda codes: 0 * codes, lambda codes: codes)
        >>> inverse_error(flat, codes) > 1
        True
    """
    back = bijection.inverse(bijection.forward(codes).float().double())
    error = float((back - codes).abs().max())
    return error if math.isfinite(error) else math.inf


def rotation(size: int, seed: int) -> Bijection:
    """Return a random rotation: distances and angles stay."""
    drawn = torch.randn(
        size, size, dtype=torch.float64, generator=generator_for(seed, "audit rotation")
    )
    turned = torch.linalg.qr(drawn).Q
    return Bijection(lambda codes: codes @ turned, lambda codes: codes @ turned.mT)


def scaling(size: int, seed: int) -> Bijection:
    """Return a scaling of each column by a factor between 1e-2 and 1e2."""
    drawn = torch.rand(size, dtype=torch.float64, generator=generator_for(seed, "audit scaling"))
    factors = 10 ** (4 * drawn - 2)
    return Bijection(lambda codes: codes * factors, lambda codes: codes / factors)


def monotone_warp(size: int, seed: int) -> Bijection:  # noqa: ARG001 - nothing of it is drawn
    """Return the signed cube of each value: order stays in each column, distances do not."""
    return Bijection(lambda codes: codes**3, lambda codes: codes.sign() * codes.abs() ** (1 / 3))


def coupling_layers(size: int, seed: int, *, strength: float, layers: int = 4) -> Bijection:
    r"""Return a chain of additive couplings whose shifts are random waves.

    Each layer halves the columns at random, and shifts one half by what it makes of the other:

    .. math:: b \leftarrow b + s \, \sin(s \, a W / \sqrt{|a|} + \phi) V / \sqrt{|a|}

    with s the strength, and W and V standard normal. Volume stays, and the inverse subtracts the
    same shifts in reverse order.

    Source: Dinh, Krueger and Bengio (2015), section 3.2, additive couplings.

    Args:
        size: d, at least 2.
        seed: of the halves and the waves.
        strength: s: of shifts, and of how fast they turn; the harshness.
        layers: of the chain.
    """
    generator = generator_for(seed, "audit couplings")

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=generator)

    chain = []
    for _ in range(layers):
        order = torch.randperm(size, generator=generator)
        kept, moved = order[: size // 2], order[size // 2 :]
        waves = len(kept)
        root = math.sqrt(len(kept))
        chain.append(
            (
                kept,
                moved,
                strength * normal(len(kept), waves) / root,
                2 * math.pi * torch.rand(waves, dtype=torch.float64, generator=generator),
                strength * normal(waves, len(moved)) / root,
            )
        )

    def run(codes: Tensor, sign: int) -> Tensor:
        codes = codes.clone()
        for kept, moved, into, phase, out in chain[::sign]:
            codes[:, moved] += sign * torch.sin(codes[:, kept] @ into + phase) @ out
        return codes

    return Bijection(lambda codes: run(codes, 1), lambda codes: run(codes, -1))


@dataclass(frozen=True)
class Recoding:
    """A kind of bijection, of which some are drawn.

    Attributes:
        name: as findings have it.
        make: from the number of columns and a seed.
        least_size: columns that it needs.
        drawn: whether anything of it is drawn, so that other seeds give others.
    """

    name: str
    make: Callable[[int, int], Bijection] = field(repr=False)
    least_size: int = 1
    drawn: bool = True


def _couplings(strength: float) -> Callable[[int, int], Bijection]:
    return lambda size, seed: coupling_layers(size, seed, strength=strength)


RECODINGS: Final = (
    Recoding("rotation", rotation, 2),
    Recoding("scaling", scaling),
    Recoding("monotone warp", monotone_warp, drawn=False),
    *(
        Recoding(f"couplings of strength {strength:g}", _couplings(strength), 2)
        for strength in (0.5, 1.0, 2.0)
    ),
)
"""From the mildest to the harshest."""
