"""An encoder of a graph under an objective, as the trainer updates it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from infomax.encoders.graphs import GraphEncoder, GraphTensors
from infomax.graphs.node_products import Neighbourhoods
from infomax.graphs.objectives import GraphObjective
from infomax.graphs.terms import EncodedNodes, GraphTerm, TermValue
from infomax.training import OptimizerConfig, StackedModels, State, Update, restore_model
from infomax.training.optimizer import ScheduledOptimizer
from infomax.training.training import load_parameters, prefixed, stripped

__all__ = ["GraphModel", "GraphTraining"]


class GraphModel(nn.Module):
    """An encoder of nodes and the terms that it is trained on.

    Args:
        encoder: of nodes.
        objective: says with which weights the terms are summed.
        terms: as ``objective.make`` returns them.
    """

    def __init__(
        self, encoder: GraphEncoder, objective: GraphObjective, terms: nn.ModuleList
    ) -> None:
        super().__init__()
        self.encoder, self.terms = encoder, terms
        self.objective = objective

    def forward(
        self, graph: GraphTensors, pairs: Neighbourhoods, generator: torch.Generator
    ) -> TermValue:
        """Return the objective, and what it reads, for some nodes of a graph.

        Args:
            graph: whose nodes are all encoded.
            pairs: neighbourhoods of those that the objective is of.
            generator: on the CPU; draws the shuffled features and negatives.
        """
        terms = [cast("GraphTerm", each) for each in self.terms]
        shuffled = None
        if any(each.needs_shuffled for each in terms):
            order = torch.randperm(graph.nodes, generator=generator).to(graph.device)
            codes, of_shuffled = self.encoder.beside_shuffled(graph, order)
            shuffled = pairs.of(of_shuffled)
        else:
            codes = self.encoder(graph)
        nodes = EncodedNodes(graph, self.encoder, pairs, pairs.of(codes), shuffled, generator)
        values = [each(nodes) for each in terms]
        objective = sum(
            (
                spec.weight * value.objective
                for spec, value in zip(self.objective.terms, values, strict=True)
            ),
            start=codes.new_zeros(()),
        )
        return TermValue(objective, torch.stack([value.reading for value in values]).sum())

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(  # noqa: D102
            self, graph: GraphTensors, pairs: Neighbourhoods, generator: torch.Generator
        ) -> TermValue: ...


class GraphTraining:
    """A model of one seed that is trained on a whole graph at each update.

    An update takes the step of a gradient that is there already, and then computes the loss of the
    weights that it has come to, with the gradient of the next: so the loss that is watched is that
    of the weights that are kept, and is not computed twice.

    Args:
        model: to train.
        graph: whose nodes are encoded.
        pairs: neighbourhoods of the nodes that are trained on.
        optimizer: how weights are updated.
        generator: draws what is random in losses.

    Attributes:
        modules: the model alone.
        losses: ``(1,)``, that of the weights as they are now.
    """

    def __init__(
        self,
        model: GraphModel,
        graph: GraphTensors,
        pairs: Neighbourhoods,
        *,
        optimizer: OptimizerConfig,
        generator: torch.Generator,
    ) -> None:
        self.modules: Sequence[GraphModel] = (model,)
        self._graph, self._pairs, self._generator = graph, pairs, generator
        self._stacked = StackedModels([model])
        self._optimizer = ScheduledOptimizer(self._stacked, optimizer)
        self._before_draw = generator.get_state()
        self._is_differentiated = False
        self.losses = torch.full((1,), torch.inf)

    def __repr__(self) -> str:
        return f"GraphTraining({self.modules[0].objective.name} on {self._graph.graph})"

    def update(self) -> Update:
        """Make one update, and compute the loss of the weights after it."""
        if not self._is_differentiated:
            self._differentiate()
        self._optimizer.step()
        return self._differentiate()

    def weights(self, index: int = 0) -> State:
        """Return the weights of the model."""
        model = self.modules[index]
        parameters = {str(at): each for at, each in enumerate(model.parameters())}
        return prefixed("parameters", parameters) | prefixed("buffers", dict(model.named_buffers()))

    def take_weights(self, index: int, state: Mapping[str, Tensor]) -> None:
        """Give the model weights that ``weights`` or ``state`` returned."""
        restore_model(self.modules[index], state)
        self._is_differentiated = False

    def state(self) -> State:
        """Return weights, moments, and the generator as it was before the last loss."""
        return {
            **self.weights(),
            **prefixed("optimizer", self._optimizer.state()),
            "generator": self._before_draw,
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""
        load_parameters(self._stacked.parameters, stripped("parameters", state))
        restore_model(self.modules[0], state)
        self._optimizer.restore(stripped("optimizer", state))
        self._generator.set_state(state["generator"])
        self._is_differentiated = False

    def _differentiate(self) -> Update:
        self._before_draw = self._generator.get_state()
        self._optimizer.clear()
        value = self.modules[0](self._graph, self._pairs, self._generator)
        (-value.objective).backward()
        self._is_differentiated = True
        self.losses = -value.objective.detach().reshape(1)
        return Update(self.losses, value.reading.reshape(1))
