"""The rules of a tree of images, the same whether it lies in a folder or in an archive."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from infomax.data import ImageDataset
from infomax.data.datasets.image_folder import load_image_archive, load_image_folder
from infomax.errors import UserError

Files = dict[str, bytes | None]
Load = Callable[[Path, Files], ImageDataset]


def image(seed: int, shape: tuple[int, ...] = (6, 5, 3), kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels(seed, shape)).save(stream, format=kind)
    return stream.getvalue()


def pixels(seed: int, shape: tuple[int, ...] = (6, 5, 3)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def tree() -> Files:
    """Return a tree, not in the order of its names."""
    return {
        "test/dog/a.png": image(4),
        "test/cat/a.png": image(5),
        "train/dog/b.png": image(3),
        "train/dog/a.png": image(2),
        "train/cat/b.PNG": image(1),
        "train/cat/a.png": image(0),
        "README.txt": b"let be",
    }


def load_from_folder(place: Path, files: Files) -> ImageDataset:
    for name, content in files.items():
        path = place / "pets" / name
        if content is None:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return load_image_folder(place / "pets")


def write_archive(path: Path, files: Files, prefix: str = "") -> None:
    kind = {".gz": "gz", ".xz": "xz"}.get(path.suffix, "")
    with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content or b"")
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            archive.addfile(member, io.BytesIO(content or b""))


def load_from_archive(place: Path, files: Files) -> ImageDataset:
    write_archive(place / "pets.tar", files)
    return load_image_archive(place / "pets.tar")


@pytest.fixture(params=[load_from_folder, load_from_archive])
def load(request: pytest.FixtureRequest) -> Load:
    loader: Load = request.param
    return loader


def assert_same(first: ImageDataset, second: ImageDataset) -> None:
    assert first.name == second.name
    for attribute in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(first, attribute), getattr(second, attribute))


def test_images_are_ordered_by_class_and_name(tmp_path: Path, load: Load) -> None:
    dataset = load(tmp_path, tree())
    assert dataset.name == "pets"
    np.testing.assert_array_equal(dataset.train_images, [pixels(seed) for seed in range(4)])
    assert dataset.train_labels.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(dataset.test_images, [pixels(5), pixels(4)])
    assert dataset.test_labels.tolist() == [0, 1]
    assert dataset.train_images.flags.writeable


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tar.xz"])
@pytest.mark.parametrize("prefix", ["", "./", "pets/", "./some/"])
def test_an_archive_holds_the_same_as_its_folder(tmp_path: Path, ending: str, prefix: str) -> None:
    files = {"train": None, "train/cat": None, **tree()}
    path = tmp_path / f"pets{ending}"
    write_archive(path, files, prefix)
    assert_same(load_image_archive(path), load_from_folder(tmp_path, tree()))


def test_an_archive_made_by_tar_of_the_folder_is_read(tmp_path: Path) -> None:
    folder = load_from_folder(tmp_path, tree())
    with tarfile.open(tmp_path / "pets.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "pets", "pets")
    assert_same(load_image_archive(tmp_path / "pets.tar.gz"), folder)


def test_grey_images_have_one_channel(tmp_path: Path, load: Load) -> None:
    files: Files = {f"{split}/a/0.png": image(0, (6, 5)) for split in ("train", "test")}
    assert load(tmp_path, files).image_shape == (6, 5, 1)


def test_one_jpeg_makes_the_label_say_so(tmp_path: Path, load: Load) -> None:
    assert load(tmp_path, {**tree(), "test/cat/b.jpg": image(9, kind="JPEG")}).name == "pets-jpeg"


def test_a_label_that_says_jpeg_does_not_say_it_twice(tmp_path: Path) -> None:
    files: Files = {f"{split}/a/0.jpeg": image(0, kind="JPEG") for split in ("train", "test")}
    write_archive(tmp_path / "pets-jpeg.tar", files)
    assert load_image_archive(tmp_path / "pets-jpeg.tar").name == "pets-jpeg"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train/cat/z.png": image(0, (5, 6, 3))}, "train/cat/z.png is 6x5 .*expected 5x6 colour"),
        ({"train/cat/z.png": image(0, (6, 5))}, "train/cat/z.png is 5x6 greyscale, expected 5x6 c"),
        ({"train/cat/z.png": b""}, "train/cat/z.png: is empty"),
        ({"train/cat/z.png": image(0)[:80]}, "train/cat/z.png: unreadable"),
        ({"train/cat/z.jpg": b"not an image"}, "train/cat/z.jpg: unreadable"),
        ({"train/cow/a.png": image(0)}, r"different classes \(cow in one alone\)"),
        ({"test/cow/a.png": image(0)}, r"different classes \(cow in one alone\)"),
        ({"train/cow": None, "test/cow": None}, "train/cow is an empty folder"),
        ({"train/cat/z.heic": b""}, "train/cat/z.heic is out of place"),
        ({"train/z.png": image(0)}, "train/z.png is out of place"),
        ({"z.png": image(0)}, "z.png is out of place"),
        ({"train/cat/more/z.png": image(0)}, "train/cat/more.* is out of place"),
        ({"valid/cat/z.png": image(0)}, "valid.* is out of place"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, load: Load, changes: Files, message: str) -> None:
    with pytest.raises(UserError, match=rf"pets.*{message}"):
        load(tmp_path, {**tree(), **changes})


def test_a_split_without_images_is_named(tmp_path: Path, load: Load) -> None:
    files = {name: content for name, content in tree().items() if not name.startswith("test")}
    with pytest.raises(UserError, match="no images in test"):
        load(tmp_path, files)


def test_a_file_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "pets.tar", {**tree(), "train/cat//a.png": image(8)})
    with pytest.raises(UserError, match=r"holds train/cat/a\.png twice"):
        load_image_archive(tmp_path / "pets.tar")


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pets.tar", "w") as archive:
        member = tarfile.TarInfo("train/cat/a.png")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(UserError, match=r"train/cat/a\.png is a link"):
        load_image_archive(tmp_path / "pets.tar")


def test_two_trees_in_an_archive_are_refused(tmp_path: Path) -> None:
    files = {f"{place}/{name}": content for place in "ab" for name, content in tree().items()}
    write_archive(tmp_path / "pets.tar", files)
    with pytest.raises(UserError, match=r"b/test/dog/a\.png is out of place, expected it within a"):
        load_image_archive(tmp_path / "pets.tar")


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tar.xz"])
def test_an_archive_cut_short_anywhere_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"pets{ending}"
    write_archive(path, tree())
    content = path.read_bytes()
    # The end mark and its padding come last in a plain archive; every cut before them must show.
    end = content.rindex(b"let be") + 513 if ending == ".tar" else len(content)
    for length in [1, *range(0, end, 64), end - 9, end - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match=r"pets.*(truncated|cut short|corrupt)"):
            load_image_archive(path)


def test_a_damaged_header_does_not_end_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "pets.tar"
    write_archive(path, tree())
    content = path.read_bytes()
    path.write_bytes(content.replace(b"train/cat/a.png", b"train/cat/c.png", 1))
    with pytest.raises(UserError, match="corrupt or cut short"):
        load_image_archive(path)


def test_anything_behind_the_end_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pets.tar"
    write_archive(path, tree())
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(UserError, match="corrupt or cut short"):
        load_image_archive(path)


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    expected = load_from_folder(tmp_path, tree())
    (tmp_path / "links" / "pets").mkdir(parents=True)
    for split in ("train", "test"):
        (tmp_path / "links" / "pets" / split).symlink_to(tmp_path / "pets" / split)
    assert_same(load_image_folder(tmp_path / "links" / "pets"), expected)


ARCHIVE = Path(__file__).parents[3] / "shared" / "datasets" / "cifar10-jpeg.tar.xz"


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the archive of CIFAR-10 is not there")
def test_the_whole_archive_of_cifar10() -> None:
    dataset = load_image_archive(ARCHIVE)
    assert dataset.name == "cifar10-jpeg"
    assert dataset.train_images.shape == (50000, 32, 32, 3)
    assert dataset.test_images.shape == (10000, 32, 32, 3)
    assert np.bincount(dataset.train_labels).tolist() == [5000] * 10
    assert np.bincount(dataset.test_labels).tolist() == [1000] * 10
    # The mean colour of CIFAR-10's training images, to which compression does little.
    mean = dataset.train_images.mean(axis=(0, 1, 2)) / 255
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=0.003)
