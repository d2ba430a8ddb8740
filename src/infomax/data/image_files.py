"""Images in files below a folder, decoded a batch at a time or kept decoded."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from infomax.data.dataset import ImageArray
from infomax.data.image_file import IMAGE_SUFFIXES, DecodedImage, decode_image
from infomax.data.rows import Places
from infomax.errors import UserError

__all__ = ["ImageFiles"]

# Decoded images that need no more than this are kept: from then on they cost no decoding.
_MOST_BYTES_KEPT = 2**30
_MOST_NAMED = 10
# Enough to give each thread work and to let an error stop the rest.
_FILES_AT_ONCE = 256


class ImageFiles:
    """JPEG and PNG images below a folder, in the order of their paths.

    Where all of them fit in a gibibyte they are decoded at once and kept as bytes; larger folders
    are decoded as they are read, by as many threads as there are cores, since Pillow decodes
    outside Python's lock.

    Args:
        folder: searched with all folders in it.
        size: height and width that every image is brought to: scaled until it covers them, then cut
            about its centre; ``None`` where all have one size.
        skip_bad: leave out files that cannot be read, instead of refusing them.

    Attributes:
        name: the folder.
        shape: height, width and channels.
        brightest: 255.
        paths: of the images, relative to the folder.
        skipped: paths of files that were left out.

    Raises:
        UserError: if there are no images, some cannot be read, or they differ in size or colour.
    """

    brightest = 255.0

    def __init__(
        self, folder: Path, *, size: tuple[int, int] | None = None, skip_bad: bool = False
    ) -> None:
        self.name = str(folder)
        self._folder = folder
        self._size = size
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="images")
        self.paths = sorted(
            path.relative_to(folder)
            for path in folder.rglob("*")
            if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
        )
        if not self.paths:
            raise UserError(f"{folder}: holds no images, expected {', '.join(IMAGE_SUFFIXES)}")
        self.skipped: list[str] = []
        self.shape: tuple[int, ...]
        self._like, self.shape = self._first_shape()
        fits = len(self.paths) * int(np.prod(self.shape)) <= _MOST_BYTES_KEPT
        self._kept: ImageArray | None = None
        # What is left out must be known before items are counted, so it is decoded in either case.
        if fits or skip_bad:
            self._decode_all(keep=fits, skip_bad=skip_bad)
        else:
            self._check_headers()

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def labels(self) -> list[str] | None:
        """The folder of each image, relative to the root; nothing if all lie in the root."""
        folders = [path.parent.as_posix() for path in self.paths]
        return folders if any(folder != "." for folder in folders) else None

    def read(self, places: Places) -> ImageArray:
        """Return some images: ``(n, height, width, channels)``, bytes.

        Raises:
            UserError: if a file is not as it was when the folder was opened.
        """
        if self._kept is not None:
            return self._kept[places]
        paths = [self.paths[each] for each in places]
        return np.stack(list(self._threads.map(self._decode, paths)))

    def _first_shape(self) -> tuple[Path, tuple[int, int, int]]:
        """Return the first image that can be read and what all must be like."""
        for path in self.paths:
            try:
                height, width, channels = self._decoded(path).pixels.shape
            except UserError:
                continue
            return path, (height, width, channels)
        raise UserError(f"{self.name}: none of its {len(self.paths)} images can be read")

    def _decode_all(self, *, keep: bool, skip_bad: bool) -> None:
        kept = np.empty((len(self.paths) if keep else 0, *self.shape), np.uint8)
        good: list[Path] = []
        bad: list[str] = []
        for start in range(0, len(self.paths), _FILES_AT_ONCE):
            some = self.paths[start : start + _FILES_AT_ONCE]
            images = self._threads.map(self._image_or_error, some)
            for path, image in zip(some, images, strict=True):
                if isinstance(image, UserError):
                    bad.append(str(image))
                    self.skipped.append(str(self._folder / path))
                    continue
                if keep:
                    kept[len(good)] = image
                good.append(path)
        if bad and not skip_bad:
            raise self._refusal(bad)
        self.paths = good
        if keep:
            self._kept = kept[: len(good)]

    def _check_headers(self) -> None:
        bad = [error for error in self._threads.map(self._header_error, self.paths) if error]
        if bad:
            raise self._refusal(bad)

    def _refusal(self, bad: Iterable[str]) -> UserError:
        reasons = list(bad)
        listed = "; ".join(reasons[:_MOST_NAMED])
        more = len(reasons) - _MOST_NAMED
        return UserError(
            f"{self.name}: {len(reasons)} of {len(self.paths)} images cannot be used: {listed}"
            + (f"; and {more} more" if more > 0 else "")
            + ": mend or remove them, or give --skip-bad to leave them out"
        )

    def _header_error(self, path: Path) -> str | None:
        try:
            with Image.open(self._folder / path, formats=("JPEG", "PNG")):
                return None
        except (OSError, ValueError, SyntaxError) as error:
            return f"{path} ({error})"

    def _image_or_error(self, path: Path) -> ImageArray | UserError:
        try:
            return self._decode(path)
        except UserError as error:
            return error

    def _decode(self, path: Path) -> ImageArray:
        image = self._decoded(path)
        if image.pixels.shape != self.shape:
            height, width, channels = self.shape
            like = DecodedImage(np.empty((height, width, channels), np.uint8), lossy=False).layout
            hint = "" if self._size else ", or give image_size to bring all to one size"
            raise UserError(f"{path} is {image.layout}, expected {like} like {self._like}{hint}")
        return image.pixels

    def _decoded(self, path: Path) -> DecodedImage:
        try:
            content = (self._folder / path).read_bytes()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from error
        image = decode_image(content, str(path))
        return image if self._size is None else _brought_to(image, self._size)


def _brought_to(image: DecodedImage, size: tuple[int, int]) -> DecodedImage:
    height, width = size
    pixels = image.pixels
    channels = pixels.shape[2]
    picture = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return DecodedImage(np.asarray(fitted).reshape(height, width, channels), image.lossy)
