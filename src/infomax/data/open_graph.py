"""One way from whatever holds a graph to a ``Graph``: names, files, PyTorch Geometric, NetworkX."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from infomax.data.array_files import array_names, read_arrays
from infomax.data.graphs import Graph, NodeSplit, make_graph
from infomax.data.sample_graphs import karate_club, stochastic_blocks
from infomax.data.tables import read_table
from infomax.errors import UserError, unknown_name

__all__ = ["GRAPHS", "graph_of_networkx", "graph_of_pyg", "holds_graph", "open_graph"]

GRAPHS: dict[str, Callable[[], Graph]] = {
    "karate-club": karate_club,
    "stochastic-blocks": stochastic_blocks,
}
"""The graphs that come with the package, by name."""

_EDGES: Final = ("edges", "edge_index")
_SPLITS: Final = (("train", "val", "test"), ("train_mask", "val_mask", "test_mask"))


def open_graph(
    source: Any,
    *,
    features: str | Path | None = None,
    labels: str | None = None,
    node: str | None = None,
) -> Graph:
    """Open a graph, wherever it is kept.

    - A name of ``GRAPHS``.
    - ``.npz``: arrays ``edges`` (or ``edge_index``), ``(2, E)``; features as ``x``, ``(N, F)``, or
      sparse as ``x_indptr``, ``x_indices``, ``x_data``, ``x_shape``; and where they are there
      ``y``, ``self_loops`` and the indices or masks of ``train``, ``val`` and ``test``.
    - A table of edges (``.csv``, ``.tsv``, ``.parquet``) whose first two columns are the nodes that
      each links, and a table of ``features`` with a row for each node.
    - A ``Data`` of PyTorch Geometric, or one of its data sets of a single graph.
    - A graph of NetworkX, whose nodes have their features and class as attributes.

    Args:
        source: name, path or object.
        features: table of features, where the source is a table of edges.
        labels: column of that table, or attribute of NetworkX's nodes, of the classes.
        node: column of that table that names the nodes as the edges do; without it edges hold the
            indices of its rows, from 0.

    Raises:
        UserError: if there is nothing like that, or what is there is no graph with features.

    Warns:
        GraphWarning: of self-loops, isolated nodes, directed edges and classes of a single node.

    Example:
        >>> open_graph("karate-club")
        Graph('karate-club': 34 nodes, 78 edges, 34 features)
    """
    if isinstance(source, Graph):
        return source
    if not isinstance(source, str | Path):
        return _of_object(source, labels)
    if str(source) in GRAPHS:
        return GRAPHS[str(source)]()
    path = Path(source)
    if not path.exists():
        raise unknown_name("graph", str(source), [*GRAPHS, "the path of a .npz or of edges"])
    if path.suffix == ".npz":
        return _of_arrays(path)
    if features is None:
        raise UserError(
            f"{path} is read as a table of edges: give a table of features with a row for each "
            "node as well (features=..., at the command --features)"
        )
    return _of_tables(path, Path(features), labels, node)


def holds_graph(path: str | Path) -> bool:
    """Tell whether a name or an ``.npz`` is of a graph, by the names of its arrays alone."""
    if str(path) in GRAPHS:
        return True
    if Path(path).suffix != ".npz" or not Path(path).is_file():
        return False
    return any(name in _EDGES for name in array_names(Path(path)))


def _of_object(source: Any, labels: str | None) -> Graph:
    if hasattr(source, "edge_index"):
        return graph_of_pyg(source)
    if hasattr(source, "adj") and hasattr(source, "is_directed"):
        return graph_of_networkx(source, labels=labels)
    if hasattr(source, "num_classes") and hasattr(source, "__getitem__"):
        if len(source) != 1:
            raise UserError(
                f"{source} holds {len(source)} graphs, and one is trained on: choose it as [i]"
            )
        return graph_of_pyg(source[0], name=getattr(source, "name", None))
    raise UserError(
        f"{type(source).__name__} is no graph that is known: give a name, a path, a Data of "
        "PyTorch Geometric or a graph of NetworkX"
    )


def graph_of_pyg(data: Any, *, name: str | None = None) -> Graph:
    """Return a ``torch_geometric.data.Data`` as a graph.

    Args:
        data: with ``edge_index`` and ``x``; ``y`` and masks (of which the first column is taken,
            where there are several) are read where they are there.
        name: what messages and records call it.

    Raises:
        UserError: if it has no features.
    """
    title = name or "the Data"
    if getattr(data, "x", None) is None:
        raise UserError(f"{title} has no features x: give each node some, such as its degree")
    x = data.x
    dense = x.to_dense() if getattr(x, "is_sparse", False) else x
    y = getattr(data, "y", None)
    arrays = {each: getattr(data, each, None) for each in _SPLITS[1]}
    found = {key: np.asarray(value) for key, value in arrays.items() if value is not None}
    return make_graph(
        title,
        np.asarray(dense),
        np.asarray(data.edge_index),
        labels=None if y is None else np.asarray(y).reshape(-1),
        split=_split(found),
        listed_both_ways=True,
    )


def graph_of_networkx(
    graph: Any, *, features: str = "x", labels: str | None = None, name: str | None = None
) -> Graph:
    """Return a graph of NetworkX, its nodes in their order there.

    Args:
        graph: of any class of NetworkX; of parallel edges one is kept.
        features: attribute of each node that holds its features.
        labels: attribute of each node that holds its class; ``None`` where there is none.
        name: what messages and records call it; by default its own name.

    Raises:
        UserError: if a node lacks an attribute, or nodes have features of different lengths.
    """
    title = name or graph.name or "the graph"
    index = {node: at for at, node in enumerate(graph.nodes)}
    rows = _attributes(graph, features, title)
    lengths = {np.size(each) for each in rows}
    if len(lengths) > 1:
        raise UserError(
            f"{title}: nodes have features of different lengths ({min(lengths)} to "
            f"{max(lengths)}): give each node equally many"
        )
    ends = [(index[u], index[v]) for u, v in graph.edges()]
    return make_graph(
        title,
        np.array([np.ravel(each) for each in rows], dtype=np.float32),
        np.array(ends, dtype=np.int64).reshape(-1, 2).T,
        labels=None if labels is None else np.array(_attributes(graph, labels, title)),
        listed_both_ways=bool(graph.is_directed()),
    )


def _attributes(graph: Any, name: str, title: str) -> list[Any]:
    without = [node for node, held in graph.nodes(data=True) if name not in held]
    if without:
        raise UserError(
            f"{title}: {len(without)} of {len(graph)} nodes have no attribute {name!r}, the first "
            f"is {without[0]!r}: give it to every node, or name another"
        )
    return [held[name] for _, held in graph.nodes(data=True)]


def _of_arrays(path: Path) -> Graph:
    arrays = read_arrays(path)
    edges = next((arrays[name] for name in _EDGES if name in arrays), None)
    if edges is None:
        raise UserError(
            f"{path} holds no edges: expected an array edges or edge_index, (2, edges); it holds "
            f"{', '.join(arrays)}"
        )
    return make_graph(
        path.stem,
        _features(arrays, path),
        edges,
        labels=arrays.get("y"),
        split=_split(arrays),
        self_loops=arrays.get("self_loops"),
        listed_both_ways="edge_index" in arrays,
    )


def _features(arrays: dict[str, NDArray[Any]], path: Path) -> Any:
    if "x" in arrays:
        return arrays["x"]
    missing = [
        name for name in ("x_indptr", "x_indices", "x_data", "x_shape") if name not in arrays
    ]
    if missing:
        raise UserError(
            f"{path} holds no features: expected x, (nodes, features), or sparse ones as x_indptr, "
            f"x_indices, x_data and x_shape; {', '.join(missing)} are not there"
        )
    indices, data = arrays["x_indices"], arrays["x_data"]
    if len(data) == 1:  # One value stands for all.
        data = np.full(len(indices), data[0])
    shape = tuple(int(each) for each in arrays["x_shape"])
    try:
        table = sp.csr_array((data, indices, arrays["x_indptr"]), shape=shape)
        table.check_format(full_check=True)
    except (ValueError, IndexError) as error:
        raise UserError(f"{path}: x_indptr, x_indices and x_data fit no table ({error})") from error
    return table


def _split(arrays: dict[str, NDArray[Any]]) -> NodeSplit | None:
    for names in _SPLITS:
        if all(name in arrays for name in names):
            parts = [arrays[name] for name in names]
            firsts = [each[:, 0] if each.ndim == 2 else each for each in parts]
            return NodeSplit(
                *(np.flatnonzero(each) if each.dtype == bool else each for each in firsts)
            )
    return None


def _of_tables(edges: Path, features: Path, labels: str | None, node: str | None) -> Graph:
    ends, table = read_table(edges).cells, read_table(features)
    if ends.shape[1] < 2:
        raise UserError(f"{edges}: expected two columns, the nodes that each edge links")
    cells = table.cells
    own = [name for name in (labels, node) if name is not None]
    for name in own:
        if name not in table.columns:
            raise unknown_name("column", name, table.columns)
    pairs = ends.iloc[:, :2]
    if node is not None:
        pairs = _by_name(pairs, cells[node], edges)
    elif not all(pd.api.types.is_numeric_dtype(pairs[each]) for each in pairs):
        raise UserError(
            f"{edges}: edges name nodes by text: name the column of {features} that holds these "
            "names (node=..., at the command --node)"
        )
    measured = cells.drop(columns=own)
    text = [name for name in measured if not pd.api.types.is_numeric_dtype(measured[name])]
    if text:
        raise UserError(
            f"{features}: column {text[0]!r} holds text, and features are numbers: name it as "
            "labels or node, or leave it out"
        )
    return make_graph(
        edges.stem,
        measured.to_numpy(dtype=np.float32),
        pairs.to_numpy().T,
        labels=None if labels is None else _classes(cells[labels], features),
    )


def _by_name(pairs: pd.DataFrame, names: pd.Series, edges: Path) -> pd.DataFrame:
    if names.duplicated().any():
        raise UserError(
            f"two nodes are named {names[names.duplicated()].iloc[0]!r}: name each once"
        )
    index = pd.Series(np.arange(len(names)), index=names)
    found = pairs.apply(lambda column: column.map(index))
    if found.isna().to_numpy().any():
        row, column = np.argwhere(found.isna().to_numpy())[0]
        raise UserError(
            f"{edges}: edge {row} is of node {pairs.iloc[row, column]!r}, which has no features: "
            "give it a row, or leave the edge out"
        )
    indices: pd.DataFrame = found.astype(np.int64)
    return indices


def _classes(column: pd.Series, features: Path) -> NDArray[Any]:
    if pd.api.types.is_numeric_dtype(column):
        return column.fillna(-1).to_numpy()
    numbers: NDArray[Any] = pd.factorize(column, sort=True)[0]
    if not len(column):
        raise UserError(f"{features}: holds no rows")
    return numbers
