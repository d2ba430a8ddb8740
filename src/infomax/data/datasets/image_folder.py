"""Images laid out as ``split/class/file``, in a folder or a tar archive, as one data set."""

import warnings
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from PIL import Image

from infomax.data.dataset import ImageArray, ImageDataset, LabelArray
from infomax.data.datasets.cifar10 import CIFAR10_CLASSES, CIFAR10_SHAPE
from infomax.data.files import check_fits_memory
from infomax.data.image_decoding import IMAGE_SUFFIXES, DecodedImage, decode_image
from infomax.data.image_trees import (
    SPLITS,
    TreeEntry,
    archive_entries,
    archive_name,
    folder_entries,
    is_note_of_macos,
)
from infomax.errors import UserError

__all__ = ["holds_images", "image_tree_dataset", "load_image_archive", "load_image_folder"]

LAYOUT: Final = "{train,test}/class/*.{jpg,png,...}"
LOSSY_ENDING: Final = "-jpeg"

_BYTES_BETWEEN_CHECKS: Final = 2**26


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
    return image_tree_dataset(folder.resolve().name, str(folder), folder_entries(folder))


def load_image_archive(path: Path) -> ImageDataset:
    """Load an image folder from its archive, the same arrays as `load_image_folder`.

    ``train`` and ``test`` lie at the archive's root or in one folder there. The label is the
    file's name without its ending.

    Raises:
        UserError: if the archive is damaged or cut short, holds anything but folders and files or
            a file above 1 GiB, does not fit in memory, or is not as `image_tree_dataset` expects.
    """
    return image_tree_dataset(archive_name(path), str(path), archive_entries(path))


def image_tree_dataset(name: str, source: str, entries: Iterable[TreeEntry]) -> ImageDataset:
    """Decode every image of a tree, ordered by class and file name in whatever order they come.

    Classes are numbered in the order of their names. Files at the root that are no images (a
    licence, a description) are let be, and so are the notes of macOS (``._cat.jpg``); anything else
    out of place is refused.

    Args:
        name: the label, but ``cifar10`` where classes and shape are CIFAR-10's; ``-jpeg`` is added
            where any image is a JPEG, since it is not the pixels of the original.
        source: what errors call the tree.
        entries: folders and files, each file once.

    Raises:
        UserError: if anything is out of place, twice there, no readable image or unlike the first
            in size or colour, or if train and test hold different classes.
    """
    tree = _Tree(source)
    with warnings.catch_warnings():
        # Pillow refuses what has twice as many pixels as it thinks safe, and warns of these.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for entry in entries:
            tree.add(entry)
    classes = tree.classes()
    train_images, train_labels = tree.splits["train"].arrays(classes)
    test_images, test_labels = tree.splits["test"].arrays(classes)
    if classes == list(CIFAR10_CLASSES) and train_images.shape[1:] == CIFAR10_SHAPE:
        name = "cifar10"
    if tree.lossy and not name.endswith(LOSSY_ENDING):
        name += LOSSY_ENDING
    return ImageDataset(name, train_images, train_labels, test_images, test_labels)


class _Split:
    """Gathers the images of one split, in the order they come."""

    def __init__(self) -> None:
        self.pixels = bytearray()  # One buffer: thousands of small arrays would double the memory.
        self.files: list[tuple[str, str]] = []
        self.classes: set[str] = set()
        self.shape = (0, 0, 0)
        self._checked = 0

    def add(self, class_name: str, file_name: str, image: ImageArray, source: str) -> None:
        if len(self.pixels) - self._checked > _BYTES_BETWEEN_CHECKS:
            # They are copied once, into the order of their names.
            check_fits_memory(len(self.pixels), source)
            self._checked = len(self.pixels)
        self.pixels += image.tobytes()
        self.files.append((class_name, file_name))
        self.shape = image.shape

    def arrays(self, classes: list[str]) -> tuple[ImageArray, LabelArray]:
        order = sorted(range(len(self.files)), key=self.files.__getitem__)
        images = np.frombuffer(self.pixels, dtype=np.uint8).reshape(-1, *self.shape)
        if order != list(range(len(order))):
            images = images[order]
        numbers = {class_name: number for number, class_name in enumerate(classes)}
        labels = [numbers[self.files[index][0]] for index in order]
        return images, np.array(labels, dtype=np.int64)


class _Tree:
    """Gathers the images of a tree; every rule of its layout is checked here."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.splits = {split: _Split() for split in SPLITS}
        self.first: tuple[PurePosixPath, DecodedImage] | None = None
        self.lossy = False
        self.seen: set[PurePosixPath] = set()

    def add(self, entry: TreeEntry) -> None:
        if is_note_of_macos(entry.path.name):
            return
        parts, is_image = entry.path.parts, entry.path.suffix.lower() in IMAGE_SUFFIXES
        if entry.read is None:
            if len(parts) > 2 or parts[0] not in SPLITS:
                raise self._misplaced(entry.path)
            if len(parts) == 2:
                self.splits[parts[0]].classes.add(parts[1])
        elif len(parts) == 3 and parts[0] in SPLITS and is_image:
            self._add_image(entry.path, entry.read())
        elif len(parts) != 1 or is_image:
            raise self._misplaced(entry.path)

    def classes(self) -> list[str]:
        for split_name, split in self.splits.items():
            if not split.files:
                raise UserError(f"{self.source}: no images in {split_name}, expected {LAYOUT}")
            filled = {class_name for class_name, _ in split.files}
            if empty := sorted(split.classes - filled):
                raise UserError(
                    f"{self.source}: {split_name}/{empty[0]} is an empty folder, "
                    "expected images of the class"
                )
            split.classes = filled
        train, test = (self.splits[split].classes for split in SPLITS)
        if train != test:
            raise UserError(
                f"{self.source}: train and test hold different classes "
                f"({', '.join(sorted(train ^ test))} in one alone), expected the same"
            )
        return sorted(train)

    def _add_image(self, path: PurePosixPath, content: bytes) -> None:
        if path in self.seen:
            raise UserError(f"{self.source}: holds {path} twice, expected each image once")
        self.seen.add(path)
        image = decode_image(content, f"{self.source}: {path}")
        self.first = self.first or (path, image)
        if image.pixels.shape != self.first[1].pixels.shape:
            raise UserError(
                f"{self.source}: {path} is {image.layout}, "
                f"expected {self.first[1].layout} like {self.first[0]}"
            )
        self.lossy = self.lossy or image.lossy
        split, class_name, file_name = path.parts
        self.splits[split].add(class_name, file_name, image.pixels, self.source)

    def _misplaced(self, path: PurePosixPath) -> UserError:
        return UserError(f"{self.source}: {path} is out of place, expected only {LAYOUT}")
