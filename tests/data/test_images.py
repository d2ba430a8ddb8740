"""Folders of images: what is read, kept, resized, left out and refused."""

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from infomax.data import images as room
from infomax.data.image_decoding import DecodedImage, decode_image
from infomax.data.images import ImageSource
from infomax.errors import UserError, advising_flags
from infomax.warnings import DataWarning

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
        monkeypatch.setattr(room, "_MOST_BYTES_KEPT", 0)
    if request.param == "in threads":
        monkeypatch.setattr(room, "_PIXELS_FOR_THREADS", 1)
        monkeypatch.setattr(room, "_FILES_IN_A_RUN", 3)


@pytest.mark.usefixtures("way")
def test_images_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    images = ImageSource(folder_of(tmp_path, numbered(20)))
    assert (len(images), images.shape, images.brightest) == (20, (6, 5, 3), 255)
    draw = np.random.default_rng(0)
    for size in (0, 1, 7, 50):
        indices = draw.integers(0, 20, size)
        read = images.read(indices)
        assert read.dtype == np.uint8
        assert read.shape == (size, 6, 5, 3)
        for image, place in zip(read, indices, strict=True):
            np.testing.assert_array_equal(image, pixels(int(place)))


def test_images_that_were_read_are_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = ImageSource(folder_of(tmp_path, numbered(5)))
    decoded: list[str] = []

    def counted(content: bytes, source: str) -> DecodedImage:
        decoded.append(source)
        return decode_image(content, source)

    monkeypatch.setattr(room, "decode_image", counted)
    images.read(np.array([3, 1, 3]))
    assert sorted(decoded) == ["001.png", "003.png"]
    images.read(np.array([1, 2]))
    images.read(np.arange(5))
    images.read(np.arange(5))
    assert sorted(decoded) == [f"{place:03}.png" for place in range(5)]


def test_more_than_fits_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_BYTES_KEPT", 5 * 90 - 1)
    images = ImageSource(folder_of(tmp_path, numbered(5)))
    images.read(np.arange(5))
    (tmp_path / "002.png").write_bytes(encoded(pixels(77)))
    np.testing.assert_array_equal(images.read(np.array([2]))[0], pixels(77))


def test_folders_are_those_of_the_files(tmp_path: Path) -> None:
    files = {"b/0.png": encoded(pixels(0)), "a/c/1.png": encoded(pixels(1))}
    assert ImageSource(folder_of(tmp_path / "in folders", files)).folders == ["a/c", "b"]
    assert ImageSource(folder_of(tmp_path / "flat", numbered(2))).folders is None


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    images = ImageSource(folder_of(tmp_path, {"0.png": encoded(pixels(0, (6, 5)))}))
    assert images.shape == (6, 5, 1)
    np.testing.assert_array_equal(images.read(np.array([0]))[0, :, :, 0], pixels(0, (6, 5)))


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_the_header_foretells_what_is_decoded(tmp_path: Path, mode: str, channels: int) -> None:
    Image.fromarray(pixels(0)).convert(mode).save(tmp_path / "0.png")
    images = ImageSource(tmp_path)
    assert images.shape == (6, 5, channels)
    assert images.read(np.array([0])).shape == (1, 6, 5, channels)


@pytest.mark.parametrize(("height", "width"), [(12, 20), (20, 12), (8, 8), (16, 4), (31, 33)])
def test_an_image_is_scaled_to_cover_the_size_and_cut_about_its_centre(
    tmp_path: Path, height: int, width: int
) -> None:
    # A ramp to the right: scaled it stays one, and the cut leaves its middle in the middle.
    ramp = np.tile(np.linspace(0, 255, width), (height, 1)).astype(np.uint8)
    images = ImageSource(folder_of(tmp_path, {"0.png": encoded(ramp)}), size=(8, 8))
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
    images = ImageSource(folder_of(tmp_path, files), size=(4, 7))
    assert images.read(np.arange(3)).shape == (3, 4, 7, 3)
    with pytest.raises(UserError, match=r"image_size is \(0, 4\)"):
        ImageSource(tmp_path, size=(0, 4))


BAD = {
    "cut.jpg": encoded(pixels(0, (64, 64, 3)), "JPEG")[:900],
    "cut.webp": encoded(pixels(0, (64, 64, 3)), "WEBP")[:900],
    "empty.png": b"",
    "float.tif": encoded(np.zeros((6, 5), np.float32), "TIFF"),
    "text.png": b"not an image",
}


def test_all_that_cannot_be_used_is_named_at_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**numbered(3), **BAD})
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "pipe.gif")
    with pytest.raises(UserError) as refused:
        ImageSource(folder)
    message = str(refused.value)
    assert message.startswith(f"{folder}: 7 of 10 images cannot be used: cut.jpg: unreadable, ")
    for told in (
        "cut.webp: unreadable, truncated",
        "empty.png: is empty",
        "float.tif: has pixels of mode F, expected values of 8 or 16 bits",
        "gone.png: No such file",
        "pipe.gif: is a pipe, a socket or a device",
        "text.png: unreadable, truncated or corrupt (of no known format)",
        "or give skip_bad=True",
    ):
        assert told in message
    assert "\n" not in message


def test_of_many_bad_images_ten_are_named(tmp_path: Path) -> None:
    files = {**numbered(2), **{f"bad{place:02}.png": b"" for place in range(23)}}
    with pytest.raises(UserError, match=r"23 of 25 .*bad09\.png: is empty; and 13 more: mend"):
        ImageSource(folder_of(tmp_path, files))


@pytest.mark.usefixtures("way")
def test_bad_images_are_left_out_and_recorded(tmp_path: Path) -> None:
    cut = encoded(pixels(0, (64, 64, 3)))[:200]
    files = {
        **numbered(5),
        **BAD,
        "001a.png": encoded(pixels(9))[:60],
    }
    folder = folder_of(
        tmp_path, {"000.png": cut, **{n: c for n, c in files.items() if n != "000.png"}}
    )
    with pytest.warns(
        DataWarning, match=r"7 of 11 images are left out: 000\.png: unreadable"
    ) as said:
        images = ImageSource(folder, skip_bad=True, skip_at_most=0.7)
    assert len(said) == 1
    assert [path.name for path in images.paths] == [f"{place:03}.png" for place in range(1, 5)]
    left = sorted(["000.png", "001a.png", *BAD])
    assert list(images.skipped) == [str(folder / name) for name in left]
    assert images.skipped[str(folder / "empty.png")] == "is empty"
    read = images.read(np.array([3, 0, 1, 2]))
    np.testing.assert_array_equal(read, [pixels(place) for place in (4, 1, 2, 3)])


@pytest.mark.parametrize("skip_bad", [False, True])
def test_another_size_is_never_left_out(tmp_path: Path, skip_bad: bool) -> None:
    files = {**numbered(2), "z.png": encoded(pixels(0, (7, 5, 3)))}
    told = (
        r"1 of 3 .*\.png: is 5x7 colour, expected 5x6 colour as most are, such as 000\.png, or im"
    )
    with pytest.raises(UserError, match=told):
        ImageSource(folder_of(tmp_path, files), skip_bad=skip_bad)


def test_the_commonest_size_is_that_of_all_and_not_the_first(tmp_path: Path) -> None:
    files = {**numbered(9), "000.png": encoded(pixels(0, (7, 5, 3)))}
    with pytest.raises(UserError, match=r"1 of 9 images cannot be used: 000\.png: is 5x7 colour"):
        ImageSource(folder_of(tmp_path, files))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("skip_bad", [False, True])
@pytest.mark.parametrize("size", [None, (3, 2)])
def test_greyscale_becomes_colour_where_most_are_and_is_counted(
    tmp_path: Path, skip_bad: bool, size: tuple[int, int] | None
) -> None:
    grey = {f"{place:03}.png": encoded(pixels(place, (6, 5))) for place in range(3)}
    folder = folder_of(tmp_path, {**numbered(9), **grey})
    with pytest.warns(
        DataWarning, match=r"3 of 9 images are greyscale, and read as colour"
    ) as said:
        images = ImageSource(folder, size=size, skip_bad=skip_bad)
    assert len(said) == 1
    assert (len(images), images.skipped) == (9, {})
    assert images.shape == (*(size or (6, 5)), 3)
    read = images.read(np.arange(9))
    assert (read[:3] == read[:3, :, :, :1]).all()
    if size is None:
        np.testing.assert_array_equal(read[0, :, :, 2], pixels(0, (6, 5)))
        np.testing.assert_array_equal(read[3:], [pixels(place) for place in range(3, 9)])


def test_colour_is_not_made_greyscale_where_most_are(tmp_path: Path) -> None:
    grey = {f"g{place:02}.png": encoded(pixels(place, (6, 5))) for place in range(19)}
    folder = folder_of(tmp_path, {"000.png": encoded(pixels(0)), **grey})
    told = r"000\.png: is 5x6 colour, expected 5x6 greyscale as most are, such as g00\.png: mend"
    with pytest.raises(UserError, match=told):
        ImageSource(folder)
    with pytest.warns(DataWarning, match=r"1 of 20 images are left out: 000\.png: is 5x6 colour"):
        images = ImageSource(folder, skip_bad=True)
    assert (len(images), images.shape) == (19, (6, 5, 1))


def test_colours_that_are_asked_for_are_those_of_all(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"0.png": encoded(pixels(0, (6, 5))), "1.png": encoded(pixels(1))})
    with pytest.warns(DataWarning, match="1 of 2 images are greyscale"):
        assert ImageSource(folder, channels=3).shape == (6, 5, 3)
    with pytest.raises(UserError, match=r"1\.png: is 5x6 colour, expected 5x6 greyscale: mend"):
        ImageSource(folder, channels=1)


def test_more_than_a_tenth_is_left_out_only_where_it_is_allowed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**numbered(18), "x.png": b"", "y.png": b"no"})
    with pytest.warns(DataWarning, match="2 of 20 images are left out"):
        assert len(ImageSource(folder, skip_bad=True)) == 18
    (folder / "z.png").touch()
    told = (
        r"3 of 21 images are left out: x\.png: is empty; y\.png: .*; z\.png: is empty, more than a "
    )
    with pytest.raises(UserError, match=told + r"share of 0\.1: .* \(skip_at_most\)"):
        ImageSource(folder, skip_bad=True)
    with pytest.warns(DataWarning, match="3 of 21 images are left out"):
        assert len(ImageSource(folder, skip_bad=True, skip_at_most=0.15)) == 18


def test_one_image_at_least_is_left(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {f"{place}.png": encoded(pixels(0)) for place in range(2)})
    with pytest.raises(UserError, match=r"2 of 2 images are left out: 0\.png: is 5x6 .* none is l"):
        ImageSource(folder, channels=1, skip_bad=True, skip_at_most=1)
    # Whole by their headers, and not when they are decoded.
    for name in ("0", "1"):
        (folder / f"{name}.png").unlink()
        content = bytearray(encoded(pixels(0, (64, 64, 3)), "JPEG"))
        content[content.index(b"\xff\xda") :] = b"\xff\xd9"
        (folder / f"{name}.jpg").write_bytes(content)
    with pytest.raises(UserError, match=r"2 of 2 images are left out: 0\.jpg: .* none is left: m"):
        ImageSource(folder, skip_bad=True, skip_at_most=1)


def test_too_great_a_loss_is_known_before_any_image_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("decoded")

    folder = folder_of(tmp_path, {**numbered(3), "x.png": b""})
    monkeypatch.setattr(room, "decode_image", refuse)
    with pytest.raises(UserError, match=r"1 of 4 images .* more than a share of 0\.1"):
        ImageSource(folder, skip_bad=True)


@pytest.mark.parametrize("root", [".", "images", "../here/images"])
def test_images_are_named_below_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    files = {**numbered(9), "bad.png": b""}
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    folder_of(Path(root), files)
    with pytest.warns(DataWarning, match=rf"^{root}: 1 of 10 images are left out: bad\.png: is em"):
        images = ImageSource(Path(root), skip_bad=True)
    assert images.skipped == {str(Path(root) / "bad.png"): "is empty"}


def test_leaving_out_is_advised_only_where_it_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, {**numbered(2), "z.png": encoded(pixels(0, (7, 5, 3)))})
    for skip_bad in (False, True):
        with pytest.raises(UserError, match=r"bring all to one size: mend or remove them$"):
            ImageSource(folder, skip_bad=skip_bad)
    (folder / "z.png").write_bytes(b"")
    with (
        advising_flags(),
        pytest.raises(
            UserError, match=r"them, or give --skip-bad to leave out what cannot be read$"
        ),
    ):
        ImageSource(folder)
    monkeypatch.setattr(room, "_MOST_BYTES_KEPT", 0)
    with pytest.warns(DataWarning, match="1 of 3 images are left out"):
        images = ImageSource(folder, skip_bad=True, skip_at_most=0.5)
    (folder / "000.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"000\.png: is empty.*: mend or remove it$"):
        images.read(np.array([0]))


def test_no_image_is_named_as_most_are_unless_it_is(tmp_path: Path) -> None:
    # Most are of 5x6 pixels, and most are in colour, and none is both.
    shapes = [(6, 5), (6, 5), (7, 5, 3), (8, 5, 3), (9, 5, 3)]
    files = {f"{place}.png": encoded(pixels(0, shape)) for place, shape in enumerate(shapes)}
    told = r"2\.png: is 5x7 colour, expected 5x6 colour as most are, or image_size to bring all to"
    with pytest.raises(UserError, match=told):
        ImageSource(folder_of(tmp_path, files))


def test_what_is_read_of_deep_and_animated_images_is_said(tmp_path: Path) -> None:
    deep = encoded(np.full((6, 5), 0x1234, np.uint16))
    stream = io.BytesIO()
    pages = [Image.fromarray(np.full((6, 5), place, np.uint8)) for place in (7, 8)]
    pages[0].save(stream, format="TIFF", save_all=True, append_images=pages[1:])
    folder = folder_of(tmp_path, {"0.png": deep, "1.tif": stream.getvalue()})
    with pytest.warns(DataWarning) as said:
        images = ImageSource(folder)
    assert [str(each.message) for each in said] == [
        f"{folder}: 1 of 2 images have 16 bits, of which the higher 8 are read",
        f"{folder}: 1 of 2 files hold several images: the first is read",
    ]
    assert images.read(np.arange(2))[:, 0, 0, 0].tolist() == [0x12, 7]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_lie_as_they_were_taken(tmp_path: Path, kind: str, orientation: int) -> None:
    # Of smooth colours, so that a JPEG is nearly what went into it; 12 rows of 8.
    rows, columns = np.mgrid[0:12, 0:8]
    upright = np.stack([rows * 20, columns * 30, 0 * rows], axis=2).astype(np.uint8)
    # How the sensor lay: what the orientation says is to be undone.
    lying = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright.transpose(1, 0, 2), 2),
        8: np.rot90(upright, -1),
    }[orientation]
    noted = Image.Exif()
    noted[ExifTags.Base.Orientation] = orientation
    kept: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    if kind == "JPEG":
        kept = {"quality": 100, "subsampling": 0}
    picture = Image.fromarray(np.ascontiguousarray(lying))
    picture.save(tmp_path / f"0.{kind.lower()}", format=kind, exif=noted, **kept)
    images = ImageSource(tmp_path)
    assert images.shape == (12, 8, 3)
    read = images.read(np.array([0]))[0].astype(int)
    assert np.abs(read - upright).max() <= (3 if kind == "JPEG" else 0)


def test_notes_of_macos_are_left_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**numbered(2), "._000.png": b"note", ".DS_Store": b"note"})
    assert [path.name for path in ImageSource(folder).paths] == ["000.png", "001.png"]


@pytest.mark.filterwarnings("default")
def test_an_image_of_too_many_pixels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A few kilobytes on the disk, and half as many, or a quarter, are as many as may be decoded.
    Image.new("1", (400, 400)).save(tmp_path / "0.png")
    for most in (100_000, 50_000):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
        with pytest.raises(UserError, match=rf"0\.png: has more than {most:,} pixels"):
            ImageSource(tmp_path)
    with (tmp_path / "0.png").open("wb") as stream:
        stream.truncate(2**34)
    with pytest.raises(UserError, match=r"0\.png: is 16\.0 GiB long"):
        ImageSource(tmp_path)


@pytest.mark.usefixtures("way")
def test_an_image_that_is_damaged_later_is_named_when_it_is_read(tmp_path: Path) -> None:
    files = numbered(5)
    images = ImageSource(folder_of(tmp_path, files))
    images.read(np.array([0, 1, 2, 4]))
    (tmp_path / "003.png").write_bytes(files["003.png"][:60])
    for _ in range(2):
        with pytest.raises(
            UserError, match=r"003\.png: unreadable, .*give skip_bad=True to leave out"
        ):
            images.read(np.arange(5))


@pytest.mark.usefixtures("way")
def test_a_file_that_went_or_changed_since_is_named(tmp_path: Path) -> None:
    images = ImageSource(folder_of(tmp_path, numbered(3)))
    (tmp_path / "001.png").unlink()
    (tmp_path / "002.png").write_bytes(encoded(pixels(0, (9, 9, 3))))
    with pytest.raises(UserError, match=r"001\.png: cannot be read \(No such file"):
        images.read(np.array([1]))
    with pytest.raises(UserError, match=r"002\.png: is 9x9 colour, expected 5x6"):
        images.read(np.array([2]))


def test_a_folder_of_only_bad_images_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, BAD)
    for skip_bad in (False, True):
        with pytest.raises(UserError, match="none of its 5 images can be used, the last: text"):
            ImageSource(folder, skip_bad=skip_bad)


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the archive of CIFAR-10 is not there")
def test_photographs_are_what_pillow_makes_of_them(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as archive:
        files: dict[str, bytes] = {}
        while len(files) < 60 and (member := archive.next()) is not None:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None and member.name.endswith(".jpg"):
                files[member.name] = content.read()
    images = ImageSource(folder_of(tmp_path, files))
    expected = [np.asarray(Image.open(tmp_path / path)) for path in images.paths]
    np.testing.assert_array_equal(images.read(np.arange(60)), expected)
