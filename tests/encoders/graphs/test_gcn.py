"""The graph convolution network against dense arithmetic, by value and by gradient."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch.nn.functional import prelu

from infomax.data import make_graph, open_graph
from infomax.encoders.graphs import (
    GCNEncoder,
    GraphConvolution,
    GraphTensors,
    SparseMatrix,
    normalised_adjacency,
    permuted_rows,
)
from infomax.errors import UserError


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("columns", [30, 3])
def test_agrees_with_dense_arithmetic(layers: int, columns: int) -> None:
    generator = np.random.default_rng(0)
    features = generator.random((8, columns)) * (generator.random((8, columns)) < 3 / columns / 2)
    edges = np.array([[0, 1, 2, 3, 5], [1, 2, 3, 4, 6]])
    with pytest.warns(match=r"nodes without an edge \(1\)"):
        graph = make_graph("g", features, edges)
    tensors = GraphTensors(graph)
    encoder = GCNEncoder(columns, torch.Generator().manual_seed(0), code_size=4, layers=layers)
    layers_of = [each for each in encoder.layers if isinstance(each, GraphConvolution)]
    for layer in layers_of:
        layer.bias.data.normal_(generator=torch.Generator().manual_seed(1))
    order = torch.tensor([3, 1, 0, 2, 7, 6, 5, 4])
    codes, shuffled = encoder.beside_shuffled(tensors, order)
    (codes.square().sum() + (shuffled * codes).sum()).backward()
    found = [each.grad for each in encoder.parameters()]
    encoder.zero_grad()
    table = torch.from_numpy(graph.features.toarray())
    sums = table.sum(dim=1, keepdim=True)
    x = table / sums.where(sums > 0, torch.ones(()))
    with_self = torch.from_numpy(graph.adjacency().toarray()) + torch.eye(8)
    root = with_self.sum(dim=1).rsqrt()
    propagation = root[:, None] * with_self * root

    def dense(values: torch.Tensor) -> torch.Tensor:
        for layer in layers_of:
            sums = propagation @ (values @ layer.weight) + layer.bias
            values = prelu(sums, layer.slope)
        return values

    expected, of_shuffled = dense(x), dense(x[order])
    torch.testing.assert_close(codes, expected)
    torch.testing.assert_close(shuffled, of_shuffled)
    torch.testing.assert_close(encoder(tensors.shuffled(order)), of_shuffled)
    (expected.square().sum() + (of_shuffled * expected).sum()).backward()
    for one, each in zip(found, encoder.parameters(), strict=True):
        torch.testing.assert_close(one, each.grad, rtol=1e-4, atol=1e-5)


def test_features_are_held_sparse_where_few_are_filled() -> None:
    table = np.zeros((4, 100))
    table[[0, 1, 2, 3], [1, 2, 3, 4]] = 1
    ring = np.array([[0, 1, 2, 3], [1, 2, 3, 0]])
    assert isinstance(GraphTensors(make_graph("few", table, ring)).features, SparseMatrix)
    full = GraphTensors(make_graph("full", np.ones((4, 100)), ring)).features
    assert isinstance(full, torch.Tensor)
    assert full.sum(dim=1).tolist() == pytest.approx([1, 1, 1, 1])


def test_a_self_loop_counts_beside_the_node_itself() -> None:
    with pytest.warns(match="self-loops of 1 nodes are kept"):
        graph = make_graph("loop", np.eye(2), np.array([[0, 0], [1, 0]]))
    found = normalised_adjacency(graph).toarray()
    # Node 0 has degree 1 + 1 + 1, node 1 has 1 + 1.
    assert found.tolist() == [
        pytest.approx([2 / 3, 1 / 6**0.5]),
        pytest.approx([1 / 6**0.5, 1 / 2]),
    ]


def test_products_have_the_gradient_of_the_transpose() -> None:
    matrix = sp.random_array((6, 4), density=0.4, rng=np.random.default_rng(0), dtype=np.float32)
    sparse = SparseMatrix(sp.csr_array(matrix))
    dense = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    (sparse @ dense).square().sum().backward()
    found = dense.grad
    dense.grad = None
    (torch.from_numpy(matrix.toarray()) @ dense).square().sum().backward()
    torch.testing.assert_close(found, dense.grad)
    assert repr(sparse) == f"SparseMatrix(6 x 4, {matrix.nnz} values)"


def test_permuted_rows_have_the_gradient_of_indexing() -> None:
    values = torch.randn(5, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    order = torch.tensor([4, 2, 0, 1, 3])
    scale = torch.arange(10.0).reshape(5, 2)
    (permuted_rows(values, order) * scale).sum().backward()
    found = values.grad
    values.grad = None
    (values[order] * scale).sum().backward()
    torch.testing.assert_close(found, values.grad)


def test_a_network_without_layers_is_refused() -> None:
    with pytest.raises(UserError, match="layers is 0"):
        GCNEncoder(3, torch.Generator(), layers=0)


def test_the_karate_club_is_encoded_alike_by_one_seed() -> None:
    graph = GraphTensors(open_graph("karate-club"))
    one, other = (
        GCNEncoder(34, torch.Generator().manual_seed(2), code_size=8)(graph) for _ in range(2)
    )
    assert torch.equal(one, other)
