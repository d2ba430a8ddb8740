"""Trees of files, in a folder or a tar archive: walked once, by one reader each."""

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from infomax.data.files import DAMAGED, open_bytes, read_whole
from infomax.data.image_decoding import IMAGE_SUFFIXES, MOST_BYTES_OF_IMAGE
from infomax.errors import UserError

__all__ = [
    "ARCHIVE_ENDINGS",
    "SPLITS",
    "TreeEntry",
    "archive_entries",
    "archive_name",
    "folder_entries",
    "image_paths",
    "is_archive",
    "is_note_of_macos",
]

SPLITS: Final = ("train", "test")
"""The folders of a data set that is split already."""

_ROOT: Final = PurePosixPath()
ARCHIVE_ENDINGS: Final = (".tar", ".tar.gz", ".tar.xz")
# Found as well, so that whoever reads them says that they are not read.
_OTHER_IMAGES: Final = (".avif", ".heic", ".heif", ".jxl")
_NOTES_OF_MACOS: Final = ("._", ".DS_Store")
# Of small files, some expand to terabytes: no end mark is so long.
_MOST_BYTES_OF_THE_END: Final = 2**24


class TreeEntry(NamedTuple):
    """Names a folder or file of a tree, and reads it.

    Attributes:
        path: relative to the tree's root.
        read: returns the file's bytes; None for a folder.
    """

    path: PurePosixPath
    read: Callable[[], bytes] | None


def is_note_of_macos(name: str) -> bool:
    """Tell whether a file is one that macOS lays beside others and that is none of the user's.

    Example:
        >>> is_note_of_macos("._cat.jpg"), is_note_of_macos("cat.jpg")
        (True, False)
    """
    return name.startswith(_NOTES_OF_MACOS)


def folder_entries(folder: Path, inside: PurePosixPath = _ROOT) -> Iterator[TreeEntry]:
    """Yield all that lies in a folder and in the folders in it, in the order of the names.

    Links to folders are followed.

    Args:
        folder: to walk.
        inside: the place of the folder in its tree, by which paths begin.

    Raises:
        UserError: if a folder cannot be read, or is a link to one that it lies in.
    """
    try:
        with os.scandir(folder) as found:
            children = sorted(found, key=lambda child: child.name)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror})") from error
    for child in children:
        path = inside / child.name
        if not _is_folder(child):
            yield TreeEntry(path, partial(read_whole, Path(child.path)))
            continue
        if child.is_symlink() and folder.resolve().is_relative_to(Path(child.path).resolve()):
            raise UserError(f"{child.path}: is a link to a folder that it lies in: remove it")
        yield TreeEntry(path, None)
        yield from folder_entries(Path(child.path), path)


def _is_folder(child: "os.DirEntry[str]") -> bool:
    try:
        return child.is_dir()
    except OSError:
        # A link to itself, or into a folder that may not be entered, leads nowhere.
        return False


def image_paths(folder: Path) -> list[Path]:
    """Return the paths of all image files below a folder, relative to it, sorted.

    Files of formats that are not read are among them, so that they are not left out silently; the
    notes of macOS (``._cat.jpg``) are not.

    Raises:
        UserError: if it is no folder, holds no images, or cannot be walked.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: is no folder, expected one of images")
    endings = IMAGE_SUFFIXES + _OTHER_IMAGES
    found = [
        Path(entry.path)
        for entry in folder_entries(folder)
        if entry.read is not None
        and entry.path.name.lower().endswith(endings)
        and not is_note_of_macos(entry.path.name)
    ]
    if not found:
        raise UserError(f"{folder}: holds no images, expected {', '.join(IMAGE_SUFFIXES)}")
    return sorted(found)


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is a tar archive that is read here.

    Example:
        >>> is_archive(Path("flowers.tar.gz")), is_archive(Path("flowers.zip"))
        (True, False)
    """
    return path.name.endswith(ARCHIVE_ENDINGS)


def archive_name(path: Path) -> str:
    """Return the name of an archive without its ending."""
    return next(path.name.removesuffix(end) for end in ARCHIVE_ENDINGS if path.name.endswith(end))


def archive_entries(path: Path) -> Iterator[TreeEntry]:
    """Yield all that a tar archive holds, in its own order; each is read before the next.

    Where everything lies in one folder at the root, other than ``train`` and ``test``, paths begin
    within it.

    Raises:
        UserError: if the archive is damaged or cut short, or holds anything but folders and files,
            or a file above 1 GiB.
    """
    with (
        _refused_if_damaged(path),
        open_bytes(path) as stream,
        tarfile.open(fileobj=_Bounded(stream), mode="r:") as archive,
    ):
        root: PurePosixPath | None = None
        while (member := archive.next()) is not None:
            # The archive keeps a record of every member it passed: for 60,000, tens of megabytes.
            archive.members.clear()  # type: ignore[attr-defined]
            if not (member.isdir() or member.isreg()):
                raise UserError(f"{path}: {member.name} is a link or device, expected only files")
            if member.size > MOST_BYTES_OF_IMAGE:
                raise UserError(
                    f"{path}: {member.name} takes {member.size / 2**30:,.1f} GiB, expected images "
                    "and no file above 1 GiB"
                )
            inside = PurePosixPath(member.name)
            if root is None:
                root = _root(inside, is_folder=member.isdir())
            if root is not None and inside.is_relative_to(root):
                inside = inside.relative_to(root)
            elif root is not None:
                raise UserError(f"{path}: {member.name} is out of place, expected it within {root}")
            if inside.parts:
                yield TreeEntry(
                    inside, None if member.isdir() else partial(_read, archive, member, path)
                )
        _require_end(stream, archive.offset, path)


@contextmanager
def _refused_if_damaged(path: Path) -> Iterator[None]:
    try:
        yield
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


def _root(inside: PurePosixPath, *, is_folder: bool) -> PurePosixPath | None:
    """Return the folder that must hold train and test, or None where a member does not tell."""
    if not inside.parts or (len(inside.parts) == 1 and not is_folder):
        return None
    return PurePosixPath() if inside.parts[0] in SPLITS else PurePosixPath(inside.parts[0])


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> bytes:
    with _refused_if_damaged(path):
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
