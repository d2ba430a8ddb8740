"""What predicts one view's code from the other's, in training alone."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infomax.layers import BatchNorm, dense

__all__ = ["Predictor"]


class Predictor(nn.Module):
    r"""Predicts codes from codes, by a perceptron with one hidden layer, batch norm and ReLU.

    .. math:: q(z) = W_2 \, \mathrm{relu}(\mathrm{BN}(W_1 z)) + b_2

    It stands before one side of a loss only, which with a stop-gradient at the other keeps codes
    from becoming one where nothing else does. Probes and users take codes before it.

    Source: Grill et al. (2020), section 3.3; Chen and He (2021), section 3, whose hidden layer is
    smaller than the codes.

    Args:
        code_size: number of values in a code, and in a prediction.
        generator: draws the weights, the hidden layer first.
        hidden_size: units in the hidden layer.

    Raises:
        UserError: if there is no hidden unit.

    Example:
        >>> predictor = Predictor(128, torch.Generator().manual_seed(0), hidden_size=64)
        >>> predictor(torch.zeros(5, 128)).shape
        torch.Size([5, 128])
    """

    def __init__(
        self, code_size: int, generator: torch.Generator, *, hidden_size: int = 64
    ) -> None:
        super().__init__()
        # What a bias would add, batch norm takes off.
        self.hidden = dense(code_size, hidden_size, generator, bias=False)
        self.norm = BatchNorm(hidden_size)
        self.output = dense(hidden_size, code_size, generator)

    def forward(self, codes: Tensor) -> Tensor:
        """Predict: ``(N, code_size)`` -> ``(N, code_size)``."""
        predicted: Tensor = self.output(self.norm(self.hidden(codes)).relu())
        return predicted

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, codes: Tensor) -> Tensor: ...  # noqa: D102
