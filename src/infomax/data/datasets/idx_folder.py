"""A data set in four idx files of the standard names, as MNIST and Fashion-MNIST come.

MNIST comes with this package.
"""

import hashlib
import io
import lzma
from collections.abc import Callable, Collection
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from infomax.data.array_files import parse_idx, read_idx
from infomax.data.dataset import ImageArray, ImageDataset
from infomax.data.files import COMPRESSIONS
from infomax.errors import UserError

__all__ = [
    "IDX_STEMS",
    "SourcedArray",
    "holds_idx",
    "idx_dataset",
    "load_idx_folder",
    "load_mnist",
    "load_mnist_14",
]

IDX_STEMS: Final = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class SourcedArray(NamedTuple):
    """Holds an array and the file it came from, which errors name."""

    values: ImageArray
    source: str


def holds_idx(names: Collection[str]) -> bool:
    """Tell whether a folder of these file names holds a data set in idx files.

    Example:
        >>> holds_idx(["LICENSE", "train-images.idx3-ubyte"]), holds_idx(["train-images.npy"])
        (True, False)
    """
    return any(name in names for stem in IDX_STEMS for name in _spellings(stem))


def load_idx_folder(folder: Path) -> ImageDataset:
    """Load four idx files of the standard names, the folder's name as the label.

    ``train-images-idx3-ubyte`` may also be spelled ``train-images.idx3-ubyte``, and end in ``.gz``
    or ``.xz``; where a file is there more than once, the plain one is read before compressed ones.

    Raises:
        UserError: if a file is missing, damaged or not what its name says.
    """
    return idx_dataset(folder.resolve().name, lambda stem: _read_part(folder, stem))


def idx_dataset(name: str, read: Callable[[str], SourcedArray]) -> ImageDataset:
    """Put a data set together from its four parts.

    Args:
        name: the data set's label.
        read: returns the part of one of `IDX_STEMS`: images ``(n, height, width)`` or
            labels ``(n,)``.

    Returns:
        Images of shape ``(n, height, width, 1)``.

    Raises:
        UserError: if a part has the wrong rank or size, or the labels are not 0 to k-1.
    """
    train_images, train_labels, test_images, test_labels = (read(stem) for stem in IDX_STEMS)
    _check_split(train_images, train_labels)
    _check_split(test_images, test_labels)
    if test_images.values.shape[1:] != train_images.values.shape[1:]:
        raise UserError(
            f"{test_images.source}: images have shape {test_images.values.shape[1:]}, "
            f"expected {train_images.values.shape[1:]} as in {train_images.source}"
        )
    _check_labels(train_labels, test_labels)
    return ImageDataset(
        name=name,
        train_images=train_images.values[..., np.newaxis],
        train_labels=train_labels.values.astype(np.int64),
        test_images=test_images.values[..., np.newaxis],
        test_labels=test_labels.values.astype(np.int64),
    )


def _check_split(images: SourcedArray, labels: SourcedArray) -> None:
    for part, rank, layout in (
        (images, 3, "images of shape (number, height, width)"),
        (labels, 1, "labels of shape (number,)"),
    ):
        if part.values.ndim != rank:
            raise UserError(f"{part.source}: has shape {part.values.shape}, expected {layout}")
        if part.values.size == 0:
            raise UserError(f"{part.source}: is empty (shape {part.values.shape})")
    if len(labels.values) != len(images.values):
        raise UserError(
            f"{labels.source}: holds {len(labels.values)} labels, "
            f"expected {len(images.values)}, one for each image of {images.source}"
        )


def _check_labels(train: SourcedArray, test: SourcedArray) -> None:
    """Require the classes of training to be 0 to k-1, and those of test to be among them."""
    classes = np.unique(train.values)
    expected = f"0 to {len(classes) - 1}, the {len(classes)} classes of training"
    # Sorted and distinct, so the last alone tells whether the numbers have a gap.
    if classes[-1] != len(classes) - 1:
        raise UserError(f"{train.source}: holds the labels {classes.tolist()}, expected {expected}")
    if test.values.max() >= len(classes):
        raise UserError(
            f"{test.source}: holds the label {test.values.max()}, expected labels {expected}"
        )


def _read_part(folder: Path, stem: str) -> SourcedArray:
    for name in _spellings(stem):
        path = folder / name
        if path.exists():
            return SourcedArray(read_idx(path), str(path))
    unlabelled = ": images without labels cannot be probed" if "labels" in stem else ""
    raise UserError(
        f"{folder / stem}: no such file, nor with .gz or .xz behind it{unlabelled}; expected the "
        f"four files {', '.join(IDX_STEMS)}"
    )


def _spellings(stem: str) -> list[str]:
    """Return the file names a part may have, in the order they are looked for."""
    return [
        spelling + ending
        for ending in COMPRESSIONS
        for spelling in (stem, stem.replace("-idx", ".idx"))
    ]


SHA256: Final = {
    "train-images-idx3-ubyte": "8f41e9b4abc124dc3d209e86f7ea714a81f80edea40b565a4781dec7bd67c6e2",
    "train-labels-idx1-ubyte": "dcd3d8184fe1a8be6231f172fb3390116f91c127282fd736ab55752c179963d8",
    "t10k-images-idx3-ubyte": "d815adbb3188b5bafed15d649960a5dbcb0f9138b9a4205b88b175001cb394c9",
    "t10k-labels-idx1-ubyte": "f2edae9ce0307abae4671a37b70e6e3858696b48b16c3cfdfef97388dc9925d5",
}
"""The digest of each compressed file as this version of the package carries it."""


def load_mnist() -> ImageDataset:
    """Load 60,000 + 10,000 handwritten digits, 28x28 grey; they come with infomax.

    Images are ``(60000, 28, 28, 1)`` and ``(10000, 28, 28, 1)``.

    Raises:
        UserError: if an embedded file is missing or is not the one the package came with.
    """
    return idx_dataset("mnist", _read_embedded)


def load_mnist_14() -> ImageDataset:
    """Load MNIST at half its height and width, 14x14, each pixel the mean of four, rounded.

    The digits, their order and their split are those of ``load_mnist``; ``(60000, 14, 14, 1)`` and
    ``(10000, 14, 14, 1)``.

    Raises:
        UserError: as ``load_mnist`` does.
    """
    whole = load_mnist()
    return replace(
        whole,
        name="mnist-14",
        train_images=_halved(whole.train_images),
        test_images=_halved(whole.test_images),
    )


def _halved(images: ImageArray) -> ImageArray:
    number, height, width, channels = images.shape
    in_fours = images.reshape(number, height // 2, 2, width // 2, 2, channels)
    sums: NDArray[np.uint16] = in_fours.sum(axis=(2, 4), dtype=np.uint16)
    return ((sums + 2) // 4).astype(np.uint8)


def _read_embedded(stem: str) -> SourcedArray:
    file = resources.files("infomax.data").joinpath("mnist", f"{stem}.xz")
    try:
        compressed = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error}); reinstall infomax") from error
    digest = hashlib.sha256(compressed).hexdigest()
    if digest != SHA256[stem]:
        raise UserError(
            f"{file}: has SHA-256 {digest}, expected {SHA256[stem]}: "
            "the file was altered or damaged; reinstall infomax"
        )
    with lzma.open(io.BytesIO(compressed)) as stream:
        return SourcedArray(parse_idx(stream, str(file)), str(file))
