"""The official code's loss against loops, and each of its departures by itself."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import prelu, softplus

from infomax.critics import BilinearCritic
from infomax.data import Graph, make_graph
from infomax.encoders.graphs import GCNEncoder, GraphTensors
from infomax.errors import UserError
from infomax.graphs import EncodedNodes, GMICodeTerm, Neighbourhoods, TermSizes

FEATURES, SIZE, NODES = 9, 5, 12


def graph_with_loops() -> Graph:
    generator = np.random.default_rng(3)
    links = np.triu(generator.random((NODES, NODES)) < 0.25, 1)
    links[0, 1:] = False  # A node without edges.
    links[4, 4] = links[7, 7] = True
    features = generator.random((NODES, FEATURES)) < 0.3
    with pytest.warns(match="self-loops of 2 nodes and nodes without an edge"):
        return make_graph("small", features, np.stack(np.nonzero(links)))


def encoded(graph: Graph) -> EncodedNodes:
    tensors = GraphTensors(graph)
    encoder = GCNEncoder(FEATURES, torch.Generator().manual_seed(0), code_size=SIZE)
    codes = encoder(tensors)
    generator = torch.Generator().manual_seed(0)
    return EncodedNodes(tensors, encoder, Neighbourhoods(graph), codes, None, generator)


def term_of(**options: object) -> GMICodeTerm:
    sizes = TermSizes(FEATURES, SIZE)
    return GMICodeTerm(sizes, torch.Generator().manual_seed(1), **options)  # type: ignore[arg-type]


def naive_edges(nodes: EncodedNodes, graph: Graph, *, doubled: bool) -> float:
    targets = graph.adjacency().toarray() + np.eye(NODES)
    if not doubled:
        targets = targets.clip(max=1)
    edges = targets.sum() / 2
    w1, w2 = (NODES**2 - edges) / edges, NODES**2 / (NODES**2 - edges)
    total = 0.0
    for i in range(NODES):
        for j in range(NODES):
            p = torch.sigmoid(nodes.codes[i] @ nodes.codes[j]).item()
            total -= w1 * targets[i, j] * math.log(p + 1e-10)
            total -= (1 - targets[i, j]) * math.log(1 - p + 1e-10)
    return float(w2 * total / NODES**2)


def compared(pair: Tensor, others: Tensor, *, squashed: bool) -> Tensor:
    if squashed:
        pair, others = pair.sigmoid(), others.sigmoid()
    return softplus(-pair) + softplus(others).mean()


@pytest.mark.parametrize("squashed", [True, False])
@pytest.mark.parametrize("doubled", [True, False])
@pytest.mark.parametrize("dense", [True, False])
def test_agrees_with_loops(*, squashed: bool, doubled: bool, dense: bool) -> None:
    graph = graph_with_loops()
    nodes = encoded(graph)
    term = term_of(squashed=squashed, doubled_self_loops=doubled, dense=dense)
    found = -term(nodes).objective.item()
    nodes.generator.manual_seed(0)
    first, second = nodes.ring(5).negatives, nodes.ring(5).negatives
    assert isinstance(term.own, BilinearCritic)
    assert isinstance(nodes.encoder, GCNEncoder)
    w1, w2 = term.own.product.weight, term.of_neighbours.product.weight
    table = torch.from_numpy(graph.features.toarray())
    x = table / table.sum(dim=1, keepdim=True).clamp_min(1)
    layer, h = nodes.encoder.first, nodes.codes
    own, around = [], []
    for i in range(NODES):
        others = torch.stack([h[i] @ w1 @ x[n] for n in first[i]])
        own.append(compared(h[i] @ w1 @ x[i], others, squashed=squashed))
        linked = [j for j in range(NODES) if graph.adjacency()[i, j] and i != j]
        m = torch.zeros(SIZE)
        if linked:
            m = prelu(torch.stack([x[j] @ layer.weight for j in linked]).mean(dim=0), layer.slope)
        others = torch.stack([h[n] @ w2 @ m for n in second[i]])
        around.append(compared(h[i] @ w2 @ m, others, squashed=squashed))
    features = 0.8 * torch.stack(own).mean() + torch.stack(around).mean()
    expected = features.item() + naive_edges(nodes, graph, doubled=doubled)
    assert found == pytest.approx(expected, rel=1e-4)


def test_dense_and_blocked_edges_have_one_gradient() -> None:
    graph = graph_with_loops()
    nodes = encoded(graph)
    codes = nodes.codes.detach().requires_grad_()
    held = EncodedNodes(nodes.graph, nodes.encoder, nodes.pairs, codes, None, nodes.generator)
    of_dense = torch.autograd.grad(term_of(dense=True).edges_loss(held), codes)[0]
    of_blocks = torch.autograd.grad(term_of(dense=False).edges_loss(held), codes)[0]
    torch.testing.assert_close(of_blocks, of_dense, rtol=1e-4, atol=1e-6)


def test_sampled_edges_equal_exact_ones_in_expectation() -> None:
    nodes = encoded(graph_with_loops())
    exact = term_of().edges_loss(nodes).item()
    sampled = term_of(edges="sampled", non_edges=3)
    values = np.array([sampled.edges_loss(nodes).item() for _ in range(300)])
    assert abs(values.mean() - exact) < 4 * values.std() / math.sqrt(len(values))


def test_squashed_scores_confine_the_loss() -> None:
    nodes = encoded(graph_with_loops())
    term = term_of()
    assert isinstance(term.own, BilinearCritic)
    # Scores of any size: pairs are told from negatives as well as can be.
    term.own.product.weight.data *= 1e4
    loss = term.own_loss(nodes).item()
    assert 1.006 < loss < 2.006
    assert 2 * math.log(2) - loss <= 0.38


def test_a_doubled_self_loop_turns_the_sign_of_a_term() -> None:
    nodes = encoded(graph_with_loops())
    assert term_of().edges_loss(nodes).item() != pytest.approx(
        term_of(doubled_self_loops=False).edges_loss(nodes).item(), rel=1e-6
    )


def test_pairs_in_the_place_of_two_critics_are_the_papers_term() -> None:
    nodes = encoded(graph_with_loops())
    term = term_of(two_critics=False, squashed=False, gamma=0.0)
    found = -term(nodes).objective.item()
    nodes.generator.manual_seed(0)
    assert found == pytest.approx(-1.8 * term.own(nodes).objective.item(), rel=1e-5)


def test_dense_and_sampled_exclude_each_other() -> None:
    with pytest.raises(UserError, match="choose one"):
        term_of(dense=True, edges="sampled")
