"""A run of an encoder of a graph, in its folder: settings, checkpoints and weights."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from infomax.data import Graph, NodeSplit, open_graph, random_node_split
from infomax.encoders.graphs import GraphTensors
from infomax.errors import UserError, unknown_name
from infomax.folder_lock import locked_folder
from infomax.graphs import (
    GRAPH_BASELINES,
    GraphConfig,
    GraphModel,
    TrainedGraphEncoder,
    build_graph_model,
    train_graph_encoder,
)
from infomax.graphs.node_probes import HundredStepProbe, NodeProbe, hundred_step_probe, probe_nodes
from infomax.training import (
    Callback,
    CheckpointFolder,
    evaluation_mode,
    read_checkpoint,
    write_checkpoint,
)
from infomax.whole_file import read_json_whole, write_json_whole

__all__ = ["GraphProbes", "GraphRun", "GraphSource", "graph_settings", "is_graph_run"]

_NOTES: Final = "graph.json"
_WEIGHTS: Final = "weights.safetensors"
_RESULT: Final = "result.json"
_SETTINGS_OF_SOURCE: Final = ("data", "features", "labels", "node")
# As settings of any run have it, and as an encoder of a graph does.
_RENAMED: Final = {"steps": "epochs", "validation": "held_out"}
_SAME: Final = (
    "objective",
    "objective_options",
    "encoder",
    "encoder_options",
    "patience",
    "learning_rate",
    "seed",
)


@dataclass(frozen=True)
class GraphSource:
    """Where a graph is read from.

    Attributes:
        data: name or path of ``open_graph``.
        features: table of features, where ``data`` is a table of edges.
        labels: column of its classes.
        node: column of its nodes' names.
    """

    data: str
    features: str | None = None
    labels: str | None = None
    node: str | None = None

    def open(self) -> Graph:
        """Read the graph."""
        return open_graph(self.data, features=self.features, labels=self.labels, node=self.node)


def graph_settings(given: Mapping[str, Any]) -> tuple[GraphSource, GraphConfig]:
    """Return the settings of a run on a graph, of whatever was given.

    ``steps`` is the number of epochs at most, and ``validation`` the share of the nodes that is
    held out.

    Raises:
        UserError: if a setting is none of a run on a graph, or out of its range.

    Example:
        >>> source, config = graph_settings({"data": "karate-club", "objective": "dgi", "steps": 9})
        >>> source.data, config.epochs
        ('karate-club', 9)
    """
    known = (*_SETTINGS_OF_SOURCE, *_SAME, *_RENAMED)
    for key in given:
        if key not in known:
            raise unknown_name("setting of a run on a graph", key, known)
    if "data" not in given:
        raise UserError("setting data is missing: the name or path of a graph")
    source = GraphSource(**{key: given[key] for key in _SETTINGS_OF_SOURCE if key in given})
    settings = {key: given[key] for key in _SAME if key in given}
    settings |= {_RENAMED[key]: given[key] for key in _RENAMED if key in given}
    return source, GraphConfig(**settings)


def is_graph_run(path: Path) -> bool:
    """Tell whether a folder is one of a run on a graph."""
    return (path / _NOTES).is_file()


@dataclass(frozen=True)
class GraphProbes:
    """How well classes of nodes are told from codes.

    Attributes:
        split: of the nodes.
        drawn: whether the split was drawn at random, by the seed of the run.
        solved: the house's probe, of the codes, of those of the untrained encoder, and of features
            as they are and averaged over neighbours.
        hundred_steps: DGI's, of the same.
    """

    split: NodeSplit
    drawn: bool
    solved: Mapping[str, NodeProbe]
    hundred_steps: Mapping[str, HundredStepProbe]


class GraphRun:
    """A run on a graph, in its folder.

    Args:
        path: folder of the run.
        source: where the graph is read from.
        config: how the encoder is trained.
    """

    def __init__(self, path: Path, source: GraphSource, config: GraphConfig) -> None:
        self.path, self.source, self.config = path, source, config

    def __repr__(self) -> str:
        return f"GraphRun({str(self.path)!r}, {self.config.objective} on {self.source.data})"

    @classmethod
    def existing(cls, path: Path) -> "GraphRun":
        """Return the run of a folder.

        Raises:
            UserError: if the folder holds none, or its settings are not what was written.
        """
        try:
            notes = read_json_whole(path / _NOTES)
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} is not the folder of a run on a graph that can be read ({error})"
            ) from error
        return cls(path, GraphSource(**notes["source"]), GraphConfig(**notes["config"]))

    def train(self, callbacks: Sequence[Callback] = ()) -> TrainedGraphEncoder:
        """Train from the beginning, or go on from the last checkpoint, to the same bits.

        Args:
            callbacks: of the trainer.

        Raises:
            UserError: if settings do not fit the graph, or another process holds the folder.
            LossNotFiniteError: if the loss was not finite.
        """
        graph = self.source.open()
        build_graph_model(self.config, graph.features.shape[1])
        with locked_folder(self.path):
            notes = {"source": asdict(self.source), "config": asdict(self.config)}
            if not is_graph_run(self.path):
                write_json_whole(self.path / _NOTES, notes)
            store = CheckpointFolder(self.path / "checkpoints")
            trained = train_graph_encoder(graph, self.config, store=store, callbacks=callbacks)
            state = {name: each.detach() for name, each in trained.model.state_dict().items()}
            write_checkpoint(self.path / _WEIGHTS, state, {"epoch": trained.weights_epoch})
            found = {
                name: getattr(trained, name)
                for name in ("epochs", "weights_epoch", "loss", "reading", "seconds", "ending")
            }
            if len(trained.held_out):
                found |= {
                    "held_out_loss": trained.held_out_loss,
                    "held_out_reading": trained.held_out_reading,
                }
            write_json_whole(self.path / _RESULT, found)
        return trained

    def model(self, features: int) -> GraphModel:
        """Return encoder and terms with the best weights.

        Args:
            features: values of a node.

        Raises:
            UserError: if the run has not ended, or was of nodes with other features.
        """
        if not (self.path / _WEIGHTS).is_file():
            raise UserError(
                f"{self.path} has not ended: go on with `infomax train --resume --out {self.path}`"
            )
        state = read_checkpoint(self.path / _WEIGHTS).state
        model = build_graph_model(self.config, features)
        try:
            model.load_state_dict(state)
        except RuntimeError as error:
            raise UserError(
                f"{self.path} was trained on nodes of other features than these {features:,}: give "
                "a graph with the same columns"
            ) from error
        return model

    def graph(self, data: str | None = None) -> Graph:
        """Return the graph that the run was trained on, or another, by name or path.

        Raises:
            UserError: if it cannot be read.
        """
        return self.source.open() if data is None else replace(self.source, data=data).open()

    @torch.no_grad()
    def codes(self, graph: Graph, *, trained: bool = True) -> Tensor:
        """Return the codes of all nodes of a graph, ``(N, d)``.

        Args:
            graph: that they are of.
            trained: whether by the best weights, or by those before training.
        """
        features = graph.features.shape[1]
        model = self.model(features) if trained else build_graph_model(self.config, features)
        with evaluation_mode(model):
            return model.encoder(GraphTensors(graph))

    def probes(self, graph: Graph) -> GraphProbes:
        """Return how well classes are told from the codes, and from what needs no training.

        Args:
            graph: with labels; without a split one is drawn, 10/10/80, by the seed of the run.

        Raises:
            UserError: if there are no labels, or a probe cannot be fitted.
        """
        split = graph.split or random_node_split(graph, self.config.seed)
        codes = {"codes": self.codes(graph), "untrained": self.codes(graph, trained=False)}
        codes |= {name: make(graph) for name, make in GRAPH_BASELINES.items()}
        return GraphProbes(
            split,
            graph.split is None,
            {name: probe_nodes(each, graph, split) for name, each in codes.items()},
            {name: hundred_step_probe(each, graph, split) for name, each in codes.items()},
        )
