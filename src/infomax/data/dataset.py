"""What data are once they are opened: sources of items, items with labels, labelled images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from infomax.errors import UserError

__all__ = [
    "ImageArray",
    "ImageDataset",
    "Indices",
    "ItemDataset",
    "ItemSource",
    "LabelArray",
    "Values",
]

Indices: TypeAlias = NDArray[np.int64]
"""Which items, counted from 0."""

Values: TypeAlias = NDArray[np.float32] | NDArray[np.uint8]
"""Items as they are kept: ``(n, *shape)``."""


class ItemSource(Protocol):
    """Reads items of one shape by their indices: of an array, a mapped file, or image files.

    Attributes:
        name: what messages and records call them.
        shape: of one item: ``(features,)``, ``(length, channels)`` of a series, or
            ``(height, width, channels)`` of an image.
        brightest: what a value is divided by to lie in [0, 1]: 255 for images of bytes; 1 where
            values are taken as they are.
    """

    name: str
    shape: tuple[int, ...]
    brightest: float

    def __len__(self) -> int:
        """Return the number of items."""

    def read(self, indices: Indices) -> Values:
        """Return some items, in the order that is asked for: ``(n, *shape)``.

        Safe to call from one other thread: batches are read ahead.
        """


@dataclass(frozen=True, eq=False)
class ItemDataset:
    """Holds items in one view or in two, and what is known of each item.

    Attributes:
        x: what items, or views x of them, are read from.
        y: what views y are read from; ``None`` where both views are made of x.
        labels: class of each item, counted from 0; ``None`` without.
        classes: name of each class.
        groups: number of the group of each item; ``None`` without.
        skipped: why a file was left out, by its path.
        x_names: columns, or arrays, that x was put together of; none where it is of neither.
        y_names: those of y.

    Raises:
        UserError: if lengths differ, or the labels hold one class.
    """

    x: ItemSource
    y: ItemSource | None = None
    labels: NDArray[np.int64] | None = None
    classes: tuple[str, ...] = ()
    groups: NDArray[np.int64] | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    x_names: tuple[str, ...] = ()
    y_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.y is not None and len(self.y) != len(self.x):
            raise UserError(
                f"views of different lengths: {len(self.x)} rows of {self.x.name} and "
                f"{len(self.y)} of {self.y.name}"
            )
        for name, values in (("labels", self.labels), ("groups", self.groups)):
            if values is not None and len(values) != len(self.x):
                raise UserError(f"{len(values)} {name} for {len(self.x)} rows of {self.x.name}")
        if self.labels is not None and len(self.classes) == 1:
            raise UserError(
                f"the labels of {self.x.name} hold one class, {self.classes[0]!r}: a probe needs "
                "at least two; leave the labels out"
            )

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        said = [repr(self.x), *([] if self.y is None else [repr(self.y)])]
        said += [f"{len(self.classes)} classes"] if self.labels is not None else []
        said += [f"{len(np.unique(self.groups))} groups"] if self.groups is not None else []
        return f"ItemDataset({', '.join(said)})"


ImageArray: TypeAlias = NDArray[np.uint8]
LabelArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Holds images and labels of one data set, as its makers split it.

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

    def __repr__(self) -> str:
        return (
            f"ImageDataset({self.name!r}, {len(self.train_images)} + {len(self.test_images)} "
            f"images of {self.image_shape})"
        )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        height, width, channels = self.train_images.shape[1:]
        return height, width, channels
