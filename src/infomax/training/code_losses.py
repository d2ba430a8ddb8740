"""What is trained on a loss of codes: both codes of each pair, and what the loss needs of them."""

import torch
from torch import Tensor, nn

from infomax.errors import UserError, advice
from infomax.losses import Loss
from infomax.training.pair_model import PairModel, learns

__all__ = ["EncodedPairs", "check_loss", "check_loss_on_codes"]

_OF_CODES_ALONE = "nt-xent"


class EncodedPairs(nn.Module):
    """Encodes both views of each pair by a model, heads included, in front of its critic.

    Args:
        model: encoders, heads and a critic, which scores nothing here.

    Example:
        >>> from infomax.critics import InnerProductCritic
        >>> critic = InnerProductCritic(2, 2, torch.Generator())
        >>> model = PairModel(nn.Linear(3, 2), nn.Linear(4, 2), critic)
        >>> EncodedPairs(model)(torch.zeros(5, 3), torch.zeros(5, 4)).shape
        torch.Size([2, 5, 2])
    """

    def __init__(self, model: PairModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Encode a batch: views ``(N, ...)`` each -> codes of x and of y, ``(2, N, d)``."""
        model = self.model
        codes = model.x_head(model.x_encoder(x)), model.y_head(model.y_encoder(y))
        return torch.stack(codes, dim=-3)


def check_loss(loss: Loss, *, labels: bool) -> None:
    """Refuse a loss of which something that it needs is not there.

    Args:
        loss: to be trained on.
        labels: whether there is a label for each pair.

    Raises:
        UserError: if it is not, naming it.
    """
    absent = [each for each in loss.needs if each != "labels"]
    if absent:
        raise UserError(
            f"the loss {loss.name} needs a {' and a '.join(absent)}, which training does not build "
            f"yet: choose one of two codes alone, such as {_OF_CODES_ALONE}, or call it in a loop "
            "of your own (infomax.losses)"
        )
    if "labels" in loss.needs and not labels:
        raise UserError(
            f"the loss {loss.name} needs a label for each pair, and there are none: name them "
            f"({advice('labels=', '--labels')}), or choose a loss of two codes alone, such as "
            f"{_OF_CODES_ALONE}"
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
    if learns(model.critic):
        raise UserError(
            f"the critic {type(model.critic).__name__} has weights, which the loss {loss.name} "
            "does not train: leave the critic out, or choose one without, such as cosine or "
            "inner-product"
        )
