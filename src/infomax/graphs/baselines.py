"""What needs no training, to be compared with codes: features as they are, and averaged twice."""

from collections.abc import Callable

import torch
from torch import Tensor

from infomax.data import Graph
from infomax.encoders.graphs import GraphTensors, SparseMatrix

__all__ = ["GRAPH_BASELINES", "propagated_features", "raw_features"]


def raw_features(graph: Graph) -> Tensor:
    """Return the features of nodes, each row divided by its sum: ``(N, F)``.

    Example:
        >>> from infomax.data import open_graph
        >>> raw_features(open_graph("karate-club")).sum().item()
        34.0
    """
    features = GraphTensors(graph).own_features
    return features.to_dense() if isinstance(features, SparseMatrix) else features


@torch.no_grad()
def propagated_features(graph: Graph, times: int = 2) -> Tensor:
    r"""Return :math:`\hat A^2 X`, features averaged over neighbours without any weights.

    An encoder that does no better has learnt nothing that the graph does not say by itself.

    Source: Wu et al. (2019), simplified graph convolutions, equation 8.

    Args:
        graph: nodes and edges.
        times: how often they are averaged.

    Returns:
        ``(N, F)``.

    Example:
        >>> from infomax.data import open_graph
        >>> propagated_features(open_graph("karate-club")).shape
        torch.Size([34, 34])
    """
    propagation, features = GraphTensors(graph).propagation, raw_features(graph)
    for _ in range(times):
        features = propagation @ features
    return features


GRAPH_BASELINES: dict[str, Callable[[Graph], Tensor]] = {
    "features": raw_features,
    "features averaged twice": propagated_features,
}
"""What codes of a graph are compared with, by what people call it."""
