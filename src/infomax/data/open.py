"""Open the data to train on, wherever a user keeps them."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from infomax.data.array_files import read_idx
from infomax.data.array_source import ArraySource
from infomax.data.dataset import ImageArray, ImageDataset, ItemDataset, LabelArray
from infomax.data.datasets.catalogue import DATASETS, load_dataset
from infomax.data.datasets.cifar10 import holds_cifar10_binary, holds_cifar10_python
from infomax.data.datasets.idx_folder import holds_idx
from infomax.data.dialogue_files import (
    DIALOGUES,
    holds_dailydialog,
    is_dialogue_file,
    read_dialogues,
)
from infomax.data.files import COMPRESSIONS, check_regular_file
from infomax.data.image_decoding import IMAGE_SUFFIXES
from infomax.data.image_trees import folder_entries, is_archive
from infomax.data.images import ImageSource
from infomax.data.open_files import FileRequest, OpenedData, opener_of
from infomax.data.tables import TABLE_FORMATS, read_table
from infomax.errors import UserError, unknown_name
from infomax.warnings import DataWarning

__all__ = ["Splits", "open_data", "open_splits"]

_IDX_MARKS: Final = ("-ubyte", ".idx")
_SPLITS: Final = {"train", "test", "val", "valid", "validation"}
_BY_FOLDER: Final = "folder"


def open_data(
    data: str | Path,
    *,
    cache: Path,
    y_data: str | Path | None = None,
    x_columns: Sequence[str] | None = None,
    y_columns: Sequence[str] | None = None,
    labels: str | None = None,
    groups: str | None = None,
    image_size: tuple[int, int] | None = None,
    skip_bad: bool = False,
    skip_at_most: float = 0.1,
    image_channels: int | None = None,
) -> ItemDataset:
    """Open data by name or path: items, and what is known of each.

    - A name of ``DATASETS``, and folders and archives that hold one: its training images.
    - ``.npy``: an array, one item in a row; of two dimensions, columns may be chosen.
    - ``.npz``: arrays by name, ``x`` and ``y`` where none is named.
    - ``.csv``, ``.tsv`` (also ``.csv.gz``, ...), ``.parquet``: columns. Without columns of x, all
      that are not otherwise named; without columns of y, there is one view.
    - idx files, and folders of images: of ``train`` where there are only splits.
    - Dialogues, as `read_dialogues` has them: a pair for each turn but the first, none of them
      twice (`Dialogues.pairs`), those of a dialogue in a group; labels are those of the turn.

    Args:
        data: what x, or items that views are made of, are read from.
        cache: folder for columns that are laid out anew.
        y_data: what y is read from, row by row as ``data``; ``None`` where it is in ``data`` or is
            to be made.
        x_columns: columns, or the name of an array, of x.
        y_columns: columns, or the name of an array, of y.
        labels: column, array or file of the classes, or ``folder``; folders name those of images.
        groups: column, array or file of groups of items that belong together.
        image_size: height and width that images of a folder are brought to.
        skip_bad: leave out images that cannot be read, and say so in a `DataWarning`.
        skip_at_most: share of the images that may be left out.
        image_channels: 3 where images of a folder are to be in colour, 1 where they are to be
            greyscale; ``None`` for what most of them are.

    Raises:
        UserError: if anything is not there, cannot be read or does not fit the rest.

    Example:
        >>> items = open_data("digits", cache=Path("cache"))
        >>> items.x.shape, len(items), items.classes[:3]
        ((8, 8, 1), 1347, ('0', '1', '2'))
    """
    others = [name for name in (labels, groups) if name is not None]
    x_asked, y_asked = x_columns or (), y_columns or ()
    of_data = FileRequest(x_asked, () if y_data else y_asked, others, "x", cache)
    of_images = partial(
        ImageSource,
        size=image_size,
        skip_bad=skip_bad,
        skip_at_most=skip_at_most,
        channels=image_channels,
    )
    opened = _open(str(data), of_data, image_size, of_images)
    y, y_names = opened.y, opened.y_names
    if y_data is not None:
        if y is not None:
            raise UserError(
                f"{data} holds both views, and {y_data} is given for y as well: name the array of "
                "x alone, or leave y_data out"
            )
        of_y = FileRequest(y_asked, (), others, "y", cache)
        opened_y = _open(str(y_data), of_y, image_size, of_images)
        _refuse_skipped({**opened.skipped, **opened_y.skipped}, data, y_data)
        y, y_names = opened_y.x, opened_y.x_names
    found_labels, classes = _labels(opened, labels)
    group_labels = opened.groups
    if groups is not None:
        group_labels, _ = _as_labels(_of_items(opened, groups, "groups"), f"groups {groups}")
    return ItemDataset(
        opened.x,
        y,
        found_labels,
        classes,
        group_labels,
        opened.skipped,
        tuple(opened.x_names),
        tuple(y_names),
    )


class Splits(NamedTuple):
    """Holds a data set of images as its makers split it.

    Attributes:
        train: items to train on.
        test: items that are never trained on.
    """

    train: ItemDataset
    test: ItemDataset


def open_splits(name_or_path: str) -> Splits:
    """Open a data set of images that is split into train and test; see `load_dataset`.

    Raises:
        UserError: as `load_dataset` does.

    Example:
        >>> [len(items) for items in open_splits("digits")]
        [1347, 450]
    """
    dataset = load_dataset(name_or_path)
    return Splits(
        _items_of(dataset, dataset.train_images, dataset.train_labels),
        _items_of(dataset, dataset.test_images, dataset.test_labels),
    )


def _items_of(dataset: ImageDataset, images: ImageArray, labels: LabelArray) -> ItemDataset:
    classes = range(int(dataset.train_labels.max()) + 1)
    return ItemDataset(_source_of(dataset, images), labels=labels, classes=tuple(map(str, classes)))


def _source_of(dataset: ImageDataset, images: ImageArray) -> ArraySource:
    return ArraySource(images, dataset.name, float(dataset.brightest))


def _open(
    data: str,
    asked: FileRequest,
    image_size: tuple[int, int] | None,
    of_images: Callable[[Path], ImageSource],
) -> OpenedData:
    names = (*DATASETS, *DIALOGUES)
    path = None if data in names else _existing(data)
    if path is None and data not in names:
        error = unknown_name("data", data, names)
        raise UserError(f"{error}; or give the path of a file or folder that exists")
    is_file = path is not None and path.is_file()
    if path is not None:
        check_regular_file(path)
        if is_file and (opener := opener_of(path)) is not None:
            _refuse_size(data, image_size)
            return opener(path, asked)
    if asked.x or asked.y:
        raise UserError(
            f"{data} holds no columns or arrays to choose {[*asked.x, *asked.y][0]!r} of: leave "
            f"x and y out, or give a file that ends in {', '.join(TABLE_FORMATS)}"
        )
    if data in DIALOGUES or (path and (is_dialogue_file(path) or holds_dailydialog(path))):
        _refuse_size(data, image_size)
        return _open_dialogues(data)
    if path is not None and path.is_dir() and (folder := _folder_of_images(path)):
        images = of_images(folder)
        classes = None if images.folders is None else pd.Series(images.folders)
        return OpenedData(images, classes=classes, skipped=images.skipped)
    if path is not None and is_file and not (_is_idx(path) or is_archive(path)):
        raise UserError(
            f"{path}: expected a name that ends in {', '.join(TABLE_FORMATS)}, an idx file "
            "(...-ubyte), dialogues (.txt, .jsonl), an archive, or a folder of images"
        )
    _refuse_size(data, image_size)
    if path is not None and is_file and _is_idx(path):
        return OpenedData(ArraySource(read_idx(path), str(path)))
    dataset = load_dataset(data)
    # Not as a split, whose labels must tell at least two classes: without probes one will do.
    source = _source_of(dataset, dataset.train_images)
    return OpenedData(source, classes=pd.Series(dataset.train_labels))


def _open_dialogues(data: str) -> OpenedData:
    pairs = read_dialogues(data).pairs()
    if left_out := pairs.said_of_left_out():
        warnings.warn(f"{pairs.name}: {left_out}", DataWarning, stacklevel=4)
    labels = pairs.dialogues.labels
    return OpenedData(
        pairs,
        column=lambda kind: pd.Series(pairs.labels(kind)) if kind in labels else None,
        names=[*labels],
        groups=pairs.items().groups,
    )


def _refuse_size(data: str, image_size: tuple[int, int] | None) -> None:
    if image_size is not None:
        raise UserError(
            f"image_size brings images of a folder to one size, and {data} holds arrays: leave it "
            "out"
        )


def _existing(name: str) -> Path | None:
    """Return the path that a text names, if there is anything; the empty text names none."""
    try:
        path = Path(name).expanduser()
        return path if name and path.exists() else None
    # Too long for a name, or of the home of nobody.
    except (OSError, RuntimeError, ValueError):
        return None


def _is_idx(path: Path) -> bool:
    name = path.name
    return any(mark in name for mark in _IDX_MARKS) and (
        path.suffix in COMPRESSIONS or any(mark in path.suffix for mark in _IDX_MARKS)
    )


def _folder_of_images(folder: Path) -> Path | None:
    """Return what a folder of image files is read from; none if it holds a data set of batches.

    Raises:
        UserError: if it cannot be read, or holds splits beside something else.
    """
    try:
        children = list(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror})") from error
    names = {child.name for child in children}
    if holds_idx(names) or holds_cifar10_binary(names) or holds_cifar10_python(names):
        return None
    if not any(
        entry.path.suffix.lower() in IMAGE_SUFFIXES
        for entry in folder_entries(folder)
        if entry.read is not None
    ):
        return None
    # Else `train` may be a class, beside `car` and `ship`.
    folders = {child.name for child in children if child.is_dir()}
    splits, others = folders & _SPLITS, sorted(folders - _SPLITS)
    if "train" in splits and len(splits) > 1 and others:
        raise UserError(
            f"{folder}: holds {', '.join(sorted(splits))} beside {others[0]}: name the one to "
            f"read, such as {folder / 'train'}, or move {others[0]} elsewhere"
        )
    return folder / "train" if "train" in splits and not others else folder


def _labels(opened: OpenedData, labels: str | None) -> tuple[LabelArray | None, tuple[str, ...]]:
    known = opened.classes
    if labels is None:
        if known is None or known.nunique() < 2:
            return None, ()
        return _as_labels(known, "labels")
    if labels == _BY_FOLDER and labels not in opened.names:
        if known is None:
            raise UserError(
                f"labels are to be those of folders, and {opened.x.name} is no folder of images in "
                "sub-folders: name a column or a file"
            )
        return _as_labels(known, "labels")
    return _as_labels(_of_items(opened, labels, "labels"), f"labels {labels}")


def _of_items(opened: OpenedData, name: str, kind: str) -> pd.Series:
    """Return what a column, an array or a file of its own says of each item."""
    column = opened.column(name)
    if column is not None:
        return column
    path = _existing(name)
    if path is None or not path.is_file():
        if opened.names:
            raise UserError(f"{unknown_name(f'column of {kind}', name, opened.names)}; or a file")
        raise UserError(f"{kind} {name!r}: is no file, and {opened.x.name} has no columns")
    _refuse_skipped(opened.skipped, opened.x.name, name)
    if _is_idx(path):
        values = read_idx(path)
        if values.ndim != 1:
            raise UserError(f"{path}: has shape {values.shape}, expected {kind} of shape (N,)")
        return pd.Series(values)
    table = read_table(path)
    if len(table.columns) != 1:
        raise UserError(f"{path} holds {len(table.columns)} columns: expected one, of {kind}")
    return table.cells[table.columns[0]]


def _refuse_skipped(skipped: Mapping[str, str], data: str | Path, other: str | Path) -> None:
    if skipped:
        raise UserError(
            f"{len(skipped)} images were left out, the first {next(iter(skipped))}, so that rows "
            f"of {data} and {other} no longer belong together: mend or remove them in both"
        )


def _as_labels(values: pd.Series, called: str) -> tuple[LabelArray, tuple[str, ...]]:
    missing = values.isna().to_numpy()
    if missing.any():
        raise UserError(
            f"{called}: {int(missing.sum())} are missing, the first in row "
            f"{int(missing.argmax())} (counted from 0): fill them in"
        )
    if isinstance(values.dtype, np.dtype):
        # Files may be of machines of the other byte order, whose numbers pandas does not sort.
        values = values.astype(values.dtype.newbyteorder("="))
    try:
        codes, names = pd.factorize(values, sort=True)
    except TypeError as error:
        raise UserError(
            f"{called}: its values cannot be told apart or ordered ({error}): expected text or "
            "numbers"
        ) from error
    return codes.astype(np.int64), tuple(map(str, names))
