import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from infomax.data import load_dataset
from infomax.data.cifar10 import (
    BINARY_BATCHES,
    CIFAR10_CLASSES,
    PYTHON_BATCHES,
    load_cifar10_binary,
    load_cifar10_python,
)
from infomax.errors import UserError

PER_BATCH = 20


def batches() -> dict[str, tuple[NDArray[np.uint8], list[int]]]:
    """Make up images (n, 32, 32, 3) and labels of every batch, each class twice in each."""
    random = np.random.default_rng(0)
    return {
        batch: (
            random.integers(0, 256, (PER_BATCH, 32, 32, 3), dtype=np.uint8),
            random.permutation(np.arange(PER_BATCH) % 10).tolist(),
        )
        for batch in PYTHON_BATCHES
    }


def planes(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # Red, green and blue one after another, picked by hand so as not to repeat the loader.
    return np.concatenate([images[..., colour].reshape(-1, 1024) for colour in range(3)], axis=1)


def write_binary(folder: Path) -> None:
    folder.mkdir()
    for batch, (images, labels) in batches().items():
        records = np.column_stack([np.array(labels, dtype=np.uint8), planes(images)])
        (folder / f"{batch}.bin").write_bytes(records.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(CIFAR10_CLASSES))


def write_python(folder: Path) -> None:
    folder.mkdir()
    for batch, (images, labels) in batches().items():
        content = {b"batch_label": batch.encode(), b"labels": labels, b"data": planes(images)}
        (folder / batch).write_bytes(pickle.dumps(content, protocol=2))
    (folder / "batches.meta").write_bytes(pickle.dumps({b"label_names": CIFAR10_CLASSES}))


def write_images(folder: Path) -> None:
    for batch, (images, labels) in batches().items():
        for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
            split = "test" if batch == "test_batch" else "train"
            class_folder = folder / split / CIFAR10_CLASSES[label]
            class_folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(class_folder / f"{batch}-{number:02d}.png")


@pytest.mark.parametrize("write", [write_binary, write_python])
def test_batches_give_back_the_images_in_their_order(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(tmp_path / "some-folder")
    dataset = load_dataset(str(tmp_path / "some-folder"))
    *train, test = batches().values()
    assert dataset.name == "cifar10"
    np.testing.assert_array_equal(dataset.train_images, np.concatenate([x for x, _ in train]))
    np.testing.assert_array_equal(dataset.train_labels, np.concatenate([y for _, y in train]))
    np.testing.assert_array_equal(dataset.test_images, test[0])
    np.testing.assert_array_equal(dataset.test_labels, test[1])
    assert dataset.train_images.flags.writeable
    assert dataset.train_images.flags.c_contiguous


def test_a_folder_of_png_images_holds_the_same_ordered_by_class(tmp_path: Path) -> None:
    write_binary(tmp_path / "binary")
    write_images(tmp_path / "images")
    binary, images = (load_dataset(str(tmp_path / name)) for name in ("binary", "images"))
    order = np.argsort(binary.train_labels, kind="stable")
    assert images.name == "cifar10"
    np.testing.assert_array_equal(images.train_images, binary.train_images[order])
    np.testing.assert_array_equal(images.train_labels, binary.train_labels[order])


def test_a_pickle_with_names_in_python_3_strings_is_read(tmp_path: Path) -> None:
    write_python(tmp_path / "folder")
    images, labels = batches()["data_batch_2"]
    content = {"data": planes(images), "labels": labels}
    (tmp_path / "folder" / "data_batch_2").write_bytes(pickle.dumps(content, protocol=4))
    dataset = load_cifar10_python(tmp_path / "folder")
    np.testing.assert_array_equal(dataset.train_images[PER_BATCH : 2 * PER_BATCH], images)


@pytest.mark.parametrize("batch", PYTHON_BATCHES)
def test_a_missing_batch_is_named(tmp_path: Path, batch: str) -> None:
    write_binary(tmp_path / "binary")
    write_python(tmp_path / "python")
    (tmp_path / "binary" / f"{batch}.bin").unlink()
    (tmp_path / "python" / batch).unlink()
    with pytest.raises(UserError, match=rf"binary/{batch}\.bin: no such file"):
        load_cifar10_binary(tmp_path / "binary")
    with pytest.raises(UserError, match=f"python/{batch}: no such file"):
        load_cifar10_python(tmp_path / "python")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is 0 bytes long, expected a multiple of 3073"),
        (bytes(3072), "is 3072 bytes long, expected a multiple of 3073"),
        (bytes(3073 * PER_BATCH - 1), "expected a multiple of 3073"),
        (bytes(3073 * (PER_BATCH - 1)), "holds 19 images, expected 20 as in data_batch_1"),
        (b"\x0a" + bytes(3073 * PER_BATCH - 1), "holds the label 10, expected 0 to 9"),
    ],
)
def test_a_wrong_binary_batch_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    write_binary(tmp_path / "binary")
    (tmp_path / "binary" / BINARY_BATCHES[2]).write_bytes(content)
    with pytest.raises(UserError, match=rf"binary/data_batch_3\.bin: .*{message}"):
        load_cifar10_binary(tmp_path / "binary")


PIXELS = np.zeros((PER_BATCH, 3072), dtype=np.uint8)
LABELS = [0] * PER_BATCH


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds a list, expected a dict"),
        ({b"data": PIXELS}, "has no entry 'labels'"),
        ({b"labels": LABELS}, "has no entry 'data'"),
        ({b"data": [1, 2], b"labels": LABELS}, "not an array of unsigned bytes"),
        ({b"data": PIXELS.astype(np.float64), b"labels": LABELS}, "not an array of unsigned bytes"),
        ({b"data": PIXELS[:, 1:], b"labels": LABELS}, r"shape \(20, 3071\), expected \(n, 3072\)"),
        ({b"data": PIXELS.reshape(-1, 3, 32, 32), b"labels": LABELS}, r"shape \(20, 3, 32, 32\)"),
        ({b"data": PIXELS[0], b"labels": LABELS}, r"shape \(3072,\)"),
        ({b"data": PIXELS, b"labels": LABELS[1:]}, "holds 19 labels, expected 20"),
        ({b"data": PIXELS, b"labels": ["cat"] * PER_BATCH}, "not a list of whole numbers"),
        ({b"data": PIXELS, b"labels": [*LABELS[1:], 10]}, "label 10, expected 0 to 9"),
        ({b"data": PIXELS, b"labels": [*LABELS[1:], -1]}, "label -1, expected 0 to 9"),
        ({b"data": PIXELS[1:], b"labels": LABELS[1:]}, "holds 19 images, expected 20"),
        ({b"data": print, b"labels": LABELS}, r"refused, .*'__builtin__\.print'"),
    ],
)
def test_a_wrong_python_batch_is_named(tmp_path: Path, content: object, message: str) -> None:
    write_python(tmp_path / "python")
    (tmp_path / "python" / "data_batch_3").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(UserError, match=f"python/data_batch_3: .*{message}"):
        load_cifar10_python(tmp_path / "python")


def test_a_pickle_cut_short_is_named(tmp_path: Path) -> None:
    write_python(tmp_path / "python")
    path = tmp_path / "python" / "test_batch"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="python/test_batch: unreadable, truncated or corrupt"):
        load_cifar10_python(tmp_path / "python")
