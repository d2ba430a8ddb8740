"""How high partners and classes stand among the held-out codes of a run."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from infomax.data import ItemDataset
from infomax.data.split import fingerprints_of
from infomax.errors import UserError
from infomax.evaluation import (
    PairRetrieval,
    Retrieval,
    encode,
    retrieve_classes,
    retrieve_pairs,
    retrieve_pairs_by_critic,
)
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.experiments.trained_run import TrainedRun
from infomax.training import NoProgress, StagedProgress, generator_for
from infomax.views import make_views

__all__ = ["CodeRetrieval", "retrieve_codes"]

_BATCH = 1_000


class CodeRetrieval(NamedTuple):
    """What was found among the codes of pairs.

    Attributes:
        by_critic: partners, by the scores of the critic that was trained with the encoders.
        by_cosine: partners by the cosine of codes; ``None`` where they are of two sizes.
        classes: codes of x of one class, by cosine; ``None`` without labels, or without a class of
            two.
        as_trained: whether the pairs are those that the run held out of its training; otherwise the
            data are others, or the run held none out and may have been trained on them.
    """

    by_critic: PairRetrieval
    by_cosine: PairRetrieval | None
    classes: Retrieval | None
    as_trained: bool


def retrieve_codes(
    run: TrainedRun, items: ItemDataset, *, progress: StagedProgress | None = None
) -> CodeRetrieval:
    """Rank partners, and classes where there are labels, among the codes of held-out pairs.

    Of the data of the training those rows that it held out are taken; of other data, all. Views
    that are random are drawn from the seed of the run.

    Args:
        run: run whose model is asked.
        items: items or pairs, as the run was trained on, maybe with labels.
        progress: is told how many pairs are encoded.

    Raises:
        UserError: if the items are of another shape, or fewer than two pairs are held out.
    """
    config = run.config
    views = None if config.views is None else make_views(config.views, config.view_options)
    pairs = ItemPairDataset(items, views, torch.device("cpu"))
    shapes = (tuple(pairs.x_shape), tuple(pairs.y_shape))
    if shapes != (run.x_shape, run.y_shape):
        raise UserError(
            f"{items.x.name} gives views of shapes {shapes[0]} and {shapes[1]}, and "
            f"{run.folder.path} was trained on {run.x_shape} and {run.y_shape}: expected the same"
        )
    split = run.split_of(fingerprints_of(items))
    as_trained = split is not None and len(split.validation) > 0
    rows = split.validation if split is not None and as_trained else np.arange(len(items))
    progress = progress or NoProgress()
    progress.start("encoding pairs", len(rows))
    x_codes: list[Tensor] = []
    y_codes: list[Tensor] = []
    for x, y in pairs.pairs(rows, _BATCH, generator_for(config.seed, "views of retrieval")):
        x_codes.append(encode(run.model.x_encoder, x))
        y_codes.append(encode(run.model.y_encoder, y))
        progress.advance(sum(map(len, x_codes)))
    of_x, of_y = torch.cat(x_codes), torch.cat(y_codes)
    classes = None
    if items.labels is not None:
        labels = items.labels[rows]
        if len(np.unique(labels)) < len(labels):
            classes = retrieve_classes(of_x, labels)
    return CodeRetrieval(
        by_critic=retrieve_pairs_by_critic(run.model, of_x, of_y),
        by_cosine=retrieve_pairs(of_x, of_y) if of_x.shape == of_y.shape else None,
        classes=classes,
        as_trained=as_trained,
    )
