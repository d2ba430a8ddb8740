"""The evaluation of a model in training: held-out bounds, codes, probes, and reasons for care."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.bounds import Bound
from infomax.critics import CosineCritic
from infomax.errors import UserError, advice, reason_of
from infomax.evaluation.bound_warnings import BoundLimits, unusual_sizes
from infomax.evaluation.class_probes import check_probed_labels, probe_classes
from infomax.evaluation.codes import alignment, collapse_sign, effective_rank, encode, uniformity
from infomax.evaluation.held_out import BatchMean, means_over_batches
from infomax.evaluation.held_out_loss import held_out_terms
from infomax.evaluation.history import Evaluation
from infomax.evaluation.inversion import (
    jacobian_operations,
    jacobian_singular_values,
    log_condition_numbers,
)
from infomax.evaluation.retrieval import (
    Retrieval,
    retrieve_classes,
    retrieve_pairs,
    retrieve_pairs_by_critic,
)
from infomax.losses import Loss
from infomax.records import Measurement, Split
from infomax.score_matrix import Scores
from infomax.training import (
    BatchPlan,
    PairDataset,
    PairModel,
    generator_for,
    unshared_scores,
)
from infomax.training.repeated_items import keys_of_views, repeats_ceiling
from infomax.warnings import (
    CodesCollapsedWarning,
    JacobianSkippedWarning,
    RepeatedItemsWarning,
    TrainingWarning,
)

if TYPE_CHECKING:  # Data are opened by whoever has some.
    from infomax.data import Indices, RowSplit

__all__ = ["Evaluator"]

_LOST_NATS = 0.1
_OF_PARTNERS = ("recall_at_1", "recall_at_5", "mrr")
_OF_CLASSES = ("recall_at_1", "recall_at_5", "map_at_r", "mrr")
_MOST_PROBED = 5_000
_MOST_CODES = 2_000
_JACOBIANS = 8
# A few seconds of a core, at each evaluation.
_MOST_OPERATIONS = 1e11


class Evaluator:
    """Evaluates a model in training, always on the same pairs.

    Args:
        pairs: pairs, of which some are trained on and some validate.
        split: indices of both; without validation pairs, codes of training pairs are measured.
        batch_size: pairs in a batch, on which the ceiling of InfoNCE depends.
        plan: how batches are worked through; whole without.
        labels: labels of all pairs, for the probes; ``None`` without.
        seed: seed of what is random in views.
        jacobian_images: images whose Jacobians' spectra are taken, whatever they cost; ``None``
            takes 8, or as many as cost a few seconds, and says where that is fewer.

    Raises:
        UserError: if there are fewer validation pairs than two batches, or labels that no probe can
            learn.
    """

    def __init__(
        self,
        pairs: PairDataset,
        split: "RowSplit",
        batch_size: int,
        *,
        plan: BatchPlan | None = None,
        labels: NDArray[np.int64] | None = None,
        seed: int = 0,
        jacobian_images: int | None = None,
    ) -> None:
        self._pairs = pairs
        self._batch_size, self._plan, self._seed = batch_size, plan or BatchPlan(), seed
        self._jacobian_images = jacobian_images
        self._jacobian_warning: JacobianSkippedWarning | None = None
        # In an order of their own: rows that lie side by side are often alike.
        generator = np.random.default_rng(seed)
        self._train = generator.permutation(split.train)
        self._validation = generator.permutation(split.validation)
        if 0 < len(self._validation) < 2 * batch_size:
            raise UserError(
                f"{len(self._validation)} validation pairs are fewer than two batches of "
                f"{batch_size}: keep more of the data for validation, or make the batch smaller"
            )
        self._labels = None if labels is None else torch.from_numpy(labels)
        self._probed = None
        if labels is not None and len(self._validation):
            self._probed = _probed(
                labels, self._train[:_MOST_PROBED], self._validation[:_MOST_CODES]
            )

    def __repr__(self) -> str:
        return (
            f"Evaluator({self._pairs!r}, batch_size={self._batch_size}, "
            f"{len(self._validation)} validation pairs)"
        )

    @property
    def validates(self) -> bool:
        """Whether there are pairs that are not trained on."""
        return len(self._in_batches) > 0

    @torch.no_grad()
    def evaluate(
        self,
        model: PairModel,
        bound: Bound,
        *,
        step: int,
        estimates: Tensor,
        loss: Loss | None = None,
    ) -> Evaluation:
        """Measure a model as it is.

        Args:
            model: model that is trained.
            bound: bound that is estimated.
            step: updates made so far.
            estimates: bound of each update since the last evaluation, in nats: ``(updates,)``.
            loss: loss of codes that the model is trained on, of which the terms are measured.
        """
        limits = BoundLimits(bound, self._batch_size, model.critic)
        training_bound = float(estimates.mean()) if len(estimates) else math.nan
        measured = [Measurement("train", "bound", training_bound)]
        held_out = self._held_out(model, bound, limits.ceiling) if self.validates else None
        if held_out is not None:
            measured += [
                Measurement("test", "bound", held_out.mean),
                Measurement("test", "bound_low", held_out.low),
                Measurement("test", "bound_high", held_out.high),
            ]
        if loss is not None and self.validates:
            measured += self._terms(model, loss, step)
        warned: list[TrainingWarning] = []
        views, of_codes = self._codes(model, warned)
        measured += of_codes
        if isinstance(model.critic, CosineCritic) and model.critic.learns_temperature:
            measured.append(Measurement("train", "temperature", model.critic.temperature))
        collapsed = any(isinstance(each, CodesCollapsedWarning) for each in warned)
        warned += limits.warnings_of(
            step, estimates, held_out, collapsed=collapsed, sizes=unusual_sizes(*views)
        )
        if self._probed is not None:
            measured += self._probes(model, self._probed)
        # At the end: what items draw as they are read then changes nothing that is measured.
        if self._repeats_warning is not None:
            warned.append(self._repeats_warning)
        validation_bound = math.nan if held_out is None else held_out.mean
        return Evaluation(step, tuple(measured), validation_bound, tuple(warned))

    @property
    def _in_batches(self) -> "Indices":
        """Indices of the validation pairs that fill batches."""
        return self._validation[: len(self._validation) // self._batch_size * self._batch_size]

    def _held_out(self, model: PairModel, bound: Bound, ceiling: float) -> BatchMean:
        def scores(x: Tensor, y: Tensor) -> Scores:
            return unshared_scores(model, x, y, self._plan)

        views = generator_for(self._seed, "views of validation")
        batches = self._pairs.pairs(self._in_batches, self._batch_size, views)
        estimates, ceilings = {"bound": bound.estimate}, {"bound": ceiling}
        return means_over_batches(scores, batches, estimates, ceilings=ceilings)["bound"]

    def _terms(self, model: PairModel, loss: Loss, step: int) -> list[Measurement]:
        views = generator_for(self._seed, "views of validation")
        batches = self._pairs.pairs(self._in_batches, self._batch_size, views)
        labels = None if self._labels is None else self._labels[self._in_batches]
        found = held_out_terms(loss, model, batches, step=step, labels=labels)
        return [Measurement("test", name, value) for name, value in found.items()]

    def _codes(
        self, model: PairModel, warned: list[TrainingWarning]
    ) -> tuple[tuple[Tensor, Tensor], Sequence[Measurement]]:
        """Return the first views that are encoded, and what is measured of all codes."""
        indices = (self._validation if len(self._validation) else self._train)[:_MOST_CODES]
        split: Split = "test" if len(self._validation) else "train"
        generator = generator_for(self._seed, "views of codes")
        first: tuple[Tensor, Tensor]
        x_codes: list[Tensor] = []
        y_codes: list[Tensor] = []
        for views in self._pairs.pairs(indices, self._batch_size, generator):
            if not x_codes:
                first = views
            x_codes.append(encode(model.x_encoder, views[0]))
            y_codes.append(encode(model.y_encoder, views[1]))
        codes = {"x": torch.cat(x_codes), "y": torch.cat(y_codes)}
        signs = [(side, sign) for side, each in codes.items() if (sign := collapse_sign(each))]
        if signs:
            told = "; ".join(f"of view {side}, {sign}" for side, sign in signs)
            warned.append(
                CodesCollapsedWarning(f"codes have collapsed: {told}{unusual_sizes(*first)}")
            )
        values = {
            "uniformity": uniformity(codes["x"]),
            "effective_rank": effective_rank(codes["x"]),
        }
        if codes["x"].shape == codes["y"].shape:
            values["alignment"] = alignment(codes["x"], codes["y"])
        if not getattr(model.x_encoder, "reads_tokens", False):
            values |= self._conditioning(model.x_encoder, first[0])
        if self._jacobian_warning is not None:
            warned.append(self._jacobian_warning)
        measured = [Measurement(split, name, value) for name, value in values.items()]
        if split == "test" and all(each.isfinite().all() for each in codes.values()):
            measured += _partners(model, codes["x"], codes["y"])
        return first, measured

    @cached_property
    def _repeats_warning(self) -> RepeatedItemsWarning | None:
        """How far views that come several times in a batch limit the bound."""
        indices = (self._validation if len(self._validation) else self._train)[:_MOST_CODES]
        keys = dict(zip("xy", keys_of_views(self._pairs, indices, self._batch_size), strict=True))
        found = {side: repeats_ceiling(each, self._batch_size) for side, each in keys.items()}
        side, (most, lost) = min(found.items(), key=lambda each: each[1][0])
        if lost <= _LOST_NATS:
            return None
        different = len(np.unique(keys[side]))
        if different == 1:
            return RepeatedItemsWarning(
                f"view {side} is the same in all {len(indices)} pairs that were compared, so that "
                "it shares nothing with the other view"
            )
        return RepeatedItemsWarning(
            f"view {side} of {len(indices)} pairs takes {different} different values, so that "
            "batches hold some several times, and no critic can tell which of them belongs to a "
            f"partner: InfoNCE on batches of {self._batch_size} cannot exceed about {most:z.2f} "
            "nats; negatives without-repeats train on batches without"
            + ("" if different >= self._batch_size else f", of {different} pairs at most")
        )

    def _conditioning(self, encoder: nn.Module, views: Tensor) -> dict[str, float]:
        """Return the median log condition number at as many views as were asked for."""
        if self._jacobian_images is None:
            of_one = max(jacobian_operations(encoder, views), 1)
            self._jacobian_images = min(_JACOBIANS, int(_MOST_OPERATIONS // of_one))
            if self._jacobian_images < _JACOBIANS:
                self._jacobian_warning = JacobianSkippedWarning(
                    f"the condition number of the encoder is taken of {self._jacobian_images} "
                    f"images, not {_JACOBIANS}: each takes about {of_one:.1e} floating-point "
                    f"operations at every evaluation; jacobian_images says how many are taken "
                    "whatever they cost, 0 none"
                )
        if not self._jacobian_images:
            return {}
        try:
            values = jacobian_singular_values(encoder, views[: self._jacobian_images])
        except (RuntimeError, NotImplementedError) as error:
            self._jacobian_images = 0
            self._jacobian_warning = JacobianSkippedWarning(
                "the condition number of the encoder is left out, since PyTorch cannot take its "
                f"Jacobian ({reason_of(error)}); "
                f"{advice('jacobian_images=0', '--jacobian-images 0')} says so"
            )
            return {}
        return {"log_condition_number_p50": float(log_condition_numbers(values).median())}

    def _probes(self, model: PairModel, labels: "_ProbedLabels") -> Sequence[Measurement]:
        codes, held_out = (
            self._clean_codes(model.x_encoder, indices)
            for indices in (labels.train_indices, labels.held_out_indices)
        )
        if not (codes.isfinite().all() and held_out.isfinite().all()):
            return []  # The codes are warned of, and no probe can be fitted on them.
        found = probe_classes(codes, labels.train, held_out, labels.held_out, seed=self._seed)
        values = {"majority_share": found.majority_share}
        for name, each in (("probe", found.linear), ("neighbours", found.neighbours)):
            values |= {
                f"{name}_accuracy": each.value,
                f"{name}_accuracy_low": each.low,
                f"{name}_accuracy_high": each.high,
                f"{name}_balanced_accuracy": each.balanced,
                f"{name}_balanced_accuracy_low": each.balanced_low,
                f"{name}_balanced_accuracy_high": each.balanced_high,
            }
        of_classes = retrieve_classes(held_out, labels.held_out) if labels.has_partners else None
        return [
            *(Measurement("test", name, value) for name, value in values.items()),
            *(of_classes.measured("class_{}", *_OF_CLASSES) if of_classes else ()),
        ]

    def _clean_codes(self, encoder: nn.Module, indices: "Indices") -> Tensor:
        views = self._pairs.clean_views(indices, self._batch_size)
        return torch.cat([encode(encoder, some) for some in views])


@dataclass(frozen=True, eq=False)
class _ProbedLabels:
    """Which pairs the probes are fitted on and held out, and the labels of each."""

    train_indices: "Indices"
    train: NDArray[np.int64]
    held_out_indices: "Indices"
    held_out: NDArray[np.int64]

    @property
    def has_partners(self) -> bool:
        """Whether a class has two of the pairs that are held out."""
        return len(np.unique(self.held_out)) < len(self.held_out)


def _partners(model: PairModel, x: Tensor, y: Tensor) -> list[Measurement]:
    """Measure how high partners stand: by the critic and, of codes of one size, by the cosine."""
    try:
        by_critic = retrieve_pairs_by_critic(model, x, y)
    except UserError:  # Scores that are not finite, of which the bound is warned.
        return []
    measured = [Measurement("test", "retrieval_candidates", by_critic.x_to_y.candidates)]
    for way in ("x_to_y", "y_to_x"):
        measured += getattr(by_critic, way).measured(f"partner_{{}}_{way}", *_OF_PARTNERS)
    if x.shape == y.shape:
        by_cosine = retrieve_pairs(x, y)
        for way in ("x_to_y", "y_to_x"):
            found: Retrieval = getattr(by_cosine, way)
            measured += found.measured(f"partner_cosine_{{}}_{way}", "recall_at_1")
    return measured


def _probed(labels: NDArray[np.int64], train: "Indices", held_out: "Indices") -> _ProbedLabels:
    check_probed_labels(labels[train])
    return _ProbedLabels(train, labels[train], held_out, labels[held_out])
