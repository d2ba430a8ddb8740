"""Real data: image data sets by name or path, and items of a user's own in files and folders."""

from infomax.data.array_rows import ArrayRows
from infomax.data.catalogue import DATASETS, load_dataset
from infomax.data.dataset import ImageDataset
from infomax.data.image_files import DataWarning, ImageFiles
from infomax.data.item_files import names_in
from infomax.data.item_source import open_items
from infomax.data.measured_table import MeasuredTable
from infomax.data.paired_items import Items
from infomax.data.rows import Places, Rows, Values
from infomax.data.table_file import read_table
from infomax.data.text_table import TableWarning
from infomax.data.validation_split import RowSplit, read_split, split_rows, write_split

__all__ = [
    "DATASETS",
    "ArrayRows",
    "DataWarning",
    "ImageDataset",
    "ImageFiles",
    "Items",
    "MeasuredTable",
    "Places",
    "RowSplit",
    "Rows",
    "TableWarning",
    "Values",
    "load_dataset",
    "names_in",
    "open_items",
    "read_split",
    "read_table",
    "split_rows",
    "write_split",
]
