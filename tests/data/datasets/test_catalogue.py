import io
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from infomax.data import DATASETS, ImageDataset, load_dataset
from infomax.data.datasets import catalogue
from infomax.data.datasets.cifar10 import BINARY_BATCHES, CIFAR10_CLASSES
from infomax.data.datasets.idx_folder import IDX_STEMS
from infomax.errors import UserError


@pytest.fixture
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kept"
    path.mkdir()
    monkeypatch.setenv("INFOMAX_DATA", str(path))
    monkeypatch.setattr(catalogue, "DEBIAN_FASHION_MNIST", tmp_path / "debian" / "fashion-mnist")
    return path


def write_idx(folder: Path) -> None:
    folder.mkdir(parents=True)
    for stem in IDX_STEMS:
        shape = (4, 3, 3) if "images" in stem else (4,)
        header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
        (folder / stem).write_bytes(header + bytes(int(np.prod(shape))))


def write_binary(folder: Path) -> None:
    folder.mkdir(parents=True)
    for batch in BINARY_BATCHES:
        (folder / batch).write_bytes(bytes(3073))


def write_images(folder: Path, kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32)).save(stream, format=kind)
    for split in ("train", "test"):
        for name in CIFAR10_CLASSES:
            (folder / split / name).mkdir(parents=True)
            (folder / split / name / f"0.{kind.lower()}").write_bytes(stream.getvalue())


def test_the_names_are_those_promised() -> None:
    names = ["mnist", "mnist-14", "digits", "fashion-mnist", "cifar10", "cifar10-jpeg"]
    assert list(DATASETS) == names
    assert all(load.__doc__ and load.__doc__.startswith("Load ") for load in DATASETS.values())


@pytest.mark.parametrize("name", ["mnist", "mnist-14", "digits"])
def test_embedded_data_sets_need_nothing(user_folder: Path, name: str) -> None:
    dataset = load_dataset(name)
    assert isinstance(dataset, ImageDataset)
    assert dataset.name == name


def test_fashion_mnist_is_the_users_before_debians(user_folder: Path) -> None:
    write_idx(catalogue.DEBIAN_FASHION_MNIST)
    assert load_dataset("fashion-mnist").train_images.shape == (4, 3, 3, 1)
    (user_folder / "fashion-mnist").mkdir()
    with pytest.raises(UserError, match="kept/fashion-mnist: no data set is recognised"):
        load_dataset("fashion-mnist")


@pytest.mark.parametrize(
    "place",
    ["cifar10", "cifar10/cifar-10-batches-bin", "cifar-10-batches-bin"],
)
def test_cifar10_is_found(user_folder: Path, place: str) -> None:
    write_binary(user_folder / place)
    assert load_dataset("cifar10").name == "cifar10"


def test_png_images_are_cifar10_and_jpeg_images_are_not(user_folder: Path) -> None:
    write_images(user_folder / "cifar10", "PNG")
    assert load_dataset("cifar10").name == "cifar10"
    write_images(user_folder / "cifar10-jpeg", "JPEG")
    assert load_dataset("cifar10-jpeg").name == "cifar10-jpeg"
    (user_folder / "cifar10").rename(user_folder / "put-away")
    (user_folder / "cifar10-jpeg").rename(user_folder / "cifar10")
    with pytest.raises(UserError, match="kept/cifar10: holds 'cifar10-jpeg', expected 'cifar10'"):
        load_dataset("cifar10")
    assert load_dataset(str(user_folder / "cifar10")).name == "cifar10-jpeg"


@pytest.mark.parametrize("name", ["fashion-mnist", "cifar10", "cifar10-jpeg"])
def test_what_is_not_found_says_where_it_was_looked_for(user_folder: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        load_dataset(name)
    message = str(caught.value)
    assert str(user_folder / name) in message
    assert "set INFOMAX_DATA" in message
    assert "give its path" in message
    assert ("apt install dataset-fashion-mnist" in message) == (name == "fashion-mnist")


@pytest.mark.parametrize("value", [None, ""])
def test_the_folder_is_datasets_by_default(
    user_folder: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.chdir(user_folder)
    if value is None:
        monkeypatch.delenv("INFOMAX_DATA")
    else:
        monkeypatch.setenv("INFOMAX_DATA", value)
    write_binary(user_folder / "datasets" / "cifar10")
    assert load_dataset("cifar10").name == "cifar10"


@pytest.mark.parametrize(
    ("name", "meant"), [("mnits", "did you mean 'mnist'? "), ("./nowhere", ""), ("", "")]
)
def test_neither_a_name_nor_a_path(user_folder: Path, name: str, meant: str) -> None:
    choices = f"choose one of {', '.join(DATASETS)}; or give the path"
    message = f"unknown dataset '{name}': {meant}{choices}"
    with pytest.raises(UserError, match=re.escape(message)):
        load_dataset(name)


def test_a_path_is_told_by_its_file_names(
    user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(user_folder / "mnist")
    assert load_dataset(str(user_folder / "mnist")).image_shape == (3, 3, 1)
    monkeypatch.chdir(user_folder)
    assert load_dataset("./mnist").image_shape == (3, 3, 1)
    assert load_dataset("mnist").image_shape == (28, 28, 1)
    monkeypatch.chdir("mnist")
    assert load_dataset(".").name == "mnist"


def test_a_path_no_loader_recognises(user_folder: Path) -> None:
    (user_folder / "notes.txt").write_text("no images")
    with pytest.raises(UserError, match="kept: no data set is recognised there, expected one of"):
        load_dataset(str(user_folder))
    with pytest.raises(UserError, match=r"notes\.txt: is no folder, expected one or an archive"):
        load_dataset(str(user_folder / "notes.txt"))


def test_a_path_that_two_loaders_recognise(user_folder: Path) -> None:
    write_binary(user_folder / "both")
    write_images(user_folder / "both", "PNG")
    with pytest.raises(UserError, match="both: holds more than one data set"):
        load_dataset(str(user_folder / "both"))


def test_no_data_set_needs_torch() -> None:
    code = "import sys; from infomax.data import load_dataset; load_dataset('digits'); " + (
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
