"""The image data of a study: pairs of views to train and test on, and labels to probe with."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from infomax.data import ImageDataset
from infomax.encoders import ViewShape
from infomax.errors import UserError
from infomax.training import Pairs
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
