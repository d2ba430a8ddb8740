"""Encoders of the nodes of a graph: what they are, and the graph convolution network."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from infomax.encoders.graphs.graph_tensors import GraphTensors
from infomax.encoders.graphs.sparse_matrix import SparseMatrix, permuted_rows
from infomax.errors import UserError

__all__ = ["GCNEncoder", "GraphConvolution", "GraphEncoder"]


class GraphEncoder(nn.Module):
    """Maps a graph to one code for each node, ``(N, code_size)``.

    Attributes:
        code_size: number of values in a code.
    """

    code_size: int

    def forward(self, graph: GraphTensors) -> Tensor:  # noqa: ARG002
        """Encode all nodes of a graph."""
        raise UserError(f"the encoder {type(self).__name__} lacks forward: it returns codes (N, d)")

    def beside_shuffled(self, graph: GraphTensors, order: Tensor) -> tuple[Tensor, Tensor]:
        """Return the codes of a graph, and those of the same graph with features of other nodes.

        Args:
            graph: to encode.
            order: node i has the features of node ``order[i]`` in the second.
        """
        return self(graph), self(graph.shuffled(order))

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, graph: GraphTensors) -> Tensor: ...  # noqa: D102


class GraphConvolution(nn.Module):
    r"""One layer, :math:`\mathrm{PReLU}(\hat A (X W) + b)`, with one slope for all its outputs.

    Source: Kipf and Welling (2017), equation 2; the slope as in Veličković et al. (2019).

    Args:
        inputs: F, values of a node.
        outputs: d.
        generator: draws W, Glorot-uniform; b is 0 and the slope 0.25.

    Example:
        >>> from infomax.data import open_graph
        >>> graph = GraphTensors(open_graph("karate-club"))
        >>> layer = GraphConvolution(34, 8, torch.Generator().manual_seed(0))
        >>> layer(graph.features @ layer.weight, graph.propagation).shape
        torch.Size([34, 8])
    """

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        if min(inputs, outputs) < 1:
            raise UserError(f"a layer has {inputs} inputs and {outputs} outputs: at least 1 each")
        # Laid out (F, d), as products of sparse features need it.
        weight = nn.init.xavier_uniform_(torch.empty(inputs, outputs), generator=generator)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.slope = nn.Parameter(torch.tensor([0.25]))

    def forward(self, projected: Tensor, propagation: SparseMatrix) -> Tensor:
        """Average over neighbours what ``features @ weight`` gave: ``(N, d)`` -> ``(N, d)``."""
        codes: Tensor = _Activated.apply(  # type: ignore[no-untyped-call]
            propagation @ projected, self.bias, self.slope
        )
        return codes


class _Activated(torch.autograd.Function):
    """PReLU of sums and a bias, with one slope.

    PyTorch's own makes a matrix of gradients of the slope before it is summed to one number, which
    took longer than the products of the layer.
    """

    @staticmethod
    def forward(ctx: Any, sums: Tensor, bias: Tensor, slope: Tensor) -> Tensor:
        before = sums + bias
        ctx.slope = float(slope)
        ctx.save_for_backward(before)
        return nn.functional.leaky_relu(before, ctx.slope)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        (before,) = ctx.saved_tensors
        of_sums = torch.ops.aten.leaky_relu_backward(gradient, before, ctx.slope, False)
        of_slope = (gradient * before.clamp_max(0)).sum().reshape(1)
        return of_sums, of_sums.sum(dim=0), of_slope


class GCNEncoder(GraphEncoder):
    """Graph convolutions one after the other, without dropout.

    Args:
        features: F, values of a node.
        generator: draws the weights, layer by layer.
        code_size: outputs of each layer.
        layers: how many.

    Example:
        >>> from infomax.data import open_graph
        >>> graph = GraphTensors(open_graph("karate-club"))
        >>> encoder = GCNEncoder(34, torch.Generator().manual_seed(0), code_size=16)
        >>> encoder(graph).shape
        torch.Size([34, 16])
    """

    def __init__(
        self, features: int, generator: torch.Generator, *, code_size: int = 512, layers: int = 1
    ) -> None:
        super().__init__()
        if layers < 1:
            raise UserError(f"layers is {layers}: a GCN has at least one")
        self.code_size = code_size
        sizes = [features] + [code_size] * layers
        self.layers = nn.ModuleList(
            GraphConvolution(inputs, outputs, generator) for inputs, outputs in pairwise(sizes)
        )

    def forward(self, graph: GraphTensors) -> Tensor:
        """Encode all nodes."""
        return self._propagated(graph.features @ self.first.weight, graph)

    def beside_shuffled(self, graph: GraphTensors, order: Tensor) -> tuple[Tensor, Tensor]:
        """Encode all nodes twice; the product with the features is the same but for its order."""
        projected = graph.features @ self.first.weight
        return self._propagated(projected, graph), self._propagated(
            permuted_rows(projected, order), graph
        )

    @property
    def first(self) -> GraphConvolution:
        """The layer that reads the features."""
        return self._all[0]

    @property
    def _all(self) -> list[GraphConvolution]:
        return [each for each in self.layers if isinstance(each, GraphConvolution)]

    def _propagated(self, projected: Tensor, graph: GraphTensors) -> Tensor:
        codes: Tensor = self.first(projected, graph.propagation)
        for layer in self._all[1:]:
            codes = layer(codes @ layer.weight, graph.propagation)
        return codes
