"""A labelled image data set in memory, split into train and test as its makers split it."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from infomax.errors import UserError

__all__ = ["ImageArray", "ImageDataset", "LabelArray"]

ImageArray: TypeAlias = NDArray[np.uint8]
LabelArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Images and labels of one data set.

    Attributes:
        name: the label that results carry (``mnist``, ``cifar10-jpeg``, ...).
        train_images: ``(n, height, width, channels)``, unsigned bytes.
        train_labels: ``(n,)``, classes counted from 0.
        test_images: ``(m, height, width, channels)``.
        test_labels: ``(m,)``.
        brightest: the pixel value that becomes 1.0 (255 for bytes, 16 for scikit-learn's digits).

    Raises:
        UserError: if shapes disagree between images and labels or between train and test.
    """

    name: str
    train_images: ImageArray
    train_labels: LabelArray
    test_images: ImageArray
    test_labels: LabelArray
    brightest: int = 255

    def __post_init__(self) -> None:
        for split, images, labels in (
            ("train", self.train_images, self.train_labels),
            ("test", self.test_images, self.test_labels),
        ):
            if images.ndim != 4:
                raise UserError(
                    f"{self.name}: {split} images have shape {images.shape}, "
                    "expected (number, height, width, channels)"
                )
            if len(images) != len(labels):
                raise UserError(
                    f"{self.name}: {len(images)} {split} images but {len(labels)} {split} labels"
                )
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise UserError(
                f"{self.name}: train images are {self.train_images.shape[1:]} "
                f"but test images are {self.test_images.shape[1:]}"
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        height, width, channels = self.train_images.shape[1:]
        return height, width, channels
