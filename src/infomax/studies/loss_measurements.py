"""What is measured of codes that a loss trained: information by what is no loss, and collapse."""

import math
import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.bounds import donsker_varadhan
from infomax.critics import unit_length
from infomax.errors import UserError
from infomax.estimation import estimate_mi
from infomax.evaluation import (
    BatchMean,
    effective_rank,
    encode,
    means_over_batches,
    retrieve_classes,
    retrieve_pairs,
)
from infomax.losses import Loss, LossInputs
from infomax.records import Measurement, Split
from infomax.score_matrix import score_matrix_of
from infomax.training import PairModel, Pairs, evaluation_mode
from infomax.training.code_losses import EncodedPairs
from infomax.warnings import EstimationWarning

__all__ = [
    "INFORMATION_BY",
    "HeldOutCodes",
    "measure_codes",
    "measure_information",
    "measure_retrieval",
    "measure_terms",
]

INFORMATION_BY: dict[str, tuple[str, int]] = {
    "information_copula": ("gaussian-copula", 8),
    "information_neighbours": ("ksg-1", 3),
    "information_critic": ("infonce", 8),
}
"""Metrics of information: the method of ``estimate_mi``, and of how many principal components of
both sides together it is. None of them is a loss: a closed form of ranks, distances of nearest
neighbours, and a critic that is fitted to codes held still and read on pairs not fitted to."""


class HeldOutCodes(NamedTuple):
    """Codes of pairs that are not trained on, as for evaluation.

    Attributes:
        of_x: by the encoder of x alone, ``(N, code_size)``.
        x: behind the head, of which the loss is computed, ``(N, d)``.
        y: the same of y.
    """

    of_x: Tensor
    x: Tensor
    y: Tensor

    @classmethod
    def by(cls, model: PairModel, pairs: Pairs) -> "HeldOutCodes":
        """Encode pairs by a model."""
        of_x, of_y = encode(model.x_encoder, pairs.x), encode(model.y_encoder, pairs.y)
        device = model.device
        x, y = encode(model.x_head, of_x.to(device)), encode(model.y_head, of_y.to(device))
        return cls(of_x, x, y)

    def first(self, count: int) -> "HeldOutCodes":
        """Return those of the first pairs."""
        return HeldOutCodes(*(each[:count] for each in self))


def measure_codes(
    codes: HeldOutCodes, *, batch_size: int, temperature: float, most_pairs: int
) -> list[Measurement]:
    r"""Read the Donsker-Varadhan value of codes by their cosine, and how far they have collapsed.

    The log of a batch's mean is biased, so that the value of a batch is on average above that of
    the distribution: it is read on batches of the size that is trained with, and on one that is as
    large as there are pairs (``cos_dv``), whose joint and marginal part are recorded too. The
    ``spread`` is the mean deviation of the dimensions of codes of unit length, times the root of
    their number: 1 where codes lie evenly on the sphere, 0 where all are one.

    Source: Donsker and Varadhan (1983); Chen and He (2021), section 4.1, for the spread.

    Args:
        codes: of pairs in random order.
        batch_size: pairs in a batch of training.
        temperature: what cosines are divided by.
        most_pairs: read at once.
    """
    x, y = codes.x, codes.y

    def scores(x: Tensor, y: Tensor) -> Tensor:
        return unit_length(x) @ unit_length(y).mT / temperature

    batches = zip(x.split(batch_size), y.split(batch_size), strict=True)
    whole = [each for each in batches if len(each[0]) == batch_size]
    of_batches = means_over_batches(scores, whole, {"cos_dv": donsker_varadhan})["cos_dv"]
    large = scores(x[:most_pairs], y[:most_pairs])
    matrix = score_matrix_of(large, at_least=2)
    joint, marginal = float(matrix.joint_mean()), float(matrix.log_partition())
    return [
        *_interval("cos_dv_of_batches", of_batches),
        Measurement("test", "cos_dv", joint - marginal),
        Measurement("test", "joint_part", joint),
        Measurement("test", "marginal_part", marginal),
        Measurement("test", "spread", _spread(x)),
        Measurement("test", "effective_rank", effective_rank(x - x.mean(dim=0))),
        Measurement("test", "spread_of_codes", _spread(codes.of_x)),
    ]


def measure_information(codes: HeldOutCodes, seed: int) -> list[Measurement]:
    """Estimate the information that codes of two views share, by three methods that are no loss.

    Each is of the leading principal components of both sides together, in which codes are set
    against each other as a cosine does: of directions that were chosen for either side by itself,
    the first three of x need not be those of y. None can exceed the information of the codes, but
    for the error of the method; the critic's is read as "at least".

    Args:
        codes: of pairs that are not trained on.
        seed: of everything that is drawn.
    """
    nothing = BatchMean(math.nan, math.nan, math.nan)
    if not (codes.x.isfinite().all() and codes.y.isfinite().all()):
        return [each for metric in INFORMATION_BY for each in _interval(metric, nothing)]
    x, y = _components(codes.x, codes.y)
    measured: list[Measurement] = []
    for metric, (method, components) in INFORMATION_BY.items():
        # A critic is trained here, and evaluations want no gradient.
        with warnings.catch_warnings(), torch.enable_grad():
            # Told of every checkpoint, they would be read by nobody; intervals are kept.
            warnings.simplefilter("ignore", EstimationWarning)
            try:
                found = estimate_mi(
                    x[:, :components].numpy(),
                    y[:, :components].numpy(),
                    method,
                    permutations=0,
                    random_state=seed,
                )
            except UserError:
                # Of codes that have become one, or nearly.
                measured += _interval(metric, nothing)
                continue
        measured += _interval(
            metric, BatchMean(found.value, found.interval.low, found.interval.high)
        )
    return measured


def measure_retrieval(
    codes: HeldOutCodes, of_items: Tensor, labels: NDArray[np.int64]
) -> list[Measurement]:
    """Measure how high partners stand among codes behind the head, and classes among codes.

    Args:
        codes: of pairs that are not trained on.
        of_items: codes of items that are not trained on, as a probe sees them.
        labels: class of each item.
    """
    partners = retrieve_pairs(codes.x, codes.y).x_to_y
    classes = retrieve_classes(of_items, labels)
    return [
        *partners.measured("partner_{}_x_to_y", "recall_at_1"),
        *classes.measured("class_{}", "recall_at_1", "map_at_r"),
    ]


def _components(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return codes in the directions in which both sides vary most, the first first, in float64."""
    x, y = ((each - each.mean(dim=0)).double() for each in (x, y))
    _, _, directions = torch.linalg.svd(torch.cat([x, y]), full_matrices=False)
    return x @ directions.mT, y @ directions.mT


def _spread(codes: Tensor) -> float:
    unit = unit_length(codes.double())
    return float(unit.std(dim=0).mean()) * math.sqrt(codes.shape[1])


def _interval(metric: str, value: BatchMean, split: Split = "test") -> list[Measurement]:
    return [
        Measurement(split, metric, value.mean),
        Measurement(split, f"{metric}_low", value.low),
        Measurement(split, f"{metric}_high", value.high),
    ]


@torch.no_grad()
def measure_terms(loss: Loss, model: PairModel, batch: Pairs) -> list[Measurement]:
    """Read the loss's own terms on a batch; none where its queue holds no codes yet.

    Args:
        loss: that is trained on.
        model: that is trained.
        batch: pairs of views that are not trained on.
    """
    queue = model.queue
    if queue is not None and not queue.is_full:
        return []
    with evaluation_mode(model):
        encoded: dict[str, Any] = EncodedPairs(model)(batch.x, batch.y)
    inputs = LossInputs(**encoded, queue=None if queue is None else queue.codes)
    terms = loss.terms(inputs)
    return [
        Measurement("test", "joint_term", float(terms.joint.value)),
        Measurement("test", "marginal_term", float(terms.marginal.value)),
    ]
