"""Scores of a batch that one process reads by itself, cut as batches are in training."""

from collections.abc import Callable

import torch
from torch import Tensor

from infomax.critics import FactoredCritic
from infomax.score_matrix import Scores, TiledScores
from infomax.training.batch_plan import BatchPlan
from infomax.training.pair_model import PairModel

__all__ = ["unshared_scores"]


@torch.no_grad()
def unshared_scores(model: PairModel, x: Tensor, y: Tensor, plan: BatchPlan) -> Scores:
    """Score all pairs of a batch without gradients, in the memory that its training needs.

    Args:
        model: encoders and critic.
        x: views ``(N, ...)``.
        y: views of the same pairs.
        plan: in which tiles, and how many encoded at once.
    """
    if plan.tile_size is None and plan.encode_at_once is None:
        return model(x, y)
    at_once = plan.encode_at_once or len(x)
    codes = (
        _in_parts(lambda part: model.x_head(model.x_encoder(part)), x, at_once),
        _in_parts(lambda part: model.y_head(model.y_encoder(part)), y, at_once),
    )
    if plan.tile_size is not None and isinstance(model.critic, FactoredCritic):
        u, v = model.critic.factors(*codes)
        return TiledScores(u, v, rows_at_once=min(plan.tile_size, len(x)))
    scores: Tensor = model.critic(*codes)
    return scores


def _in_parts(encode: Callable[[Tensor], Tensor], views: Tensor, at_once: int) -> Tensor:
    return torch.cat([encode(part) for part in views.split(at_once)])
