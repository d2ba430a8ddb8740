"""A graph as encoders read it: features, and the matrix by which neighbours are averaged."""

from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from infomax.data import Graph
from infomax.encoders.graphs.sparse_matrix import SparseMatrix, permuted_rows

__all__ = ["Features", "GraphTensors", "ShuffledFeatures", "normalised_adjacency"]

_DENSE_FROM = 0.1


class ShuffledFeatures:
    r"""Features whose rows stand in another order: :math:`(P X) W = P (X W)`.

    Args:
        features: X, ``(N, F)``.
        order: row i is row ``order[i]`` of X.
    """

    def __init__(self, features: "SparseMatrix | Tensor", order: Tensor) -> None:
        self.features, self.order = features, order
        self.shape = features.shape

    def __matmul__(self, dense: Tensor) -> Tensor:
        """Return the product: ``(N, F)`` with ``(F, d)`` -> ``(N, d)``."""
        return permuted_rows(self.features @ dense, self.order)


Features: TypeAlias = SparseMatrix | Tensor | ShuffledFeatures
"""Features of nodes, of which products with a dense matrix are taken: ``features @ W``."""


class GraphTensors:
    r"""A graph on a device, prepared as DGI and GMI prepare it.

    Rows of features are divided by their sum, and stay zero where that is zero. Neighbours are
    averaged by

    .. math:: \hat A = D^{-1/2} (A + I) D^{-1/2}, \qquad D_{ii} = \sum_j (A + I)_{ij}

    Features of which at least a tenth is filled are held dense, where a dense product is as fast;
    others stay sparse, and no product ever writes them out.

    Source: Kipf and Welling (2017), equation 2; Veličković et al. (2019), section 4.2.

    Args:
        graph: to prepare.
        device: where tensors are kept.

    Attributes:
        graph: as given.
        nodes: N.
        features: X, ``(N, F)``, or those of other nodes where they were shuffled.
        own_features: X.
        propagation: A^, ``(N, N)``.
        edge_index: edges in both directions, and self-loops, as PyTorch Geometric has them.

    Example:
        >>> from infomax.data import open_graph
        >>> tensors = GraphTensors(open_graph("karate-club"))
        >>> (tensors.propagation @ torch.ones(34, 1)).shape
        torch.Size([34, 1])
    """

    def __init__(self, graph: Graph, device: torch.device | str = "cpu") -> None:
        self.graph, self.nodes = graph, graph.nodes
        self.device = torch.device(device)
        normalised = row_normalised(graph.features)
        self.own_features: SparseMatrix | Tensor = (
            torch.from_numpy(normalised.toarray()).to(device)
            if graph.filled_share >= _DENSE_FROM
            else SparseMatrix(normalised, device=device)
        )
        self.features: Features = self.own_features
        self.propagation = SparseMatrix(normalised_adjacency(graph), symmetric=True, device=device)
        ends = np.stack(graph.adjacency().tocoo().coords).astype(np.int64)
        self.edge_index = torch.from_numpy(ends).to(device)

    def __repr__(self) -> str:
        return f"GraphTensors({self.graph})"

    def shuffled(self, order: Tensor) -> "GraphTensors":
        """Return the same graph with the features of other nodes: row i is row ``order[i]``."""
        other = object.__new__(GraphTensors)
        other.__dict__ = dict(self.__dict__)
        other.features = ShuffledFeatures(self.own_features, order)
        return other


def row_normalised(features: sp.csr_array) -> sp.csr_array:
    """Return features whose rows sum to 1; rows of zeros, or that sum to 0, stay as they are."""
    sums = np.asarray(features.sum(axis=1)).ravel()
    scale = np.divide(1.0, sums, out=np.ones_like(sums), where=sums != 0)
    return sp.csr_array(sp.diags_array(scale.astype(np.float32)) @ features)


def normalised_adjacency(graph: Graph) -> sp.csr_array:
    """Return A^ of a graph: ``(N, N)``, symmetric."""
    with_self = graph.adjacency() + sp.eye_array(graph.nodes, dtype=np.float32, format="csr")
    root = 1 / np.sqrt(np.asarray(with_self.sum(axis=1)).ravel())
    scale = sp.diags_array(root.astype(np.float32))
    return sp.csr_array(scale @ with_self @ scale)
