"""A data set in a folder of images, ``split/class/file``."""

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from infomax.data.byte_streams import read_whole
from infomax.data.dataset import ImageDataset
from infomax.data.image_tree import SPLITS, TreeEntry, image_tree_dataset
from infomax.errors import UserError

__all__ = ["holds_images", "load_image_folder"]


def holds_images(names: Collection[str]) -> bool:
    """Tell whether a folder of these names holds images by split and class.

    Example:
        >>> holds_images(["test", "train"]), holds_images(["cats", "dogs"])
        (True, False)
    """
    return any(split in names for split in SPLITS)


def load_image_folder(folder: Path) -> ImageDataset:
    """Load ``train/class/*.png`` and ``test/class/*.png`` (or jpg, ...); see `image_tree_dataset`.

    Raises:
        UserError: if anything in the folder is unreadable or not as `image_tree_dataset` expects.
    """
    return image_tree_dataset(folder.resolve().name, str(folder), _entries(folder, PurePosixPath()))


def _entries(folder: Path, inside: PurePosixPath) -> Iterator[TreeEntry]:
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error})") from error
    for child in children:
        path = inside / child.name
        if child.is_dir():
            yield TreeEntry(path, None)
            yield from _entries(child, path)
        else:
            yield TreeEntry(path, partial(read_whole, child))
