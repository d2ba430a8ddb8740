"""A network that follows the one that is trained: a moving average of its weights."""

import copy
import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infomax.errors import UserError

__all__ = ["TargetNetwork"]


class TargetNetwork(nn.Module):
    r"""Encodes views by copies of encoders and heads that follow them and are not trained.

    After each update the weights :math:`\xi` of the copies move towards those that are trained,
    :math:`\theta`, and update t, counted from 0, of T has

    .. math:: \xi \leftarrow m_t \xi + (1 - m_t) \theta, \qquad
              m_t = 1 - (1 - m) \tfrac{1}{2} \Bigl( 1 + \cos \frac{\pi t}{T} \Bigr)

    or :math:`m_t = m` without T. At momentum 0 the copies are what is trained, held still; at 1
    they stay as they were made. Codes get no gradient. The copies are in the mode of what they are
    copies of: in training, batch norms normalise the target's codes by their own batch, and keep
    statistics of their own, which are not averaged.

    Source: Grill et al. (2020), section 3.1 and appendix F.6 (schedule); He et al. (2020), equation
    2; Tarvainen and Valpola (2017).

    Args:
        encoders: of x and of y; the same module twice where they are shared, and so are the copies.
        heads: of x and of y.
        momentum: m, from 0 to 1.
        cosine_steps: T; ``None`` leaves the momentum as it is.

    Raises:
        UserError: if the momentum is not from 0 to 1.

    Example:
        >>> encoder, head = nn.Linear(3, 2), nn.Identity()
        >>> target = TargetNetwork((encoder, encoder), (head, head), momentum=0.9, cosine_steps=10)
        >>> [round(target.momentum_at(step), 3) for step in (0, 5, 10)]
        [0.9, 0.95, 1.0]
        >>> target(torch.zeros(4, 3), torch.zeros(4, 3))[0].requires_grad
        False
    """

    def __init__(
        self,
        encoders: tuple[nn.Module, nn.Module],
        heads: tuple[nn.Module, nn.Module],
        *,
        momentum: float,
        cosine_steps: int | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= momentum <= 1:
            raise UserError(f"target_momentum is {momentum}: give a number from 0 to 1")
        self.momentum, self.cosine_steps = momentum, cosine_steps
        # In one go, so that what is shared stays shared.
        (self.x_encoder, self.y_encoder), (self.x_head, self.y_head) = copy.deepcopy(
            (encoders, heads)
        )
        self.requires_grad_(False)

    def extra_repr(self) -> str:
        """Return its settings, which PyTorch shows between the brackets."""
        return f"momentum={self.momentum}, cosine_steps={self.cosine_steps}"

    @property
    def schedule(self) -> str:
        """How the momentum goes on: ``constant``, or along a ``cosine`` to 1."""
        return "constant" if self.cosine_steps is None else "cosine"

    @torch.no_grad()
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Encode a batch: views ``(N, ...)`` each -> codes ``(N, d)`` each."""
        return self.x_head(self.x_encoder(x)), self.y_head(self.y_encoder(y))

    def momentum_at(self, step: int) -> float:
        """Return the share of its own values that it keeps in one update.

        Args:
            step: updates that were made before it.
        """
        if self.cosine_steps is None:
            return self.momentum
        share = min(step / self.cosine_steps, 1.0)
        return 1 - (1 - self.momentum) * (1 + math.cos(math.pi * share)) / 2

    @torch.no_grad()
    def follow(self, trained: Sequence[Tensor], step: int) -> None:
        """Move towards the network that is trained.

        Args:
            trained: parameters of its encoders and heads, in the order of ``parameters_of``.
            step: updates that were made before this one.
        """
        own = self.parameters_of((self.x_encoder, self.y_encoder), (self.x_head, self.y_head))
        torch._foreach_lerp_(own, list(trained), 1 - self.momentum_at(step))

    @staticmethod
    def parameters_of(*modules: Iterable[nn.Module]) -> list[Tensor]:
        """Return the parameters of encoders and heads, each once."""
        return list(nn.ModuleList(chain(*modules)).parameters())

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]: ...  # noqa: D102
