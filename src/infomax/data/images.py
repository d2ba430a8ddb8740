"""Images in files below a folder, decoded as they are read and kept where they fit in memory."""

import os
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from infomax.data.dataset import ImageArray, Indices
from infomax.data.image_decoding import DecodedImage, ImageHeader, decode_image, read_image_header
from infomax.data.image_trees import image_paths
from infomax.errors import UserError, advice
from infomax.warnings import DataWarning

__all__ = ["ImageSource"]

# Decoded images that need no more than this are kept: from then on they cost no decoding.
_MOST_BYTES_KEPT: Final = 2**30
_MOST_NAMED: Final = 10
# Small images are decoded so fast that threads only wait for Python's lock. In microseconds for an
# image, in one thread and in two on two cores: 84 and 136 of 32x32 pixels, 131 and 106 of 128x128,
# 370 and 253 of 256x256 (JPEG, 128 at once).
_PIXELS_FOR_THREADS: Final = 128 * 128
_FILES_IN_A_RUN: Final = 32
_MOST_THREADS: Final = 8
_VERIFIED_AT_ONCE: Final = 256
_GREY, _COLOUR = 1, 3


class ImageSource:
    """Reads images below a folder, in the order of their paths; see `image_decoding`.

    The header of every file is read when the folder is opened, and whether the file was cut short;
    its pixels are decoded when the image is first asked for. Where all images fit in a gibibyte,
    decoded ones are kept. Large images are decoded in several threads, since Pillow decodes outside
    Python's lock.

    Where most images are in colour, greyscale ones become colour, with three equal channels. Where
    most are greyscale, those in colour cannot be used. Without a ``size``, the commonest is that of
    all. What is left out or changed is said in a `DataWarning`.

    Args:
        folder: searched with all folders in it.
        size: height and width that every image is brought to: scaled until it covers them, then cut
            about its centre; ``None`` where all have one size.
        skip_bad: leave out files that cannot be read, or are in colour where most are greyscale,
            instead of refusing them; to find them, all are decoded when the folder is opened.
        skip_at_most: share of the files that ``skip_bad`` may leave out; one must be left.
        channels: 3 for colour, 1 for greyscale; ``None`` for what most images are.

    Attributes:
        name: the folder.
        shape: height, width and channels.
        brightest: 255.
        paths: of the images, relative to the folder.
        skipped: why a file was left out, by its path with the folder.

    Raises:
        UserError: if there are no images, some cannot be used, or more than ``skip_at_most`` would
            be left out. Another size is never left out: that would be nearly all images of many a
            folder.
    """

    brightest = 255.0

    def __init__(
        self,
        folder: Path,
        *,
        size: tuple[int, int] | None = None,
        skip_bad: bool = False,
        skip_at_most: float = 0.1,
        channels: int | None = None,
    ) -> None:
        if size is not None and min(size) < 1:
            raise UserError(f"image_size is {size}: give height and width of at least 1")
        self.name = str(folder)
        self.skipped: dict[str, str] = {}
        self._skip_bad = skip_bad
        self._folder = folder
        self._size = size
        self._channels = channels
        self._pool = ThreadPoolExecutor(
            min(os.cpu_count() or 1, _MOST_THREADS), thread_name_prefix="images"
        )
        self.paths = image_paths(folder)
        headers, bad = self._read_headers()
        self._like, raw = self._commonest(headers, bad)
        self._threaded = raw[0] * raw[1] >= _PIXELS_FOR_THREADS
        self.shape = self._brought(raw)
        self._use(self.paths)
        of_other_size = self._check_headers(headers, bad)
        if of_other_size or (bad and not skip_bad):
            raise self._refusal(of_other_size if skip_bad else bad | of_other_size, helped=bad)
        count = len(self)
        self._leave_out(bad)
        self._check_loss(count, skip_at_most)
        if skip_bad:
            self._leave_out(self._verify())
            self._check_loss(count, skip_at_most)
        self._warn(headers, count)

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        left_out = f", {len(self.skipped)} left out" if self.skipped else ""
        return f"ImageSource({self.name!r}, {len(self)} images of {self.shape}{left_out})"

    @property
    def files(self) -> list[str]:
        """The path of each image below the folder, in text that any file can hold."""
        return [
            os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace") for path in self.paths
        ]

    @property
    def folders(self) -> list[str] | None:
        """The folder of each image, relative to the root; ``None`` if all lie in the root."""
        folders = [path.parent.as_posix() for path in self.paths]
        return folders if any(folder != "." for folder in folders) else None

    def read(self, indices: Indices) -> ImageArray:
        """Return some images: ``(n, height, width, channels)``, bytes.

        Raises:
            UserError: if a file cannot be decoded, or is no longer as it was.
        """
        if self._kept is None:
            pixels, bad = self._decode(indices)
        else:
            wanted = np.unique(indices)
            _, bad = self._decode(wanted[~self._is_kept[wanted]])
            pixels = self._kept[indices]
        for error in bad.values():
            raise UserError(f"{self.name}: {error}: mend or remove it{self._or_skip()}")
        return pixels

    def _or_skip(self) -> str:
        flag = advice("skip_bad=True", "--skip-bad")
        return "" if self._skip_bad else f", or give {flag} to leave out what cannot be read"

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
        for index, why in bad.items():
            self.skipped[self._files[index]] = why.removeprefix(f"{self.paths[index]}: ")
        self.skipped = dict(sorted(self.skipped.items()))
        good = np.delete(np.arange(len(self)), list(bad))
        kept, is_kept = self._kept, self._is_kept
        self._use([self.paths[index] for index in good])
        if kept is not None and is_kept.any():
            self._kept, self._is_kept = kept[good], is_kept[good]

    def _verify(self) -> dict[int, str]:
        """Decode all, which also keeps them if they fit, and return what is bad."""
        bad: dict[int, str] = {}
        for start in range(0, len(self), _VERIFIED_AT_ONCE):
            some = np.arange(start, min(start + _VERIFIED_AT_ONCE, len(self)))
            bad.update(self._decode(some)[1])
        return bad

    def _decode(self, indices: Indices) -> tuple[ImageArray, dict[int, str]]:
        """Decode some images, into what is kept if anything is; also return what is bad."""
        into = self._kept
        pixels = np.empty((len(indices), *self.shape), np.uint8) if into is None else into
        bad: dict[int, str] = {}

        def decode(start: int) -> None:
            for order in range(start, min(start + _FILES_IN_A_RUN, len(indices))):
                index = int(indices[order])
                try:
                    pixels[order if into is None else index] = self._pixels(index)
                except UserError as error:
                    bad[index] = str(error)
                else:
                    if into is not None:
                        self._is_kept[index] = True

        starts = range(0, len(indices), _FILES_IN_A_RUN)
        in_runs = self._pool.map if self._threaded and len(starts) > 1 else map
        for _ in in_runs(decode, starts):
            pass
        return pixels, dict(sorted(bad.items()))

    def _pixels(self, index: int) -> ImageArray:
        path = self.paths[index]
        pixels = self._decoded(path, self._files[index])
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
        pixels = decode_image(content, str(path)).pixels
        if self._size is not None:
            pixels = _brought_to(pixels, self._size)
        # Grey as colour, of which nothing is lost.
        return np.repeat(pixels, self.shape[2], axis=2) if pixels.shape[2] == _GREY else pixels

    def _read_headers(self) -> tuple[dict[Path, ImageHeader], dict[int, str]]:
        """Return what files say of their images, and why others cannot be read."""
        headers: dict[Path, ImageHeader] = {}
        bad: dict[int, str] = {}
        for index, path in enumerate(self.paths):
            try:
                headers[path] = read_image_header(self._folder / path, str(path))
            except UserError as error:
                bad[index] = str(error)
        return headers, bad

    def _commonest(
        self, headers: dict[Path, ImageHeader], bad: dict[int, str]
    ) -> tuple[Path | None, tuple[int, int, int]]:
        """Return height, width and channels as most have them, and the first image that has all."""
        if not headers:
            raise UserError(
                f"{self.name}: none of its {len(self.paths)} images can be used, the last: "
                f"{bad[max(bad)]}"
            )
        shapes = [header.shape for header in headers.values()]
        # The first is taken of sizes that are as common.
        (height, width), _ = Counter(shape[:2] for shape in shapes).most_common(1)[0]
        in_colour = sum(shape[2] == _COLOUR for shape in shapes)
        channels = self._channels or (_COLOUR if 2 * in_colour >= len(shapes) else _GREY)
        wanted = (height, width, channels)
        # There may be none: the commonest size need not be that of images in most colours.
        like = (path for path, header in headers.items() if header.shape == wanted)
        return next(like, None), wanted

    def _check_headers(
        self, headers: dict[Path, ImageHeader], bad: dict[int, str]
    ) -> dict[int, str]:
        """Add to what is bad images in colour among greyscale ones; return those of other sizes."""
        of_other_size: dict[int, str] = {}
        for index, path in enumerate(self.paths):
            if path not in headers:
                continue
            shape = self._brought(headers[path].shape)
            if shape[:2] != self.shape[:2]:
                of_other_size[index] = str(self._unlike(path, shape))
            elif shape[2] > self.shape[2]:
                bad[index] = str(self._unlike(path, shape))
        return of_other_size

    def _brought(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if self._size is None else (*self._size, *shape[2:])

    def _unlike(self, path: Path, shape: tuple[int, ...]) -> UserError:
        hint = ""
        if self._size is None and shape[:2] != self.shape[:2]:
            flag = advice("image_size", "--image-size (infomax train, views)")
            hint = f", or {flag} to bring all to one size"
        like = " as most are" if self._channels is None or hint else ""
        like += f", such as {self._like}" if like and self._like else ""
        return UserError(f"{path}: is {_layout(shape)}, expected {_layout(self.shape)}{like}{hint}")

    def _refusal(self, bad: dict[int, str], *, helped: dict[int, str]) -> UserError:
        return UserError(
            f"{self.name}: {len(bad)} of {len(self)} images cannot be used: "
            f"{_listed([reason for _, reason in sorted(bad.items())])}: mend or remove them"
            f"{self._or_skip() if helped else ''}"
        )

    def _check_loss(self, count: int, skip_at_most: float) -> None:
        if not len(self):
            raise UserError(f"{self.name}: {self._left_out(count)}, and none is left: mend them")
        if len(self.skipped) > skip_at_most * count:
            share = advice("skip_at_most", "--skip-at-most")
            raise UserError(
                f"{self.name}: {self._left_out(count)}, more than a share of {skip_at_most:g}: "
                f"mend them, or give a larger share ({share})"
            )

    def _left_out(self, count: int) -> str:
        reasons = [
            f"{Path(file).relative_to(self.name)}: {why}" for file, why in self.skipped.items()
        ]
        return f"{len(reasons)} of {count} images are left out: {_listed(reasons)}"

    def _warn(self, headers: dict[Path, ImageHeader], count: int) -> None:
        used = [headers[path] for path in self.paths]
        grey = sum(header.shape[2] < self.shape[2] for header in used)
        deep = sum(header.deep for header in used)
        several = sum(header.several for header in used)
        said = [
            (bool(self.skipped), self._left_out(count)),
            (grey, f"{grey} of {count} images are greyscale, and read as colour"),
            (deep, f"{deep} of {count} images have 16 bits, of which the higher 8 are read"),
            (several, f"{several} of {count} files hold several images: the first is read"),
        ]
        for is_so, words in said:
            if is_so:
                warnings.warn(f"{self.name}: {words}", DataWarning, stacklevel=3)


def _brought_to(pixels: ImageArray, size: tuple[int, int]) -> ImageArray:
    height, width = size
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted).reshape(height, width, -1)


def _layout(shape: tuple[int, ...]) -> str:
    height, width, channels = shape
    return DecodedImage(np.empty((height, width, channels), np.uint8), lossy=False).layout


def _listed(reasons: list[str]) -> str:
    more = len(reasons) - _MOST_NAMED
    return "; ".join(reasons[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
