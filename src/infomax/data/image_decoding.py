"""One image file as an array of bytes: grey or red, green and blue, upright.

Files of JPEG, PNG, WebP, GIF, TIFF, BMP, JPEG 2000, PPM and, where Pillow has it, AVIF are read, by
these rules:

- Greyscale and RGB stay as they are stored. Black and white becomes greyscale, a palette RGB.
- What is translucent is laid on white; greyscale stays greyscale.
- CMYK, YCbCr and HSV become RGB by Pillow's conversion, which heeds no colour profile.
- Of 16 bits, in greyscale or colour, the higher eight are kept. Floating-point numbers and
  integers of 32 bits are refused, since files do not say which value is white.
- The orientation that a camera noted (EXIF) is applied; a note that cannot be read is none, nor is
  one behind the pixels, which PNG allows.
- Of an animation, or of several pages, the first image is read.
- Images of more than ``PIL.Image.MAX_IMAGE_PIXELS`` (89 million) pixels are refused.
"""

import io
import stat
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from infomax.data.dataset import ImageArray
from infomax.errors import UserError, message_of

__all__ = [
    "IMAGE_SUFFIXES",
    "MOST_BYTES_OF_IMAGE",
    "DecodedImage",
    "ImageHeader",
    "decode_image",
    "read_image_header",
]

IMAGE_SUFFIXES: Final = (
    *(".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".jp2"),
    *(".ppm", ".pgm", ".pbm"),
    *((".avif",) if find_spec("PIL.AvifImagePlugin") else ()),
)

MOST_BYTES_OF_IMAGE: Final = 2**30
"""No image file is so large; a file without end on the disk, or of an archive, may be."""

# Named, since others of Pillow's start programs; the commonest first, since all are tried in turn.
_FORMATS: Final = (
    *("JPEG", "PNG", "WEBP", "GIF", "BMP", "PPM", "TIFF", "JPEG2000"),
    *(("AVIF",) if find_spec("PIL.AvifImagePlugin") else ()),
)
_EXPECTED: Final = "expected a JPEG, PNG, WebP, GIF, TIFF or BMP image"
_LAYOUTS: Final = {1: "greyscale", 3: "colour"}
_CHANNELS: Final = {
    **dict.fromkeys(("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"), 1),
    **dict.fromkeys(("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"), 3),
}
_SIXTEEN_BITS: Final = ("I;16", "I;16L", "I;16B", "I;16N")
# Where Pillow has 16 bits as 32; TIFF alone may hold 32.
_SIXTEEN_BITS_AS_32: Final = ("PNG", "PPM", "JPEG2000")
# What undoes each orientation of EXIF; from the fifth on, height and width change places.
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_LYING: Final = 5
_OPAQUE: Final = 255
_BYTES_AT_THE_END: Final = 64


class DecodedImage(NamedTuple):
    """Holds an image, and whether its file format alters pixels.

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
        return f"{width}x{height} {_LAYOUTS[channels]}"


class ImageHeader(NamedTuple):
    """Holds what a file says of its image before any pixel is decoded.

    Attributes:
        shape: height, width and channels that the decoded image has.
        deep: whether values of 16 bits are brought to 8.
        several: whether it is an animation or has several pages.
    """

    shape: tuple[int, int, int]
    deep: bool
    several: bool


def decode_image(content: bytes, source: str) -> DecodedImage:
    """Decode an image file by the rules of this module.

    Args:
        content: the file's bytes.
        source: what errors call the file.

    Raises:
        UserError: if the file is empty, damaged, of another format, or its pixels are not bytes
            and cannot be brought to them.
    """
    if not content:
        raise UserError(f"{source}: is empty, {_EXPECTED}")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            lossy = image.format in {"JPEG", "MPO"}
            # As for the header: loading finds notes behind the pixels, too.
            orientation = _orientation(image)
            image.load()
            plain = _grey_or_rgb(image, source)
    except UserError:
        raise
    # Pillow's decoders raise SyntaxError, ValueError, struct.error and more on damaged files.
    except Exception as error:
        raise UserError(f"{source}: {_why_unreadable(error)}; {_EXPECTED}") from error
    if orientation in _UPRIGHT:
        plain = plain.transpose(_UPRIGHT[orientation])
    pixels = np.array(plain)
    return DecodedImage(pixels.reshape(*pixels.shape[:2], -1), lossy)


def read_image_header(file: Path, source: str) -> ImageHeader:
    """Read what a file says of its image, and find a file that was cut short.

    JPEG and PNG are not decoded: a PNG's checksums tell, and a JPEG ends with a mark, without which
    it is decoded to see. Files of other formats are decoded.

    Args:
        file: to read from; the filters of warnings are changed meanwhile, so that one thread alone
            may call this.
        source: what errors call the file.

    Raises:
        UserError: if it is no file, is empty, of another format or cut short, or its pixels are not
            bytes and cannot be brought to them.
    """
    _check_file(file, source)
    try:
        with warnings.catch_warnings():
            # Pillow warns of notes that it cannot read, without the file's name; what is wrong with
            # the image is raised. It refuses what has twice as many pixels as it warns of.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with file.open("rb") as stream, Image.open(stream, formats=_FORMATS) as image:
                header = _header(image, source)
                _check_whole(image, stream)
    except UserError:
        raise
    # Pillow's decoders raise SyntaxError, ValueError, struct.error and more on damaged files.
    except Exception as error:
        raise UserError(f"{source}: {_why_unreadable(error)}") from error
    return header


def _check_file(file: Path, source: str) -> None:
    """Refuse, before it is opened, what is no file with an image's number of bytes in it."""
    try:
        found = file.stat()
    except OSError as error:
        raise UserError(f"{source}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise UserError(f"{source}: is a pipe, a socket or a device, expected a file")
    if not found.st_size:
        raise UserError(f"{source}: is empty")
    if found.st_size > MOST_BYTES_OF_IMAGE:
        raise UserError(f"{source}: is {found.st_size / 2**30:,.1f} GiB long, expected an image")


def _header(image: Image.Image, source: str) -> ImageHeader:
    mode, (width, height) = image.mode, image.size
    if mode not in _CHANNELS or (mode == "I" and image.format not in _SIXTEEN_BITS_AS_32):
        raise _of_other_values(image, source)
    if _orientation(image) >= _FIRST_LYING:
        height, width = width, height
    # The other images of a photograph (MPO) are what its camera made of it besides.
    several = image.format != "MPO" and getattr(image, "n_frames", 1) > 1
    # Of colour, Pillow has eight bits in any case, and says only how it unpacks them.
    tiles = getattr(image, "tile", ())
    deep = mode.startswith("I") or any(";16" in str(tile[3]) for tile in tiles)
    return ImageHeader((height, width, _CHANNELS[mode]), deep, several)


def _check_whole(image: Image.Image, stream: io.BufferedIOBase) -> None:
    if image.format == "PNG":
        image.verify()
        return
    if image.format in {"JPEG", "MPO"}:
        position = stream.tell()
        stream.seek(-min(_BYTES_AT_THE_END, stream.seek(0, io.SEEK_END)), io.SEEK_END)
        end = stream.read().rstrip(b"\0")
        stream.seek(position)
        if end.endswith(b"\xff\xd9"):
            return
    image.load()


def _orientation(image: Image.Image) -> int:
    """Return the orientation that EXIF notes; 1, upright, where there is none that can be read."""
    # Pillow turns TIFF by itself, and says the size that it then has.
    if image.format == "TIFF":
        return 1
    try:
        # Not PNG's own, which decodes the image to look behind it.
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    # Cameras and editors write it in all manner of ways, and the pixels are none the worse.
    except Exception:  # noqa: BLE001
        return 1


def _grey_or_rgb(image: Image.Image, source: str) -> Image.Image:
    mode = image.mode
    if mode not in _CHANNELS:
        raise _of_other_values(image, source)
    if mode in _SIXTEEN_BITS:
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if mode == "I":
        values = np.asarray(image)
        if image.format not in _SIXTEEN_BITS_AS_32 or values.min() < 0 or values.max() >= 2**16:
            raise _of_other_values(image, source)
        return Image.fromarray((values >> 8).astype(np.uint8))
    wanted = "L" if _CHANNELS[mode] == 1 else "RGB"
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        if np.asarray(with_alpha.getchannel("A")).min() < _OPAQUE:
            white = Image.new("RGBA", image.size, "white")
            with_alpha = Image.alpha_composite(white, with_alpha)
        return with_alpha.convert(wanted)
    return image if mode == wanted else image.convert(wanted)


def _of_other_values(image: Image.Image, source: str) -> UserError:
    return UserError(
        f"{source}: has pixels of mode {image.mode}, expected values of 8 or 16 bits: write it as "
        "such, or all images as an array (.npy)"
    )


def _why_unreadable(error: Exception) -> str:
    # Pillow names the buffer that it was given, which says nothing.
    if isinstance(error, UnidentifiedImageError):
        return "unreadable, truncated or corrupt (of no known format)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError):
        return f"has more than {Image.MAX_IMAGE_PIXELS:,} pixels"
    return f"unreadable, truncated or corrupt ({message_of(error)})"
