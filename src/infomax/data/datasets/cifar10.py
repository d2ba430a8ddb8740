"""CIFAR-10 as its makers publish it: binary batches, or pickled batches for Python."""

import codecs
import io
import pickle
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import ImageArray, ImageDataset, LabelArray
from infomax.data.files import check_regular_file, read_whole
from infomax.errors import UserError

__all__ = [
    "CIFAR10_CLASSES",
    "CIFAR10_SHAPE",
    "PlainUnpickler",
    "holds_cifar10_binary",
    "holds_cifar10_python",
    "load_cifar10_binary",
    "load_cifar10_python",
    "load_plain_pickle",
]

CIFAR10_CLASSES: Final = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
CIFAR10_SHAPE: Final = (32, 32, 3)

PIXEL_BYTES: Final = 3072
RECORD_BYTES: Final = 1 + PIXEL_BYTES
PYTHON_BATCHES: Final = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
BINARY_BATCHES: Final = tuple(f"{batch}.bin" for batch in PYTHON_BATCHES)

Batch: TypeAlias = tuple[ImageArray, LabelArray]
"""Rows of 3,072 bytes, red plane before green before blue, and their labels."""


def holds_cifar10_binary(names: Collection[str]) -> bool:
    """Tell whether a folder of these file names holds CIFAR-10 in binary batches."""
    return any(name in names for name in BINARY_BATCHES)


def holds_cifar10_python(names: Collection[str]) -> bool:
    """Tell whether a folder of these file names holds CIFAR-10 in Python batches."""
    return any(name in names for name in PYTHON_BATCHES)


def load_cifar10_binary(folder: Path) -> ImageDataset:
    """Load CIFAR-10 from ``data_batch_1.bin`` to ``data_batch_5.bin`` and ``test_batch.bin``.

    Raises:
        UserError: if a batch is missing, unreadable, not whole records of 3,073 bytes, or holds a
            label above 9, or if training batches differ in length.
    """
    return _load(folder, BINARY_BATCHES, _read_binary)


def load_cifar10_python(folder: Path) -> ImageDataset:
    """Load CIFAR-10 from the pickles ``data_batch_1`` to ``data_batch_5`` and ``test_batch``.

    Raises:
        UserError: if a batch is missing, no pickle of plain containers and arrays, lacks its data
            or labels, has them in the wrong shape, or if training batches differ in length.
    """
    return _load(folder, PYTHON_BATCHES, _read_python)


def _load(folder: Path, names: tuple[str, ...], read: Callable[[Path], Batch]) -> ImageDataset:
    for name in names:
        if not (folder / name).exists():
            raise UserError(f"{folder / name}: no such file; expected {', '.join(names)}")
    *train, test = (read(folder / name) for name in names)
    for name, (images, _) in zip(names, train, strict=False):
        # All five are of one length, so a batch cut between two records shows here.
        if len(images) != len(train[0][0]):
            raise UserError(
                f"{folder / name}: holds {len(images)} images, "
                f"expected {len(train[0][0])} as in {names[0]}"
            )
    return ImageDataset(
        name="cifar10",
        train_images=_channels_last([images for images, _ in train]),
        train_labels=np.concatenate([labels for _, labels in train]),
        test_images=_channels_last([test[0]]),
        test_labels=test[1],
    )


def _channels_last(batches: list[ImageArray]) -> ImageArray:
    height, width, channels = CIFAR10_SHAPE
    planes = np.concatenate(batches).reshape(-1, channels, height, width)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1))


def _read_binary(path: Path) -> Batch:
    content = read_whole(path)
    if not content or len(content) % RECORD_BYTES:
        raise UserError(
            f"{path}: is {len(content)} bytes long, expected a multiple of {RECORD_BYTES}: "
            "a label and 32x32x3 pixels for each image"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD_BYTES)
    return records[:, 1:], _checked_labels(records[:, 0], path)


def _read_python(path: Path) -> Batch:
    content = load_plain_pickle(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds a {type(content).__name__}, expected a dict")
    data, labels = (_entry(content, key, path) for key in ("data", "labels"))
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8:
        raise UserError(f"{path}: its data are not an array of unsigned bytes")
    if data.ndim != 2 or data.shape[1] != PIXEL_BYTES or not len(data):
        raise UserError(f"{path}: its data have shape {data.shape}, expected (n, {PIXEL_BYTES})")
    if not isinstance(labels, list) or not all(isinstance(label, int) for label in labels):
        raise UserError(f"{path}: its labels are not a list of whole numbers")
    if len(labels) != len(data):
        raise UserError(f"{path}: holds {len(labels)} labels, expected {len(data)}, one per image")
    return data, _checked_labels(np.array(labels), path)


def _entry(content: dict[object, object], key: str, path: Path) -> object:
    """Return an entry whose key Python 2 wrote as bytes, or Python 3 as a string."""
    for spelling in (key.encode(), key):
        if spelling in content:
            return content[spelling]
    raise UserError(f"{path}: has no entry {key!r}, expected a dict with 'data' and 'labels'")


def _checked_labels(labels: NDArray[np.integer], path: Path) -> LabelArray:
    for label in (labels.min(), labels.max()):
        if not 0 <= label < len(CIFAR10_CLASSES):
            raise UserError(
                f"{path}: holds the label {label}, expected 0 to {len(CIFAR10_CLASSES) - 1}"
            )
    return labels.astype(np.int64)


# Taken from an array, since numpy moved the module this lives in between its versions 1 and 2.
_RECONSTRUCT_ARRAY: Final = cast(Callable[..., Any], np.empty(0).__reduce__()[0])

_ADMITTED: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT_ARRAY,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT_ARRAY,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    # How Python 3 writes bytes in the pickle protocols of Python 2.
    ("_codecs", "encode"): codecs.encode,
}


class PlainUnpickler(pickle.Unpickler):
    """Unpickles plain containers and numpy's arrays; pickles can name no other global.

    Lists, tuples, dicts, numbers, strings and bytes need no global and are always admitted.

    Args:
        stream: the pickle.
        source: what errors call it.

    Example:
        >>> import io
        >>> PlainUnpickler(io.BytesIO(pickle.dumps({b"labels": [3, 1]})), "batch").load()
        {b'labels': [3, 1]}
        >>> PlainUnpickler(io.BytesIO(pickle.dumps(print)), "batch").load()
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: batch: refused, ... names the global 'builtins.print', ...
    """

    def __init__(self, stream: io.BufferedIOBase, source: str) -> None:
        # Bytes, because Python 2 wrote its strings, and the pixels in them, as such.
        super().__init__(stream, encoding="bytes")
        self._source = source

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return what the pickle names, if it is admitted.

        Raises:
            UserError: if it is not; nothing of it is imported or called.
        """
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise UserError(
                f"{self._source}: refused, since the pickle names the global "
                f"'{module}.{name}', which could run code; expected only plain containers "
                "and numpy arrays"
            ) from None


def load_plain_pickle(path: Path) -> object:
    """Return what a pickle file holds, if that is plain containers and numpy arrays.

    Raises:
        UserError: if the file cannot be read, is no complete pickle, or names anything else.
    """
    check_regular_file(path)
    try:
        with path.open("rb") as stream:
            return PlainUnpickler(stream, str(path)).load()
    except UserError:
        raise
    # A damaged pickle may raise nearly anything, as the documentation of pickle says.
    except Exception as error:
        raise UserError(
            f"{path}: unreadable, truncated or corrupt ({error}); expected a pickle"
        ) from error
