"""What is measured while encoders train: bounds, codes, and reasons for care."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.advice import advice
from infomax.bounds import Bound
from infomax.data.dataset import Indices
from infomax.data.split import RowSplit
from infomax.errors import UserError, reason_of
from infomax.evaluation import (
    alignment,
    check_probed_labels,
    collapse_sign,
    effective_rank,
    encode,
    jacobian_operations,
    jacobian_singular_values,
    log_condition_numbers,
    means_over_batches,
    probe_classes,
    uniformity,
)
from infomax.experiments.bound_warnings import BoundLimits, unusual_sizes
from infomax.records import Split
from infomax.score_matrix import Scores
from infomax.training import (
    BatchPlan,
    PairDataset,
    PairModel,
    generator_for,
    order_without_repeats,
    unshared_scores,
)
from infomax.training.repeated_items import keys_of_pairs, keys_of_views, repeats_ceiling
from infomax.warnings import (
    CodesCollapsedWarning,
    JacobianSkippedWarning,
    RepeatedItemsWarning,
    TrainingWarning,
)

__all__ = ["Evaluation", "Evaluator", "Measurement"]

_LOST_NATS = 0.1
_MOST_PROBED = 5_000
_MOST_CODES = 2_000
_JACOBIANS = 8
# A few seconds of a core, at each evaluation.
_MOST_OPERATIONS = 1e11


@dataclass(frozen=True)
class Measurement:
    """A value, and what it is a value of."""

    split: Split
    metric: str
    value: float


@dataclass(frozen=True)
class Evaluation:
    """What one look found.

    Attributes:
        step: updates made before it.
        measured: all values.
        validation_bound: held-out bound in nats; NaN without validation pairs.
        cautions: reasons for care.
    """

    step: int
    measured: tuple[Measurement, ...]
    validation_bound: float
    cautions: tuple[TrainingWarning, ...]


class Evaluator:
    """Evaluate a model in training, always at the same pairs.

    Args:
        model: under training.
        bound: to read.
        source: of the pairs.
        split: which of them are trained on and which validate; no validation places, no look at
            what was not trained on.
        batch_size: pairs in a batch, on which the ceiling of InfoNCE depends.
        plan: how batches are worked through.
        labels: of all items, for the probes; ``None`` without.
        seed: of what is random in views.
        jacobian_images: images whose Jacobians' spectra are taken, whatever they cost; ``None``
            takes 8, or as many as cost a few seconds, and says where that is fewer.
        avoid_repeats: whether batches of validation pairs hold no view twice either.

    Raises:
        UserError: if there are fewer validation pairs than two batches, or labels that no probe can
            learn.
    """

    def __init__(
        self,
        model: PairModel,
        bound: Bound,
        source: PairDataset,
        split: RowSplit,
        batch_size: int,
        *,
        plan: BatchPlan,
        labels: NDArray[np.int64] | None,
        seed: int,
        jacobian_images: int | None = None,
        avoid_repeats: bool = False,
    ) -> None:
        self._model = model
        self._bound = bound
        self._source = source
        self._batch_size, self._plan = batch_size, plan
        self._seed = seed
        self._jacobian_images = jacobian_images
        self._jacobian_caution: JacobianSkippedWarning | None = None
        self._limits = BoundLimits(bound, batch_size, model.critic)
        self._sizes = ""
        # In an order of their own: rows that lie side by side are often alike.
        generator = np.random.default_rng(seed)
        self._train = generator.permutation(split.train)
        self._validation = generator.permutation(split.validation)
        whole = len(self._validation) // batch_size
        if len(self._validation) and whole < 2:
            raise UserError(
                f"{len(self._validation)} validation pairs are fewer than two batches of "
                f"{batch_size}: keep more of the data for validation, or make the batch smaller"
            )
        self._in_batches = self._validation[: whole * batch_size]
        self._repeats_caution: RepeatedItemsWarning | None = None
        self._repeats_are_known = avoid_repeats
        if avoid_repeats and len(self._validation):
            keys = torch.from_numpy(keys_of_pairs(source, self._validation, batch_size))
            order = order_without_repeats(keys, batch_size, generator_for(seed, "repeats"))
            self._in_batches = self._validation[order.numpy()]
            if len(self._in_batches) < 2 * batch_size:
                raise UserError(
                    f"without repeats the validation pairs fill one batch of {batch_size}: keep "
                    "more for validation, or make the batch smaller"
                )
        self._probed = None
        if labels is not None and len(self._validation):
            self._probed = _probed(
                labels, self._train[:_MOST_PROBED], self._validation[:_MOST_CODES]
            )

    @property
    def validates(self) -> bool:
        """Whether there are pairs that are not trained on."""
        return len(self._in_batches) > 0

    @torch.no_grad()
    def look(self, step: int, estimates: Tensor) -> Evaluation:
        """Measure the model as it is.

        Args:
            step: updates made so far.
            estimates: of the updates since the look before, in nats: ``(updates,)``.
        """
        training_bound = float(estimates.mean()) if len(estimates) else math.nan
        measured = [Measurement("train", "bound", training_bound)]
        cautions: list[TrainingWarning] = []
        validation_bound, held_out = math.nan, None
        if len(self._in_batches):
            views = generator_for(self._seed, "views of validation")
            batches = self._source.pairs(self._in_batches, self._batch_size, views)
            read = {"bound": self._bound.estimate}
            ceilings = {"bound": self._limits.ceiling}
            held_out = means_over_batches(self._scores, batches, read, ceilings=ceilings)["bound"]
            validation_bound = held_out.mean
            measured += [
                Measurement("test", "bound", held_out.mean),
                Measurement("test", "bound_low", held_out.low),
                Measurement("test", "bound_high", held_out.high),
            ]
        measured += self._codes(cautions)
        collapsed = any(isinstance(each, CodesCollapsedWarning) for each in cautions)
        cautions += self._limits.cautions(
            step, estimates, held_out, collapsed=collapsed, sizes=self._sizes
        )
        if self._probed is not None:
            measured += self._probes(self._probed)
        # At the end: what items draw as they are read then changes nothing that is measured.
        self._look_for_repeats()
        if self._repeats_caution is not None:
            cautions.append(self._repeats_caution)
        return Evaluation(step, tuple(measured), validation_bound, tuple(cautions))

    def _scores(self, x: Tensor, y: Tensor) -> Scores:
        return unshared_scores(self._model, x, y, self._plan)

    def _codes(self, cautions: list[TrainingWarning]) -> Sequence[Measurement]:
        places = (self._validation if len(self._validation) else self._train)[:_MOST_CODES]
        split: Split = "test" if len(self._validation) else "train"
        views = generator_for(self._seed, "views of codes")
        x_codes, y_codes = [], []
        first: Tensor | None = None
        for x, y in self._source.pairs(places, self._batch_size, views):
            if first is None:
                first, self._sizes = x, unusual_sizes(x, y)
            x_codes.append(encode(self._model.x_encoder, x))
            y_codes.append(encode(self._model.y_encoder, y))
        codes = {"x": torch.cat(x_codes), "y": torch.cat(y_codes)}
        signs = [(side, sign) for side, each in codes.items() if (sign := collapse_sign(each))]
        if signs:
            told = "; ".join(f"of view {side}, {sign}" for side, sign in signs)
            cautions.append(CodesCollapsedWarning(f"codes have collapsed: {told}{self._sizes}"))
        values = {
            "uniformity": uniformity(codes["x"]),
            "effective_rank": effective_rank(codes["x"]),
        }
        if codes["x"].shape == codes["y"].shape:
            values["alignment"] = alignment(codes["x"], codes["y"])
        if first is not None:
            values |= self._conditioning(first)
        if self._jacobian_caution is not None:
            cautions.append(self._jacobian_caution)
        return [Measurement(split, name, value) for name, value in values.items()]

    def _look_for_repeats(self) -> None:
        """Note, once, how far views that come several times in a batch limit the bound."""
        if self._repeats_are_known:
            return
        self._repeats_are_known = True
        places = (self._validation if len(self._validation) else self._train)[:_MOST_CODES]
        keys = dict(zip("xy", keys_of_views(self._source, places, self._batch_size), strict=True))
        found = {side: repeats_ceiling(each, self._batch_size) for side, each in keys.items()}
        side, (most, lost) = min(found.items(), key=lambda each: each[1][0])
        if lost > _LOST_NATS:
            different = len(np.unique(keys[side]))
            self._repeats_caution = RepeatedItemsWarning(
                f"view {side} is the same in all {len(places)} pairs that were looked at, so that "
                "it shares nothing with the other view"
                if different == 1
                else f"view {side} of {len(places)} pairs takes {different} different "
                "values, so that batches hold some several times, and no critic can tell which of "
                f"them belongs to a partner: InfoNCE on batches of {self._batch_size} cannot "
                f"exceed about {most:.2f} nats; avoid_repeats draws batches without"
                + ("" if different >= self._batch_size else f", of {different} pairs at most")
            )

    def _conditioning(self, views: Tensor) -> dict[str, float]:
        """Return the median log condition number at as many views as were asked for."""
        encoder = self._model.x_encoder
        if self._jacobian_images is None:
            of_one = max(jacobian_operations(encoder, views), 1)
            self._jacobian_images = min(_JACOBIANS, int(_MOST_OPERATIONS // of_one))
            if self._jacobian_images < _JACOBIANS:
                self._jacobian_caution = JacobianSkippedWarning(
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
            self._jacobian_caution = JacobianSkippedWarning(
                "the condition number of the encoder is left out, since PyTorch cannot take its "
                f"Jacobian ({reason_of(error)}); "
                f"{advice('jacobian_images=0', '--jacobian-images 0')} says so"
            )
            return {}
        return {"log_condition_number_p50": float(log_condition_numbers(values).median())}

    def _probes(self, labels: "_ProbedLabels") -> Sequence[Measurement]:
        codes = self._clean_codes(labels.train_places)
        held_out = self._clean_codes(labels.held_out_places)
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
        return [Measurement("test", name, value) for name, value in values.items()]

    def _clean_codes(self, places: Indices) -> Tensor:
        views = self._source.clean_views(places, self._batch_size)
        return torch.cat([encode(self._model.x_encoder, some) for some in views])


@dataclass(frozen=True, eq=False)
class _ProbedLabels:
    """Which places the probes are fitted on and held out, and the labels of each."""

    train_places: Indices
    train: NDArray[np.int64]
    held_out_places: Indices
    held_out: NDArray[np.int64]


def _probed(labels: NDArray[np.int64], train: Indices, held_out: Indices) -> _ProbedLabels:
    check_probed_labels(labels[train])
    return _ProbedLabels(train, labels[train], held_out, labels[held_out])
