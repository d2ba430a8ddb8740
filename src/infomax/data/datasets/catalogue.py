"""Data sets by name or path: where each name is looked for, and which loader a path needs."""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from infomax.data.dataset import ImageDataset
from infomax.data.datasets.cifar10 import (
    holds_cifar10_binary,
    holds_cifar10_python,
    load_cifar10_binary,
    load_cifar10_python,
)
from infomax.data.datasets.idx_folder import holds_idx, load_idx_folder, load_mnist, load_mnist_14
from infomax.data.datasets.image_folder import (
    holds_images,
    load_image_archive,
    load_image_folder,
)
from infomax.data.image_trees import ARCHIVE_ENDINGS, is_archive
from infomax.errors import UserError, unknown_name

__all__ = ["DATASETS", "load_dataset"]

FOLDER_VARIABLE: Final = "INFOMAX_DATA"
DEFAULT_FOLDER: Final = "datasets"
DEBIAN_FASHION_MNIST: Final = Path("/usr/share/datasets/fashion-mnist")

FOLDER_FORMATS: Final[
    dict[str, tuple[Callable[[Collection[str]], bool], Callable[[Path], ImageDataset]]]
] = {
    "idx files (train-images-idx3-ubyte, ...)": (holds_idx, load_idx_folder),
    "CIFAR-10 binary batches (data_batch_1.bin, ...)": (holds_cifar10_binary, load_cifar10_binary),
    "CIFAR-10 Python batches (data_batch_1, ...)": (holds_cifar10_python, load_cifar10_python),
    "images ({train,test}/class/*.{jpg,png,...})": (holds_images, load_image_folder),
}
"""What a folder may hold: whether its names say so, and the loader."""


def load_dataset(name_or_path: str) -> ImageDataset:
    """Load a data set by a name of `DATASETS`, or from a folder or archive by its path.

    A name goes before a path of the same spelling: write ``./mnist`` for a folder called so.
    Names that do not come with a package are looked for in the folder that the environment
    variable ``INFOMAX_DATA`` names, ``./datasets`` where it is unset; ``fashion-mnist`` also
    where Debian installs it. What a path holds is told by its file names.

    Raises:
        UserError: if there is no such name or path, a named data set is not found, what a path
            holds is not recognised, or a file of it is damaged or not what it should be.

    Example:
        >>> load_dataset("digits").image_shape
        (8, 8, 1)
    """
    if name_or_path in DATASETS:
        dataset: object = DATASETS[name_or_path]()
        if not isinstance(dataset, ImageDataset):
            raise UserError(
                f"dataset {name_or_path!r}: what loads it returns a {type(dataset).__name__}, "
                "expected an ImageDataset"
            )
        return dataset
    path = Path(name_or_path).expanduser()
    if not name_or_path or not path.exists():
        error = unknown_name("dataset", name_or_path, DATASETS)
        raise UserError(f"{error}; or give the path of a folder or archive that exists")
    return _load_path(path)


def load_fashion_mnist() -> ImageDataset:
    """Load 60,000 + 10,000 pieces of clothing, 28x28 grey, from idx files.

    Raises:
        UserError: if they are not found, or not what they should be.
    """
    return _load_found(
        "fashion-mnist",
        [_user_folder() / "fashion-mnist", DEBIAN_FASHION_MNIST],
        how="`apt install dataset-fashion-mnist`, ",
    )


def load_cifar10() -> ImageDataset:
    """Load 50,000 + 10,000 photographs, 32x32 colour, from binary or Python batches, or PNG.

    Raises:
        UserError: if they are not found, or not what they should be.
    """
    # The published archives unpack into folders of these names, perhaps within another.
    batches = ("cifar-10-batches-bin", "cifar-10-batches-py")
    within = [*(f"cifar10/{name}" for name in batches), "cifar10", *batches]
    return _load_found("cifar10", [_user_folder() / name for name in within])


def load_cifar10_jpeg() -> ImageDataset:
    """Load CIFAR-10 as JPEG images, whose pixels differ a little, from a folder or archive.

    Raises:
        UserError: if they are not found, or not what they should be.
    """
    names = ("cifar10-jpeg", "cifar10-jpeg.tar.xz")
    return _load_found("cifar10-jpeg", [_user_folder() / name for name in names])


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


DATASETS: Final[dict[str, Callable[[], ImageDataset]]] = {
    "mnist": load_mnist,
    "mnist-14": load_mnist_14,
    "digits": load_digits,
    "fashion-mnist": load_fashion_mnist,
    "cifar10": load_cifar10,
    "cifar10-jpeg": load_cifar10_jpeg,
}
"""What loads a data set, by its name; the first line of its docstring is listed beside it."""


def _user_folder() -> Path:
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER).expanduser()


def _load_found(name: str, paths: Sequence[Path], *, how: str = "") -> ImageDataset:
    """Load a data set from the first of some paths that is there; it must be the one of the name.

    Args:
        name: of the data set.
        paths: where it is looked for, in this order.
        how: else it may be had, for the message.
    """
    found = next((path for path in paths if path.exists()), None)
    if found is None:
        raise UserError(
            f"dataset {name!r} was not found: looked for {', '.join(map(str, paths))}; "
            f"{how}set {FOLDER_VARIABLE} to the folder that holds it, or give its path"
        )
    dataset = _load_path(found)
    if dataset.name != name:
        raise UserError(
            f"{found}: holds {dataset.name!r}, expected {name!r}; move it, "
            "or give its path to use it as what it is"
        )
    return dataset


def _load_path(path: Path) -> ImageDataset:
    if not path.is_dir():
        if is_archive(path):
            return load_image_archive(path)
        raise UserError(
            f"{path}: is no folder, expected one or an archive ending in "
            f"{', '.join(ARCHIVE_ENDINGS)}"
        )
    try:
        names = {child.name for child in path.iterdir()}
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error})") from error
    fitting = [(kind, load) for kind, (holds, load) in FOLDER_FORMATS.items() if holds(names)]
    if not fitting:
        raise UserError(
            f"{path}: no data set is recognised there, expected one of: {'; '.join(FOLDER_FORMATS)}"
        )
    if len(fitting) > 1:
        raise UserError(
            f"{path}: holds more than one data set "
            f"({'; '.join(kind for kind, _ in fitting)}), expected one in a folder"
        )
    return fitting[0][1](path)
