import io

import numpy as np
import pytest
from PIL import Image

from infomax.data.image_file import decode_image
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


def test_a_translucent_image_is_refused() -> None:
    for mode in ("RGBA", "LA"):
        image = picture(mode)
        image.putpixel((0, 0), (0,) * (len(mode) - 1) + (254,))
        with pytest.raises(UserError, match=r"image\.png: is translucent"):
            decode_image(encoded(image), "image.png")


def test_a_palette_with_a_transparent_colour_is_refused() -> None:
    image = picture("P")
    stream = io.BytesIO()
    image.save(stream, format="PNG", transparency=image.getpixel((0, 0)))
    with pytest.raises(UserError, match=r"image\.png: is translucent"):
        decode_image(stream.getvalue(), "image.png")


def test_a_mode_that_would_lose_pixels_is_refused() -> None:
    deep = Image.fromarray(np.full((5, 4), 1000, dtype=np.uint16))
    with pytest.raises(UserError, match=r"image\.png: has mode I;16, expected greyscale"):
        decode_image(encoded(deep), "image.png")
    with pytest.raises(UserError, match=r"image\.jpg: has mode CMYK, expected greyscale"):
        decode_image(encoded(picture("CMYK"), "JPEG"), "image.jpg")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_image_cut_short_is_refused(kind: str) -> None:
    content = encoded(picture("RGB").resize((64, 64)), kind)
    for length in (1, 20, len(content) // 2):
        with pytest.raises(UserError, match=r"image\.png: unreadable, truncated or corrupt"):
            decode_image(content[:length], "image.png")


def test_an_empty_file_or_another_format_is_refused() -> None:
    with pytest.raises(UserError, match=r"image\.png: is empty"):
        decode_image(b"", "image.png")
    with pytest.raises(UserError, match=r"image\.png: unreadable.*expected a JPEG or PNG"):
        decode_image(encoded(picture("RGB"), "BMP"), "image.png")
