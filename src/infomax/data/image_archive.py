"""A data set in a tar archive of an image folder, read in place without extracting it."""

import io
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from infomax.data.byte_streams import DAMAGED, open_bytes
from infomax.data.dataset import ImageDataset
from infomax.data.image_file import MOST_BYTES_OF_IMAGE
from infomax.data.image_tree import SPLITS, TreeEntry, image_tree_dataset
from infomax.errors import UserError

__all__ = ["ARCHIVE_ENDINGS", "is_archive", "load_image_archive"]

ARCHIVE_ENDINGS: Final = (".tar", ".tar.gz", ".tar.xz")

# Of small files, some expand to terabytes: no end mark is so long.
_MOST_BYTES_OF_THE_END: Final = 2**24


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is a tar archive this module reads.

    Example:
        >>> is_archive(Path("flowers.tar.gz")), is_archive(Path("flowers.zip"))
        (True, False)
    """
    return path.name.endswith(ARCHIVE_ENDINGS)


def load_image_archive(path: Path) -> ImageDataset:
    """Load an image folder from its archive, the same arrays as `load_image_folder`.

    ``train`` and ``test`` lie at the archive's root or in one folder there. The label is the
    file's name without its ending.

    Raises:
        UserError: if the archive is damaged or cut short, holds anything but folders and files or
            a file above 1 GiB, does not fit in memory, or is not as `image_tree_dataset` expects.
    """
    name = next(path.name.removesuffix(end) for end in ARCHIVE_ENDINGS if path.name.endswith(end))
    try:
        with (
            open_bytes(path) as stream,
            tarfile.open(fileobj=_Bounded(stream), mode="r:") as archive,
        ):
            return image_tree_dataset(name, str(path), _entries(archive, stream, path))
    except (tarfile.TarError, *DAMAGED) as error:
        raise UserError(
            f"{path}: unreadable, truncated or corrupt ({error}); expected a tar archive"
        ) from error


class _Bounded(io.BufferedIOBase):
    """A stream that no header of an archive can have read for gigabytes at once."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_BYTES_OF_IMAGE + tarfile.BLOCKSIZE:
            raise tarfile.ReadError(f"a header asks for {size} bytes")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _entries(
    archive: tarfile.TarFile, stream: io.BufferedIOBase, path: Path
) -> Iterator[TreeEntry]:
    root: PurePosixPath | None = None
    while (member := archive.next()) is not None:
        # The archive keeps a record of every member it passed: for 60,000, tens of megabytes.
        archive.members.clear()  # type: ignore[attr-defined]
        if not (member.isdir() or member.isreg()):
            raise UserError(f"{path}: {member.name} is a link or device, expected only files")
        if member.size > MOST_BYTES_OF_IMAGE:
            raise UserError(
                f"{path}: {member.name} takes {member.size / 2**30:,.1f} GiB, expected images and "
                "no file above 1 GiB"
            )
        place = PurePosixPath(member.name)
        if root is None:
            root = _root(place, is_folder=member.isdir())
        if root is not None and place.is_relative_to(root):
            place = place.relative_to(root)
        elif root is not None:
            raise UserError(f"{path}: {member.name} is out of place, expected it within {root}")
        if place.parts:
            yield TreeEntry(place, None if member.isdir() else partial(_read, archive, member))
    _require_end(stream, archive.offset, path)


def _root(place: PurePosixPath, *, is_folder: bool) -> PurePosixPath | None:
    """Return the folder that must hold train and test, or None where a member does not tell."""
    if not place.parts or (len(place.parts) == 1 and not is_folder):
        return None
    return PurePosixPath() if place.parts[0] in SPLITS else PurePosixPath(place.parts[0])


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    return b"" if content is None else content.read()


def _require_end(stream: io.BufferedIOBase, offset: int, path: Path) -> None:
    """Refuse an archive unless from the offset on there is its end mark, zeros, and no more.

    tarfile takes a damaged or missing header after the first for the end and drops the rest.
    Reading on also makes gzip and xz compare their checksums.
    """
    stream.seek(offset)
    mark = stream.read(tarfile.BLOCKSIZE)
    rest, passed = mark, 0
    while passed <= _MOST_BYTES_OF_THE_END and not any(rest):
        if not (rest := stream.read(tarfile.RECORDSIZE)):
            break
        passed += len(rest)
    if len(mark) < tarfile.BLOCKSIZE or any(rest) or passed > _MOST_BYTES_OF_THE_END:
        raise UserError(
            f"{path}: corrupt or cut short at byte {offset} of the archive, "
            "expected another file or the end mark"
        )
