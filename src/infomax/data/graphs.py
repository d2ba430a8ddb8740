"""A graph whose nodes have features: what it holds, how it is checked, and how nodes are split."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from infomax.errors import UserError
from infomax.warnings import GraphWarning

__all__ = ["NO_CLASS", "Graph", "NodeSplit", "make_graph", "random_node_split"]

NO_CLASS = -1
"""Label of a node whose class is not known."""

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NodeSplit:
    """Nodes that probes are fitted on, that settings are chosen by, and that are measured.

    Attributes:
        train: indices of nodes, ascending.
        validation: those of others.
        test: those of still others.
    """

    train: Indices
    validation: Indices
    test: Indices

    def __repr__(self) -> str:
        sizes = len(self.train), len(self.validation), len(self.test)
        return "NodeSplit(train={:,}, validation={:,}, test={:,})".format(*sizes)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes with features, and undirected edges between them.

    Attributes:
        name: what messages and records call it.
        features: one row for each of N nodes, float32, sparse: ``(N, F)``.
        edges: ``(2, E)``; each once, its smaller node first, in ascending order.
        self_loops: nodes that are linked to themselves, which are not among the edges.
        labels: class of each node, ``(N,)``, or -1 where it is not known; ``None`` without any.
        split: nodes of the split that comes with the graph, or ``None``.

    Example:
        >>> graph = make_graph("path", np.eye(3), np.array([[0, 1], [1, 2]]))
        >>> graph
        Graph('path': 3 nodes, 2 edges, 3 features)
        >>> graph.degrees.tolist()
        [1, 2, 1]
    """

    name: str
    features: sp.csr_array
    edges: Indices
    self_loops: Indices
    labels: Indices | None = None
    split: NodeSplit | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return (
            f"Graph({self.name!r}: {self.nodes:,} nodes, {self.edges.shape[1]:,} edges, "
            f"{self.features.shape[1]:,} features)"
        )

    @property
    def nodes(self) -> int:
        """Number of nodes, N."""
        return int(self.features.shape[0])

    @property
    def degrees(self) -> Indices:
        """Number of other nodes that each is linked to: ``(N,)``."""
        return np.bincount(self.edges.ravel(), minlength=self.nodes)

    @property
    def filled_share(self) -> float:
        """Share of the features that are not zero."""
        return float(self.features.nnz / max(np.prod(self.features.shape), 1))

    def adjacency(self) -> sp.csr_array:
        """Return A: ones for both directions of each edge and for self-loops: ``(N, N)``."""
        if "adjacency" not in self._cache:
            (u, v), loops = self.edges, self.self_loops
            rows, columns = np.r_[u, v, loops], np.r_[v, u, loops]
            ones = np.ones(len(rows), np.float32)
            self._cache["adjacency"] = sp.csr_array(
                (ones, (rows, columns)), shape=(self.nodes, self.nodes)
            )
        adjacency: sp.csr_array = self._cache["adjacency"]
        return adjacency

    def known_labels(self) -> Indices:
        """Return the labels.

        Raises:
            UserError: if there are none.
        """
        if self.labels is None:
            raise UserError(f"{self.name} has no labels: a probe needs a class of each node")
        return self.labels


def make_graph(
    name: str,
    features: Any,
    edges: NDArray[Any],
    *,
    labels: NDArray[Any] | None = None,
    split: NodeSplit | None = None,
    self_loops: NDArray[Any] | None = None,
    listed_both_ways: bool = False,
) -> Graph:
    """Check nodes, edges and labels from anywhere, and return them as a graph.

    Edges are taken as undirected. What is repeated is kept once; self-loops and nodes without edges
    are kept and counted in a warning, and so are edges that go one way where others go both ways.

    Args:
        name: what messages and records call it.
        features: ``(N, F)``, finite numbers; an array or any sparse matrix of SciPy.
        edges: ``(2, E)``, indices of nodes from 0 to N - 1, self-loops among them or not.
        labels: ``(N,)``, whole numbers or text; missing ones as -1. Text becomes the index of the
            class among all of them in alphabetical order.
        split: indices of nodes; none where it is ``None``.
        self_loops: nodes linked to themselves, beside those among the edges.
        listed_both_ways: whether whoever made the edges lists an undirected one in both directions,
            as PyTorch Geometric does, so that one without its reverse is directed.

    Raises:
        UserError: if an edge names a node that is not there, or features, labels or split do not
            fit the nodes.

    Warns:
        GraphWarning: of self-loops, isolated nodes, directed edges and classes of a single node.

    Example:
        >>> make_graph("cut", np.ones((2, 1)), np.array([[0], [2]]))
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: cut: edge 0 is of node 2, and there are features of 2 nodes, 0 \
to 1: give a row of features for each node, or leave the edge out
    """
    table = _checked_features(name, features)
    ends = _checked_edges(name, edges, table.shape[0])
    loops = ends[0] == ends[1]
    own = np.unique(np.r_[ends[0][loops], np.asarray(self_loops if self_loops is not None else [])])
    once, one_way = _undirected(ends[:, ~loops], table.shape[0], listed_both_ways)
    found = Graph(
        name,
        table,
        once,
        own.astype(np.int64),
        _checked_labels(name, labels, table.shape[0]),
        _checked_split(name, split, table.shape[0]),
    )
    if said := _peculiarities(found, one_way):
        warnings.warn(GraphWarning(f"{name}: {said}"), stacklevel=2)
    return found


def _checked_features(name: str, features: Any) -> sp.csr_array:
    try:
        table = sp.csr_array(features, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name}: features are no table of numbers ({error})") from error
    if len(table.shape) != 2 or not all(table.shape):
        raise UserError(f"{name}: features are {table.shape}: expected (nodes, features)")
    broken = int((~np.isfinite(table.data)).sum())
    if broken:
        raise UserError(f"{name}: {broken:,} features are missing or infinite: fill them in before")
    table.sum_duplicates()
    table.eliminate_zeros()
    return table


def _checked_edges(name: str, edges: NDArray[Any], nodes: int) -> Indices:
    ends = np.asarray(edges)
    if ends.ndim != 2 or ends.shape[0] != 2:
        raise UserError(
            f"{name}: edges are {ends.shape}: expected (2, edges), a column for each edge"
        )
    if ends.size and not (
        np.issubdtype(ends.dtype, np.integer)
        or (np.isfinite(ends).all() and (ends == np.floor(ends)).all())
    ):
        raise UserError(f"{name}: edges hold values that are no indices of nodes")
    ends = ends.astype(np.int64)
    outside = ((ends < 0) | (ends >= nodes)).any(axis=0)
    if outside.any():
        first = int(np.flatnonzero(outside)[0])
        node = next(int(each) for each in ends[:, first] if not 0 <= each < nodes)
        others = f" (and {int(outside.sum()) - 1:,} edges more)" if outside.sum() > 1 else ""
        raise UserError(
            f"{name}: edge {first} is of node {node}{others}, and there are features of {nodes:,} "
            f"nodes, 0 to {nodes - 1}: give a row of features for each node, or leave the edge out"
        )
    return ends


def _undirected(ends: Indices, nodes: int, listed_both_ways: bool) -> tuple[Indices, int]:
    """Return each edge once, and the number of those that are known to go one way."""
    forward = np.unique(ends[0] * nodes + ends[1])
    backward = np.unique(ends[1] * nodes + ends[0])
    one_way = int((~np.isin(forward, backward, assume_unique=True)).sum())
    # Where no edge has its reverse, each is simply listed once.
    if one_way == len(forward) and not listed_both_ways:
        one_way = 0
    keys = np.unique(ends.min(axis=0) * nodes + ends.max(axis=0))
    return np.stack([keys // nodes, keys % nodes]), one_way


def _checked_labels(name: str, labels: NDArray[Any] | None, nodes: int) -> Indices | None:
    if labels is None:
        return None
    given = np.asarray(labels)
    if given.shape != (nodes,):
        raise UserError(
            f"{name}: labels are {given.shape}, and there are {nodes:,} nodes: give one each"
        )
    if np.issubdtype(given.dtype, np.integer):
        return given.astype(np.int64)
    if np.issubdtype(given.dtype, np.floating):
        if not (np.isfinite(given).all() and (given == np.floor(given)).all()):
            raise UserError(f"{name}: labels are numbers that are not whole: give classes")
        return given.astype(np.int64)
    found: Indices = np.unique(given.astype(str), return_inverse=True)[1].astype(np.int64)
    return found


def _checked_split(name: str, split: NodeSplit | None, nodes: int) -> NodeSplit | None:
    if split is None:
        return None
    parts = [np.unique(np.asarray(each)) for each in (split.train, split.validation, split.test)]
    together = np.concatenate(parts)
    if len(together) and not (together.min() >= 0 and together.max() < nodes):
        raise UserError(f"{name}: the split names nodes that are not among 0 to {nodes - 1}")
    if len(np.unique(together)) < len(together):
        raise UserError(f"{name}: a node is in two parts of the split: leave it in one")
    return NodeSplit(*(each.astype(np.int64) for each in parts))


def _peculiarities(graph: Graph, one_way: int) -> str:
    """Return in a sentence what a graph holds that people do not expect."""
    isolated = int((graph.degrees == 0).sum())
    kept = [
        f"self-loops of {len(graph.self_loops):,} nodes" if len(graph.self_loops) else "",
        f"nodes without an edge ({isolated:,})" if isolated else "",
    ]
    said = [f"{' and '.join(filter(None, kept))} are kept"] if any(kept) else []
    if one_way:
        said.append(f"edges that go one way ({one_way:,}) are taken both ways")
    if graph.labels is not None:
        present, sizes = np.unique(graph.labels[graph.labels != NO_CLASS], return_counts=True)
        if single := [str(each) for each in present[sizes == 1]]:
            listed = ", ".join(single[:5]) + (", ..." if len(single) > 5 else "")
            said.append(
                f"{len(single)} of {len(present)} classes have a single node ({listed}), which can "
                "be fitted or measured but not both"
            )
    return "; ".join(said)


def random_node_split(
    graph: Graph, seed: int, shares: Mapping[str, float] | None = None
) -> NodeSplit:
    """Split the nodes whose class is known at random: 10 % train, 10 % validation, the rest test.

    Source: the protocol of Shchur, Mumme, Bojchevski and Günnemann (2018) with the shares of Zhu
    et al. (2021), GCA.

    Args:
        graph: with labels.
        seed: of the split; the same for all methods that are compared.
        shares: of ``train`` and ``validation``, each above 0.

    Raises:
        UserError: if a part would be empty.

    Example:
        >>> ring = np.stack([np.arange(20), (np.arange(20) + 1) % 20])
        >>> graph = make_graph("ring", np.eye(20), ring, labels=np.arange(20) % 2)
        >>> random_node_split(graph, seed=0)
        NodeSplit(train=2, validation=2, test=16)
    """
    shares = shares or {"train": 0.1, "validation": 0.1}
    known = np.flatnonzero(graph.known_labels() != NO_CLASS)
    order = known[np.random.default_rng(seed).permutation(len(known))]
    train, validation = (int(shares[part] * len(order)) for part in ("train", "validation"))
    parts = np.split(order, [train, train + validation])
    if not all(len(each) for each in parts):
        raise UserError(
            f"{graph.name}: {len(known)} nodes with a class are too few for a split of {shares}: "
            "give larger shares or more nodes"
        )
    return NodeSplit(*(np.sort(each) for each in parts))
