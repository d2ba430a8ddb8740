"""Real data: image data sets by name or path, and items of a user's own in files and folders."""

from infomax.data.array_source import ArraySource
from infomax.data.dataset import ImageDataset, Indices, ItemDataset, ItemSource, Values
from infomax.data.datasets.catalogue import DATASETS, load_dataset
from infomax.data.dialogue_files import DIALOGUES, read_dailydialog, read_dialogues
from infomax.data.dialogues import Dialogues, DialogueSource
from infomax.data.graphs import NO_CLASS, Graph, NodeSplit, make_graph, random_node_split
from infomax.data.images import ImageSource
from infomax.data.open import open_data, open_splits
from infomax.data.open_files import names_in
from infomax.data.open_graph import (
    GRAPHS,
    graph_of_networkx,
    graph_of_pyg,
    holds_graph,
    open_graph,
)
from infomax.data.sample_graphs import karate_club, stochastic_blocks
from infomax.data.split import RowSplit, read_split, split_rows, write_split
from infomax.data.tables import TABLE_FORMATS, MeasuredTable, read_table
from infomax.data.tokens import Tokenizer, TokenPairSource

__all__ = [
    "DATASETS",
    "DIALOGUES",
    "GRAPHS",
    "NO_CLASS",
    "TABLE_FORMATS",
    "ArraySource",
    "DialogueSource",
    "Dialogues",
    "Graph",
    "ImageDataset",
    "ImageSource",
    "Indices",
    "ItemDataset",
    "ItemSource",
    "MeasuredTable",
    "NodeSplit",
    "RowSplit",
    "TokenPairSource",
    "Tokenizer",
    "Values",
    "graph_of_networkx",
    "graph_of_pyg",
    "holds_graph",
    "karate_club",
    "load_dataset",
    "make_graph",
    "names_in",
    "open_data",
    "open_graph",
    "open_splits",
    "random_node_split",
    "read_dailydialog",
    "read_dialogues",
    "read_split",
    "read_table",
    "split_rows",
    "stochastic_blocks",
    "write_split",
]
