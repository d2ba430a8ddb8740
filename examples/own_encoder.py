"""An encoder of one's own, for ``infomax train --encoder own_encoder:gated``.

Run this file for the same from Python: ``python examples/own_encoder.py``.
"""

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from infomax import PairModel, train
from infomax.critics import BilinearCritic


class Gated(nn.Module):
    """Dense layers, each opened and closed by a second one."""

    def __init__(self, values: int, units: int, code_size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(values, 2 * units)
        self.code = nn.Linear(units, code_size)

    def forward(self, view: Tensor) -> Tensor:
        """Encode views ``(N, ...)`` to codes ``(N, code_size)``."""
        code: Tensor = self.code(nn.functional.glu(self.hidden(view.flatten(1))))
        return code


def gated(
    view_shape: tuple[int, ...],
    generator: torch.Generator,  # noqa: ARG001 - PyTorch's own layers draw from its own generator
    *,
    units: int = 128,
    code_size: int = 32,
) -> nn.Module:
    """Make the encoder of views of a shape; options are set by ``--encoder-options units=64``."""
    return Gated(torch.Size(view_shape).numel(), units, code_size)


def main() -> None:
    """Train on the halves of real digits, and print both bounds."""
    digits = load_digits().images.reshape(-1, 8, 8, 1).astype("float32") / 16
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    encoders = gated((4, 8, 1), generator), gated((4, 8, 1), generator)
    model = PairModel(*encoders, BilinearCritic(32, 32, generator))
    trained = train((digits[:, :4], digits[:, 4:]), model, steps=300)
    bounds = trained.history[trained.history["metric"] == "bound"]
    print(bounds.pivot_table(index="step", columns="split", values="value").round(3))


if __name__ == "__main__":
    main()
