"""What a loss of codes is, what it is computed from, and what there is to know of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from infomax.errors import UserError
from infomax.losses.loss_parts import LossParts, Need
from infomax.losses.loss_terms import LossTerms

__all__ = ["Loss", "LossInputs"]

_WHAT_IS_NEEDED: Mapping[Need, str] = {
    "labels": "a label for each pair (labels=)",
    "queue": "codes of earlier batches (queue=)",
    "predictor": "what a predictor makes of both codes (predictor=)",
    "target": "codes of both views by a target network (target=)",
}


@dataclass(frozen=True, eq=False)
class LossInputs:
    """A batch of codes, and what some losses need beside them.

    Attributes:
        x: codes of one view, ``(..., N, d)``.
        y: codes of the other; row i is the partner of row i of x.
        labels: class of each pair, ``(N,)``.
        queue: codes of earlier batches, ``(..., K, d)``.
        predictor: what the predictor makes of x and of y, ``(..., N, d)`` each.
        target: codes of both views by the target network, ``(..., N, d)`` each; none of them gets a
            gradient.
        local: codes of L further views of each item, smaller parts of it, ``(..., L, N, d)``.
        temperature: what cosines are divided by where that is learned, ``(...)``.
        step: updates that were made before this batch, for losses that move sides in turn.
    """

    x: Tensor
    y: Tensor
    labels: Tensor | None = None
    queue: Tensor | None = None
    predictor: tuple[Tensor, Tensor] | None = None
    target: tuple[Tensor, Tensor] | None = None
    local: Tensor | None = None
    temperature: Tensor | None = None
    step: int = 0


class Loss(ABC):
    """A loss of codes: what is trained and is no bound on the information, read as one.

    A loss of one's own is derived from this class, and needs a name, ``nearest_bound`` and
    ``terms``; everything else has a default. Its options are the fields of a frozen dataclass.

    Attributes:
        name: what records and settings call it, e.g. ``nt-xent``.
        nearest_bound: name, in ``infomax.bounds``, of the bound that its terms are nearest to.
        default_parts: what a model has for it where nobody says otherwise: those of them that the
            loss needs.
        tells_terms: whether ``terms`` can be asked for.
        takes_local: whether codes of smaller parts of items are among what it is computed from,
            where there are some.
        instead_of_marginal: what keeps codes apart where it has no marginal term; empty where it
            has one.
        critic: name, in ``infomax.critics``, of the critic without weights by which its codes are
            scored.
        learn_temperature: whether the temperature, where it has one, is trained with the model.

    Example:
        >>> import torch
        >>> from infomax.losses import LOSSES
        >>> loss = LOSSES["nt-xent"]()
        >>> loss.needs, loss.has_marginal, loss.nearest_bound
        ((), True, 'infonce-symmetric')
        >>> round(loss(LossInputs(torch.ones(4, 3), torch.ones(4, 3))).item(), 4)  # log 7
        1.9459
    """

    name: str
    nearest_bound: str
    default_parts: ClassVar[LossParts] = LossParts(
        predictor=64, target_momentum=0.99, target_schedule="constant", queue_size=1_024
    )
    tells_terms: bool = True
    takes_local: bool = False
    instead_of_marginal: str = ""
    critic: str = "cosine"
    learn_temperature: bool = False

    @abstractmethod
    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the joint and the marginal term, of values ``(...)`` each."""

    def __call__(self, inputs: LossInputs, /) -> Tensor:
        """Return what training minimises: ``(...)``.

        Raises:
            UserError: if something that the loss needs is not given.
        """
        return self.terms(inputs).total

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it is computed from beside the two codes of each pair."""
        return ()

    @property
    def has_marginal(self) -> bool:
        """Whether the loss itself keeps codes of different items apart."""
        return not self.instead_of_marginal

    @property
    def critic_options(self) -> dict[str, Any]:
        """Options of the critic: the temperature, where the loss has one, and if it is learned."""
        temperature = getattr(self, "temperature", None)
        options = {} if temperature is None else {"temperature": temperature}
        return {**options, "learn_temperature": True} if self.learn_temperature else options

    def temperature_of(self, inputs: LossInputs) -> float | Tensor:
        """Return the temperature of a loss that has one: its own, or the one that is learned.

        Raises:
            UserError: if it is learned and not given.
        """
        if not self.learn_temperature:
            own: float = getattr(self, "temperature")  # noqa: B009 - of those that have one
            return own
        if inputs.temperature is None:
            raise UserError(
                f"the loss {self.name} learns its temperature: give what it is now (temperature=)"
            )
        return inputs.temperature

    def parts(self, given: LossParts | None = None) -> LossParts:
        """Return what a model has for the loss: what is given, else the loss's own.

        Raises:
            UserError: if something is given that the loss does not need.

        Example:
            >>> from infomax.losses import LOSSES
            >>> LOSSES["byol"]().parts(LossParts(predictor=32)).sentence
            'a predictor of 32 hidden units and a target network of momentum 0.99, rising to 1'
        """
        return (given or LossParts()).completed(self.name, self.needs, self.default_parts)

    def summary(self) -> str:
        """Return in one line what the loss is: the first of its docstring."""
        return (self.__doc__ or "").partition("\n")[0]

    def needed(self, need: Need, inputs: LossInputs) -> Any:
        """Return what the loss needs of what is given.

        Raises:
            UserError: if it is not given.
        """
        given = getattr(inputs, need)
        if given is None:
            raise UserError(f"the loss {self.name} needs {_WHAT_IS_NEEDED[need]}: give it")
        return given
