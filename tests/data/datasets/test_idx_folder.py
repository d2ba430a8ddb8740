import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from infomax.data.datasets.catalogue import DEBIAN_FASHION_MNIST
from infomax.data.datasets.idx_folder import IDX_STEMS, load_idx_folder
from infomax.errors import UserError

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = IDX_STEMS


def write(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def parts() -> dict[str, NDArray[np.uint8]]:
    random = np.random.default_rng(0)
    return {
        TRAIN_IMAGES: random.integers(0, 256, (6, 5, 4), dtype=np.uint8),
        TRAIN_LABELS: np.array([2, 0, 1, 0, 1, 2], dtype=np.uint8),
        TEST_IMAGES: random.integers(0, 256, (3, 5, 4), dtype=np.uint8),
        TEST_LABELS: np.array([1, 1, 0], dtype=np.uint8),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "letters"
    path.mkdir()
    for stem, array in parts().items():
        write(path / stem, array)
    return path


def test_a_folder_is_a_data_set_of_its_name(folder: Path) -> None:
    dataset = load_idx_folder(folder)
    expected = parts()
    assert dataset.name == "letters"
    assert dataset.image_shape == (5, 4, 1)
    np.testing.assert_array_equal(dataset.train_images[..., 0], expected[TRAIN_IMAGES])
    np.testing.assert_array_equal(dataset.train_labels, expected[TRAIN_LABELS])
    np.testing.assert_array_equal(dataset.test_images[..., 0], expected[TEST_IMAGES])
    np.testing.assert_array_equal(dataset.test_labels, expected[TEST_LABELS])
    assert dataset.train_labels.dtype == np.int64


def test_dotted_names_and_compression_are_read_alike(folder: Path) -> None:
    plain = load_idx_folder(folder)
    for stem, array in parts().items():
        (folder / stem).unlink()
        write(folder / f"{stem.replace('-idx', '.idx')}.gz", array)
    dotted = load_idx_folder(folder)
    np.testing.assert_array_equal(dotted.train_images, plain.train_images)
    np.testing.assert_array_equal(dotted.test_labels, plain.test_labels)


@pytest.mark.parametrize("stem", IDX_STEMS)
def test_a_missing_file_is_named(folder: Path, stem: str) -> None:
    (folder / stem).unlink()
    with pytest.raises(UserError, match=f"letters/{stem}: no such file"):
        load_idx_folder(folder)


@pytest.mark.parametrize(
    ("stem", "array", "message"),
    [
        (TRAIN_IMAGES, np.zeros((6, 20)), r"has shape \(6, 20\), expected images"),
        (TEST_IMAGES, np.zeros((3, 5, 4, 1)), r"has shape \(3, 5, 4, 1\), expected images"),
        (TRAIN_LABELS, np.zeros((6, 1)), r"has shape \(6, 1\), expected labels"),
        (TEST_LABELS, np.zeros((3, 1)), r"has shape \(3, 1\), expected labels"),
        (TRAIN_IMAGES, np.zeros((0, 5, 4)), "is empty"),
        (TRAIN_LABELS, np.zeros(0), "is empty"),
        (TRAIN_LABELS, np.array([0, 1, 2, 0, 1]), "holds 5 labels, expected 6"),
        (TEST_LABELS, np.array([0, 1, 2, 0]), "holds 4 labels, expected 3"),
        (TRAIN_LABELS, np.array([0, 1, 3, 0, 1, 3]), r"\[0, 1, 3\], expected 0 to 2"),
        (TRAIN_LABELS, np.array([1, 2, 3, 1, 2, 3]), r"\[1, 2, 3\], expected 0 to 2"),
        (TEST_LABELS, np.array([0, 1, 3]), "holds the label 3, expected labels 0 to 2"),
        (TEST_IMAGES, np.zeros((3, 4, 5)), r"shape \(4, 5\), expected \(5, 4\)"),
    ],
)
def test_a_wrong_part_is_named(
    folder: Path, stem: str, array: NDArray[np.float64], message: str
) -> None:
    write(folder / stem, array.astype(np.uint8))
    with pytest.raises(UserError, match=f"letters/{stem}: .*{message}"):
        load_idx_folder(folder)


@pytest.mark.skipif(not DEBIAN_FASHION_MNIST.exists(), reason="Fashion-MNIST is not installed")
def test_fashion_mnist_as_debian_installs_it() -> None:
    dataset = load_idx_folder(DEBIAN_FASHION_MNIST)
    assert dataset.name == "fashion-mnist"
    assert dataset.train_images.shape == (60000, 28, 28, 1)
    assert dataset.test_images.shape == (10000, 28, 28, 1)
    assert np.bincount(dataset.train_labels).tolist() == [6000] * 10
    assert np.bincount(dataset.test_labels).tolist() == [1000] * 10
