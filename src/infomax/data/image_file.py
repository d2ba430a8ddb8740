"""One JPEG or PNG file as an array of bytes, without any pixel altered by conversion."""

import io
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from infomax.data.dataset import ImageArray
from infomax.errors import UserError

__all__ = ["IMAGE_SUFFIXES", "DecodedImage", "decode_image"]

IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png")

LAYOUTS: Final = {1: "greyscale", 3: "colour"}


class DecodedImage(NamedTuple):
    """An image and whether its file format alters pixels.

    Attributes:
        pixels: ``(height, width, channels)``, with 1 channel (grey) or 3 (red, green, blue).
        lossy: whether the file is a JPEG, whatever its name ends in.
    """

    pixels: ImageArray
    lossy: bool

    @property
    def layout(self) -> str:
        """Width, height and colour in words.

        Example:
            >>> DecodedImage(np.zeros((2, 3, 1), np.uint8), lossy=False).layout
            '3x2 greyscale'
        """
        height, width, channels = self.pixels.shape
        return f"{width}x{height} {LAYOUTS[channels]}"


def decode_image(content: bytes, source: str) -> DecodedImage:
    """Decode a JPEG or PNG file.

    Greyscale and RGB are kept as stored. What converts without loss is converted: black and white
    to greyscale, a palette to RGB, and an alpha channel is dropped where it is opaque throughout.

    Args:
        content: the file's bytes.
        source: what errors call the file.

    Raises:
        UserError: if the file is empty, damaged, neither JPEG nor PNG, or of a mode (16 bits,
            CMYK, translucent) whose conversion would alter pixels.
    """
    if not content:
        raise UserError(f"{source}: is empty, expected a JPEG or PNG image")
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            lossy = image.format != "PNG"
            image.load()
            plain = _grey_or_rgb(image, source)
    except UserError:
        raise
    # Pillow's decoders raise SyntaxError, ValueError, struct.error and more on damaged files.
    except Exception as error:
        # Pillow names the buffer that it was given, which says nothing.
        reason = "of no known format" if isinstance(error, UnidentifiedImageError) else error
        raise UserError(
            f"{source}: unreadable, truncated or corrupt ({reason}); expected a JPEG or PNG image"
        ) from error
    pixels = np.array(plain)
    return DecodedImage(pixels.reshape(*pixels.shape[:2], -1), lossy)


def _grey_or_rgb(image: Image.Image, source: str) -> Image.Image:
    if image.mode in {"L", "RGB"}:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"P", "LA", "RGBA"}:
        with_alpha = image.convert("RGBA")
        if np.array(with_alpha.getchannel("A")).min() < 255:
            raise UserError(f"{source}: is translucent, expected an opaque image")
        return with_alpha.convert("L" if image.mode == "LA" else "RGB")
    raise UserError(
        f"{source}: has mode {image.mode}, expected greyscale, RGB or a palette of 8 bits"
    )
