import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from infomax.data.image_decoding import decode_image, read_image_header
from infomax.errors import UserError


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=kind)
    return stream.getvalue()


def picture(mode: str) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("RGB", 3), ("1", 1), ("P", 3), ("LA", 1), ("RGBA", 3)]
)
def test_what_converts_without_loss_is_converted(mode: str, channels: int) -> None:
    image = picture(mode)
    decoded = decode_image(encoded(image), "image.png")
    assert decoded.pixels.shape == (5, 4, channels)
    assert decoded.pixels.dtype == np.uint8
    expected = np.array(image.convert("L" if channels == 1 else "RGB")).reshape(5, 4, channels)
    np.testing.assert_array_equal(decoded.pixels, expected)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_jpeg_is_told_by_its_bytes(kind: str) -> None:
    assert decode_image(encoded(picture("RGB"), kind), "image.png").lossy is (kind == "JPEG")


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_translucent_is_laid_on_white(mode: str) -> None:
    image = picture(mode)
    values = np.array(image)
    image.putpixel((0, 0), (0,) * (len(mode) - 1) + (0,))
    image.putpixel((1, 0), (100,) * (len(mode) - 1) + (51,))
    pixels = decode_image(encoded(image), "image.png").pixels
    assert pixels.shape == (5, 4, len(mode) - 1)
    assert (pixels[0, 0] == 255).all()
    assert (pixels[0, 1] == 100 * 51 // 255 + 255 * 204 // 255).all()
    np.testing.assert_array_equal(pixels[1:], values[1:, :, :-1])


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_is_white(mode: str) -> None:
    image = picture(mode)
    stream = io.BytesIO()
    image.save(stream, format="PNG", transparency=image.getpixel((0, 0)))
    pixels = decode_image(stream.getvalue(), "image.png").pixels
    assert (pixels[0, 0] == 255).all()
    assert (pixels[1] != 255).any()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_of_16_bits_the_higher_eight_are_kept(kind: str) -> None:
    values = np.array([[0, 255, 256, 4095], [32768, 65279, 65280, 65535]], np.uint16)
    pixels = decode_image(encoded(Image.fromarray(values), kind), "image").pixels
    np.testing.assert_array_equal(pixels[:, :, 0], values >> 8)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_other_colours_become_rgb_as_pillow_has_it(mode: str, kind: str) -> None:
    content = encoded(picture(mode), kind)
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    np.testing.assert_array_equal(decode_image(content, "image").pixels, expected)


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_values_that_do_not_say_what_is_white_are_refused(mode: str) -> None:
    image = Image.new("LAB", (4, 5)) if mode == "LAB" else picture("L").convert(mode)
    with pytest.raises(UserError, match=rf"image\.tif: has pixels of mode {mode}, expected values"):
        decode_image(encoded(image, "TIFF"), "image.tif")


def test_an_orientation_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    image = picture("RGB")
    stream = io.BytesIO()
    image.save(stream, format="PNG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01damaged")
    np.testing.assert_array_equal(decode_image(stream.getvalue(), "a").pixels, np.asarray(image))


def test_an_orientation_that_is_noted_behind_the_pixels_is_none(tmp_path: Path) -> None:
    image, noted, stream = picture("RGB"), Image.Exif(), io.BytesIO()
    noted[ExifTags.Base.Orientation] = 6
    image.save(stream, format="PNG", exif=noted)
    content = stream.getvalue()
    start = content.index(b"eXIf") - 4
    chunk = content[start : start + 12 + int.from_bytes(content[start : start + 4], "big")]
    content = content.replace(chunk, b"").replace(
        encoded(image)[-12:], chunk + encoded(image)[-12:]
    )
    (tmp_path / "0.png").write_bytes(content)
    np.testing.assert_array_equal(decode_image(content, "0").pixels, np.asarray(image))
    assert read_image_header(tmp_path / "0.png", "0").shape == (5, 4, 3)


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
def test_a_gif_is_its_first_image(mode: str) -> None:
    # Of few colours, so that its palette holds all of them.
    first, second = (
        Image.fromarray((np.asarray(picture("RGB")) // 128 * 100 + more).astype(np.uint8))
        for more in (0, 50)
    )
    stream = io.BytesIO()
    first.convert(mode).save(
        stream, format="GIF", save_all=True, append_images=[second.convert(mode)]
    )
    expected = np.asarray(first.convert(mode).convert("RGB"))
    pixels = decode_image(stream.getvalue(), "image.gif").pixels
    # Grey is a palette of greys to most GIFs.
    np.testing.assert_array_equal(np.broadcast_to(pixels, expected.shape), expected)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_the_header_foretells_what_is_decoded(tmp_path: Path, mode: str, kind: str) -> None:
    deep = Image.fromarray(np.full((5, 4), 1000, np.uint16))
    image = deep if mode == "I;16" else picture(mode)
    path = tmp_path / f"0.{kind.lower()}"
    try:
        image.save(path, format=kind)
    except (OSError, KeyError, ValueError):
        pytest.skip(f"Pillow writes no {kind} of {mode}")
    assert read_image_header(path, "0").shape == decode_image(path.read_bytes(), "0").pixels.shape


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_image_cut_short_is_refused(kind: str) -> None:
    content = encoded(picture("RGB").resize((64, 64)), kind)
    for length in (1, 20, len(content) // 2):
        with pytest.raises(UserError, match=r"image\.png: unreadable, truncated or corrupt"):
            decode_image(content[:length], "image.png")


def test_an_empty_file_or_another_format_is_refused() -> None:
    with pytest.raises(UserError, match=r"image\.png: is empty"):
        decode_image(b"", "image.png")
    with pytest.raises(UserError, match=r"image\.png: unreadable.*expected a JPEG, PNG"):
        decode_image(encoded(picture("RGB"), "TGA"), "image.png")
