"""How weights are updated: Adam, its learning rate over the updates, decay and clipping."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from infomax.training.batches import State
from infomax.training.stacked_models import StackedModels

__all__ = ["Adam", "OptimizerConfig", "ScheduledAdam"]


@dataclass(frozen=True)
class OptimizerConfig:
    r"""Adam with a learning rate that may warm up and fall, weight decay and clipping.

    Update t, counted from 0, is made with the learning rate times

    .. math:: \min\Bigl(1, \frac{t + 1}{W}\Bigr) \quad\text{while } t < W, \qquad
              \frac{1}{2}\Bigl(1 + \cos \pi \frac{t - W}{T - W}\Bigr) \quad\text{from } W \text{ on}

    for W updates of warm-up (Goyal et al. (2017), section 2.2) and a fall to 0 at update T
    (Loshchilov and Hutter (2017), equation 5); without T it stays where the warm-up left it.

    Attributes:
        learning_rate: of Adam (Kingma and Ba, 2015).
        warm_up_steps: W.
        cosine_steps: T; ``None`` leaves the rate constant.
        weight_decay: of matrices and kernels, apart from the gradient (Loshchilov and Hutter
            (2019)); biases and scales are not decayed.
        gradient_norm: gradients of a model that are longer together are scaled down to it.
        mixed_precision: compute encoders and critic in bfloat16, scores and bounds in float32.
            bfloat16 has float32's range, so the loss needs no scaling.

    Example:
        >>> config = OptimizerConfig(1e-3, warm_up_steps=2, cosine_steps=6)
        >>> [round(config.factor(step), 2) for step in range(7)]
        [0.5, 1.0, 1.0, 0.85, 0.5, 0.15, 0.0]
    """

    learning_rate: float
    warm_up_steps: int = 0
    cosine_steps: int | None = None
    weight_decay: float = 0.0
    gradient_norm: float | None = None
    mixed_precision: bool = False

    def factor(self, step: int) -> float:
        """Return what the learning rate is multiplied by for one update."""
        if step < self.warm_up_steps:
            return (step + 1) / self.warm_up_steps
        if self.cosine_steps is None:
            return 1.0
        falling = max(self.cosine_steps - self.warm_up_steps, 1)
        share = min((step - self.warm_up_steps) / falling, 1.0)
        return (1 + math.cos(math.pi * share)) / 2


class Adam:
    r"""Updates parameters by Adam with its usual settings, and a decay apart from the gradient.

    With gradient g of update t, counted from 1, and :math:`\beta_1 = 0.9, \beta_2 = 0.999`,

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
              \theta \leftarrow (1 - \eta \lambda) \theta
              - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + 10^{-8}}

    for learning rate :math:`\eta` and weight decay :math:`\lambda`. The arithmetic is that of
    ``torch.optim``, by its one fused kernel. An optimizer object gathers its parameters and moments
    anew and runs its hooks at each step, which takes a small network as long as the kernel. Each
    value is updated by itself, so parameters of several models may be stacked.

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
        device = self._parameters[0].device if self._parameters else None
        # Side by side in memory, to be raised in one call; the kernel wants them in float32.
        self._all_counts = torch.zeros(len(self._parameters), device=device)
        self._counts = list(self._all_counts.unbind())
        decays = weight_decay or [0.0] * len(self._parameters)
        self._indices_by_kind: dict[tuple[float, torch.dtype], list[int]] = {}
        for index, (each, decay) in enumerate(zip(self._parameters, decays, strict=True)):
            self._indices_by_kind.setdefault((decay, each.dtype), []).append(index)

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        for each in self._parameters:
            each.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Make one update by the gradients that the parameters have."""
        gradients = [each.grad for each in self._parameters]
        updated = [index for index, gradient in enumerate(gradients) if gradient is not None]
        if len(updated) == len(gradients):
            self._all_counts.add_(1)
        else:
            self._all_counts[updated] += 1
        for (decay, _), of_kind in self._indices_by_kind.items():
            indices = [index for index in of_kind if gradients[index] is not None]
            if not indices:
                continue
            # What torch.optim calls in the end: its wrapper counts and groups anew at each step.
            torch._fused_adamw_(
                [self._parameters[index] for index in indices],
                [gradient for index in indices if (gradient := gradients[index]) is not None],
                [self._means[index] for index in indices],
                [self._squares[index] for index in indices],
                [],
                [self._counts[index] for index in indices],
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=learning_rate,
                weight_decay=decay,
                eps=1e-8,
                maximize=False,
                grad_scale=None,
                found_inf=None,
            )

    def state(self) -> State:
        """Return the moments and the number of updates of each parameter, by its index."""
        kept = {"exp_avg": self._means, "exp_avg_sq": self._squares, "step": self._counts}
        return {
            f"{index}.{name}": value
            for name, values in kept.items()
            for index, value in enumerate(values)
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        for name, value in self.state().items():
            value.copy_(state[name])


class ScheduledAdam:
    """Updates stacked models as their configuration says.

    Args:
        models: whose parameters are updated; those that require no gradient are left alone.
        config: learning rate, decay and clipping.

    Attributes:
        config: as given.
    """

    def __init__(self, models: StackedModels[Any], config: OptimizerConfig) -> None:
        self._models = models
        self.config = config
        self._updates = 0
        decays = [
            config.weight_decay if models.dimensions(each) > 1 else 0.0 for each in models.trainable
        ]
        self._adam = Adam(models.trainable, weight_decay=decays)

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        self._adam.clear()

    def step(self) -> None:
        """Make one update by the gradients that the parameters have."""
        config = self.config
        if config.gradient_norm is not None:
            self._models.clip_gradients(config.gradient_norm)
        self._adam.step(config.learning_rate * config.factor(self._updates))
        self._updates += 1

    def state(self) -> State:
        """Return moments, and the number of updates made."""
        return {**self._adam.state(), "updates": torch.tensor(self._updates)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._adam.restore(state)
        self._updates = int(state["updates"])
