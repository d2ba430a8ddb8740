"""Codes of a batch whose activations do not fit in memory all at once."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["CodesInParts"]


class CodesInParts:
    r"""Codes of views that are encoded a few at a time, and encoded again for their gradients.

    First without gradients, so that no activation is kept; once the loss has been differentiated
    with respect to the codes, part by part with gradients,

    .. math:: \nabla_\theta L = \sum_p \Bigl( \frac{\partial z_p}{\partial \theta} \Bigr)^\top
              \nabla_{z_p} L

    What the encoder draws from PyTorch's own generator, as dropout does, is drawn the same both
    times; afterwards the generator is where the first time has left it.

    Source: Gao, Zhang, Han and Callan (2021), section 3.2 (GradCache).

    Args:
        encode: views ``(n, ...)`` -> codes ``(n, d)``, each a function of its own view alone.
        views: ``(N, ...)``.
        at_once: views in a part.

    Attributes:
        codes: ``(N, d)``; differentiate the loss with respect to them, then ``hand_back``.

    Example:
        >>> layer = torch.nn.Linear(2, 1, bias=False)
        >>> coded = CodesInParts(layer, torch.ones(5, 2), at_once=3)
        >>> coded.codes.sum().backward()
        >>> coded.hand_back()
        >>> layer.weight.grad.tolist()
        [[5.0, 5.0]]
    """

    def __init__(self, encode: Callable[[Tensor], Tensor], views: Tensor, at_once: int) -> None:
        self._encode = encode
        self._parts = views.split(at_once)
        self._on_gpu = [views.device] if views.device.type == "cuda" else []
        self._generators: list[tuple[Tensor, list[Tensor]]] = []
        codes = []
        with torch.no_grad():
            for part in self._parts:
                self._generators.append(self._generator_states())
                codes.append(encode(part))
        self.codes = torch.cat(codes).requires_grad_()

    def hand_back(self) -> None:
        """Add the gradients of the encoder's weights that those of the codes amount to."""
        if self.codes.grad is None:
            return
        gradients = self.codes.grad.split([len(part) for part in self._parts])
        with torch.random.fork_rng(self._on_gpu):
            for part, generators, gradient in zip(
                self._parts, self._generators, gradients, strict=True
            ):
                on_cpu, on_gpu = generators
                torch.set_rng_state(on_cpu)
                for device, state in zip(self._on_gpu, on_gpu, strict=True):
                    torch.cuda.set_rng_state(state, device)
                codes = self._encode(part)
                if codes.requires_grad:
                    codes.backward(gradient)

    def _generator_states(self) -> tuple[Tensor, list[Tensor]]:
        return torch.get_rng_state(), [torch.cuda.get_rng_state(each) for each in self._on_gpu]
