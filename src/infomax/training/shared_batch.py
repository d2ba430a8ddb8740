"""Gradients of a batch that is not in one process, one matrix or one pass."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from infomax.critics import FactoredCritic
from infomax.errors import UserError
from infomax.score_matrix import DenseScores, ScoreMatrix, TiledScores
from infomax.training.batch_plan import BatchPlan
from infomax.training.codes_in_parts import CodesInParts
from infomax.training.objective import Objective
from infomax.training.pair_model import PairModel
from infomax.training.training import Update

__all__ = ["SharedBatch", "check_plan"]


class SharedBatch:
    r"""The gradients of one model for batches that are cut as a plan has it.

    Over processes: each encodes its own pairs; the codes of y are gathered, and each scores its own
    anchors against them all. What the loss of the whole batch does to a gathered code is summed
    over processes on the way back, and so are the gradients of the weights.

    In tiles, ``TiledScores``; encoded in parts, ``CodesInParts``.

    Args:
        model: encoders and critic.
        objective: what to maximise or match.
        plan: how batches are cut.
        mixed_precision: compute encoders and critic in bfloat16.

    Raises:
        UserError: if the bound, the critic or a batch norm cannot be cut like that.
    """

    def __init__(
        self, model: PairModel, objective: Objective, plan: BatchPlan, *, mixed_precision: bool
    ) -> None:
        self._model, self._objective, self._plan = model, objective, plan
        self._mixed_precision = mixed_precision
        self._parameters = [each for each in model.parameters() if each.requires_grad]
        check_plan(plan, model, objective)

    def differentiate(self, x: Tensor, y: Tensor) -> Update:
        """Leave the gradients of the whole batch in the parameters.

        Args:
            x: views of this process's pairs, ``(n, ...)``.
            y: views of the same pairs.

        Returns:
            Loss and estimate of the whole batch, ``(1,)`` each, the same on all processes.
        """
        at_once = self._plan.encode_at_once
        if at_once is None:
            loss, estimate = self._objective(self._score(self._encode_x(x), self._encode_y(y)))
            loss.backward()
        else:
            of_x = CodesInParts(self._encode_x, x, at_once)
            of_y = CodesInParts(self._encode_y, y, at_once)
            loss, estimate = self._objective(self._score(of_x.codes, of_y.codes))
            loss.backward()
            of_x.hand_back()
            of_y.hand_back()
        self._plan.processes.sum_in_place(
            [each.grad for each in self._parameters if each.grad is not None]
        )
        return Update(loss.detach().unsqueeze(0), estimate.unsqueeze(0))

    def _encode_x(self, views: Tensor) -> Tensor:
        with self._precision(views):
            codes: Tensor = self._model.x_head(self._model.x_encoder(views))
        return codes

    def _encode_y(self, views: Tensor) -> Tensor:
        with self._precision(views):
            codes: Tensor = self._model.y_head(self._model.y_encoder(views))
        return codes

    def _score(self, x: Tensor, y: Tensor) -> ScoreMatrix:
        processes, critic = self._plan.processes, self._model.critic
        numbers = processes.counts(len(x))
        with self._precision(x):
            if not isinstance(critic, FactoredCritic):
                scores = critic(x, processes.gather_rows(y, numbers))
            else:
                # Each process makes its own factors, and only they are sent.
                u, v = critic.factors(x, y)
                if self._plan.tile_size is not None:
                    return TiledScores(
                        u,
                        v,
                        rows_at_once=self._plan.tile_size,
                        processes=processes,
                        sizes=numbers,
                    )
                scores = u @ processes.gather_rows(v, numbers).mT
        rows = scores.float() if self._mixed_precision else scores
        return DenseScores(rows, sum(numbers[: processes.rank]), processes)

    def _precision(self, values: Tensor) -> AbstractContextManager[object]:
        if not self._mixed_precision:
            return nullcontext()
        return torch.autocast(values.device.type, dtype=torch.bfloat16)


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
