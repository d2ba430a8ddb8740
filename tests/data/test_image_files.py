"""Folders of images: what is read, kept, resized, left out and refused."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from infomax.data import image_files
from infomax.data.image_file import DecodedImage, decode_image
from infomax.data.image_files import ImageFiles
from infomax.errors import UserError

ARCHIVE = Path(__file__).parents[3] / "shared" / "datasets" / "cifar10-jpeg.tar.xz"


def pixels(seed: int, shape: tuple[int, ...] = (6, 5, 3)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(array: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, format=kind)
    return stream.getvalue()


def folder_of(place: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def numbered(number: int) -> dict[str, bytes]:
    return {f"{place:03}.png": encoded(pixels(place)) for place in range(number)}


@pytest.fixture(params=["kept", "decoded each time", "in threads"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in each of the ways that images are read in."""
    if request.param != "kept":
        monkeypatch.setattr(image_files, "_MOST_BYTES_KEPT", 0)
    if request.param == "in threads":
        monkeypatch.setattr(image_files, "_PIXELS_FOR_THREADS", 1)
        monkeypatch.setattr(image_files, "_FILES_IN_A_RUN", 3)


@pytest.mark.usefixtures("way")
def test_images_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    images = ImageFiles(folder_of(tmp_path, numbered(20)))
    assert (len(images), images.shape, images.brightest) == (20, (6, 5, 3), 255)
    draw = np.random.default_rng(0)
    for size in (0, 1, 7, 50):
        places = draw.integers(0, 20, size)
        read = images.read(places)
        assert read.dtype == np.uint8
        assert read.shape == (size, 6, 5, 3)
        for image, place in zip(read, places, strict=True):
            np.testing.assert_array_equal(image, pixels(int(place)))


def test_images_that_were_read_are_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = ImageFiles(folder_of(tmp_path, numbered(5)))
    decoded: list[str] = []

    def counted(content: bytes, source: str) -> DecodedImage:
        decoded.append(source)
        return decode_image(content, source)

    monkeypatch.setattr(image_files, "decode_image", counted)
    images.read(np.array([3, 1, 3]))
    assert sorted(decoded) == ["001.png", "003.png"]
    images.read(np.array([1, 2]))
    images.read(np.arange(5))
    images.read(np.arange(5))
    assert sorted(decoded) == [f"{place:03}.png" for place in range(5)]


def test_more_than_fits_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_files, "_MOST_BYTES_KEPT", 5 * 90 - 1)
    images = ImageFiles(folder_of(tmp_path, numbered(5)))
    images.read(np.arange(5))
    (tmp_path / "002.png").write_bytes(encoded(pixels(77)))
    np.testing.assert_array_equal(images.read(np.array([2]))[0], pixels(77))


def test_folders_are_those_of_the_files(tmp_path: Path) -> None:
    files = {"b/0.png": encoded(pixels(0)), "a/c/1.png": encoded(pixels(1))}
    assert ImageFiles(folder_of(tmp_path / "in folders", files)).folders == ["a/c", "b"]
    assert ImageFiles(folder_of(tmp_path / "flat", numbered(2))).folders is None


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    images = ImageFiles(folder_of(tmp_path, {"0.png": encoded(pixels(0, (6, 5)))}))
    assert images.shape == (6, 5, 1)
    np.testing.assert_array_equal(images.read(np.array([0]))[0, :, :, 0], pixels(0, (6, 5)))


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_the_header_foretells_what_is_decoded(tmp_path: Path, mode: str, channels: int) -> None:
    Image.fromarray(pixels(0)).convert(mode).save(tmp_path / "0.png")
    images = ImageFiles(tmp_path)
    assert images.shape == (6, 5, channels)
    assert images.read(np.array([0])).shape == (1, 6, 5, channels)


@pytest.mark.parametrize(("height", "width"), [(12, 20), (20, 12), (8, 8), (16, 4), (31, 33)])
def test_an_image_is_scaled_to_cover_the_size_and_cut_about_its_centre(
    tmp_path: Path, height: int, width: int
) -> None:
    # A ramp to the right: scaled it stays one, and the cut leaves its middle in the middle.
    ramp = np.tile(np.linspace(0, 255, width), (height, 1)).astype(np.uint8)
    images = ImageFiles(folder_of(tmp_path, {"0.png": encoded(ramp)}), size=(8, 8))
    assert images.shape == (8, 8, 1)
    read = images.read(np.array([0]))[0, :, :, 0].astype(float)
    covered = width * max(8 / height, 8 / width)
    assert (np.abs(read - read[0]) <= 1).all()
    assert abs(read.mean() - 127.5) < 2
    slope = np.diff(read[0])[2:-2].mean()
    assert slope == pytest.approx(255 / (width - 1) * width / covered, rel=0.1)


def test_images_of_all_sizes_are_brought_to_one(tmp_path: Path) -> None:
    shapes = [(6, 5, 3), (40, 30, 3), (3, 9, 3)]
    files = {f"{place}.png": encoded(pixels(0, shape)) for place, shape in enumerate(shapes)}
    images = ImageFiles(folder_of(tmp_path, files), size=(4, 7))
    assert images.read(np.arange(3)).shape == (3, 4, 7, 3)
    with pytest.raises(UserError, match=r"image_size is \(0, 4\)"):
        ImageFiles(tmp_path, size=(0, 4))


BAD = {
    "empty.png": b"",
    "text.png": b"not an image",
    "cmyk.jpg": b"",
    "deep.png": encoded(np.zeros((6, 5), np.uint16)),
}
with io.BytesIO() as _stream:
    Image.new("CMYK", (5, 6)).save(_stream, format="JPEG")
    BAD["cmyk.jpg"] = _stream.getvalue()


def test_all_that_cannot_be_used_is_named_at_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**numbered(3), **BAD})
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    with pytest.raises(UserError) as refused:
        ImageFiles(folder)
    message = str(refused.value)
    assert message.startswith(f"{folder}: 5 of 8 images cannot be used: cmyk.jpg: has mode CMYK")
    for told in (
        "deep.png: has mode I;16",
        "empty.png: is empty",
        "gone.png: No such file",
        "text.png: is no JPEG or PNG image",
        "or give --skip-bad",
    ):
        assert told in message
    assert "\n" not in message


def test_of_many_bad_images_ten_are_named(tmp_path: Path) -> None:
    files = {**numbered(2), **{f"bad{place:02}.png": b"" for place in range(23)}}
    with pytest.raises(UserError, match=r"23 of 25 .*bad09\.png: is empty; and 13 more: mend"):
        ImageFiles(folder_of(tmp_path, files))


@pytest.mark.usefixtures("way")
def test_bad_images_are_left_out_and_recorded(tmp_path: Path) -> None:
    cut = encoded(pixels(0, (64, 64, 3)))[:200]
    files = {
        **numbered(5),
        **BAD,
        "001a.png": encoded(pixels(9))[:60],
        "grey.png": encoded(pixels(0, (6, 5))),
    }
    folder = folder_of(
        tmp_path, {"000.png": cut, **{n: c for n, c in files.items() if n != "000.png"}}
    )
    images = ImageFiles(folder, skip_bad=True)
    assert [path.name for path in images.paths] == [f"{place:03}.png" for place in range(1, 5)]
    left = sorted(["000.png", "001a.png", "grey.png", *BAD])
    assert images.skipped == tuple(str(folder / name) for name in left)
    read = images.read(np.array([3, 0, 1, 2]))
    np.testing.assert_array_equal(read, [pixels(place) for place in (4, 1, 2, 3)])


@pytest.mark.parametrize("skip_bad", [False, True])
def test_another_size_is_never_left_out(tmp_path: Path, skip_bad: bool) -> None:
    files = {**numbered(2), "z.png": encoded(pixels(0, (7, 5, 3)))}
    told = r"1 of 3 .*z\.png: is 5x7 colour, expected 5x6 colour like 000\.png, or image_size"
    with pytest.raises(UserError, match=told):
        ImageFiles(folder_of(tmp_path, files), skip_bad=skip_bad)


def test_other_colours_are_refused(tmp_path: Path) -> None:
    files = {**numbered(2), "z.png": encoded(pixels(0, (6, 5)))}
    with pytest.raises(UserError, match=r"z\.png: is 5x6 greyscale, expected 5x6 colour like 000"):
        ImageFiles(folder_of(tmp_path, files))


@pytest.mark.usefixtures("way")
def test_an_image_that_fails_to_decode_is_named_when_it_is_read(tmp_path: Path) -> None:
    files = numbered(5)
    files["003.png"] = files["003.png"][:60]
    images = ImageFiles(folder_of(tmp_path, files))
    images.read(np.array([0, 1, 2, 4]))
    for _ in range(2):
        with pytest.raises(UserError, match=r"003\.png: unreadable, .*give --skip-bad"):
            images.read(np.arange(5))


@pytest.mark.usefixtures("way")
def test_a_file_that_went_or_changed_since_is_named(tmp_path: Path) -> None:
    images = ImageFiles(folder_of(tmp_path, numbered(3)))
    (tmp_path / "001.png").unlink()
    (tmp_path / "002.png").write_bytes(encoded(pixels(0, (9, 9, 3))))
    with pytest.raises(UserError, match=r"001\.png: cannot be read \(No such file"):
        images.read(np.array([1]))
    with pytest.raises(UserError, match=r"002\.png: is 9x9 colour, expected 5x6"):
        images.read(np.array([2]))


def test_a_folder_of_only_bad_images_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, BAD)
    for skip_bad in (False, True):
        with pytest.raises(UserError, match="none of its 4 images can be used, the last: text"):
            ImageFiles(folder, skip_bad=skip_bad)


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the archive of CIFAR-10 is not there")
def test_photographs_are_what_pillow_makes_of_them(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as archive:
        files: dict[str, bytes] = {}
        while len(files) < 60 and (member := archive.next()) is not None:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None and member.name.endswith(".jpg"):
                files[member.name] = content.read()
    images = ImageFiles(folder_of(tmp_path, files))
    expected = [np.asarray(Image.open(tmp_path / path)) for path in images.paths]
    np.testing.assert_array_equal(images.read(np.arange(60)), expected)
