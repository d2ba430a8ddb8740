"""Each term against loops over dense matrices."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic
from infomax.data import Graph, make_graph
from infomax.encoders.graphs import GCNEncoder, GraphTensors
from infomax.errors import UserError
from infomax.graphs import (
    EdgeTerm,
    EncodedNodes,
    FeatureTerm,
    Neighbourhoods,
    SummaryTerm,
    TermSizes,
)

FEATURES, SIZE = 9, 5


def small_graph(nodes: int = 12) -> Graph:
    generator = np.random.default_rng(3)
    links = np.triu(generator.random((nodes, nodes)) < 0.25, 1)
    links[0, 1:] = links[1:, 0] = False  # A node without edges.
    links[1, 2] = True
    features = generator.random((nodes, FEATURES)) < 0.3
    with pytest.warns(match="without an edge"):
        return make_graph("small", features, np.stack(np.nonzero(links)))


def encoded(graph: Graph, nodes: Tensor | None = None, seed: int = 0) -> EncodedNodes:
    tensors = GraphTensors(graph)
    encoder = GCNEncoder(FEATURES, torch.Generator().manual_seed(seed), code_size=SIZE)
    order = torch.randperm(graph.nodes, generator=torch.Generator().manual_seed(seed))
    pairs = Neighbourhoods(graph, nodes)
    codes, shuffled = encoder.beside_shuffled(tensors, order)
    generator = torch.Generator().manual_seed(seed)
    return EncodedNodes(tensors, encoder, pairs, pairs.of(codes), pairs.of(shuffled), generator)


def dense_features(graph: Graph) -> Tensor:
    table = torch.from_numpy(graph.features.toarray())
    return table / table.sum(dim=1, keepdim=True).where(table.sum(dim=1, keepdim=True) > 0, 1)


def adjacency(graph: Graph) -> Tensor:
    return torch.from_numpy(graph.adjacency().toarray())


def test_dgi_is_the_cross_entropy_over_both_kinds_of_scores() -> None:
    nodes = encoded(small_graph())
    assert nodes.shuffled is not None
    term = SummaryTerm(TermSizes(FEATURES, SIZE), torch.Generator().manual_seed(1))
    term.offset.data.fill_(0.3)
    assert isinstance(term.critic, BilinearCritic)
    summary = torch.sigmoid(nodes.codes.mean(dim=0))
    weight = term.critic.product.weight
    losses = []
    for codes, label in ((nodes.codes, 1.0), (nodes.shuffled, 0.0)):
        for code in codes:
            logit = code @ weight @ summary + 0.3
            target = torch.tensor(label)
            losses.append(torch.nn.functional.binary_cross_entropy_with_logits(logit, target))
    found = -0.5 * term(nodes).objective
    assert found.item() == pytest.approx(torch.stack(losses).mean().item(), rel=1e-5)


def test_a_constant_summary_is_one_linear_score_of_a_code() -> None:
    nodes = encoded(small_graph())
    assert nodes.shuffled is not None
    sizes, generator = TermSizes(FEATURES, SIZE), torch.Generator().manual_seed(1)
    term = SummaryTerm(sizes, generator, summary="ones")
    assert isinstance(term.critic, BilinearCritic)
    direction = term.critic.product.weight.sum(dim=1)
    expected = (
        -softplus(-(nodes.codes @ direction)).mean() - softplus(nodes.shuffled @ direction).mean()
    )
    assert term(nodes).objective.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("weights", ["mean", "adaptive"])
@pytest.mark.parametrize("chosen", [None, [0, 1, 2, 4, 5, 7, 8, 10]])
def test_features_of_neighbours_are_told_from_those_of_others(
    weights: str, chosen: list[int] | None
) -> None:
    graph = small_graph()
    at = list(range(graph.nodes)) if chosen is None else chosen
    nodes = encoded(graph, None if chosen is None else torch.tensor(chosen))
    sizes = TermSizes(FEATURES, SIZE)
    term = FeatureTerm(sizes, torch.Generator().manual_seed(1), weights=weights, negatives=3)
    assert isinstance(term.critic, BilinearCritic)
    found = term(nodes)
    nodes.generator.manual_seed(0)
    negatives = nodes.ring(3).negatives
    h, x, weight = nodes.codes, dense_features(graph)[at], term.critic.product.weight
    linked = adjacency(graph)[at][:, at]
    total = torch.zeros(())
    for i in range(len(at)):
        around = [j for j in range(len(at)) if linked[i, j] or i == j]
        for j in around:
            w = 1 / len(around) if weights == "mean" else torch.sigmoid(h[i] @ h[j])
            others = torch.stack([h[i] @ weight @ x[n] for n in negatives[i]])
            bound = -softplus(-(h[i] @ weight @ x[j])) - softplus(others).mean()
            total = total + w * bound
    assert found.objective.item() == pytest.approx((total / len(at)).item(), rel=1e-5)


def test_gradients_are_those_of_dense_arithmetic() -> None:
    graph = small_graph()
    nodes = encoded(graph)
    codes = nodes.codes.detach().requires_grad_()
    held = EncodedNodes(
        nodes.graph, nodes.encoder, nodes.pairs, codes, None, torch.Generator().manual_seed(0)
    )
    sizes = TermSizes(FEATURES, SIZE)
    term = FeatureTerm(sizes, torch.Generator().manual_seed(1), weights="adaptive")
    assert isinstance(term.critic, BilinearCritic)
    weight = term.critic.product.weight
    edges = EdgeTerm(sizes, torch.Generator())
    (term(held).objective + edges(held).objective).backward()
    found = codes.grad, weight.grad
    held.generator.manual_seed(0)
    negatives = held.ring(5).negatives
    dense = codes.detach().requires_grad_()
    weight.grad = None
    pattern = (adjacency(graph) + torch.eye(graph.nodes)) > 0
    scores = dense @ weight @ dense_features(graph).T
    w = torch.sigmoid(dense @ dense.T) * pattern
    of_negatives = softplus(scores.gather(1, negatives)).mean(dim=1)
    features = (w * -softplus(-scores)).sum(dim=1) - w.sum(dim=1) * of_negatives
    products = dense @ dense.T
    linked = pattern & ~torch.eye(graph.nodes, dtype=torch.bool)
    of_edges = -softplus(-products)[linked].mean() - softplus(products)[~pattern].mean()
    (features.mean() + of_edges).backward()
    assert found[0] is not None
    assert found[1] is not None
    assert dense.grad is not None
    torch.testing.assert_close(found[0], dense.grad, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(found[1], weight.grad, rtol=1e-4, atol=1e-6)


def test_edges_are_the_likelihood_of_all_pairs_but_nodes_with_themselves() -> None:
    graph = small_graph()
    nodes = encoded(graph)
    found = EdgeTerm(TermSizes(FEATURES, SIZE), torch.Generator())(nodes)
    linked = adjacency(graph)
    edges: list[float] = []
    others: list[float] = []
    for i in range(graph.nodes):
        for j in range(graph.nodes):
            score = (nodes.codes[i] @ nodes.codes[j]).item()
            if i != j:
                (edges if linked[i, j] else others).append(score)
    expected = -sum(math.log1p(math.exp(-each)) for each in edges) / len(edges)
    expected -= sum(math.log1p(math.exp(each)) for each in others) / len(others)
    assert found.objective.item() == pytest.approx(expected, rel=1e-5)


def test_sampled_edges_equal_exact_ones_in_expectation() -> None:
    graph = small_graph()
    nodes = encoded(graph)
    sizes = TermSizes(FEATURES, SIZE)
    exact = EdgeTerm(sizes, torch.Generator())(nodes).objective.item()
    sampled = EdgeTerm(sizes, torch.Generator(), edges="sampled", non_edges=2)
    values = np.array([sampled(nodes).objective.item() for _ in range(300)])
    error = values.std() / math.sqrt(len(values))
    assert error > 0
    assert abs(values.mean() - exact) < 4 * error


def test_gradients_of_sampled_edges_equal_exact_ones_in_expectation() -> None:
    graph = small_graph()
    nodes = encoded(graph)
    codes = nodes.codes.detach().requires_grad_()
    generator = torch.Generator().manual_seed(0)
    held = EncodedNodes(nodes.graph, nodes.encoder, nodes.pairs, codes, None, generator)
    sizes = TermSizes(FEATURES, SIZE)
    exact = torch.autograd.grad(EdgeTerm(sizes, generator)(held).objective, codes)[0]
    term = EdgeTerm(sizes, generator, edges="sampled", non_edges=3)
    drawn = torch.stack([torch.autograd.grad(term(held).objective, codes)[0] for _ in range(300)])
    errors = drawn.std(dim=0) / math.sqrt(len(drawn))
    assert bool(((drawn.mean(dim=0) - exact).abs() < 5 * errors + 1e-6).all())


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_every_bound_of_sums_is_trained_on_node_pairs(name: str) -> None:
    nodes = encoded(small_graph())
    sizes, generator = TermSizes(FEATURES, SIZE), torch.Generator().manual_seed(1)
    if BOUNDS[name]().computed_from == "whole":
        with pytest.raises(UserError, match="needs the scores of all pairs at once"):
            FeatureTerm(sizes, generator, bound=name)
        return
    term = FeatureTerm(sizes, generator, bound=name)
    value = term(nodes)
    value.objective.backward()
    assert value.objective.isfinite()
    assert value.reading.isfinite()
    assert all(each.grad is not None for each in term.critic.parameters())


@pytest.mark.parametrize("name", ["bilinear", "separable"])
def test_critics_read_sparse_features_as_dense_ones(name: str) -> None:
    graph = small_graph()
    nodes = encoded(graph)
    sizes = TermSizes(FEATURES, SIZE)
    term = FeatureTerm(sizes, torch.Generator().manual_seed(1), critic=name)
    scores, _ = term.scores(nodes)
    expected = term.critic(nodes.codes, dense_features(graph))
    pairs = nodes.pairs
    torch.testing.assert_close(scores._pairs, expected[pairs.rows, pairs.columns])


def test_a_critic_that_scores_pairs_by_a_network_is_refused() -> None:
    with pytest.raises(UserError, match="scores every pair by a network"):
        FeatureTerm(TermSizes(FEATURES, SIZE), torch.Generator(), critic="concat")


def test_a_bound_that_contrasts_anchors_is_refused_of_a_summary() -> None:
    term = SummaryTerm(TermSizes(FEATURES, SIZE), torch.Generator(), bound="infonce-columns")
    with pytest.raises(UserError, match="all nodes have one candidate"):
        term(encoded(small_graph()))
