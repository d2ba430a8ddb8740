"""Encoders of graphs: from features and edges to one code for each node."""

from collections.abc import Callable
from typing import TypeAlias

from infomax.encoders.graphs.gcn import GCNEncoder, GraphConvolution, GraphEncoder
from infomax.encoders.graphs.geometric import GeometricEncoder, GINEncoder, GraphSAGEEncoder
from infomax.encoders.graphs.graph_tensors import (
    Features,
    GraphTensors,
    ShuffledFeatures,
    normalised_adjacency,
)
from infomax.encoders.graphs.sparse_matrix import SparseMatrix, compressed_rows, permuted_rows

__all__ = [
    "GRAPH_ENCODERS",
    "Features",
    "GCNEncoder",
    "GINEncoder",
    "GeometricEncoder",
    "GraphConvolution",
    "GraphEncoder",
    "GraphEncoderMaker",
    "GraphSAGEEncoder",
    "GraphTensors",
    "ShuffledFeatures",
    "SparseMatrix",
    "compressed_rows",
    "normalised_adjacency",
    "permuted_rows",
]

GraphEncoderMaker: TypeAlias = Callable[..., GraphEncoder]
"""Number of features, generator of the weights, and options of its own -> encoder."""

GRAPH_ENCODERS: dict[str, GraphEncoderMaker] = {
    "gcn": GCNEncoder,
    "gin": GINEncoder,
    "sage": GraphSAGEEncoder,
}
"""The encoders of graphs by name; all but ``gcn`` are PyTorch Geometric's."""
