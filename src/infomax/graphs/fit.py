"""Train encoders of a graph: from settings to codes, for one seed or for several side by side."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.data import Graph
from infomax.encoders.graphs import GRAPH_ENCODERS, GraphTensors
from infomax.errors import UserError, unknown_name
from infomax.executors import Task, open_executor, processes_of_this_machine
from infomax.graphs.graph_training import GraphModel, GraphTraining
from infomax.graphs.node_products import Neighbourhoods
from infomax.graphs.objectives import find_objective
from infomax.graphs.terms import TermSizes
from infomax.training import (
    BestWeights,
    Callback,
    Checkpointing,
    CheckpointStore,
    EarlyStopping,
    LossNotFiniteError,
    OptimizerConfig,
    ScheduledEvaluation,
    Trainer,
    evaluation_mode,
    generator_for,
)

__all__ = [
    "GraphConfig",
    "TrainedGraphEncoder",
    "build_graph_model",
    "train_graph_encoder",
    "train_graph_encoders",
]

_DRAWS_OF_READING = 10


@dataclass(frozen=True)
class GraphConfig:
    """How an encoder of a graph is trained.

    Attributes:
        objective: name of what is maximised (``GRAPH_OBJECTIVES``).
        objective_options: options of its terms, such as ``{"edges": "sampled"}``.
        encoder: name of an encoder (``GRAPH_ENCODERS``).
        encoder_options: of the encoder, such as ``{"code_size": 256}``.
        epochs: updates at most; each is of the whole graph.
        patience: updates without a smaller loss after which training stops.
        learning_rate: of Adam.
        held_out: share of the nodes whose pairs never enter the loss; the encoder still reads their
            features, because they are neighbours of others.
        seed: of weights, draws and held-out nodes.

    Raises:
        UserError: if a number is out of its range.
    """

    objective: str = "dgi"
    objective_options: Mapping[str, Any] = field(default_factory=dict)
    encoder: str = "gcn"
    encoder_options: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 10_000
    patience: int = 20
    learning_rate: float = 1e-3
    held_out: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("patience", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise UserError(f"{name} is {getattr(self, name)}: give at least {least}")
        if not 0 <= self.held_out < 1:
            raise UserError(f"held_out is {self.held_out}: give a share from 0 to below 1")


@dataclass(frozen=True, eq=False)
class TrainedGraphEncoder:
    """An encoder of a graph, trained, and how it went.

    Attributes:
        model: the encoder and its terms, with the best weights.
        config: settings.
        codes: of all nodes, ``(N, code_size)``, on the CPU.
        epochs: updates made.
        weights_epoch: updates after which the loss was smallest, which the weights are of.
        loss: that loss.
        reading: what the objective reads on the nodes that were trained on, nats.
        held_out_reading: what it reads on the others; NaN where there are none.
        held_out_loss: the loss on the others; NaN where there are none.
        held_out: indices of these nodes.
        seconds: that training took, without preparing the graph.
        ending: why training ended.
    """

    model: GraphModel
    config: GraphConfig
    codes: Tensor
    epochs: int
    weights_epoch: int
    loss: float
    reading: float
    held_out_reading: float
    held_out_loss: float
    held_out: NDArray[np.int64]
    seconds: float
    ending: str


def build_graph_model(config: GraphConfig, features: int) -> GraphModel:
    """Return an encoder and terms with their first weights.

    Args:
        config: settings.
        features: F, values of a node.

    Raises:
        UserError: if there is no such encoder or objective, or it refuses an option.
    """
    objective = find_objective(config.objective)
    if config.encoder not in GRAPH_ENCODERS:
        raise unknown_name("encoder of graphs", config.encoder, GRAPH_ENCODERS)
    make = GRAPH_ENCODERS[config.encoder]
    try:
        encoder = make(features, generator_for(config.seed, "encoder"), **config.encoder_options)
    except TypeError as error:
        raise UserError(f"the encoder {config.encoder} refuses its options: {error}") from error
    sizes = TermSizes(features, encoder.code_size)
    terms = objective.make(sizes, generator_for(config.seed, "critic"), config.objective_options)
    return GraphModel(encoder, objective, terms)


def train_graph_encoder(
    graph: Graph,
    config: GraphConfig | None = None,
    *,
    device: torch.device | str = "cpu",
    store: CheckpointStore | None = None,
    callbacks: Sequence[Callback] = (),
) -> TrainedGraphEncoder:
    """Train an encoder on a whole graph until its loss no longer falls; keep the best weights.

    Args:
        graph: nodes and edges.
        config: settings; by default Deep Graph Infomax on one graph convolution.
        device: where to compute.
        store: keeps checkpoints, from which training goes on to the same bits.
        callbacks: of the trainer, beside those that stop it and keep the best weights.

    Raises:
        UserError: if settings do not fit each other or the graph.
        LossNotFiniteError: if the loss was not finite.

    Example:
        >>> from infomax.data import open_graph
        >>> config = GraphConfig(encoder_options={"code_size": 16}, epochs=50)
        >>> trained = train_graph_encoder(open_graph("karate-club"), config)
        >>> trained.codes.shape, trained.epochs <= 50
        (torch.Size([34, 16]), True)
    """
    config = config or GraphConfig()
    tensors = GraphTensors(graph, device)
    trained_on, held_out = _nodes(graph, config)
    pairs = Neighbourhoods(graph, trained_on, device)
    model = build_graph_model(config, graph.features.shape[1]).to(device)
    training = GraphTraining(
        model,
        tensors,
        pairs,
        optimizer=OptimizerConfig(config.learning_rate),
        generator=generator_for(config.seed, "negatives"),
    )
    best = BestWeights(lambda losses: [-float(each) for each in losses], kept_with_checkpoint=True)
    trainer = Trainer(
        config.epochs,
        [
            ScheduledEvaluation(lambda *_: training.losses, range(1, config.epochs + 1)),
            best,
            EarlyStopping(best, config.patience, watched="the objective"),
            *callbacks,
            *([] if store is None else [Checkpointing(store, best, after_evaluations=False)]),
        ],
    )
    began = time.perf_counter()
    trainer.fit(training)
    seconds = time.perf_counter() - began
    if trainer.failures:
        raise LossNotFiniteError(trainer.failures[0].advice)
    with evaluation_mode(model), torch.no_grad():
        codes = model.encoder(tensors).cpu()
    weights_epoch = best.weights_steps[0]
    of_others = (math.nan, math.nan)
    if held_out is not None:
        others = Neighbourhoods(graph, held_out, device)
        of_others = mean_readings(model, tensors, others, config.seed)
    return TrainedGraphEncoder(
        model,
        config,
        codes,
        trainer.step,
        weights_epoch,
        -best.value_at(weights_epoch),
        mean_readings(model, tensors, pairs, config.seed)[0],
        *of_others,
        np.array([], np.int64) if held_out is None else held_out.numpy(),
        seconds,
        trainer.ending,
    )


def train_graph_encoders(
    graph: Graph, config: GraphConfig, seeds: Sequence[int], *, processes: int | None = None
) -> list[TrainedGraphEncoder]:
    """Train one encoder for each seed, side by side on the cores of this machine.

    Each is to the bit what ``train_graph_encoder`` gives with that seed and as many threads. A
    graph fills the arithmetic of a core, so models stacked into one would take as long as models
    one after the other; processes share cores out instead.

    Args:
        graph: nodes and edges.
        config: settings, but for the seed.
        seeds: of the encoders.
        processes: side by side; by default as many as there are cores for.

    Raises:
        UserError: if settings do not fit each other or the graph.
        LossNotFiniteError: if a loss was not finite.
    """
    count = min(processes or processes_of_this_machine(), len(seeds))
    tasks = [
        Task(f"seed {seed}", partial(train_graph_encoder, graph, replace(config, seed=seed)))
        for seed in seeds
    ]
    with open_executor("local", None, gpu=False, processes=count) as executor:
        trained = dict(executor.run(tasks))
    return [trained[index] for index in range(len(tasks))]


@torch.no_grad()
def mean_readings(
    model: GraphModel, graph: GraphTensors, pairs: Neighbourhoods, seed: int
) -> tuple[float, float]:
    """Return what an objective reads for some nodes, in nats, and its loss: means of ten draws."""
    generator = generator_for(seed, "reading")
    with evaluation_mode(model):
        values = [model(graph, pairs, generator) for _ in range(_DRAWS_OF_READING)]
    reading = float(np.mean([float(each.reading) for each in values]))
    return reading, float(np.mean([-float(each.objective) for each in values]))


def _nodes(graph: Graph, config: GraphConfig) -> tuple[Tensor | None, Tensor | None]:
    """Return the nodes that are trained on and the others; nothing where all are."""
    count = round(config.held_out * graph.nodes)
    if not count:
        return None, None
    order = torch.randperm(graph.nodes, generator=generator_for(config.seed, "held-out-nodes"))
    held_out, trained_on = order[:count].sort().values, order[count:].sort().values
    if min(len(held_out), len(trained_on)) < 2:
        raise UserError(
            f"{len(held_out)} of {graph.nodes} nodes would be held out: at least two nodes are "
            "needed on either side"
        )
    return trained_on, held_out
