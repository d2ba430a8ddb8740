"""Images in files below a folder, decoded as they are read and kept where they fit in memory."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from infomax.data.dataset import ImageArray
from infomax.data.image_file import DecodedImage, decode_image
from infomax.data.image_paths import image_paths
from infomax.data.rows import Places
from infomax.errors import UserError

__all__ = ["ImageFiles"]

# Decoded images that need no more than this are kept: from then on they cost no decoding.
_MOST_BYTES_KEPT: Final = 2**30
_MOST_NAMED: Final = 10
_CHANNELS: Final = {"1": 1, "L": 1, "LA": 1, "RGB": 3, "P": 3, "RGBA": 3}
# Small images are decoded so fast that threads only wait for Python's lock. In microseconds for an
# image, in one thread and in two on two cores: 84 and 136 of 32x32 pixels, 131 and 106 of 128x128,
# 370 and 253 of 256x256 (JPEG, 128 at once).
_PIXELS_FOR_THREADS: Final = 128 * 128
_FILES_IN_A_RUN: Final = 32
_MOST_THREADS: Final = 8
_VERIFIED_AT_ONCE: Final = 256


class ImageFiles:
    """JPEG and PNG images below a folder, in the order of their paths.

    The header of every file is read when the folder is opened, its pixels when the image is first
    asked for; where all images fit in a gibibyte, decoded ones are kept. Large images are decoded
    in several threads, since Pillow decodes outside Python's lock.

    Args:
        folder: searched with all folders in it.
        size: height and width that every image is brought to: scaled until it covers them, then cut
            about its centre; ``None`` where all have one size.
        skip_bad: leave out files that cannot be read, or have other colours than the first that
            can, instead of refusing them; to find them, all are decoded when the folder is opened.

    Attributes:
        name: the folder.
        shape: height, width and channels.
        brightest: 255.
        paths: of the images, relative to the folder.
        skipped: paths of files that were left out, with the folder.

    Raises:
        UserError: if there are no images, or some cannot be used: unreadable by their header, or
            unlike the first in size or colour. Another size is never left out: that would be
            nearly all images of many a folder.
    """

    brightest = 255.0

    def __init__(
        self, folder: Path, *, size: tuple[int, int] | None = None, skip_bad: bool = False
    ) -> None:
        if size is not None and min(size) < 1:
            raise UserError(f"image_size is {size}: give height and width of at least 1")
        self.name = str(folder)
        self.skipped: tuple[str, ...] = ()
        self._folder = folder
        self._size = size
        self._pool = ThreadPoolExecutor(
            min(os.cpu_count() or 1, _MOST_THREADS), thread_name_prefix="images"
        )
        self.paths = image_paths(folder)
        self._like, raw = self._first(decoded=skip_bad)
        self._threaded = raw[0] * raw[1] >= _PIXELS_FOR_THREADS
        self.shape = self._brought(raw)
        self._use(self.paths)
        bad, of_other_size = self._check_headers()
        if skip_bad:
            bad |= {place: why for place in of_other_size if (why := self._why_unreadable(place))}
            of_other_size = {place: of_other_size[place] for place in of_other_size.keys() - bad}
        if of_other_size or (bad and not skip_bad):
            raise self._refusal(of_other_size if skip_bad else bad | of_other_size)
        if skip_bad:
            self._leave_out(bad)
            self._leave_out(self._verify())

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def folders(self) -> list[str] | None:
        """The folder of each image, relative to the root; ``None`` if all lie in the root."""
        folders = [path.parent.as_posix() for path in self.paths]
        return folders if any(folder != "." for folder in folders) else None

    def read(self, places: Places) -> ImageArray:
        """Return some images: ``(n, height, width, channels)``, bytes.

        Raises:
            UserError: if a file cannot be decoded, or is no longer as it was.
        """
        if self._kept is None:
            pixels, bad = self._decode(places)
        else:
            wanted = np.unique(places)
            _, bad = self._decode(wanted[~self._is_kept[wanted]])
            pixels = self._kept[places]
        for error in bad.values():
            raise UserError(f"{self.name}: {error}: mend or remove it, or give --skip-bad")
        return pixels

    def _use(self, paths: list[Path]) -> None:
        self.paths = paths
        self._files = [os.fspath(self._folder / path) for path in paths]
        fits = len(paths) * int(np.prod(self.shape)) <= _MOST_BYTES_KEPT
        # Empty pages take no memory until they are written.
        self._kept = np.empty((len(paths), *self.shape), np.uint8) if fits else None
        self._is_kept = np.zeros(len(paths) if fits else 0, np.bool_)

    def _leave_out(self, bad: dict[int, str]) -> None:
        if not bad:
            return
        self.skipped = tuple(sorted({*self.skipped, *(self._files[place] for place in bad)}))
        good = np.delete(np.arange(len(self)), list(bad))
        kept, is_kept = self._kept, self._is_kept
        self._use([self.paths[place] for place in good])
        if kept is not None and is_kept.any():
            self._kept, self._is_kept = kept[good], is_kept[good]

    def _why_unreadable(self, place: int) -> str | None:
        try:
            self._decoded(self.paths[place], self._files[place])
        except UserError as error:
            return str(error)
        return None

    def _verify(self) -> dict[int, str]:
        """Decode all, which also keeps them if they fit, and return what is bad."""
        bad: dict[int, str] = {}
        for start in range(0, len(self), _VERIFIED_AT_ONCE):
            some = np.arange(start, min(start + _VERIFIED_AT_ONCE, len(self)))
            bad.update(self._decode(some)[1])
        return bad

    def _decode(self, places: Places) -> tuple[ImageArray, dict[int, str]]:
        """Decode some images, into what is kept if anything is; also return what is bad."""
        into = self._kept
        pixels = np.empty((len(places), *self.shape), np.uint8) if into is None else into
        bad: dict[int, str] = {}

        def decode(start: int) -> None:
            for order in range(start, min(start + _FILES_IN_A_RUN, len(places))):
                place = int(places[order])
                try:
                    pixels[order if into is None else place] = self._pixels(place)
                except UserError as error:
                    bad[place] = str(error)
                else:
                    if into is not None:
                        self._is_kept[place] = True

        starts = range(0, len(places), _FILES_IN_A_RUN)
        in_runs = self._pool.map if self._threaded and len(starts) > 1 else map
        for _ in in_runs(decode, starts):
            pass
        return pixels, dict(sorted(bad.items()))

    def _pixels(self, place: int) -> ImageArray:
        path = self.paths[place]
        pixels = self._decoded(path, self._files[place])
        if pixels.shape != self.shape:
            raise self._unlike(path, pixels.shape)
        return pixels

    def _decoded(self, path: Path, file: str) -> ImageArray:
        try:
            # Neither a Path nor a buffer: of small images, files cost a sixth of the time.
            with open(file, "rb", buffering=0) as stream:  # noqa: PTH123
                content = stream.read()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from error
        image = decode_image(content, str(path))
        return image.pixels if self._size is None else _brought_to(image.pixels, self._size)

    def _first(self, *, decoded: bool) -> tuple[Path, tuple[int, ...]]:
        """Return the first image that can be read, and the shape it has in its file."""
        for path in self.paths:
            try:
                shape = self._header_shape(path)
                if decoded:
                    self._decoded(path, str(self._folder / path))
            except UserError as error:
                last = error
            else:
                return path, shape
        raise UserError(
            f"{self.name}: none of its {len(self.paths)} images can be used, the last: {last}"
        )

    def _check_headers(self) -> tuple[dict[int, str], dict[int, str]]:
        """Return what cannot be used: unreadable or of other colours, and of another size."""
        bad: dict[int, str] = {}
        of_other_size: dict[int, str] = {}
        for place, path in enumerate(self.paths):
            try:
                shape = self._brought(self._header_shape(path))
            except UserError as error:
                bad[place] = str(error)
                continue
            if shape != self.shape:
                alike = shape[:2] == self.shape[:2]
                (bad if alike else of_other_size)[place] = str(self._unlike(path, shape))
        return bad, of_other_size

    def _header_shape(self, path: Path) -> tuple[int, ...]:
        file = self._folder / path
        try:
            with Image.open(file, formats=("JPEG", "PNG")) as image:
                mode, (width, height) = image.mode, image.size
        # Pillow raises SyntaxError, ValueError, struct.error and more on damaged files.
        except Exception as error:
            reason = error.strerror if isinstance(error, OSError) else None
            if reason is None:
                reason = "is no JPEG or PNG image" if file.stat().st_size else "is empty"
            raise UserError(f"{path}: {reason}") from error
        if mode not in _CHANNELS:
            raise UserError(
                f"{path}: has mode {mode}, expected greyscale, RGB or a palette of 8 bits"
            )
        return height, width, _CHANNELS[mode]

    def _brought(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if self._size is None else (*self._size, *shape[2:])

    def _unlike(self, path: Path, shape: tuple[int, ...]) -> UserError:
        hint = ""
        if self._size is None and shape[:2] != self.shape[:2]:
            hint = ", or image_size to bring all to one size"
        return UserError(
            f"{path}: is {_layout(shape)}, expected {_layout(self.shape)} like {self._like}{hint}"
        )

    def _refusal(self, bad: dict[int, str]) -> UserError:
        reasons = [reason for _, reason in sorted(bad.items())]
        more = len(reasons) - _MOST_NAMED
        return UserError(
            f"{self.name}: {len(reasons)} of {len(self)} images cannot be used: "
            + "; ".join(reasons[:_MOST_NAMED])
            + (f"; and {more} more" if more > 0 else "")
            + ": mend or remove them, or give --skip-bad to leave out what cannot be read"
        )


def _brought_to(pixels: ImageArray, size: tuple[int, int]) -> ImageArray:
    height, width = size
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted).reshape(height, width, -1)


def _layout(shape: tuple[int, ...]) -> str:
    height, width, channels = shape
    return DecodedImage(np.empty((height, width, channels), np.uint8), lossy=False).layout
