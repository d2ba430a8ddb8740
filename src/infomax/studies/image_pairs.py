"""The image data of a study: pairs of views to train and test on, and labels to probe with."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from infomax.data import ItemDataset, open_splits
from infomax.encoders import ViewShape
from infomax.errors import UserError
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.studies.study import ImageViews, Noise
from infomax.training import Pairs, generator_for
from infomax.views import AdditiveNoise, Augmentation, Halves, ViewMaker, make_views

__all__ = ["ImagePairs"]

_IMAGES_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class ImagePairs:
    """Two views of each of a data set's images, such as its top and bottom halves.

    Attributes:
        dataset: the label that results carry.
        view_shape: height, width and channels of each view.
        train: pairs to train on, as codes are made of them: without what is random in views.
        test: pairs never trained on, likewise.
        train_labels: ``(n,)``.
        test_labels: ``(m,)``.
        views: what makes views of each image, at random where both are the image itself.
    """

    dataset: str
    view_shape: ViewShape
    train: Pairs
    test: Pairs
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]
    views: ViewMaker

    @classmethod
    def open(
        cls, name_or_path: str, device: torch.device, views: ViewMaker | None = None
    ) -> "ImagePairs":
        """Open a data set as any other data are, and keep the views of its images on a device.

        Args:
            name_or_path: of the data set.
            device: where the views are kept.
            views: what makes two of each image; ``None`` takes its top and its bottom half.

        Raises:
            UserError: if it cannot be opened, or its images cannot be seen so.
        """
        splits = open_splits(name_or_path)
        views = views or Halves()
        view_shape, _ = views.shapes(splits.train.x.shape)

        def clean(items: ItemDataset) -> Pairs:
            pairs = ItemPairDataset(items, views, torch.device("cpu"))
            if isinstance(views, Augmentation):
                # Both views are of the whole image, which is kept once.
                rows = np.arange(len(items))
                parts = pairs.clean_views(rows, _IMAGES_AT_ONCE)
                images = torch.cat([part.flatten(1) for part in parts]).to(device)
                return Pairs(images, images)
            made = pairs.in_memory(_IMAGES_AT_ONCE, torch.Generator())
            return Pairs(made.x.flatten(1).to(device), made.y.flatten(1).to(device))

        return cls(
            dataset=splits.train.x.name,
            view_shape=view_shape,
            train=clean(splits.train),
            test=clean(splits.test),
            train_labels=_labels_of(splits.train),
            test_labels=_labels_of(splits.test),
            views=views,
        )

    @classmethod
    def of(cls, asked: ImageViews, device: torch.device) -> "ImagePairs":
        """Open what a study asks for.

        Raises:
            UserError: if it cannot be opened, or its images cannot be seen so.
        """
        return cls.open(asked.dataset, device, make_views(asked.views, dict(asked.options)))

    @property
    def device(self) -> torch.device:
        """Where the views are."""
        return self.train.x.device

    @property
    def augmentation(self) -> Augmentation | None:
        """What makes views at random of an image; nothing where views are what they are."""
        return self.views if isinstance(self.views, Augmentation) else None

    def seen(self, pairs: Pairs, generator: torch.Generator) -> Pairs:
        """Return pairs as they are seen in training: augmented, if views are made so."""
        if self.augmentation is None:
            return pairs
        x, y = self.augmentation(pairs.x.unflatten(1, self.view_shape), generator)
        return Pairs(x.flatten(1), y.flatten(1))

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
