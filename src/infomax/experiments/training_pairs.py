"""Pairs to train on, and pairs that are kept to validate on."""

import warnings
from numbers import Integral
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader

from infomax.data.split import RowSplit, split_rows
from infomax.errors import UserError, advice
from infomax.evaluation import Evaluator
from infomax.experiments.build import build_negatives
from infomax.experiments.pair_datasets import PairsLike, as_pair_dataset
from infomax.experiments.torch_pairs import LoaderBatches
from infomax.losses import Loss
from infomax.training import (
    Batches,
    BatchPlan,
    Negatives,
    Objective,
    PairDataset,
    PairModel,
    check_plan,
    generator_for,
)
from infomax.training.code_losses import (
    check_local_crops,
    check_loss,
    check_loss_on_codes,
    give_parts,
    lacking_parts,
)
from infomax.training.negatives import check_negatives
from infomax.training.pair_model import codes_of_trial
from infomax.training.repeated_items import keys_of_pairs
from infomax.warnings import (
    DefaultPartsWarning,
    LeftOutWarning,
    NothingHeldOutWarning,
    OwnEncodersWarning,
)

__all__ = ["TrainingPairs", "Validation", "check_counts"]

Validation: TypeAlias = float | RowSplit | PairsLike | None
"""The share of the pairs that is kept, a split made before, or other pairs; ``None`` keeps a tenth,
and at least two batches."""


_CPU: Final = torch.device("cpu")
_LEAST = {"batch_size": 2, "jacobian_images": 0}


class TrainingPairs:
    """Pairs of which some are trained on and some are kept for validation, split and checked once.

    Args:
        pairs: all of them, or a DataLoader's batches as they come.
        validation: the share that is kept, a split made before, or other pairs; 0 keeps none.
        groups: one for each pair; those of a group are all trained on or all kept.
        labels: one for each pair, for probes and for losses that need them.
        batch_size: pairs in a batch; a DataLoader has its own.
        seed: seed of the split, of the order of the batches and of what is random in views.
        device: where pairs are encoded.
        plan: how each batch is worked through; whole without.
        jacobian_images: images whose Jacobians' spectra are taken; ``None`` takes as many as cost
            a few seconds.
        negatives: how negatives are drawn in training, or its name; every other pair of a batch
            without. Evaluations take every other pair of theirs.

    Attributes:
        negatives: how negatives are drawn in training.
        split: indices of the pairs that are trained on, and of those that are kept.
        plan: how each batch is worked through.
        evaluator: evaluates models on the pairs that are kept, and on those trained on; ``None``
            of a DataLoader beside which there are no other pairs.

    Raises:
        UserError: if these do not fit each other.
    """

    def __init__(
        self,
        pairs: PairsLike | DataLoader[Any],
        validation: Validation = None,
        *,
        groups: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        batch_size: int = 128,
        seed: int = 0,
        device: torch.device = _CPU,
        plan: BatchPlan | None = None,
        jacobian_images: int | None = None,
        negatives: Negatives | str = "in-batch",
    ) -> None:
        check_counts(batch_size=batch_size, jacobian_images=jacobian_images)
        self.plan = plan or BatchPlan()
        self.plan.check(batch_size)
        self.split = RowSplit(np.arange(0), np.arange(0))
        self._batch_size, self._seed = batch_size, seed
        self.negatives = build_negatives(negatives)
        self._trained_on: PairDataset | LoaderBatches
        self._labels: NDArray[np.int64] | None = None
        share: float | RowSplit | None = 0.0
        others: PairDataset | None = None
        if validation is None or isinstance(validation, (int, float, RowSplit)):
            share = validation
        else:
            others = as_pair_dataset(validation, device)
        evaluated: tuple[PairDataset, RowSplit] | None = None
        if isinstance(pairs, DataLoader):
            self._trained_on = self._batches_of(pairs, share, device)
            self._batch_size = self._trained_on.batch_size
        else:
            self._trained_on = as_pair_dataset(pairs, device)
            self.split = (
                share
                if isinstance(share, RowSplit)
                else split_rows(
                    len(self._trained_on),
                    share=share,
                    batch_size=batch_size,
                    random_state=seed,
                    groups=groups,
                )
            )
            evaluated = (self._trained_on, self.split)
        if others is not None:
            evaluated = (others, RowSplit(np.arange(0), np.arange(len(others))))
        checked = None if labels is None else _checked_labels(labels, evaluated)
        if others is None:
            self._labels = checked
        left_out = self._trained_on.left_out
        if left_out and labels is None:
            warnings.warn(
                LeftOutWarning(
                    f"of what the data hold, {left_out} is not used: it is no view. Labels for the "
                    "probes are given beside a data set (labels=)"
                ),
                stacklevel=3,
            )
        self.evaluator = evaluated and Evaluator(
            *evaluated,
            self._batch_size,
            plan=self.plan,
            labels=checked,
            seed=seed,
            jacobian_images=jacobian_images,
        )

    def __repr__(self) -> str:
        return (
            f"TrainingPairs({self._trained_on!r}, {len(self.split.train)} trained on, "
            f"{len(self.split.validation)} held out, batch_size={self._batch_size})"
        )

    def check(self, model: PairModel, objective: Objective) -> None:
        """Check that a model can be trained on these pairs.

        Raises:
            UserError: if a module does not fit them, or the objective not their batches.
        """
        check_plan(self.plan, model, objective, self.negatives)
        check_negatives(
            self.negatives,
            objective,
            model,
            rows=len(self.split.train),
            batch_size=self._batch_size,
            labels=self._labels is not None,
        )
        trial = self._trial()
        model.check(*trial)
        if isinstance(self._trained_on, PairDataset):
            check_local_crops(self._trained_on.local_crops, objective, model)
        if objective.loss is not None:
            pairs: int | None = len(self.split.train)
            if isinstance(self._trained_on, LoaderBatches):
                pairs = self._trained_on.rows
            check_loss(objective.loss, model, labels=self._labels is not None, pairs=pairs)
            check_loss_on_codes(objective.loss, model, *_codes_behind_heads(model, trial))

            if "predictor" in objective.loss.needs and not model.is_shared:
                warnings.warn(
                    OwnEncodersWarning(
                        f"the loss {objective.loss.name} compares predictions with codes, and x "
                        "and y have encoders of their own: the bound, which reads codes before "
                        "they are predicted from, may be low whatever is learnt; share the encoder "
                        f"({advice('shared_encoder=True', '--shared-encoder')}) where views are "
                        "of one kind, or go by probes"
                    ),
                    stacklevel=3,
                )

    def complete(self, model: PairModel, loss: Loss, *, steps: int) -> None:
        """Give a model what its loss needs and it lacks, and warn of what was made.

        Args:
            model: to be trained on the loss.
            loss: says what it needs, and how that is made where nobody says.
            steps: updates in all.

        Raises:
            UserError: if codes of x and y differ in size, or views do not fit the model.
        """
        made = lacking_parts(model, loss)
        if not made.sentence:
            return
        trial = self._trial()
        model.check(*trial)
        codes = _codes_behind_heads(model, trial)
        check_loss_on_codes(loss, model, *codes)
        give_parts(model, made, codes[0].shape[-1], seed=self._seed, steps=steps)
        warnings.warn(
            DefaultPartsWarning(
                f"the loss {loss.name} needs {made.sentence}, which the model lacked and was "
                "given: give it its own if others are meant"
            ),
            stacklevel=3,
        )

    def _trial(self) -> tuple[Tensor, Tensor]:
        """Return two pairs of views."""
        if isinstance(self._trained_on, LoaderBatches):
            return self._trained_on.first()
        views = generator_for(self._seed, "trial")
        return next(iter(self._trained_on.pairs(self.split.train[:2], 2, views)))

    def labels_of(self, objective: Objective) -> Tensor | None:
        """Return the class of each pair trained on, if the objective or negatives need them."""
        needed = self.negatives.needs_labels or (
            objective.loss is not None and "labels" in objective.loss.needs
        )
        if not needed or self._labels is None:
            return None
        return torch.from_numpy(self._labels[self.split.train])

    def batches(self) -> Batches:
        """Return the stream of batches to train on."""
        if isinstance(self._trained_on, LoaderBatches):
            if self.negatives.avoids_repeats or self.negatives.drawn:
                raise UserError(
                    f"{self.negatives.name} negatives are for batches that are drawn here, and a "
                    "DataLoader draws its own: give the Dataset itself"
                )
            return self._trained_on
        keys = None
        if self.negatives.avoids_repeats:
            keys = torch.from_numpy(
                keys_of_pairs(self._trained_on, self.split.train, self._batch_size)
            )
        return self._trained_on.batches(
            self.split.train,
            self._batch_size,
            order=generator_for(self._seed, "batches"),
            views=generator_for(self._seed, "views"),
            processes=self.plan.processes,
            keys=keys,
            drawn=self.negatives.drawn,
        )

    def _batches_of(
        self, loader: DataLoader[Any], share: float | RowSplit | None, device: torch.device
    ) -> LoaderBatches:
        if self.plan.processes.count > 1:
            raise UserError(
                "the batches of a DataLoader cannot be shared by processes: give the Dataset itself"
            )
        if share:
            raise UserError(
                "of a DataLoader no part can be kept for validation: give other pairs to validate "
                "on, or validation=0"
            )
        batches = LoaderBatches(loader, device)
        if share is None:
            warnings.warn(
                NothingHeldOutWarning(
                    "nothing is held out of a DataLoader: the bound is that of training pairs "
                    "alone, and the weights are those of the last update; give other pairs to "
                    "validate on (validation=), or validation=0 if that is meant"
                ),
                stacklevel=4,
            )
        return batches


def _codes_behind_heads(model: PairModel, trial: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Return codes as a loss is computed of them."""
    x = codes_of_trial(nn.Sequential(model.x_encoder, model.x_head), trial[0], "x")
    return x, codes_of_trial(nn.Sequential(model.y_encoder, model.y_head), trial[1], "y")


def check_counts(**counts: int | None) -> None:
    """Check that counts are whole numbers, and large enough.

    Args:
        counts: by their names; ``None`` where there is none.

    Raises:
        UserError: if one is not.
    """
    for name, count in counts.items():
        least = _LEAST.get(name, 1)
        if count is not None and not (isinstance(count, Integral) and count >= least):
            raise UserError(f"{name} is {count!r}: give a whole number of at least {least}")


def _checked_labels(
    labels: ArrayLike, evaluated: tuple[PairDataset, RowSplit] | None
) -> NDArray[np.int64]:
    numbers = np.unique(np.asarray(labels), return_inverse=True)[1]
    if evaluated is None or not len(evaluated[1].train):
        raise UserError("labels are for pairs of which a part is kept for validation")
    pairs, split = evaluated
    if len(numbers) != len(pairs):
        raise UserError(f"{len(numbers)} labels for {len(pairs)} pairs")
    if not numbers.any():
        raise UserError("the labels hold one class: a probe needs at least two")
    if not len(split.validation):
        warnings.warn(
            LeftOutWarning(
                "labels are read by no probe while nothing is kept for validation: it has no rows "
                f"to be held to; keep a share ({advice('validation', '--validation')}), or probe "
                "once it is trained"
            ),
            stacklevel=4,
        )
    return numbers.astype(np.int64)
