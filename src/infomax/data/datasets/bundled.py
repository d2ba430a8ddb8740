"""Data sets that come with packages: MNIST with this one, the digits with scikit-learn."""

import hashlib
import io
import lzma
from dataclasses import replace
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.array_files import parse_idx
from infomax.data.dataset import ImageArray, ImageDataset
from infomax.data.datasets.idx_folder import SourcedArray, idx_dataset
from infomax.errors import UserError

__all__ = ["load_digits", "load_mnist", "load_mnist_14"]

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


TEST_SHARE: Final = 0.25
SPLIT_SEED: Final = 0
BRIGHTEST: Final = 16


def load_digits() -> ImageDataset:
    """Load 1,347 + 450 handwritten digits, 8x8 grey; they come with scikit-learn.

    scikit-learn publishes no split, so this one is fixed here: a quarter is test, drawn with equal
    shares of every class by ``train_test_split(test_size=0.25, random_state=0, stratify=labels)``.

    Example:
        >>> digits = load_digits()
        >>> digits.train_images.shape, digits.test_images.shape, digits.brightest
        ((1347, 8, 8, 1), (450, 8, 8, 1), 16)
    """
    # Here, because importing scikit-learn takes a second that no other data set needs.
    from sklearn.datasets import load_digits as load_sklearn_digits  # noqa: PLC0415
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    bunch = load_sklearn_digits()
    images = bunch.images.astype(np.uint8)[..., np.newaxis]
    labels = bunch.target.astype(np.int64)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=TEST_SHARE, random_state=SPLIT_SEED, stratify=labels
    )
    return ImageDataset(
        name="digits",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        brightest=BRIGHTEST,
    )
