"""The joint and the marginal term of a loss on pairs that were not trained on."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from infomax.evaluation.held_out import means_over_batches
from infomax.losses import Loss, LossInputs, LossTerms
from infomax.training import PairModel, evaluation_mode
from infomax.training.code_losses import EncodedPairs

__all__ = ["held_out_terms"]


@torch.no_grad()
def held_out_terms(
    loss: Loss,
    model: PairModel,
    batches: Iterable[tuple[Tensor, Tensor]],
    *,
    step: int = 0,
    labels: Tensor | None = None,
) -> dict[str, float]:
    """Return the terms of a loss, both to be minimised, as means over batches.

    The model is in evaluation mode, and nothing that a loss or a queue remembers is changed.

    Args:
        loss: that the model is trained on.
        model: with all that the loss needs.
        batches: x and y, of the size that is trained with.
        step: updates that were made.
        labels: class of each pair, in the order of the batches, for a loss that needs them.

    Returns:
        ``loss_joint``, and ``loss_marginal`` where the loss has a marginal term; nothing where it
        does not tell its terms, or its queue is not yet full.
    """
    if not loss.tells_terms or (model.queue is not None and not model.queue.is_full):
        return {}
    encode, done = EncodedPairs(model), 0

    def terms(x: Tensor, y: Tensor) -> LossTerms:
        nonlocal done
        begun, done = done, done + len(x)
        inputs = LossInputs(
            **encode(x, y),  # type: ignore[arg-type]
            labels=None if labels is None else labels[begun:done].to(x.device),
            queue=None if model.queue is None else model.queue.codes,
            step=step,
        )
        return loss.terms(inputs)

    read: dict[str, Callable[[LossTerms], Tensor]] = {"loss_joint": lambda each: each.joint.value}
    if loss.has_marginal:
        read["loss_marginal"] = lambda each: each.marginal.value
    with evaluation_mode(model):
        return {name: each.mean for name, each in means_over_batches(terms, batches, read).items()}
