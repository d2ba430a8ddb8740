"""A graph of a user from the command: trained on, gone on with, encoded, probed, or refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from infomax.cli.app import app
from infomax.data import Graph, stochastic_blocks
from infomax.errors import UserError
from infomax.experiments.graph_run import GraphRun, graph_settings
from infomax.graphs import GRAPH_BASELINES

SMALL = ("--encoder-options", "code_size=16", "--steps", "30")


def run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def graph() -> Graph:
    return stochastic_blocks(blocks=2, nodes_of_block=25, within=0.4, features=6)


@pytest.fixture
def path(tmp_path: Path, graph: Graph) -> Path:
    assert graph.split is not None
    np.savez(
        tmp_path / "graph.npz",
        x=graph.features.toarray(),
        edges=graph.edges,
        y=graph.known_labels(),
        train=graph.split.train,
        val=graph.split.validation,
        test=graph.split.test,
    )
    return tmp_path / "graph.npz"


def test_a_graph_is_trained_on_encoded_and_probed(tmp_path: Path, path: Path) -> None:
    out = tmp_path / "run"
    options = ("--objective-options", "edges=sampled", "--validation", "0.2", *SMALL)
    said = run("train", "--data", path, "--objective", "gmi-mean", *options, "--out", out)
    assert "30 epochs: all updates are made" in said
    assert "on 10 nodes whose pairs were held out the loss is" in said
    run("encode", out, path, "--out", tmp_path / "codes.npy")
    codes = np.load(tmp_path / "codes.npy")
    assert codes.shape == (50, 16)
    found = json.loads(run("probe", out, "--json"))
    assert set(found["solved"]) == {"codes", "untrained", *GRAPH_BASELINES}
    assert not found["split_drawn"]
    assert "Fitted on 10 nodes, the penalty chosen by 10, measured on 30" in " ".join(
        run("probe", out, path).split()
    )


def test_a_run_that_was_killed_goes_on_to_the_same_codes(tmp_path: Path, path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    words = ("train", "--data", path, "--objective", "dgi", *SMALL)
    run(*words, "--out", whole)
    run(*words, "--out", killed)
    # As a process leaves it that was killed before it had written its weights.
    (killed / "weights.safetensors").unlink()
    with pytest.raises(UserError, match="has not ended"):
        run("encode", killed, path, "--out", tmp_path / "codes.npy")
    run("train", "--resume", "--out", killed)
    graph = GraphRun.existing(whole).graph()
    one, other = (GraphRun.existing(each).codes(graph) for each in (whole, killed))
    assert bool((one == other).all())


def test_another_graph_is_encoded_if_its_features_are_alike(tmp_path: Path, path: Path) -> None:
    out = tmp_path / "run"
    run("train", "--data", path, "--objective", "dgi", *SMALL, "--out", out)
    with pytest.raises(UserError, match="nodes of other features than these 34"):
        run("encode", out, "karate-club", "--out", tmp_path / "codes.npy")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--objective", "gmi"), "unknown objective 'gmi'"),
        (("--objective", "dgi", "--bound", "nwj"), "unknown setting of a run on a graph 'bound'"),
        (("--objective", "dgi", "--objective-options", "a=1"), "unknown option of dgi 'a'"),
        (("--objective", "dgi", "--sweep", "seed=1,2"), "takes no --sweep"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        run("train", "--data", "karate-club", *words, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        run("train", "--data", "karate-club", "--objective", "dgi", "--out", tmp_path)
    with pytest.raises(UserError, match="not the folder of a run on a graph"):
        GraphRun.existing(tmp_path)


def test_settings_are_those_of_an_encoder_of_a_graph() -> None:
    source, config = graph_settings(
        {"data": "a.csv", "features": "b.csv", "objective": "dgi", "validation": 0.1}
    )
    assert (source.features, config.held_out) == ("b.csv", 0.1)
    with pytest.raises(UserError, match="setting data is missing"):
        graph_settings({"objective": "dgi"})
