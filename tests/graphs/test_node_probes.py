"""The probes of nodes: the papers' against loops of one probe, and what each may see."""

import numpy as np
import pytest
import torch
from torch import nn

from infomax.data import NodeSplit, make_graph, open_graph
from infomax.errors import UserError
from infomax.graphs.node_probes import hundred_step_probe, probe_nodes, step_chosen_probe
from infomax.training import generator_for


def codes_of_blocks(noise: float = 1.0) -> torch.Tensor:
    graph = open_graph("stochastic-blocks")
    generator = torch.Generator().manual_seed(0)
    one_hot = torch.eye(4)[torch.from_numpy(graph.known_labels())]
    return torch.cat([one_hot, torch.zeros(graph.nodes, 8)], 1) + noise * torch.randn(
        graph.nodes, 12, generator=generator
    )


def test_the_hundred_step_probe_is_one_probe_after_the_other() -> None:
    graph, codes = open_graph("stochastic-blocks"), codes_of_blocks()
    assert graph.split is not None
    labels = graph.known_labels()
    generator = generator_for(3, "probe")
    shares = []
    for _ in range(3):
        layer = nn.Linear(12, 4)
        nn.init.xavier_uniform_(layer.weight, generator=generator)
        nn.init.zeros_(layer.bias)
        adam = torch.optim.Adam(layer.parameters(), lr=0.01)
        for _ in range(100):
            adam.zero_grad()
            loss = nn.functional.cross_entropy(
                layer(codes[graph.split.train]), torch.from_numpy(labels[graph.split.train])
            )
            loss.backward()
            adam.step()
        predicted = layer(codes[graph.split.test]).argmax(dim=1).numpy()
        shares.append((predicted == labels[graph.split.test]).mean())
    found = hundred_step_probe(codes, graph, seed=3, restarts=3)
    assert found.test == pytest.approx(np.mean(shares), abs=0.005)
    assert found.sd == pytest.approx(np.std(shares), abs=0.005)


def test_choosing_steps_by_test_nodes_never_lowers_the_accuracy() -> None:
    found = step_chosen_probe(
        codes_of_blocks(), open_graph("stochastic-blocks"), restarts=5, steps=1_000
    )
    assert found.inflation >= 0
    assert 100 <= found.test_steps <= 1_000


def test_the_solved_probe_is_chosen_without_test_nodes() -> None:
    graph, codes = open_graph("stochastic-blocks"), codes_of_blocks(0.5)
    assert graph.split is not None
    found = probe_nodes(codes, graph)
    assert 0.4 < found.test.value < 1
    # Codes of test nodes may be anything: neither fit nor choice changes.
    other = codes.clone()
    other[torch.from_numpy(graph.split.test)] = 0
    again = probe_nodes(other, graph)
    assert (again.penalty, again.validation) == (found.penalty, found.validation)


def test_what_cannot_be_probed_is_refused() -> None:
    ring = np.stack([np.arange(6), (np.arange(6) + 1) % 6])
    codes = torch.zeros(6, 2)
    bare = make_graph("bare", np.eye(6), ring)
    with pytest.raises(UserError, match="bare has no labels"):
        probe_nodes(codes, bare)
    labels = np.array([0, 1, 0, 1, -1, 0])
    unsplit = make_graph("unsplit", np.eye(6), ring, labels=labels)
    with pytest.raises(UserError, match="comes without a split"):
        probe_nodes(codes, unsplit)
    split = NodeSplit(np.array([0, 1, 2, 3]), np.array([4]), np.array([5]))
    with pytest.raises(UserError, match="1 of 1 nodes of a part of the split have no class"):
        probe_nodes(codes, unsplit, split)
    with pytest.raises(UserError, match="steps is 50"):
        step_chosen_probe(codes, unsplit, split, steps=50)
