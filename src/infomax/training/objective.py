"""What training makes small."""

from dataclasses import dataclass

from torch import Tensor

from infomax.bounds import Bound

__all__ = ["Objective"]


@dataclass(frozen=True)
class Objective:
    """Maximise a bound, or hold it at a target.

    Attributes:
        bound: score matrix -> estimate in nats.
        target: nats; ``None`` maximises the bound, a number minimises ``|bound - target|``, which
            compares encoders at one estimate of the information (Tschannen et al. (2020), section
            3.3).

    Example:
        >>> import torch
        >>> from infomax.bounds import infonce
        >>> Objective(infonce, target=2.0).loss(torch.tensor(1.5)).item()
        0.5
    """

    bound: Bound
    target: float | None = None

    def loss(self, estimate: Tensor) -> Tensor:
        """Return the loss of an estimate in nats."""
        return -estimate if self.target is None else (estimate - self.target).abs()
