"""Training on a whole graph: resumed to the bit, stopped by its loss, nodes held out."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from infomax.data import open_graph
from infomax.errors import UserError
from infomax.graphs import (
    GRAPH_OBJECTIVES,
    GraphConfig,
    train_graph_encoder,
    train_graph_encoders,
)
from infomax.training import Callback, Checkpoint, State, Trainer

SMALL: dict[str, Any] = {"encoder_options": {"code_size": 16}, "epochs": 40}


class Kept:
    """Keeps the last checkpoint in memory."""

    def __init__(self) -> None:
        self.kept: Checkpoint | None = None

    def last(self) -> Checkpoint | None:
        return self.kept

    def write(
        self,
        step: int,  # noqa: ARG002
        state: State,
        notes: Mapping[str, Any],
        *,
        best: bool,  # noqa: ARG002
    ) -> None:
        copies = {name: each.detach().clone() for name, each in state.items()}
        self.kept = Checkpoint(copies, dict(notes))


class StoppedAt(Callback):
    """Keeps a checkpoint after some updates, and stops as a kill would."""

    def __init__(self, step: int, store: Kept) -> None:
        self.step, self.store = step, store

    def on_save_point(self, trainer: Trainer) -> None:
        if trainer.step == self.step:
            self.store.write(trainer.step, *trainer.checkpoint(), best=False)
            raise KeyboardInterrupt


@pytest.mark.parametrize("objective", sorted(GRAPH_OBJECTIVES))
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(objective: str) -> None:
    graph = open_graph("karate-club")
    config = GraphConfig(objective=objective, patience=5, **SMALL)
    whole = train_graph_encoder(graph, config)
    store = Kept()
    with pytest.raises(KeyboardInterrupt):
        train_graph_encoder(graph, config, callbacks=[StoppedAt(8, store)])
    resumed = train_graph_encoder(graph, config, store=store)
    assert torch.equal(resumed.codes, whole.codes)
    assert (resumed.epochs, resumed.weights_epoch) == (whole.epochs, whole.weights_epoch)
    assert resumed.loss == whole.loss


def test_best_weights_of_before_a_checkpoint_are_those_that_are_left() -> None:
    graph = open_graph("karate-club")
    # So large a rate that an early loss is the best.
    config = GraphConfig(learning_rate=3.0, patience=30, **SMALL)
    whole = train_graph_encoder(graph, config)
    assert whole.weights_epoch < whole.epochs - 5
    store = Kept()
    stop = StoppedAt(whole.weights_epoch + 3, store)
    with pytest.raises(KeyboardInterrupt):
        train_graph_encoder(graph, config, callbacks=[stop])
    resumed = train_graph_encoder(graph, config, store=store)
    assert torch.equal(resumed.codes, whole.codes)


def test_the_loss_that_is_kept_is_that_of_the_weights() -> None:
    trained = train_graph_encoder(open_graph("karate-club"), GraphConfig(**SMALL))
    assert trained.weights_epoch <= trained.epochs
    assert 0 < trained.loss < math.log(2)


def test_training_stops_when_the_loss_no_longer_falls() -> None:
    config = GraphConfig(learning_rate=1.0, patience=3, encoder_options={"code_size": 8})
    trained = train_graph_encoder(open_graph("karate-club"), config)
    assert trained.epochs == trained.weights_epoch + 3
    assert trained.ending == "the objective has not risen for 3 evaluations"


def test_seeds_side_by_side_are_those_one_after_the_other() -> None:
    graph = open_graph("karate-club")
    config = GraphConfig(**SMALL)
    together = train_graph_encoders(graph, config, [3, 4], processes=2)
    alone = train_graph_encoders(graph, config, [3, 4], processes=1)
    for one, other in zip(together, alone, strict=True):
        assert torch.equal(one.codes, other.codes)
    assert not torch.equal(alone[0].codes, alone[1].codes)


def test_nodes_that_are_held_out_are_read_apart() -> None:
    graph = open_graph("stochastic-blocks")
    config = GraphConfig(objective="features-only", held_out=0.25, **SMALL)
    trained = train_graph_encoder(graph, config)
    assert len(trained.held_out) == round(0.25 * graph.nodes)
    assert np.isfinite(trained.held_out_reading)
    assert trained.held_out_reading != trained.reading
    assert trained.held_out_loss != trained.loss
    assert trained.codes.shape == (graph.nodes, 16)


def test_pairs_of_nodes_that_are_held_out_do_not_enter_the_loss() -> None:
    graph = open_graph("stochastic-blocks")
    config = GraphConfig(objective="edges-only", held_out=0.25, **SMALL)
    held_out = train_graph_encoder(graph, config).held_out
    inside = np.isin(graph.edges, held_out).all(axis=0)
    # The encoder reads edges: so only those that it reads, and not those that are scored, may move.
    assert inside.any()
    from infomax.graphs import Neighbourhoods  # noqa: PLC0415

    kept = np.setdiff1d(np.arange(graph.nodes), held_out)
    pairs = Neighbourhoods(graph, torch.from_numpy(kept))
    ends = kept[pairs.rows.numpy()], kept[pairs.columns.numpy()]
    assert not np.isin(ends, held_out).any()
    assert pairs.size == len(kept)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"objective": "dmi"}, "unknown objective 'dmi'"),
        ({"encoder": "gcm"}, "unknown encoder of graphs 'gcm': did you mean 'gcn'"),
        ({"objective_options": {"edges": "exact"}}, "unknown option of dgi 'edges'"),
        ({"encoder_options": {"width": 3}}, "the encoder gcn refuses its options"),
        ({"held_out": 1.0}, "held_out is 1.0"),
        ({"held_out": 0.97}, "at least two nodes"),
        ({"epochs": 0}, "epochs is 0"),
        ({"objective": "gmi-mean", "objective_options": {"edges": "some"}}, "unknown form"),
        ({"objective": "gmi-mean", "objective_options": {"negatives": 34}}, "34 negatives"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        train_graph_encoder(open_graph("karate-club"), GraphConfig(**{**SMALL, **given}))
