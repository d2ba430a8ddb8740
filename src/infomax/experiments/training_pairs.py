"""Pairs to train on, and pairs that are kept to validate on."""

import warnings
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import DataLoader

from infomax.advice import advice
from infomax.bounds import Bound
from infomax.data.split import RowSplit, split_rows
from infomax.errors import UserError
from infomax.experiments.evaluator import Evaluator
from infomax.experiments.pair_datasets import PairsLike, as_pair_dataset
from infomax.experiments.torch_pairs import LoaderBatches
from infomax.training import Batches, BatchPlan, PairDataset, PairModel, generator_for
from infomax.training.repeated_items import keys_of_pairs
from infomax.warnings import LeftOutWarning, NothingHeldOutWarning

__all__ = ["TrainingPairs", "Validation"]

Validation: TypeAlias = float | RowSplit | PairsLike | None
"""The share of the pairs that is kept, a split made before, or other pairs; ``None`` keeps a tenth,
and at least two batches."""


class TrainingPairs:
    """Pairs of which some are trained on and some are kept for validation.

    Args:
        pairs: all of them, or a DataLoader's batches as they come.
        validation: the share that is kept, a split made before, or other pairs; 0 keeps none.
        groups: one for each pair; those of a group are all trained on or all kept.
        labels: one for each pair, for probes.
        batch_size: pairs in a batch; a DataLoader has its own.
        seed: of the split, of the order of the batches and of what is random in views.
        device: where pairs are encoded.
        plan: how each batch is worked through.
        avoid_repeats: let no batch hold a view twice.

    Raises:
        UserError: if these do not fit each other.
    """

    def __init__(
        self,
        pairs: PairsLike | DataLoader[Any],
        validation: Validation,
        *,
        groups: ArrayLike | None,
        labels: ArrayLike | None,
        batch_size: int,
        seed: int,
        device: torch.device,
        plan: BatchPlan,
        avoid_repeats: bool = False,
    ) -> None:
        self._avoid_repeats = avoid_repeats
        self._batch_size, self._seed, self._plan = batch_size, seed, plan
        self._loader: LoaderBatches | None = None
        self._source: PairDataset | None = None
        self._split = RowSplit(np.arange(0), np.arange(0))
        self._looked_at: tuple[PairDataset, RowSplit] | None = None
        if validation is None or isinstance(validation, (int, float, RowSplit)):
            kept, apart = validation, None
        else:
            kept, apart = 0.0, as_pair_dataset(validation, device)
        if not isinstance(pairs, DataLoader):
            self._source = as_pair_dataset(pairs, device)
            self._split = (
                kept
                if isinstance(kept, RowSplit)
                else split_rows(
                    len(self._source), share=kept, batch_size=batch_size, seed=seed, groups=groups
                )
            )
            self._looked_at = (self._source, self._split)
        elif plan.processes.count > 1:
            raise UserError(
                "the batches of a DataLoader cannot be shared by processes: give the Dataset itself"
            )
        elif not kept:
            self._loader = LoaderBatches(pairs, device)
            self._batch_size = self._loader.batch_size
            if kept is None:
                warnings.warn(
                    NothingHeldOutWarning(
                        "nothing is held out of a DataLoader: the bound is that of training pairs "
                        "alone, and the weights are those of the last update; give other pairs to "
                        "validate on (validation=), or validation=0 if that is meant"
                    ),
                    stacklevel=3,
                )
        else:
            raise UserError(
                "of a DataLoader no part can be kept for validation: give other pairs to validate "
                "on, or validation=0"
            )
        if apart is not None:
            self._looked_at = (apart, RowSplit(np.arange(0), np.arange(len(apart))))
        self._labels = self._checked_labels(labels)
        trained_on = self._loader or self._source
        left_out = getattr(trained_on, "left_out", "")
        if left_out and labels is None:
            warnings.warn(
                LeftOutWarning(
                    f"of what the data hold, {left_out} is not used: it is no view. Labels for the "
                    "probes are given beside a data set (labels=)"
                ),
                stacklevel=3,
            )

    def batches(self) -> Batches:
        """Return the stream of batches to train on."""
        if self._source is None:
            if self._avoid_repeats:
                raise UserError(
                    "avoid_repeats is for batches that are drawn here, and a DataLoader draws its "
                    "own: give the Dataset itself"
                )
            return cast(LoaderBatches, self._loader)
        keys = None
        if self._avoid_repeats:
            places = self._split.train
            keys = torch.from_numpy(keys_of_pairs(self._source, places, self._batch_size))
        return self._source.batches(
            self._split.train,
            self._batch_size,
            order=generator_for(self._seed, "batches"),
            views=generator_for(self._seed, "views"),
            processes=self._plan.processes,
            keys=keys,
        )

    def first(self) -> tuple[Tensor, Tensor]:
        """Return two pairs to try the modules on."""
        if self._source is None:
            return cast(LoaderBatches, self._loader).first()
        views = generator_for(self._seed, "trial")
        return next(iter(self._source.pairs(self._split.train[:2], 2, views)))

    def looks(
        self, model: PairModel, bound: Bound, jacobian_images: int | None = None
    ) -> Evaluator | None:
        """Return what looks at a model, if there are pairs to look at."""
        if self._looked_at is None:
            return None
        source, split = self._looked_at
        return Evaluator(
            model,
            bound,
            source,
            split,
            self._batch_size,
            plan=self._plan,
            labels=self._labels,
            seed=self._seed,
            jacobian_images=jacobian_images,
            avoid_repeats=self._avoid_repeats,
        )

    def _checked_labels(self, labels: ArrayLike | None) -> NDArray[np.int64] | None:
        if labels is None:
            return None
        numbers = np.unique(np.asarray(labels), return_inverse=True)[1]
        if self._looked_at is None or not len(self._looked_at[1].train):
            raise UserError("labels are for pairs of which a part is kept for validation")
        if len(numbers) != len(self._looked_at[0]):
            raise UserError(f"{len(numbers)} labels for {len(self._looked_at[0])} pairs")
        if not numbers.any():
            raise UserError("the labels hold one class: a probe needs at least two")
        if not len(self._looked_at[1].validation):
            warnings.warn(
                LeftOutWarning(
                    "labels are not used while nothing is kept for validation: no probe has rows "
                    "to be held to; keep a share "
                    f"({advice('validation', '--validation')}), or probe once it is trained"
                ),
                stacklevel=4,
            )
        return numbers.astype(np.int64)
