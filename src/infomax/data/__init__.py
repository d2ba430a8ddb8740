"""Real data: image data sets by name or path, and items of a user's own in files and folders."""

from infomax.data.array_source import ArraySource
from infomax.data.dataset import ImageDataset, Indices, ItemDataset, ItemSource, Values
from infomax.data.datasets.catalogue import DATASETS, load_dataset
from infomax.data.dialogue_files import DIALOGUES, read_dailydialog, read_dialogues
from infomax.data.dialogues import Dialogues, DialogueSource
from infomax.data.images import ImageSource
from infomax.data.open import open_data, open_splits
from infomax.data.open_files import names_in
from infomax.data.split import RowSplit, read_split, split_rows, write_split
from infomax.data.tables import TABLE_FORMATS, MeasuredTable, read_table
from infomax.data.tokens import Tokenizer, TokenPairSource

__all__ = [
    "DATASETS",
    "DIALOGUES",
    "TABLE_FORMATS",
    "ArraySource",
    "DialogueSource",
    "Dialogues",
    "ImageDataset",
    "ImageSource",
    "Indices",
    "ItemDataset",
    "ItemSource",
    "MeasuredTable",
    "RowSplit",
    "TokenPairSource",
    "Tokenizer",
    "Values",
    "load_dataset",
    "names_in",
    "open_data",
    "open_splits",
    "read_dailydialog",
    "read_dialogues",
    "read_split",
    "read_table",
    "split_rows",
    "write_split",
]
