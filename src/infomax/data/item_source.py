"""Items to train on, opened from wherever a user keeps them."""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.data.array_rows import ArrayRows, open_array
from infomax.data.catalogue import DATASETS, load_dataset
from infomax.data.column_rows import MOST_BYTES_READ, column_rows, laid_out_columns
from infomax.data.idx import read_idx
from infomax.data.idx_folder import holds_idx
from infomax.data.image_archive import is_archive
from infomax.data.image_file import IMAGE_SUFFIXES
from infomax.data.image_files import ImageFiles
from infomax.data.measured_table import MeasuredTable
from infomax.data.paired_items import Items
from infomax.data.rows import Rows
from infomax.data.table_file import read_table
from infomax.errors import UserError, unknown_name

__all__ = ["open_items"]

_TABLES: Final = (".csv", ".tsv", ".parquet")
_ENDINGS: Final = (".npy", ".npz", *_TABLES)
_IDX_MARKS: Final = ("-ubyte", ".idx")


@dataclass(frozen=True, eq=False)
class _Asked:
    """What a user says of one file beside its path."""

    x: Sequence[str] | None
    y: Sequence[str] | None
    of_items: tuple[str, ...]
    image_size: tuple[int, int] | None
    skip_bad: bool
    cache: Path


@dataclass(frozen=True, eq=False)
class _Opened:
    """What was found in one file or folder.

    Attributes:
        x: the items.
        y: a second view of them in the same file.
        columns: what else is known of each item, by name.
        folders: the folder of each image.
        skipped: files left out.
    """

    x: Rows
    y: Rows | None = None
    columns: Callable[[str], pd.Series | None] = lambda _name: None
    names: tuple[str, ...] = ()
    folders: list[str] | None = None
    skipped: tuple[str, ...] = ()
    classes: NDArray[np.int64] | None = field(default=None)


def open_items(
    data: str,
    *,
    cache: Path,
    y_data: str | None = None,
    x_columns: Sequence[str] | None = None,
    y_columns: Sequence[str] | None = None,
    labels: str | None = None,
    groups: str | None = None,
    image_size: tuple[int, int] | None = None,
    skip_bad: bool = False,
) -> Items:
    """Open items, and what is known of them, by name or path.

    - A name of ``DATASETS``, and folders and archives that hold one: its training images.
    - ``.npy``: an array, one item in a row, mapped; of two dimensions, columns may be chosen.
    - ``.npz``: arrays by name, ``x`` and ``y`` where none is named.
    - ``.csv``, ``.tsv``, ``.parquet``: columns. Without columns of x, all that are not otherwise
      named; without columns of y, there is one view.
    - idx files, and folders of images: of ``train`` below it, where there is such a folder.

    Args:
        data: what x, or items that views are made of, are read from.
        cache: folder for columns that are laid out anew.
        y_data: what y is read from, row by row as ``data``; ``None`` where it is in ``data`` or is
            to be made.
        x_columns: columns, or the name of an array, of x.
        y_columns: columns, or the name of an array, of y.
        labels: column, array or file of the classes; folders name those of images.
        groups: column, array or file of groups of items that belong together.
        image_size: height and width that images of a folder are brought to.
        skip_bad: leave out images that cannot be read.

    Raises:
        UserError: if anything is not there, cannot be read or does not fit the rest.
    """
    named = tuple(name for name in (labels, groups) if name is not None)
    of_y = y_columns if y_data is None else None
    asked = _Asked(x_columns, of_y, named, image_size, skip_bad, cache)
    opened = _open(data, asked)
    y = opened.y
    if y_data is not None:
        y = _open(y_data, _Asked(y_columns, None, named, image_size, skip_bad, cache)).x
        if opened.skipped:
            raise UserError(
                f"{len(opened.skipped)} images of {data} were left out, so its rows no longer "
                f"belong to those of {y_data}: remove them from both"
            )
    numbers, classes = opened.classes, _counted(opened.classes)
    if labels is not None:
        numbers, classes = _numbered(_of_items(opened, labels, "labels"), labels, "labels")
    elif opened.folders is not None and len(set(opened.folders)) > 1:
        numbers, classes = _numbered(pd.Series(opened.folders), "the folders", "labels")
    group_numbers = None
    if groups is not None:
        group_numbers, _ = _numbered(_of_items(opened, groups, "groups"), groups, "groups")
    return Items(opened.x, y, numbers, classes, group_numbers, opened.skipped)


def _open(data: str, asked: _Asked) -> _Opened:
    path = Path(data).expanduser()
    if data not in DATASETS and path.is_file():
        if path.suffix.lower() in _ENDINGS:
            return _FILES[path.suffix.lower()](path, asked)
        if any(mark in path.name for mark in _IDX_MARKS):
            return _Opened(ArrayRows(read_idx(path), str(path)))
        if not is_archive(path):
            raise UserError(
                f"{path}: expected a name that ends in {', '.join(_ENDINGS)}, an idx file "
                "(...-ubyte), an archive, or a folder of images"
            )
    if data not in DATASETS and path.is_dir() and _holds_loose_images(path):
        folder = path / "train" if (path / "train").is_dir() else path
        images = ImageFiles(folder, size=asked.image_size, skip_bad=asked.skip_bad)
        return _Opened(images, folders=images.labels, skipped=tuple(images.skipped))
    if data not in DATASETS and not path.exists():
        error = unknown_name("data", data, DATASETS)
        raise UserError(f"{error}; or give the path of a file or folder that exists")
    dataset = load_dataset(data)
    rows = ArrayRows(dataset.train_images, dataset.name)
    rows.brightest = float(dataset.brightest)
    return _Opened(rows, classes=dataset.train_labels)


def _holds_loose_images(folder: Path) -> bool:
    """Tell whether a folder holds image files, and is no data set of another kind."""
    if holds_idx({child.name for child in folder.iterdir()}):
        return False
    return any(path.suffix.lower() in IMAGE_SUFFIXES for path in folder.rglob("*"))


def _open_array(path: Path, asked: _Asked) -> _Opened:
    if asked.x is None and asked.y is None:
        return _Opened(open_array(path))
    return _open_table(path, asked)


def _open_arrays(path: Path, asked: _Asked) -> _Opened:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, SyntaxError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: is not a .npz file that can be read ({reason})") from error

    def array(given: Sequence[str]) -> ArrayRows:
        (name,) = given if len(given) == 1 else (", ".join(given),)
        if name not in arrays:
            raise unknown_name(f"array of {path}", name, arrays)
        return ArrayRows(arrays[name], f"{path} ({name})")

    if asked.x is None and "x" not in arrays and len(arrays) != 1:
        raise UserError(
            f"{path} holds arrays {', '.join(arrays)}: name that of x, and of y if there is one"
        )
    x = array(asked.x or (["x"] if "x" in arrays else list(arrays)))
    of_y = asked.y or (["y"] if asked.x is None and "y" in arrays else None)

    def column(name: str) -> pd.Series | None:
        if name not in arrays:
            return None
        if arrays[name].ndim != 1:
            raise UserError(f"array {name} of {path} has shape {arrays[name].shape}: expected (N,)")
        return pd.Series(arrays[name])

    return _Opened(x, array(of_y) if of_y else None, column, tuple(arrays))


def _open_table(path: Path, asked: _Asked) -> _Opened:
    if path.suffix.lower() == ".parquet" and _bytes_of_parquet(path) > MOST_BYTES_READ:
        return _open_large_parquet(path, asked)
    table = read_table(path)
    y = table.chosen(asked.y) if asked.y else []
    others = [name for name in asked.of_items if table.names(name)]
    x = table.chosen(asked.x) if asked.x else table.all_but([*y, *others])
    if both := set(x) & set(y):
        raise UserError(f"column {min(both)} of {path} is in x and in y: leave it out of one")

    def column(name: str) -> pd.Series | None:
        return table.cells[name] if name in table.columns else None

    return _Opened(
        column_rows(table, x),
        column_rows(table, y) if y else None,
        column,
        tuple(table.columns),
    )


def _bytes_of_parquet(path: Path) -> int:
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        metadata = pq.ParquetFile(path).metadata
    except (OSError, ValueError):
        return 0  # Whoever reads it says what is wrong.
    return int(metadata.num_rows) * int(metadata.num_columns) * 8


def _open_large_parquet(path: Path, asked: _Asked) -> _Opened:
    y, of_y = None, list(asked.y or ())
    if of_y:
        y, of_y = laid_out_columns(path, of_y, asked.cache)
    x, _ = laid_out_columns(path, asked.x, asked.cache, without=[*of_y, *asked.of_items])

    def column(name: str) -> pd.Series | None:
        import pyarrow.parquet as pq  # noqa: PLC0415

        if name not in pq.ParquetFile(path).schema_arrow.names:
            return None
        return pd.read_parquet(path, columns=[name])[name]

    return _Opened(x, y, column)


_FILES: Final[dict[str, Callable[[Path, _Asked], _Opened]]] = {
    ".npy": _open_array,
    ".npz": _open_arrays,
    **dict.fromkeys(_TABLES, _open_table),
}


def _of_items(opened: _Opened, name: str, kind: str) -> pd.Series:
    """Return what a column, an array or a file of its own says of each item."""
    column = opened.columns(name)
    if column is not None:
        return column
    path = Path(name).expanduser()
    if not path.is_file():
        if opened.names:
            raise unknown_name(f"column of {kind}", name, opened.names)
        raise UserError(f"{kind}: {name} is no column and no file: expected either")
    table: MeasuredTable = read_table(path)
    if len(table.columns) != 1:
        raise UserError(f"{path} holds {len(table.columns)} columns: expected one, of {kind}")
    return table.cells[table.columns[0]]


def _numbered(values: pd.Series, name: str, kind: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    missing = values.isna()
    if missing.any():
        raise UserError(
            f"{kind} {name}: {int(missing.sum())} are missing, the first in row "
            f"{int(missing.to_numpy().argmax())} (counted from 0): fill them in"
        )
    numbers, names = pd.factorize(values, sort=True)
    return numbers.astype(np.int64), tuple(map(str, names))


def _counted(classes: NDArray[np.int64] | None) -> tuple[str, ...]:
    return () if classes is None else tuple(map(str, np.unique(classes)))
