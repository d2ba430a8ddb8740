"""What is trained on a loss of codes: both codes of each pair, and what the loss needs of them."""

from typing import TYPE_CHECKING, TypeAlias

from torch import Tensor, nn

from infomax.critics import CosineCritic
from infomax.encoders import Predictor
from infomax.errors import UserError, advice
from infomax.losses import Loss, LossParts
from infomax.training.code_queue import CodeQueue
from infomax.training.pair_model import Objective, PairModel, learns
from infomax.training.seeds import generator_for

__all__ = [
    "Encoded",
    "EncodedPairs",
    "check_local_crops",
    "check_loss",
    "check_loss_on_codes",
    "give_parts",
    "lacking_parts",
    "learned_temperature",
    "parts_of",
]

Encoded: TypeAlias = dict[str, Tensor | tuple[Tensor, Tensor]]
"""What a loss is computed from, by the names that ``LossInputs`` has for it."""

_OF_CODES_ALONE = "nt-xent"


class EncodedPairs(nn.Module):
    """Encodes both views of each pair by a model, by all that its loss is computed from.

    Args:
        model: encoders, heads, and maybe predictors and a target network; its critic scores nothing
            here.

    Example:
        >>> import torch
        >>> from infomax.critics import InnerProductCritic
        >>> critic = InnerProductCritic(2, 2, torch.Generator())
        >>> model = PairModel(nn.Linear(3, 2), nn.Linear(4, 2), critic)
        >>> model.follow(0.99)
        >>> encoded = EncodedPairs(model)(torch.zeros(5, 3), torch.zeros(5, 4))
        >>> sorted(encoded), encoded["x"].shape
        (['target', 'x', 'y'], torch.Size([5, 2]))
    """

    def __init__(self, model: PairModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, y: Tensor, local: Tensor | None = None) -> Encoded:
        """Encode a batch: views ``(N, ...)`` each -> what ``LossInputs`` holds, by its names.

        Further views, ``(L, N, ...)``, are encoded as x, by what is trained alone.
        """
        model = self.model
        codes = model.x_head(model.x_encoder(x)), model.y_head(model.y_encoder(y))
        encoded: Encoded = {"x": codes[0], "y": codes[1]}
        if model.x_predictor is not None and model.y_predictor is not None:
            encoded["predictor"] = model.x_predictor(codes[0]), model.y_predictor(codes[1])
        if model.target is not None:
            encoded["target"] = model.target(x, y)
        if local is not None:
            codes_of_parts = model.x_head(model.x_encoder(local.flatten(end_dim=1)))
            encoded["local"] = codes_of_parts.unflatten(0, local.shape[:2])
        if (temperature := learned_temperature(model.critic)) is not None:
            encoded["temperature"] = temperature
        return encoded

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(  # noqa: D102
            self, x: Tensor, y: Tensor, local: Tensor | None = None
        ) -> Encoded: ...


def learned_temperature(critic: nn.Module) -> Tensor | None:
    """Return the temperature of a cosine critic that learns it, with its gradient; else nothing."""
    if isinstance(critic, CosineCritic) and critic.learns_temperature:
        return (-critic.log_scale).exp()
    return None


def parts_of(model: PairModel) -> LossParts:
    """Return what a model has for its loss."""
    predictor, target, queue = model.x_predictor, model.target, model.queue
    hidden = getattr(predictor, "hidden", None)
    return LossParts(
        predictor=None if predictor is None else getattr(hidden, "out_features", 0),
        target_momentum=None if target is None else target.momentum,
        target_schedule=None if target is None else target.schedule,
        queue_size=None if queue is None else len(queue.codes),
    )


def give_parts(
    model: PairModel, parts: LossParts, code_size: int, *, seed: int, steps: int
) -> None:
    """Give a model what a loss needs beside encoders, heads and critic.

    Args:
        model: to be trained on the loss; a target network is a copy of it as it is now.
        parts: what it is to have.
        code_size: number of values in a code behind the heads.
        seed: seed of the first weights.
        steps: updates in all, over which the target's momentum rises where it does.

    Raises:
        UserError: if a size or the momentum is out of its range.
    """
    device = model.device
    if parts.predictor is not None:
        x, y = (
            Predictor(
                code_size, generator_for(seed, f"{side}-predictor"), hidden_size=parts.predictor
            )
            for side in "xy"
        )
        # Codes of one network lie in one space, and are predicted by one.
        model.x_predictor, model.y_predictor = x, x if model.is_shared else y
    if parts.target_momentum is not None:
        cosine_steps = steps if parts.target_schedule == "cosine" else None
        model.follow(parts.target_momentum, cosine_steps=cosine_steps)
    if parts.queue_size is not None:
        model.queue = CodeQueue(parts.queue_size, code_size)
    model.to(device)


def lacking_parts(model: PairModel, loss: Loss) -> LossParts:
    """Return what a loss needs and a model lacks, as the loss has it where nobody says."""
    there = parts_of(model)
    has = {
        "predictor": there.predictor is not None,
        "target": there.target_momentum is not None,
        "queue": there.queue_size is not None,
    }
    lacking = tuple(need for need in loss.needs if not has.get(need, True))
    return loss.default_parts.needed(lacking)


def check_loss(loss: Loss, model: PairModel, *, labels: bool, pairs: int | None = None) -> None:
    """Refuse a loss without something that it needs, or a model with something that it does not.

    Args:
        loss: to be trained on.
        model: to be trained.
        labels: whether there is a label for each pair.
        pairs: number of pairs that are trained on; ``None`` if they are a stream.

    Raises:
        UserError: if there is such a thing, naming it, or a queue is larger than the data.
    """
    there = parts_of(model)
    loss.parts(there)
    if "labels" in loss.needs and not labels:
        raise UserError(
            f"the loss {loss.name} needs a label for each pair, and there are none: name them "
            f"({advice('labels=', '--labels')}), or choose a loss of two codes alone, such as "
            f"{_OF_CODES_ALONE}"
        )
    lacking = lacking_parts(model, loss).sentence
    if lacking:
        raise UserError(
            f"the loss {loss.name} needs more than the model has, such as {lacking}: build the "
            f"model with it, or choose a loss of two codes alone, such as {_OF_CODES_ALONE}"
        )
    if pairs is not None and there.queue_size is not None and there.queue_size > pairs:
        raise UserError(
            f"queue_size is {there.queue_size}, and {pairs} pairs are trained on: the queue would "
            "hold codes of one item several times, those of each anchor's own item among them; "
            f"give at most {pairs}"
        )


def check_local_crops(number: int, objective: Objective, model: PairModel) -> None:
    """Refuse further views of items where nothing takes them, or two encoders would.

    Args:
        number: how many are made of each item.
        objective: that is trained on.
        model: to be trained.

    Raises:
        UserError: if they do not fit.
    """
    if not number:
        return
    loss = objective.loss
    if loss is None or not loss.takes_local:
        name = f"bound {objective.bound.name}" if loss is None else f"loss {loss.name}"
        raise UserError(
            f"local_crops is {number}, and the {name} takes no views beside x and y: leave it out, "
            "or choose the loss dino"
        )
    if not model.is_shared:
        raise UserError(
            f"local_crops is {number}, and x and y have encoders of their own: let them share one "
            f"({advice('shared_encoder=True', '--shared-encoder')}), or leave it out"
        )


def check_loss_on_codes(loss: Loss, model: PairModel, codes: Tensor, others: Tensor) -> None:
    """Refuse a model whose codes a loss cannot be computed of, or whose critic it would not train.

    Args:
        loss: to be trained on.
        model: encoders, heads and critic.
        codes: of some views x, ``(n, d)``.
        others: of their partners.

    Raises:
        UserError: if codes differ in size, or the critic has weights.
    """
    if codes.shape != others.shape:
        raise UserError(
            f"the loss {loss.name} compares codes of one size, and those of x and y have "
            f"{codes.shape[-1]} and {others.shape[-1]}: give both encoders one code_size, or a "
            "projection"
        )
    learned = learned_temperature(model.critic) is not None
    if loss.learn_temperature and not learned:
        raise UserError(
            f"the loss {loss.name} learns the temperature of its critic, and that of "
            f"{type(model.critic).__name__} is not learned: leave the critic out, or give cosine "
            "with learn_temperature"
        )
    if learns(model.critic) and not (learned and loss.learn_temperature):
        raise UserError(
            f"the critic {type(model.critic).__name__} has weights, which the loss {loss.name} "
            "does not train: leave it and its options out, or choose one without, such as "
            "inner-product, or cosine at a temperature that is not learnt"
        )
