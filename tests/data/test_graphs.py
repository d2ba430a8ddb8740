"""Graphs by every door, and what each says of input that is odd or wrong."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

from infomax.data import (
    GRAPHS,
    Graph,
    NodeSplit,
    holds_graph,
    make_graph,
    open_graph,
    random_node_split,
    stochastic_blocks,
)
from infomax.errors import UserError
from infomax.warnings import GraphWarning

RING = np.stack([np.arange(6), (np.arange(6) + 1) % 6])
SHARED = Path(__file__).parents[3] / "shared" / "datasets" / "graphs"


def same(one: Graph, other: Graph) -> bool:
    parts = [
        np.array_equal(one.edges, other.edges),
        np.array_equal(one.self_loops, other.self_loops),
        np.array_equal(one.features.toarray(), other.features.toarray()),
        np.array_equal(one.known_labels(), other.known_labels()),
    ]
    return all(parts)


def split_of(graph: Graph) -> NodeSplit:
    assert graph.split is not None
    return graph.split


@pytest.fixture
def blocks() -> Graph:
    return stochastic_blocks(blocks=2, nodes_of_block=15, within=0.4, features=6)


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_graphs_that_come_along_are_whole(name: str) -> None:
    graph = open_graph(name)
    assert graph.name == name
    assert holds_graph(name)
    assert (graph.edges[0] < graph.edges[1]).all()
    assert (graph.degrees > 0).all()
    assert same(graph, open_graph(name))


def test_edges_are_kept_once_in_order() -> None:
    edges = np.array([[3, 0, 1, 1, 3], [1, 1, 3, 0, 1]])
    with pytest.warns(GraphWarning, match=r"one way \(1\)"):
        graph = make_graph("g", np.eye(4)[:, :2] + 1, np.c_[edges, [[2], [0]]])
    assert graph.edges.tolist() == [[0, 0, 1], [1, 2, 3]]
    dense = graph.adjacency().toarray()
    assert (dense == dense.T).all()
    assert dense.sum() == 6


def test_self_loops_and_nodes_without_edges_are_kept_and_counted() -> None:
    edges = np.array([[0, 1, 2], [1, 1, 2]])
    said = r"g: self-loops of 2 nodes and nodes without an edge \(2\) are kept"
    with pytest.warns(GraphWarning, match=said):
        graph = make_graph("g", np.eye(4), edges)
    assert graph.self_loops.tolist() == [1, 2]
    assert graph.adjacency().diagonal().tolist() == [0, 1, 1, 0]


def test_edges_that_go_one_way_are_taken_both_ways() -> None:
    mixed = np.array([[0, 1, 1, 2], [1, 0, 2, 0]])
    with pytest.warns(GraphWarning, match=r"edges that go one way \(2\) are taken both ways"):
        graph = make_graph("g", np.eye(3), mixed)
    assert graph.edges.tolist() == [[0, 0, 1], [1, 2, 2]]
    # Each listed once: nothing says that they go one way, unless the source would list both.
    make_graph("g", np.eye(6), RING)
    with pytest.warns(GraphWarning, match=r"one way \(6\)"):
        make_graph("g", np.eye(6), RING, listed_both_ways=True)


def test_classes_of_a_single_node_are_said() -> None:
    with pytest.warns(GraphWarning, match=r"1 of 3 classes have a single node \(2\)"):
        make_graph("g", np.eye(6), RING, labels=np.array([0, 0, 1, 1, 2, -1]))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"edges": np.array([[0, 1], [1, 6]])}, "edge 1 is of node 6, and there are features of 6"),
        ({"edges": np.array([[0, 7, 8], [-1, 1, 2]])}, r"node -1 \(and 2 edges more\)"),
        ({"edges": RING.T}, r"edges are \(6, 2\): expected \(2, edges\)"),
        ({"edges": RING + 0.5}, "no indices of nodes"),
        ({"features": np.full((6, 2), np.nan)}, "12 features are missing or infinite"),
        ({"features": np.ones(6)}, "features"),
        ({"features": np.array([["a"] * 2] * 6)}, "no table of numbers"),
        ({"labels": np.zeros(5, int)}, r"labels are \(5,\), and there are 6 nodes"),
        ({"labels": np.full(6, 0.5)}, "not whole"),
        ({"split": NodeSplit(*np.array([[0], [1], [6]]))}, "nodes that are not among 0 to 5"),
        ({"split": NodeSplit(*np.array([[0], [1], [0]]))}, "in two parts of the split"),
    ],
)
def test_what_is_no_graph_is_refused(given: dict[str, Any], said: str) -> None:
    made: dict[str, Any] = {"features": np.eye(6), "edges": RING, **given}
    with pytest.raises(UserError, match=said):
        make_graph("g", **made)


def test_text_classes_are_numbered_in_their_order() -> None:
    graph = make_graph("g", np.eye(6), RING, labels=np.array(list("bacabc")))
    assert graph.known_labels().tolist() == [1, 0, 2, 0, 1, 2]


def test_random_splits_are_of_known_nodes_and_differ_by_seed() -> None:
    labels = np.repeat([0, 1, -1], 40)
    ring = np.stack([np.arange(120), (np.arange(120) + 1) % 120])
    graph = make_graph("g", np.ones((120, 1)), ring, labels=labels)
    split = random_node_split(graph, 0)
    assert [len(split.train), len(split.validation), len(split.test)] == [8, 8, 64]
    together = np.sort(np.concatenate([split.train, split.validation, split.test]))
    assert together.tolist() == list(range(80))
    assert not np.array_equal(split.train, random_node_split(graph, 1).train)
    few = make_graph("few", np.eye(6), RING, labels=np.array([0, 0, 1, 1, 0, 1]))
    with pytest.raises(UserError, match="too few for a split"):
        random_node_split(few, 0)


def arrays_of(graph: Graph) -> dict[str, Any]:
    split = split_of(graph)
    return {
        "edges": graph.edges,
        "y": graph.known_labels(),
        "train": split.train,
        "val": split.validation,
        "test": split.test,
    }


def test_arrays_hold_dense_or_sparse_features(tmp_path: Path, blocks: Graph) -> None:
    table = blocks.features
    np.savez(tmp_path / "dense.npz", x=table.toarray(), **arrays_of(blocks))
    sparse: dict[str, Any] = {
        "x_indptr": table.indptr,
        "x_indices": table.indices,
        "x_shape": np.array(table.shape),
        "x_data": np.ones(1, np.float32),
    }
    np.savez(tmp_path / "sparse.npz", **sparse, **arrays_of(blocks))
    for name in ("dense", "sparse"):
        found = open_graph(tmp_path / f"{name}.npz")
        assert same(found, blocks)
        assert split_of(found).test.tolist() == split_of(blocks).test.tolist()
        assert holds_graph(tmp_path / f"{name}.npz")


def test_masks_are_a_split(tmp_path: Path, blocks: Graph) -> None:
    split = split_of(blocks)
    masks: dict[str, Any] = {
        f"{name}_mask": np.isin(np.arange(blocks.nodes), nodes)
        for name, nodes in (("train", split.train), ("val", split.validation), ("test", split.test))
    }
    both = np.c_[blocks.edges, blocks.edges[::-1]]
    np.savez(tmp_path / "g.npz", x=blocks.features.toarray(), edge_index=both, **masks)
    assert split_of(open_graph(tmp_path / "g.npz")).train.tolist() == split.train.tolist()


def test_arrays_that_hold_no_graph_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(3))
    with pytest.raises(UserError, match="holds no edges"):
        open_graph(tmp_path / "a.npz")
    assert not holds_graph(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", edges=RING, x_indptr=np.arange(7))
    with pytest.raises(UserError, match="x_indices, x_data, x_shape are not there"):
        open_graph(tmp_path / "b.npz")
    sparse: dict[str, Any] = {
        "x_indptr": [0, 1, 2],
        "x_indices": [0, 9],
        "x_data": [1.0],
        "x_shape": [2, 3],
    }
    np.savez(tmp_path / "c.npz", edges=np.array([[0], [1]]), **sparse)
    with pytest.raises(UserError, match="fit no table"):
        open_graph(tmp_path / "c.npz")


def tables_of(folder: Path, graph: Graph, named: bool) -> tuple[Path, Path]:
    names = np.array([f"n{each}" for each in range(graph.nodes)])
    ends = names[graph.edges] if named else graph.edges
    edges, features = folder / "edges.csv", folder / "nodes.csv"
    pd.DataFrame(ends.T, columns=["from", "to"]).to_csv(edges, index=False)
    table = pd.DataFrame(graph.features.toarray()).add_prefix("f")
    table["class"] = np.where(graph.known_labels() == 0, "one", "two")
    if named:
        table["name"] = names
    table.to_csv(features, index=False)
    return edges, features


@pytest.mark.parametrize("named", [False, True])
def test_a_table_of_edges_and_one_of_features(
    tmp_path: Path, blocks: Graph, *, named: bool
) -> None:
    edges, features = tables_of(tmp_path, blocks, named)
    node = "name" if named else None
    found = open_graph(edges, features=features, labels="class", node=node)
    assert same(found, blocks)


def test_tables_that_do_not_fit_are_refused(tmp_path: Path, blocks: Graph) -> None:
    edges, features = tables_of(tmp_path, blocks, True)
    with pytest.raises(UserError, match="give a table of features"):
        open_graph(edges)
    with pytest.raises(UserError, match="unknown column 'nam': did you mean 'name'"):
        open_graph(edges, features=features, labels="class", node="nam")
    with pytest.raises(UserError, match="edges name nodes by text"):
        open_graph(edges, features=features, labels="class")
    with pytest.raises(UserError, match="column 'class' holds text"):
        open_graph(edges, features=features, node="name")
    nodes = pd.read_csv(features)
    nodes.iloc[1:].to_csv(features, index=False)
    with pytest.raises(UserError, match="of node 'n0', which has no features"):
        open_graph(edges, features=features, labels="class", node="name")
    nodes.iloc[[0, 0, *range(1, 30)]].to_csv(features, index=False)
    with pytest.raises(UserError, match="two nodes are named 'n0'"):
        open_graph(edges, features=features, labels="class", node="name")


def test_networkx_keeps_the_order_of_its_nodes(blocks: Graph) -> None:
    drawn: Any = nx.Graph(name="own")
    for node in range(blocks.nodes):
        drawn.add_node(
            f"n{node}",
            x=blocks.features.toarray()[node],
            block=int(blocks.known_labels()[node]),
        )
    drawn.add_edges_from([(f"n{u}", f"n{v}") for u, v in blocks.edges.T])
    found = open_graph(drawn, labels="block")
    assert found.name == "own"
    assert same(found, blocks)
    drawn.add_node("odd", x=[1.0], block=0)
    with pytest.raises(UserError, match=r"features of different lengths \(1 to 6\)"):
        open_graph(drawn, labels="block")
    drawn.add_node("bare", block=0)
    with pytest.raises(UserError, match="1 of 32 nodes have no attribute 'x', the first is 'bare'"):
        open_graph(drawn, labels="block")


def test_edges_of_a_directed_networkx_graph_are_said() -> None:
    drawn: Any = nx.DiGraph()
    drawn.add_nodes_from((node, {"x": [node]}) for node in range(3))
    drawn.add_edges_from([(0, 1), (1, 2)])
    with pytest.warns(GraphWarning, match=r"the graph: edges that go one way \(2\)"):
        open_graph(drawn)


def data_of(graph: Graph) -> Any:
    both = np.c_[graph.edges, graph.edges[::-1]]
    return SimpleNamespace(
        x=torch.from_numpy(graph.features.toarray()),
        edge_index=torch.from_numpy(both),
        y=torch.from_numpy(graph.known_labels()),
    )


def test_data_of_pytorch_geometric_are_read(blocks: Graph) -> None:
    assert same(open_graph(data_of(blocks)), blocks)

    class One:
        num_classes, name = 2, "one"

        def __init__(self, length: int) -> None:
            self.length = length

        def __len__(self) -> int:
            return self.length

        def __getitem__(self, index: int) -> Any:
            return data_of(blocks)

    assert open_graph(One(1)).name == "one"
    with pytest.raises(UserError, match="holds 2 graphs"):
        open_graph(One(2))
    bare = data_of(blocks)
    bare.x = None
    with pytest.raises(UserError, match="no features x"):
        open_graph(bare)


def test_the_data_class_itself_is_read(blocks: Graph) -> None:
    data = pytest.importorskip("torch_geometric.data")
    assert same(open_graph(data.Data(**vars(data_of(blocks)))), blocks)


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(UserError, match="unknown graph 'karate': did you mean 'karate-club'"):
        open_graph("karate")
    with pytest.raises(UserError, match="list is no graph"):
        open_graph([1, 2])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the research graphs are not here")
@pytest.mark.parametrize(
    ("name", "sizes", "loops", "isolated", "parts"),
    [
        ("cora", (2708, 5278), 0, 0, (140, 500, 1000)),
        ("citeseer", (3327, 4552), 124, 48, (120, 500, 1000)),
    ],
)
@pytest.mark.filterwarnings("ignore::infomax.warnings.GraphWarning")
def test_research_graphs_are_what_they_are_known_to_be(
    name: str, sizes: tuple[int, int], loops: int, isolated: int, parts: tuple[int, int, int]
) -> None:
    graph = open_graph(SHARED / f"{name}.npz")
    assert (graph.nodes, graph.edges.shape[1]) == sizes
    assert len(graph.self_loops) == loops
    assert int((graph.degrees == 0).sum()) == isolated
    split = split_of(graph)
    assert (len(split.train), len(split.validation), len(split.test)) == parts
