"""Real data: image data sets by name or path, and items of a user's own in files and folders."""

from infomax.data.array_source import ArraySource
from infomax.data.dataset import ImageDataset, Indices, ItemDataset, ItemSource, Values
from infomax.data.datasets.catalogue import DATASETS, load_dataset
from infomax.data.images import ImageSource
from infomax.data.open import open_data, open_splits
from infomax.data.open_files import names_in
from infomax.data.split import RowSplit, read_split, split_rows, write_split
from infomax.data.tables import TABLE_FORMATS, MeasuredTable, read_table

__all__ = [
    "DATASETS",
    "TABLE_FORMATS",
    "ArraySource",
    "ImageDataset",
    "ImageSource",
    "Indices",
    "ItemDataset",
    "ItemSource",
    "MeasuredTable",
    "RowSplit",
    "Values",
    "load_dataset",
    "names_in",
    "open_data",
    "open_splits",
    "read_split",
    "read_table",
    "split_rows",
    "write_split",
]
