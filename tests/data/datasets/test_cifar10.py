"""None"""

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from infomax.data import load_dataset
from infomax.data.datasets.cifar10 import (
    BINARY_BATCHES,
    CIFAR10_CLASSES,
    PYTHON_BATCHES,
    PlainUnpickler,
    load_cifar10_binary,
    load_cifar10_python,
    load_plain_pickle,
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


class Malicious:
    def __init__(self, function: Any, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_containers_and_arrays_come_through(tmp_path: Path, protocol: int) -> None:
    data = np.random.default_rng(0).integers(0, 256, (3, 5), dtype=np.uint8)
    path = tmp_path / "batch"
    path.write_bytes(pickle.dumps({b"data": data, b"labels": [1, 2], "x": (1.5, None)}, protocol))
    content = load_plain_pickle(path)
    assert isinstance(content, dict)
    np.testing.assert_array_equal(content[b"data"], data)
    assert content[b"labels"] == [1, 2]


def test_arrays_pickled_by_python_2_and_old_numpy_come_through() -> None:
    # Written out by hand as Python 2 wrote it: pixels and keys in strings of bytes.
    content = (
        b"\x80\x02}U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b"
        b"\x87R(K\x01K\x01K\x03\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff"
        b"\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x03\x00\x80\xfftbs."
    )
    read = PlainUnpickler(io.BytesIO(content), "batch").load()
    np.testing.assert_array_equal(read[b"data"], np.array([[0, 128, 255]], dtype=np.uint8))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_is_refused_and_never_run(tmp_path: Path, protocol: int) -> None:
    trace, path = tmp_path / "trace", tmp_path / "batch"
    path.write_bytes(pickle.dumps({b"data": Malicious(os.mkdir, str(trace))}, protocol))
    with pytest.raises(UserError, match=r"batch: refused, .*global 'posix\.mkdir'"):
        load_plain_pickle(path)
    assert not trace.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 - the pickle would have run code
    assert trace.exists()


@pytest.mark.parametrize(
    "function", [eval, getattr, __import__, np.load, np.memmap, pickle.loads, bytes]
)
def test_every_other_global_is_refused(function: Any) -> None:
    content = pickle.dumps(Malicious(function, "1"))
    with pytest.raises(UserError, match="batch: refused"):
        PlainUnpickler(io.BytesIO(content), "batch").load()


def test_a_dotted_name_does_not_reach_behind_an_admitted_global() -> None:
    content = b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93."
    with pytest.raises(UserError, match=r"refused, .*'numpy\.ndarray\.tofile'"):
        PlainUnpickler(io.BytesIO(content), "batch").load()


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1, 2, 3])[:-3], b"\x80\x7f."])
def test_a_damaged_pickle_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "batch").write_bytes(content)
    with pytest.raises(UserError, match="batch: unreadable, truncated or corrupt"):
        load_plain_pickle(tmp_path / "batch")
