"""None"""

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from infomax.data import ImageDataset
from infomax.data.datasets.catalogue import load_digits
from infomax.data.datasets.idx_folder import SHA256, load_mnist, load_mnist_14
from infomax.errors import UserError


@pytest.fixture(scope="module")
def mnist() -> ImageDataset:
    return load_mnist()


def test_it_is_complete(mnist: ImageDataset) -> None:
    assert mnist.name == "mnist"
    assert mnist.train_images.shape == (60000, 28, 28, 1)
    assert mnist.test_images.shape == (10000, 28, 28, 1)
    assert mnist.train_images.dtype == mnist.test_images.dtype == np.uint8
    assert (mnist.brightest, mnist.train_images.max()) == (255, 255)


def test_its_classes_have_their_known_counts(mnist: ImageDataset) -> None:
    assert np.bincount(mnist.train_labels).tolist() == [
        *(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    ]
    assert np.bincount(mnist.test_labels).tolist() == [
        *(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    ]


def test_43_pixels_of_the_top_half_are_never_drawn_on(mnist: ImageDataset) -> None:
    top = mnist.train_images[:, :14].reshape(60000, 392)
    assert int((top.max(axis=0) == 0).sum()) == 43


def test_the_pixels_are_those_of_the_original_distribution(mnist: ImageDataset) -> None:
    # The digest of the decompressed file as its makers published it.
    header = bytes.fromhex("00000803 0000ea60 0000001c 0000001c")
    assert (
        hashlib.sha256(header + mnist.train_images.tobytes()).hexdigest()
        == "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    )


def test_at_half_its_size_each_pixel_is_the_mean_of_four(mnist: ImageDataset) -> None:
    small = load_mnist_14()
    assert (small.name, small.image_shape) == ("mnist-14", (14, 14, 1))
    for split in ("train", "test"):
        whole, halved = (getattr(each, f"{split}_images")[..., 0] for each in (mnist, small))
        corners = [whole[:, row::2, column::2].astype(float) for row in (0, 1) for column in (0, 1)]
        means = sum(corners) / 4
        assert halved.shape == means.shape
        assert np.abs(halved - means).max() <= 0.5
        labels = getattr(small, f"{split}_labels")
        np.testing.assert_array_equal(labels, getattr(mnist, f"{split}_labels"))


@pytest.mark.parametrize("stem", SHA256)
def test_an_altered_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stem: str
) -> None:
    embedded = resources.files("infomax.data") / "mnist"
    (tmp_path / "mnist").mkdir()
    for name in SHA256:
        content = bytearray((embedded / f"{name}.xz").read_bytes())
        if name == stem:
            content[100] ^= 1
        (tmp_path / "mnist" / f"{name}.xz").write_bytes(content)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(UserError, match=rf"{stem}\.xz: has SHA-256 .*, expected {SHA256[stem]}"):
        load_mnist()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte\.xz: cannot be read"):
        load_mnist()


def test_the_licence_lies_beside_the_files() -> None:
    licence = (resources.files("infomax.data") / "mnist" / "LICENSE").read_text(encoding="utf-8")
    for words in ("Yann LeCun", "Corinna Cortes", "NIST", "Share Alike 3.0", "recompressed"):
        assert words in licence


def test_every_digit_is_in_exactly_one_split() -> None:
    from sklearn.datasets import load_digits as load_original  # noqa: PLC0415

    digits = load_digits()
    together = np.concatenate([digits.train_images, digits.test_images]).reshape(-1, 64)
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    original = load_original()
    rows = sorted(map(tuple, np.column_stack([together, labels]).tolist()))
    expected = np.column_stack([original.data, original.target]).astype(int).tolist()
    assert rows == sorted(map(tuple, expected))


def test_the_split_is_stratified_and_the_same_every_time() -> None:
    first, second = load_digits(), load_digits()
    np.testing.assert_array_equal(first.test_images, second.test_images)
    shares = np.bincount(first.test_labels) / (
        np.bincount(first.train_labels) + np.bincount(first.test_labels)
    )
    np.testing.assert_allclose(shares, 0.25, atol=0.005)


def test_images_are_bytes_up_to_16() -> None:
    digits = load_digits()
    assert digits.train_images.dtype == np.uint8
    assert digits.brightest == digits.train_images.max() == 16
    assert digits.train_labels.dtype == np.int64
