"""Where images lie below a folder."""

import os
from pathlib import Path
from typing import Final

from infomax.data.image_file import IMAGE_SUFFIXES
from infomax.errors import UserError

__all__ = ["image_paths", "is_note_of_macos"]

# Found as well, so that whoever reads them says that they are not read.
_OTHER_IMAGES: Final = (".avif", ".heic", ".heif", ".jxl")
_NOTES_OF_MACOS: Final = ("._", ".DS_Store")


def is_note_of_macos(name: str) -> bool:
    """Tell whether a file is one that macOS lays beside others and that is none of the user's.

    Example:
        >>> is_note_of_macos("._cat.jpg"), is_note_of_macos("cat.jpg")
        (True, False)
    """
    return name.startswith(_NOTES_OF_MACOS)


def image_paths(folder: Path) -> list[Path]:
    """Return the paths of all image files below a folder, relative to it, sorted.

    Files of formats that are not read are among them, so that they are not left out silently; the
    notes of macOS (``._cat.jpg``) are not. Links to folders are followed.

    Raises:
        UserError: if it is no folder, holds no images, or a folder in it cannot be read or is a
            link to one that it lies in.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: is no folder, expected one of images")
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror})") from error

    for root, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(root)
        for each in folders:
            inner = here / each
            if inner.is_symlink() and here.resolve().is_relative_to(inner.resolve()):
                raise UserError(f"{inner}: is a link to a folder that it lies in: remove it")
        endings = IMAGE_SUFFIXES + _OTHER_IMAGES
        found += [
            here / name
            for name in files
            if name.lower().endswith(endings) and not is_note_of_macos(name)
        ]
    if not found:
        raise UserError(f"{folder}: holds no images, expected {', '.join(IMAGE_SUFFIXES)}")
    return sorted(path.relative_to(folder) for path in found)
