"""The rules by which parameters are updated from their gradients: Adam, SGD with momentum, LARS."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from infomax.errors import UserError, unknown_name
from infomax.makers import checked_options
from infomax.training.batches import State

__all__ = ["LARS", "OPTIMIZERS", "SGD", "Adam", "UpdateRule", "checked_rule_options"]


class UpdateRule(ABC):
    """Updates parameters by their gradients, and remembers what the rule needs for the next time.

    An optimizer object of ``torch.optim`` gathers its parameters and moments anew and runs its
    hooks at each step, which takes a small network as long as the arithmetic. A rule is that
    arithmetic alone; what a learning rate is at each step is for whoever calls it to say.

    Args:
        parameters: to update; those that have no gradient are left as they are.
        weight_decay: of each parameter; none of any where it is not given.
        stacked: whether the first dimension of each parameter is that of models side by side.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        weight_decay: Sequence[float] | None = None,
        stacked: bool = False,
    ) -> None:
        self._parameters = list(parameters)
        self._decays = list(weight_decay or [0.0] * len(self._parameters))
        self._stacked = stacked
        self._indices_by_kind: dict[tuple[float, torch.dtype], list[int]] = {}
        for index, (each, decay) in enumerate(zip(self._parameters, self._decays, strict=True)):
            self._indices_by_kind.setdefault((decay, each.dtype), []).append(index)

    def clear(self) -> None:
        """Forget the gradients of the update before."""
        for each in self._parameters:
            each.grad = None

    @abstractmethod
    def step(self, learning_rate: float) -> None:
        """Make one update by the gradients that the parameters have."""

    @abstractmethod
    def state(self) -> State:
        """Return what the rule remembers of each parameter, by its index."""

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        for name, value in self.state().items():
            value.copy_(state[name])

    def _zeros(self) -> list[Tensor]:
        return [torch.zeros_like(each.detach()) for each in self._parameters]


class Adam(UpdateRule):
    r"""Adam with its usual settings, and a decay apart from the gradient (AdamW).

    With gradient g of update t, counted from 1, and :math:`\beta_1 = 0.9, \beta_2 = 0.999`,

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
              \theta \leftarrow (1 - \eta \lambda) \theta
              - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + 10^{-8}}

    for learning rate :math:`\eta` and weight decay :math:`\lambda`. The arithmetic is that of
    ``torch.optim``, by its one fused kernel. Each value is updated by itself, so parameters of
    several models may be stacked.

    Source: Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019), algorithm 2.

    Args:
        parameters: to update; those that have no gradient are left as they are.
        weight_decay: of each parameter; none of any where it is not given.
        stacked: not used; values are updated one by one.

    Example:
        >>> parameter = torch.ones(2, requires_grad=True)
        >>> updates = Adam([parameter])
        >>> parameter.sum().backward()
        >>> updates.step(0.25)
        >>> parameter
        tensor([0.7500, 0.7500], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        weight_decay: Sequence[float] | None = None,
        stacked: bool = False,
    ) -> None:
        super().__init__(parameters, weight_decay=weight_decay, stacked=stacked)
        self._means, self._squares = self._zeros(), self._zeros()
        device = self._parameters[0].device if self._parameters else None
        # Side by side in memory, to be raised in one call; the kernel wants them in float32.
        self._all_counts = torch.zeros(len(self._parameters), device=device)
        self._counts = list(self._all_counts.unbind())

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


class SGD(UpdateRule):
    r"""Stochastic gradient descent with momentum, that of Nesterov if asked for.

    With gradient g, learning rate :math:`\eta`, momentum m and weight decay :math:`\lambda`,

    .. math:: v \leftarrow m v + (g + \lambda \theta), \qquad
              \theta \leftarrow \theta - \eta v, \qquad \text{Nesterov:} \quad
              \theta \leftarrow \theta - \eta (g + \lambda \theta + m v)

    The decay is part of the gradient, as in the recipes that have it, and not apart from it as in
    Adam. The arithmetic is that of ``torch.optim.SGD``, by its one fused kernel. Each value is
    updated by itself, so parameters of several models may be stacked.

    Source: Sutskever, Martens, Dahl and Hinton (2013), section 2, in PyTorch's form, whose velocity
    is not yet multiplied by the learning rate.

    Args:
        parameters: to update; those that have no gradient are left as they are.
        weight_decay: of each parameter; none of any where it is not given.
        stacked: not used; values are updated one by one.
        momentum: m, at least 0 and below 1.
        nesterov: whether the gradient is taken to be that of the point that momentum leads to.

    Raises:
        UserError: if momentum is out of range, or 0 where Nesterov's is asked for.

    Example:
        >>> parameter = torch.ones(2, requires_grad=True)
        >>> updates = SGD([parameter], momentum=0.5)
        >>> parameter.grad = torch.ones(2)
        >>> for _ in range(2):
        ...     updates.step(0.25)
        >>> parameter
        tensor([0.3750, 0.3750], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        weight_decay: Sequence[float] | None = None,
        stacked: bool = False,
        momentum: float = 0.9,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, weight_decay=weight_decay, stacked=stacked)
        _check_momentum(momentum)
        if nesterov and momentum == 0:
            raise UserError("Nesterov's momentum is asked for, and momentum is 0: give it a value")
        self._momentum, self._nesterov = momentum, nesterov
        self._velocities = self._zeros() if momentum else []

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Make one update by the gradients that the parameters have."""
        for (decay, _), of_kind in self._indices_by_kind.items():
            moved = [
                (index, gradient)
                for index in of_kind
                if (gradient := self._parameters[index].grad) is not None
            ]
            if not moved:
                continue
            torch._fused_sgd_(
                [self._parameters[index] for index, _ in moved],
                [gradient for _, gradient in moved],
                [self._velocities[index] for index, _ in moved] if self._momentum else [],
                weight_decay=decay,
                momentum=self._momentum,
                lr=learning_rate,
                dampening=0.0,
                nesterov=self._nesterov,
                maximize=False,
                # A velocity of zeros makes of the first step what it is there.
                is_first_step=False,
                grad_scale=None,
                found_inf=None,
            )

    def state(self) -> State:
        """Return the velocity of each parameter, by its index; nothing without momentum."""
        return {f"{index}.velocity": each for index, each in enumerate(self._velocities)}


class LARS(UpdateRule):
    r"""SGD with momentum whose rate each layer scales by the size of its weights (LARS).

    For the weights w of each layer, their gradient g, learning rate :math:`\gamma`, momentum m,
    weight decay :math:`\beta` and trust coefficient :math:`\eta`,

    .. math:: \lambda = \eta \frac{|w|}{|g| + \beta |w|}, \qquad
              v \leftarrow m v + \gamma \lambda (g + \beta w), \qquad w \leftarrow w - v

    Biases, scales and single numbers are updated with :math:`\lambda = 1` (Grill et al. (2020),
    section 3.3), and so are layers whose weights or gradients are all 0, for which the formula
    says nothing. Norms are of each model by itself where models are stacked.

    Source: You, Gitman and Ginsburg (2017), equation 6 and algorithm 1.

    Args:
        parameters: to update; those that have no gradient are left as they are.
        weight_decay: of each parameter; none of any where it is not given.
        stacked: whether the first dimension of each parameter is that of models side by side.
        momentum: m, at least 0 and below 1.
        trust_coefficient: eta, above 0.

    Raises:
        UserError: if an option is out of range.

    Example:
        >>> parameter = torch.full((1, 4), 2.0, requires_grad=True)  # |w| = 4
        >>> updates = LARS([parameter], trust_coefficient=0.5)
        >>> parameter.grad = torch.ones(1, 4)  # |g| = 2, so lambda = 1
        >>> updates.step(0.25)
        >>> parameter.tolist()
        [[1.75, 1.75, 1.75, 1.75]]
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        weight_decay: Sequence[float] | None = None,
        stacked: bool = False,
        momentum: float = 0.9,
        trust_coefficient: float = 0.001,
    ) -> None:
        super().__init__(parameters, weight_decay=weight_decay, stacked=stacked)
        _check_momentum(momentum)
        if not 0 < trust_coefficient < math.inf:
            raise UserError(
                f"trust_coefficient is {trust_coefficient}: give a number above 0, such as 0.001"
            )
        self._momentum, self._trust_coefficient = momentum, trust_coefficient
        self._velocities = self._zeros()

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Make one update by the gradients that the parameters have."""
        each = zip(self._parameters, self._velocities, self._decays, strict=True)
        for weights, velocity, decay in each:
            if weights.grad is None:
                continue
            moved = weights.grad.add(weights, alpha=decay) if decay else weights.grad
            rate = learning_rate * self._trust(weights, weights.grad, decay)
            velocity.mul_(self._momentum).add_(rate * moved)
            weights.sub_(velocity)

    def state(self) -> State:
        """Return the velocity of each parameter, by its index."""
        return {f"{index}.velocity": each for index, each in enumerate(self._velocities)}

    def _trust(self, weights: Tensor, gradient: Tensor, decay: float) -> Tensor | float:
        """Return lambda, of each model by itself: one number, or ``(S, 1, ..., 1)``."""
        dimensions = tuple(range(int(self._stacked), weights.ndim))
        if len(dimensions) < 2:
            return 1.0
        of_weights, of_gradient = (
            torch.linalg.vector_norm(each, dim=dimensions, keepdim=True)
            for each in (weights, gradient)
        )
        said = (of_weights > 0) & (of_gradient > 0)
        ratio = self._trust_coefficient * of_weights / (of_gradient + decay * of_weights)
        trusted: Tensor = ratio.where(said, 1.0)
        return trusted


def _check_momentum(momentum: float) -> None:
    if not 0 <= momentum < 1:
        raise UserError(f"momentum is {momentum}: give at least 0 and less than 1, such as 0.9")


OPTIMIZERS: dict[str, Callable[..., UpdateRule]] = {"adam": Adam, "sgd": SGD, "lars": LARS}
"""The rules by name."""


def checked_rule_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a rule as it takes them, after trying them.

    Args:
        name: in ``OPTIMIZERS``.
        options: by name, such as ``{"momentum": 0.9}``.

    Raises:
        UserError: if there is no such rule, or it takes no such options.

    Example:
        >>> checked_rule_options("sgd", {"nesterov": "true"})
        {'nesterov': True}
        >>> checked_rule_options("adam", {"momentum": 0.9})
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: optimizer adam takes no options: leave out 'momentum'
    """
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    rule = OPTIMIZERS[name]
    checked = checked_options(rule, options, f"optimizer {name}", given=3)
    rule([], **checked)
    return checked
