"""Encoders of graphs that PyTorch Geometric makes, by the names that it has for them."""

import torch
from torch import Tensor, nn

from infomax.encoders.graphs.gcn import GraphEncoder
from infomax.encoders.graphs.graph_tensors import GraphTensors
from infomax.errors import missing_extra

__all__ = ["GINEncoder", "GeometricEncoder", "GraphSAGEEncoder"]

_LARGEST_SEED = 2**31


class GeometricEncoder(GraphEncoder):
    r"""A model of PyTorch Geometric over a linear map of the features, :math:`g(X W, A)`.

    The map has no bias and stands before it, so that sparse features are never written out: the
    model's first layer reads ``code_size`` values of each node.

    Args:
        features: F, values of a node.
        generator: draws W, and the seed that PyTorch Geometric draws the model's weights from.
        code_size: values of a code, and of every layer.
        layers: how many.

    Attributes:
        kind: name of the class in ``torch_geometric.nn.models``.

    Raises:
        UserError: if PyTorch Geometric is not installed.
    """

    kind: str

    def __init__(
        self,
        features: int,
        generator: torch.Generator,
        *,
        code_size: int = 512,
        layers: int = 2,
    ) -> None:
        super().__init__()
        try:
            from torch_geometric.nn import models  # noqa: PLC0415
        except ImportError as error:
            raise missing_extra(f"the encoder {self.kind}", "graphs") from error
        self.code_size = code_size
        weight = nn.init.xavier_uniform_(torch.empty(features, code_size), generator=generator)
        self.weight = nn.Parameter(weight)
        seed = int(torch.randint(_LARGEST_SEED, (), generator=generator))
        # It draws from the global generator.
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            self.model = getattr(models, self.kind)(code_size, code_size, layers, code_size)

    def forward(self, graph: GraphTensors) -> Tensor:
        """Encode all nodes."""
        codes: Tensor = self.model(graph.features @ self.weight, graph.edge_index)
        return codes


class GINEncoder(GeometricEncoder):
    """Graph isomorphism network of PyTorch Geometric, over a linear map of the features.

    Source: Xu, Hu, Leskovec and Jegelka (2019).
    """

    kind = "GIN"


class GraphSAGEEncoder(GeometricEncoder):
    """GraphSAGE of PyTorch Geometric, with means, over a linear map of the features.

    Source: Hamilton, Ying and Leskovec (2017).
    """

    kind = "GraphSAGE"
