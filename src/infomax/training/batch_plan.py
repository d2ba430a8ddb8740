"""How a batch is worked through: by whom, and how much of it at a time."""

from dataclasses import dataclass, field

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from infomax.critics import FactoredCritic
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training.objective import Objective
from infomax.training.pair_model import PairModel

__all__ = ["BatchPlan", "check_plan"]


@dataclass(frozen=True)
class BatchPlan:
    """What a batch too large for one process, one matrix or one pass is cut into.

    However it is cut, loss, gradients and estimate are those of the whole batch.

    Attributes:
        processes: that share each batch; each reads, encodes and scores its own part of the anchors
            against the candidates of all.
        tile_size: rows of the score matrix that are made at a time; ``None`` makes the whole.
            Memory for scores is then tile_size x N in the place of several N x N.
        encode_at_once: pairs whose activations are kept at a time; ``None`` keeps all. All are then
            encoded twice, once without gradients.

    Example:
        >>> BatchPlan().is_plain, BatchPlan(tile_size=64).is_plain
        (True, False)
    """

    processes: Processes = field(default_factory=Processes)
    tile_size: int | None = None
    encode_at_once: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether a batch is not cut at all."""
        return self.processes.count == 1 and self.tile_size is None and self.encode_at_once is None

    def check(self, batch_size: int) -> None:
        """Check that batches of that many pairs can be cut like this.

        Raises:
            UserError: if they cannot.
        """
        self.processes.own_rows(batch_size)
        for name, rows in (("tile_size", self.tile_size), ("encode_at_once", self.encode_at_once)):
            if rows is not None and not 1 <= rows <= batch_size:
                raise UserError(
                    f"{name} is {rows}, a batch {batch_size} pairs: give at least 1 and at most "
                    "the batch, or leave it out"
                )


def check_plan(plan: BatchPlan, model: PairModel, objective: Objective) -> None:
    """Check that a model can be trained on an objective with batches that are cut like this.

    Raises:
        UserError: if the bound, the critic or a batch norm cannot be cut like that.
    """
    _check_bound(objective, plan)
    _check_norms(model, plan)
    if plan.tile_size is not None and not isinstance(model.critic, FactoredCritic):
        raise UserError(
            f"the scores of {type(model.critic).__name__} cannot be made in tiles: they are no "
            "inner products; choose inner-product, cosine, bilinear or separable, or leave the "
            "size of tiles out"
        )


def _check_bound(objective: Objective, plan: BatchPlan) -> None:
    computed_from = objective.bound.computed_from
    if plan.processes.count > 1 and computed_from == "whole":
        raise UserError(
            f"the bound {objective.bound.name} cannot be computed by several processes: it says "
            "nowhere how it is put together from rows of the score matrix; train it in one"
        )
    if plan.tile_size is not None and computed_from != "tiles":
        raise UserError(
            f"the bound {objective.bound.name} cannot be computed in tiles: it is no function of "
            "sums of exponentials; leave the size of tiles out"
        )


def _check_norms(model: nn.Module, plan: BatchPlan) -> None:
    for name, module in model.named_modules():
        # One that is kept in evaluation has statistics of its own: no code depends on a batch.
        if not isinstance(module, _BatchNorm) or (
            not module.training and module.running_mean is not None
        ):
            continue
        if plan.encode_at_once is not None:
            raise UserError(
                f"{name} is a batch norm: a code would depend on the part that it is encoded with, "
                "so gradients of the whole batch cannot be had in parts; use another norm (group "
                "norm, layer norm), or leave encode_at_once out"
            )
        if plan.processes.count > 1 and not isinstance(module, nn.SyncBatchNorm):
            raise UserError(
                f"{name} is a batch norm: on several processes each would use its own part of the "
                "batch, and train something else than one process; use another norm (group norm, "
                "layer norm), or torch.nn.SyncBatchNorm on GPUs"
            )
