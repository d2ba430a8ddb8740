"""How weights are updated: Adam, its learning rate over the updates, decay and clipping."""

import math
from dataclasses import dataclass

__all__ = ["Optimisation"]


@dataclass(frozen=True)
class Optimisation:
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
        largest_gradient_norm: gradients of a model that are longer together are scaled down to it.
        mixed_precision: compute encoders and critic in bfloat16, scores and bounds in float32.
            bfloat16 has float32's range, so the loss needs no scaling.

    Example:
        >>> optimisation = Optimisation(1e-3, warm_up_steps=2, cosine_steps=6)
        >>> [round(optimisation.factor(step), 2) for step in range(7)]
        [0.5, 1.0, 1.0, 0.85, 0.5, 0.15, 0.0]
    """

    learning_rate: float
    warm_up_steps: int = 0
    cosine_steps: int | None = None
    weight_decay: float = 0.0
    largest_gradient_norm: float | None = None
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
