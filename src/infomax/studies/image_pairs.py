"""The image data of a study: pairs of views to train and test on, and labels to probe with."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from infomax.data import ImageDataset
from infomax.encoders import ViewShape
from infomax.errors import UserError
from infomax.studies.study import Noise
from infomax.training import Pairs, generator_for
from infomax.views import top_and_bottom

__all__ = ["ImagePairs"]


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
    def of(cls, images: ImageDataset, device: torch.device) -> "ImagePairs":
        """Split every image of a data set into its halves, on a device."""

        def pairs(of_split: NDArray[np.uint8]) -> Pairs:
            x, y = top_and_bottom(of_split, brightest=images.brightest)
            return Pairs(torch.from_numpy(x).to(device), torch.from_numpy(y).to(device))

        height, width, channels = images.image_shape
        return cls(
            dataset=images.name,
            view_shape=(height // 2, width, channels),
            train=pairs(images.train_images),
            test=pairs(images.test_images),
            train_labels=images.train_labels,
            test_labels=images.test_labels,
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

        def noisy(split: str, pairs: Pairs) -> Pairs:
            draw = generator_for(seed, f"{split} noise", self.device)
            of_x = torch.randn(pairs.x.shape, generator=draw, device=self.device)
            if noise == "own":
                of_y = torch.randn(pairs.y.shape, generator=draw, device=self.device)
            else:
                of_y = of_x
            return Pairs(pairs.x + deviation * of_x, pairs.y + deviation * of_y)

        return replace(self, train=noisy("train", self.train), test=noisy("test", self.test))

    def some_to_probe(self, number: int | None, seed: int) -> "ImagePairs":
        """Return the pairs with only some training images, drawn at random, and all test images.

        Args:
            number: how many; ``None``, or more than there are, leaves all.
            seed: of the draw.
        """
        if number is None or number >= len(self.train):
            return self
        draw = generator_for(seed, "probed images")
        rows = torch.randperm(len(self.train), generator=draw)[:number].sort().values
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
