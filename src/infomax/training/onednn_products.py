"""Large matrix products of compiled code, by oneDNN instead of MKL."""

from typing import Any

import torch
from torch import Tensor, fx
from torch._inductor.custom_graph_pass import CustomGraphPass

__all__ = ["OneDnnProducts"]

_ATEN = torch.ops.aten
_LIBRARY = torch.library.Library("infomax", "DEF")
_LIBRARY.define("product(Tensor a, Tensor b) -> Tensor")


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Multiply two matrices by the kernels of a dense layer, each for the layout that it is for."""
    if b.mT.is_contiguous():  # A layer's output: its matrix is turned.
        result = _ATEN.mkldnn_linear(a.to_mkldnn(), b.mT).to_dense()
    elif a.mT.is_contiguous():  # The gradient of its matrix: that of its output is turned.
        matrix = b.new_empty(a.shape[0], b.shape[1])
        result = _ATEN.mkldnn_linear_backward_weights(
            a.mT.to_mkldnn(), b.to_mkldnn(), matrix, False
        )[0]
    else:  # The gradient of its input.
        result = _ATEN.mkldnn_linear_backward_input(
            (a.shape[0], b.shape[1]), a.to_mkldnn(), b.contiguous()
        ).to_dense()
    product: Tensor = result
    return product


def _product_shape(a: Tensor, b: Tensor) -> Tensor:
    return a.new_empty(a.shape[0], b.shape[1])


_LIBRARY.impl("product", _product, "CPU")
_LIBRARY.impl("product", _product_shape, "Meta")


class OneDnnProducts(CustomGraphPass):
    """Puts oneDNN's products in the place of large ones in the graph of a compiled function.

    Args:
        fewest: products of numbers from which a product of matrices is large.
    """

    def __init__(self, fewest: int) -> None:
        self._fewest = fewest

    def __call__(self, graph: fx.Graph) -> None:
        """Change a graph in place."""
        for node in list(graph.nodes):
            if node.target is _ATEN.mm.default and self._is_large(*node.args):
                self._replace(graph, node, *node.args)
            elif node.target is _ATEN.addmm.default and not node.kwargs:
                added, a, b = node.args
                if self._is_large(a, b):
                    self._replace(graph, node, a, b, added)

    def uuid(self) -> Any:
        """Return what tells compiled code that was made with this pass from other code."""
        return f"infomax.onednn_products from {self._fewest}"

    def _is_large(self, a: fx.Node, b: fx.Node) -> bool:
        left, right = a.meta["val"], b.meta["val"]
        on_cpu = left.device.type == "cpu" and left.dtype == torch.float32
        return bool(on_cpu and left.numel() * right.shape[1] >= self._fewest)

    @staticmethod
    def _replace(
        graph: fx.Graph, node: fx.Node, a: fx.Node, b: fx.Node, added: fx.Node | None = None
    ) -> None:
        with graph.inserting_before(node):
            new = graph.call_function(torch.ops.infomax.product.default, (a, b))
            new.meta = dict(node.meta)
            if added is not None:
                new = graph.call_function(_ATEN.add.Tensor, (new, added))
                new.meta = dict(node.meta)
        node.replace_all_uses_with(new)
        graph.erase_node(node)
