"""Encoders of PyTorch Geometric by name, beside its own convolution, and where it is missing."""

import sys

import pytest
import torch

from infomax.data import open_graph
from infomax.encoders.graphs import GRAPH_ENCODERS, GCNEncoder, GraphTensors
from infomax.errors import UserError
from infomax.graphs import GraphConfig, train_graph_encoder


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch_geometric", "torch_geometric.nn"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserError, match=r"encoder GIN needs .* pip install 'infomax\[graphs\]'"):
        GRAPH_ENCODERS["gin"](3, torch.Generator())


@pytest.mark.parametrize("name", ["gin", "sage"])
def test_encoders_by_name_are_trained_and_repeat(name: str) -> None:
    pytest.importorskip("torch_geometric")
    config = GraphConfig(encoder=name, encoder_options={"code_size": 8}, epochs=5)
    one, other = (train_graph_encoder(open_graph("karate-club"), config) for _ in range(2))
    assert torch.equal(one.codes, other.codes)
    assert one.codes.shape == (34, 8)


def test_our_convolution_is_theirs() -> None:
    nn = pytest.importorskip("torch_geometric.nn")
    graph = GraphTensors(open_graph("karate-club"))
    encoder = GCNEncoder(34, torch.Generator().manual_seed(0), code_size=6)
    theirs = nn.GCNConv(34, 6)
    with torch.no_grad():
        theirs.lin.weight.copy_(encoder.first.weight.T)
        features = torch.from_numpy(graph.graph.features.toarray())
        expected = torch.nn.functional.prelu(
            theirs(features, graph.edge_index), encoder.first.slope
        )
    torch.testing.assert_close(encoder(graph), expected)
