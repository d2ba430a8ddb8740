"""The bijective encoders of figure 1."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Flow, ViewShape, flattened
from infomax.errors import UserError
from infomax.layers import truncated_normal_dense

__all__ = ["AdditiveRealNVPEncoder", "AffineRealNVPEncoder", "RealNVPEncoder"]

COUPLINGS = 30
"""Of the paper's flows."""

HIDDEN_SIZES = (512, 512)
"""Of the paper's flows."""

_STD = 1e-4
_SMALLEST_SCALE = 1e-7


class RealNVPEncoder(Flow):
    r"""Encodes views by a chain of couplings, each followed by a fixed random permutation.

    A coupling passes the first half of its values through, and moves the second half by what a
    multi-layer perceptron with ReLU makes of the first:

    .. math:: y_1 = x_1, \qquad y_2 = x_2 \odot (10^{-7} + \mathrm{softplus}(s(x_1))) + t(x_1)

    Additive couplings have no scale: they preserve volume. Weights start so small that the
    additive flow starts, to within rounding, as a permutation. The affine flow starts as a
    contraction: :math:`\mathrm{softplus}(0) = \log 2`, so each coupling shrinks the second half to
    0.69 of its size, and a value that has been in it 15 times out of 30 is 0.004 of what it was.
    The log-determinant starts at -0.37 nats for each value moved, -2,155 in all for 30 couplings
    of 392 values, and values differ in size by as much as a few hundred times.

    Source: Dinh, Sohl-Dickstein and Bengio (2017), section 3; settings of Tschannen et al. (2020),
    section 3.1 and companion notebook.

    Args:
        view_shape: shape of a view, any with an even number of values.
        generator: draws the weights and the permutations.
        couplings: number of couplings, and of permutations.
        hidden_sizes: units in the hidden layers of each coupling's network.
        affine: whether the second half is scaled as well as shifted.

    Raises:
        UserError: if the view has an odd number of values.

    Example:
        >>> generator = torch.Generator().manual_seed(0)
        >>> flow = RealNVPEncoder((4, 8, 1), generator, hidden_sizes=(16,), affine=True)
        >>> view = torch.rand(5, 32, generator=generator)
        >>> torch.allclose(flow.inverse(flow(view)), view, atol=1e-5)
        True
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        couplings: int = COUPLINGS,
        hidden_sizes: tuple[int, ...] = HIDDEN_SIZES,
        affine: bool,
    ) -> None:
        super().__init__()
        self.view_shape = view_shape
        self.code_size = math.prod(view_shape)
        if self.code_size % 2:
            raise UserError(
                f"RealNVP halves a view, and {' x '.join(map(str, view_shape))} is an odd number "
                "of values: crop or pad the views so that it is even, or choose residual-mlp"
            )
        make_coupling = _AffineCoupling if affine else _AdditiveCoupling
        self.couplings = nn.ModuleList(
            make_coupling(self.code_size, hidden_sizes, generator) for _ in range(couplings)
        )

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, *view_shape)`` or ``(..., d)`` -> ``(..., d)``."""
        code = flattened(view, self.view_shape)
        for coupling in self._couplings():
            code = coupling(code)
        return code

    def inverse(self, code: Tensor) -> Tensor:
        """Decode: ``(..., d)`` -> ``(..., d)``."""
        for coupling in reversed(self._couplings()):
            code = coupling.inverse(code)
        return code

    def log_determinant(self, view: Tensor) -> Tensor:
        """Return the log-determinant of the Jacobian, in nats: ``(..., d)`` -> ``(...)``.

        Exactly 0 for additive couplings.
        """
        view = flattened(view, self.view_shape)
        total = torch.zeros_like(view[..., 0])
        for coupling in self._couplings():
            if isinstance(coupling, _AffineCoupling):
                view, log_determinant = coupling.with_log_determinant(view)
                total = total + log_determinant
        return total

    def _couplings(self) -> list["_Coupling"]:
        return cast("list[_Coupling]", list(self.couplings))


class AdditiveRealNVPEncoder(RealNVPEncoder):
    """Encodes views by couplings that shift half of the values: a bijection that keeps volume.

    Args:
        view_shape: shape of a view, any with an even number of values.
        generator: draws the weights and the permutations.
        couplings: number of couplings, and of permutations.
        hidden_sizes: units in the hidden layers of each coupling's network.
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        couplings: int = COUPLINGS,
        hidden_sizes: tuple[int, ...] = HIDDEN_SIZES,
    ) -> None:
        super().__init__(
            view_shape, generator, couplings=couplings, hidden_sizes=hidden_sizes, affine=False
        )


class AffineRealNVPEncoder(RealNVPEncoder):
    """Encodes views by couplings that scale and shift half of the values: a bijection.

    Args:
        view_shape: shape of a view, any with an even number of values.
        generator: draws the weights and the permutations.
        couplings: number of couplings, and of permutations.
        hidden_sizes: units in the hidden layers of each coupling's network.
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        couplings: int = COUPLINGS,
        hidden_sizes: tuple[int, ...] = HIDDEN_SIZES,
    ) -> None:
        super().__init__(
            view_shape, generator, couplings=couplings, hidden_sizes=hidden_sizes, affine=True
        )


class _Coupling(nn.Module):
    """One coupling and its permutation; how the second half is moved is left to subclasses.

    Args:
        size: number of values, even.
        hidden_sizes: units in the hidden layers of the network.
        generator: draws the weights and the permutation.
    """

    outputs_per_value: int
    permutation: Tensor

    def __init__(
        self, size: int, hidden_sizes: tuple[int, ...], generator: torch.Generator
    ) -> None:
        super().__init__()
        half = size // 2
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((half, *hidden_sizes, self.outputs_per_value * half)):
            layers += [truncated_normal_dense(inputs, outputs, generator, std=_STD), nn.ReLU()]
        self.network = nn.Sequential(*layers[:-1])
        # A buffer: saved with the weights and stacked with those of other seeds.
        self.register_buffer("permutation", torch.randperm(size, generator=generator))

    def inverse(self, values: Tensor) -> Tensor:
        raise NotImplementedError

    def _join(self, kept: Tensor, moved: Tensor) -> Tensor:
        # index_select is six times as fast as indexing with brackets.
        return torch.cat((kept, moved), dim=-1).index_select(-1, self.permutation)

    def _split(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Undo ``_join``."""
        kept, moved = values.index_select(-1, self.permutation.argsort()).chunk(2, dim=-1)
        return kept, moved

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, values: Tensor) -> Tensor: ...


class _AdditiveCoupling(_Coupling):
    outputs_per_value = 1

    def forward(self, values: Tensor) -> Tensor:
        kept, moved = values.chunk(2, dim=-1)
        return self._join(kept, moved + self.network(kept))

    def inverse(self, values: Tensor) -> Tensor:
        kept, moved = self._split(values)
        return torch.cat((kept, moved - self.network(kept)), dim=-1)


class _AffineCoupling(_Coupling):
    outputs_per_value = 2

    def forward(self, values: Tensor) -> Tensor:
        kept, moved = values.chunk(2, dim=-1)
        shift, scale = self._shift_and_scale(kept)
        return self._join(kept, moved * scale + shift)

    def inverse(self, values: Tensor) -> Tensor:
        kept, moved = self._split(values)
        shift, scale = self._shift_and_scale(kept)
        return torch.cat((kept, (moved - shift) / scale), dim=-1)

    def with_log_determinant(self, values: Tensor) -> tuple[Tensor, Tensor]:
        kept, moved = values.chunk(2, dim=-1)
        shift, scale = self._shift_and_scale(kept)
        return self._join(kept, moved * scale + shift), scale.log().sum(dim=-1)

    def _shift_and_scale(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        shift, s = self.network(kept).chunk(2, dim=-1)
        return shift, _SMALLEST_SCALE + nn.functional.softplus(s)
