"""The image data of a study: pairs of views to train and test on, and labels to probe with."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from infomax.data import ItemDataset, open_splits
from infomax.encoders import ViewShape
from infomax.errors import UserError
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.studies.study import Noise
from infomax.training import Pairs, generator_for
from infomax.views import AdditiveNoise, Halves

__all__ = ["ImagePairs"]

_IMAGES_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class ImagePairs:
    """Top and bottom halves of a data set's images.

    Attributes:
        dataset: the label that results carry.
        view_shape: height, width and channels of each view.
        train: pairs to train on.
        test: pairs never trained on.
        train_labels: ``(n,)``.
        test_labels: ``(m,)``.
    """

    dataset: str
    view_shape: ViewShape
    train: Pairs
    test: Pairs
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]

    @classmethod
    def open(cls, name_or_path: str, device: torch.device) -> "ImagePairs":
        """Open a data set as any other data are, and keep the halves of its images on a device.

        Raises:
            UserError: if it cannot be opened, or its images cannot be halved.
        """
        splits = open_splits(name_or_path)

        def halves(items: ItemDataset) -> Pairs:
            pairs = ItemPairDataset(items, Halves(), torch.device("cpu"))
            made = pairs.in_memory(_IMAGES_AT_ONCE, torch.Generator())
            return Pairs(made.x.flatten(1).to(device), made.y.flatten(1).to(device))

        view_shape, _ = Halves().shapes(splits.train.x.shape)
        return cls(
            dataset=splits.train.x.name,
            view_shape=view_shape,
            train=halves(splits.train),
            test=halves(splits.test),
            train_labels=_labels_of(splits.train),
            test_labels=_labels_of(splits.test),
        )

    @property
    def device(self) -> torch.device:
        """Where the views are."""
        return self.train.x.device

    def with_noise(self, deviation: float, noise: Noise, seed: int) -> "ImagePairs":
        """Return the pairs with Gaussian noise, the same whenever the seed is the same.

        Args:
            deviation: standard deviation of the noise; 0 returns the pairs as they are.
            noise: whether both views of a pair get the same noise.
            seed: of the noise.
        """
        if not deviation:
            return self

        added = AdditiveNoise(deviation, shared=noise == "shared")

        def noisy(split: str, pairs: Pairs) -> Pairs:
            draw = generator_for(seed, f"{split} noise", self.device)
            return Pairs(*added.add_to(pairs.x, pairs.y, draw))

        return replace(self, train=noisy("train", self.train), test=noisy("test", self.test))

    def some_to_probe(self, count: int | None, seed: int) -> "ImagePairs":
        """Return the pairs with only some training images, drawn at random, and all test images.

        Args:
            count: how many; ``None``, or more than there are, leaves all.
            seed: of the draw.
        """
        if count is None or count >= len(self.train):
            return self
        draw = generator_for(seed, "probed images")
        rows = torch.randperm(len(self.train), generator=draw)[:count].sort().values
        there = rows.to(self.device)
        return replace(
            self,
            train=Pairs(self.train.x[there], self.train.y[there]),
            train_labels=self.train_labels[rows.numpy()],
        )

    def check_batch_size(self, batch_size: int) -> None:
        """Check that each split fills two batches, which the interval of a bound needs.

        Raises:
            UserError: if one does not.
        """
        for split, pairs in (("training", self.train), ("test", self.test)):
            if len(pairs) < 2 * batch_size:
                raise UserError(
                    f"{self.dataset} has {len(pairs)} {split} images: batches of {batch_size} "
                    f"need at least {2 * batch_size}"
                )


def _labels_of(items: ItemDataset) -> NDArray[np.int64]:
    if items.labels is None:
        raise UserError(f"{items.x.name} has no labels, which the probes of a study need")
    return items.labels
