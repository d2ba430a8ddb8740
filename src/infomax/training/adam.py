"""Adam, without what an optimiser object does at every step beside the arithmetic."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

from infomax.training.batches import State

__all__ = ["Adam"]


class Adam:
    r"""Updates parameters by Adam with its usual settings, and a decay apart from the gradient.

    With gradient g of update t, counted from 1, and :math:`\beta_1 = 0.9, \beta_2 = 0.999`,

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
              \theta \leftarrow (1 - \eta \lambda) \theta
              - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + 10^{-8}}

    for learning rate :math:`\eta` and weight decay :math:`\lambda`. The arithmetic is that of
    ``torch.optim``, by its functional form and one fused kernel. An optimiser object gathers its
    parameters and moments anew and runs its hooks at each step, which takes a small network as
    long as the kernel. Each value is updated by itself, so parameters of several models may be
    stacked.

    Source: Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019), algorithm 2.

    Args:
        parameters: to update; those that have no gradient are left as they are.
        weight_decay: of each parameter; none of any where it is not given.

    Example:
        >>> parameter = torch.ones(2, requires_grad=True)
        >>> updates = Adam([parameter])
        >>> parameter.sum().backward()
        >>> updates.step(0.25)
        >>> parameter
        tensor([0.7500, 0.7500], requires_grad=True)
    """

    def __init__(
        self, parameters: Sequence[Tensor], *, weight_decay: Sequence[float] | None = None
    ) -> None:
        self._parameters = list(parameters)
        self._means = [torch.zeros_like(each.detach()) for each in self._parameters]
        self._squares = [torch.zeros_like(each.detach()) for each in self._parameters]
        # The kernel counts the updates of each parameter beside it, in float32.
        self._counts = [torch.zeros((), device=each.device) for each in self._parameters]
        decays = weight_decay or [0.0] * len(self._parameters)
        self._places_by_decay = {
            decay: [place for place, its_own in enumerate(decays) if its_own == decay]
            for decay in dict.fromkeys(decays)
        }

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        for each in self._parameters:
            each.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Make one update by the gradients that the parameters have."""
        for decay, places in self._places_by_decay.items():
            gradients = {
                place: gradient
                for place in places
                if (gradient := self._parameters[place].grad) is not None
            }
            adam(
                [self._parameters[place] for place in gradients],
                list(gradients.values()),
                [self._means[place] for place in gradients],
                [self._squares[place] for place in gradients],
                [],
                [self._counts[place] for place in gradients],
                fused=True,
                foreach=False,
                decoupled_weight_decay=True,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=learning_rate,
                weight_decay=decay,
                eps=1e-8,
                maximize=False,
            )

    def state(self) -> State:
        """Return the moments and the number of updates of each parameter, by its place."""
        kept = {"exp_avg": self._means, "exp_avg_sq": self._squares, "step": self._counts}
        return {
            f"{place}.{name}": value
            for name, values in kept.items()
            for place, value in enumerate(values)
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        for name, value in self.state().items():
            value.copy_(state[name])
