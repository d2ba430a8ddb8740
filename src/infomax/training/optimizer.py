"""How weights are updated: by which rule, its learning rate over the updates, decay, clipping."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from infomax.critics import Critic
from infomax.training.batches import State
from infomax.training.stacked_models import StackedModels
from infomax.training.update_rules import OPTIMIZERS, checked_rule_options

__all__ = ["OptimizerConfig", "ScheduledOptimizer"]


@dataclass(frozen=True)
class OptimizerConfig:
    r"""A rule, a learning rate that may warm up and fall, weight decay and clipping.

    Update t, counted from 0, is made with the learning rate times

    .. math:: \min\Bigl(1, \frac{t + 1}{W}\Bigr) \quad\text{while } t < W, \qquad
              \frac{1}{2}\Bigl(1 + \cos \pi \frac{t - W}{T - W}\Bigr) \quad\text{from } W \text{ on}

    for W updates of warm-up (Goyal et al. (2017), section 2.2) and a fall to 0 at update T
    (Loshchilov and Hutter (2017), equation 5); without T it stays where the warm-up left it.

    Attributes:
        learning_rate: of the rule; about 1e-3 for Adam, more for others.
        warm_up_steps: W.
        cosine_steps: T; ``None`` leaves the rate constant.
        weight_decay: of matrices and kernels, apart from the gradient in Adam (Loshchilov and
            Hutter (2019)) and within it in SGD and LARS; biases and scales are not decayed.
        gradient_norm: gradients of a model that are longer together are scaled down to it.
        mixed_precision: compute encoders and critic in bfloat16, scores and bounds in float32.
            bfloat16 has float32's range, so the loss needs no scaling.
        name: of the rule: ``adam``, ``sgd`` (momentum, Nesterov's too) or ``lars``.
        options: of the rule, e.g. ``{"momentum": 0.9, "nesterov": True}``.

    Raises:
        UserError: if there is no such rule, or it takes no such options.

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
    name: str = "adam"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_rule_options(self.name, self.options)

    def factor(self, step: int) -> float:
        """Return what the learning rate is multiplied by for one update."""
        if step < self.warm_up_steps:
            return (step + 1) / self.warm_up_steps
        if self.cosine_steps is None:
            return 1.0
        falling = max(self.cosine_steps - self.warm_up_steps, 1)
        share = min((step - self.warm_up_steps) / falling, 1.0)
        return (1 + math.cos(math.pi * share)) / 2


class ScheduledOptimizer:
    """Updates stacked models as their configuration says.

    Args:
        models: whose parameters are updated; those that require no gradient are left alone.
        config: rule, learning rate, decay and clipping.

    Attributes:
        config: as given.
    """

    def __init__(self, models: StackedModels[Any], config: OptimizerConfig) -> None:
        self._models = models
        self.config = config
        self._updates = 0
        self._constrained = [
            each
            for model in models.models
            for each in model.modules()
            if isinstance(each, Critic) and type(each).constrain is not Critic.constrain
        ]
        decays = [
            config.weight_decay if models.dimensions(each) > 1 else 0.0 for each in models.trainable
        ]
        self._rule = OPTIMIZERS[config.name](
            models.trainable,
            weight_decay=decays,
            stacked=len(models) > 1,
            **checked_rule_options(config.name, config.options),
        )

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        self._rule.clear()

    def step(self) -> None:
        """Make one update by the gradients that the parameters have."""
        config = self.config
        if config.gradient_norm is not None:
            self._models.clip_gradients(config.gradient_norm)
        self._rule.step(config.learning_rate * config.factor(self._updates))
        for each in self._constrained:
            each.constrain()
        self._updates += 1

    def state(self) -> State:
        """Return what the rule remembers, and the number of updates made."""
        return {**self._rule.state(), "updates": torch.tensor(self._updates)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._rule.restore(state)
        self._updates = int(state["updates"])
