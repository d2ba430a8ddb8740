"""Small graphs that come with the package: the karate club, and blocks whose truth is known."""

import numpy as np

from infomax.data.graphs import Graph, make_graph, random_node_split
from infomax.errors import UserError

__all__ = ["karate_club", "stochastic_blocks"]


def karate_club() -> Graph:
    """Members of a karate club, who of them met elsewhere, and whom they followed in a quarrel.

    The 34 members have no features but who they are (one column each), and two classes. Encoders
    can be tried on it in a second; nothing about methods can be learnt from so few nodes.

    Source: Zachary (1977), by NetworkX.

    Example:
        >>> karate_club()
        Graph('karate-club': 34 nodes, 78 edges, 34 features)
    """
    # Imported here: whoever needs no graph does not wait for it.
    import networkx as nx  # noqa: PLC0415

    club = nx.karate_club_graph()
    joined = nx.get_node_attributes(club, "club")
    sides = [joined[member] == "Officer" for member in club]
    return make_graph(
        "karate-club",
        np.eye(len(club)),
        np.array(club.edges).T,
        labels=np.array(sides, dtype=np.int64),
    )


def stochastic_blocks(
    *,
    blocks: int = 4,
    nodes_of_block: int = 60,
    features: int = 32,
    within: float = 0.10,
    between: float = 0.01,
    seed: int = 0,
) -> Graph:
    """Draw a graph of equal blocks, whose nodes are linked more often within a block than between.

    Features are binary: each node has a tenth of all columns at random, and half of the columns of
    its block. Neither edges nor features alone tell a node's block, which is its class, for sure.

    Source: the stochastic block model of Holland, Laskey and Leinhardt (1983), by NetworkX.

    Args:
        blocks: number of blocks, and of classes.
        nodes_of_block: nodes in each.
        features: columns, of which each block has as many of its own as each other.
        within: probability of an edge between two nodes of one block.
        between: that between nodes of two blocks.
        seed: of edges, features and split (20 % train, 20 % validation).

    Raises:
        UserError: if a number is below 1, or a block would have no column of its own.

    Example:
        >>> stochastic_blocks(blocks=2, nodes_of_block=20, within=0.4)
        Graph('stochastic-blocks': 40 nodes, 154 edges, 32 features)
    """
    if min(blocks, nodes_of_block) < 1 or features < blocks:
        raise UserError(
            f"{blocks} blocks of {nodes_of_block} nodes with {features} features: give at least "
            "one block, one node, and one feature for each block"
        )
    import networkx as nx  # noqa: PLC0415

    sizes = [nodes_of_block] * blocks
    chances = np.full((blocks, blocks), between) + (within - between) * np.eye(blocks)
    drawn = nx.stochastic_block_model(sizes, chances.tolist(), seed=seed)
    classes = np.repeat(np.arange(blocks), nodes_of_block)
    generator = np.random.default_rng(seed)
    own = np.arange(features) % blocks == classes[:, None]
    values = generator.random((len(classes), features)) < np.where(own, 0.5, 0.1)
    edges = np.array(drawn.edges, dtype=np.int64).reshape(-1, 2).T
    graph = make_graph("stochastic-blocks", values, edges, labels=classes)
    split = random_node_split(graph, seed, {"train": 0.2, "validation": 0.2})
    return Graph(graph.name, graph.features, graph.edges, graph.self_loops, graph.labels, split)
