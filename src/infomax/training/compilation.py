"""Losses and gradients of a batch as one function that PyTorch compiles."""

import os
import shlex
import shutil
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch._dynamo.exc import TorchDynamoException

from infomax.errors import reason_of
from infomax.training.training import Update
from infomax.warnings import NotCompiledWarning

__all__ = ["CompiledGradients", "reason_against_compiling"]

# Below that many products of numbers, converting what oneDNN is given takes what it saves.
_FEWEST_PRODUCTS = 8_000_000
# Of each size of batch: the first ones, before which what a bound remembers has another shape.
_CALLS_THAT_COMPILE = 3


def reason_against_compiling(device: torch.device) -> str | None:
    """Say why nothing can be compiled for a device here; ``None`` if nothing is known to stand by.

    Args:
        device: where the compiled function is to run.
    """
    if device.type == "cpu":
        compiler = shlex.split(os.environ.get("CXX", "g++"))[0]
        if shutil.which(compiler) is None:
            return f"there is no C++ compiler ({compiler}): install one, or name one in CXX"
    elif find_spec("triton") is None:
        return f"there is no Triton, which compiles for {device.type}: install triton"
    return None


class CompiledGradients:
    """Computes losses and their gradients by code that is compiled at the first call.

    What cannot be compiled is computed as if nothing had been asked for, with a warning. Compiled
    sums are taken in another order: the last bits are others than without, and the same each time.

    Args:
        function: from the views of a batch, x and y, to losses and watched values ``(S,)``.
        parameters: that the losses are differentiated by; each gets its gradient.

    Attributes:
        seconds: that the first call took, nearly all of it to compile; ``None`` before it, and
            where nothing was compiled.
    """

    def __init__(
        self, function: Callable[[Tensor, Tensor], Update], parameters: Sequence[Tensor]
    ) -> None:
        self._function, self._parameters = function, list(parameters)
        with _warnings_of_torch_ignored():
            self._compiled = torch.compile(self._gradients, dynamic=False, options=_options())
        self._calls: Counter[tuple[torch.Size, torch.Size]] = Counter()
        self.seconds: float | None = None

    def __call__(self, x: Tensor, y: Tensor) -> Update:
        """Leave the gradients of a batch in the parameters; return losses and watched values."""
        # A batch of another size, as the last of a loader may be, is compiled anew.
        shapes = x.shape, y.shape
        if self._calls[shapes] < _CALLS_THAT_COMPILE:
            self._calls[shapes] += 1
            update, gradients = self._first(x, y)
        else:
            update, gradients = self._compiled(x, y)
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter.grad = gradient
        return update

    def _first(self, x: Tensor, y: Tensor) -> tuple[Update, tuple[Tensor | None, ...]]:
        began = time.perf_counter()
        try:
            with _warnings_of_torch_ignored():
                made: tuple[Update, tuple[Tensor | None, ...]] = self._compiled(x, y)
        except TorchDynamoException as error:
            warnings.warn(
                NotCompiledWarning(f"the update is not compiled: {reason_of(error)}"), stacklevel=2
            )
            self._compiled, self.seconds = self._gradients, None
            return self._gradients(x, y)
        if self._calls.total() == 1:
            self.seconds = time.perf_counter() - began
        return made

    def _gradients(self, x: Tensor, y: Tensor) -> tuple[Update, tuple[Tensor | None, ...]]:
        losses, watched = self._function(x, y)
        # Models share no weights: the gradient of the sum is each model's own.
        gradients = torch.autograd.grad(losses.sum(), self._parameters, allow_unused=True)
        return Update(losses.detach(), watched), gradients


@contextmanager
def _warnings_of_torch_ignored() -> Iterator[None]:
    """Ignore what PyTorch warns of parts of its own that it still uses to compile."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"torch\.")
        yield


def _options() -> dict[str, Any] | None:
    """Return what the compiler is told: to leave large products to oneDNN where MKL is slow."""
    if not _mkl_is_slow():
        return None
    try:
        from infomax.training.onednn_products import OneDnnProducts  # noqa: PLC0415
    except ImportError:  # A PyTorch whose compiler cannot be told.
        return None
    return {"post_grad_custom_pre_pass": OneDnnProducts(_FEWEST_PRODUCTS)}


def _mkl_is_slow() -> bool:
    """Tell whether MKL, which PyTorch multiplies by, uses half of this processor.

    It takes AVX-512 on processors of Intel alone; oneDNN takes it wherever it is.
    """
    if not (torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available()):
        return False
    try:
        processor = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512f" in processor and "GenuineIntel" not in processor
