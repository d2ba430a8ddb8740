"""Contents: what codes hold of labels and nuisances is read, and never more than there is."""

import math

import numpy as np
import pytest

from infomax.audit.audited_codes import read_codes
from infomax.audit.checks.contents import check_contents
from infomax.evaluation import fit_probe, neighbours_labels
from tests.audit.planted import read, sound
from tests.audit.planted_inputs import nuisance_held


def test_a_nuisance_that_codes_hold_more_of_than_of_labels_is_found() -> None:
    finding = check_contents(nuisance_held(0))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "'site'" in finding.sentence
    told = {each["name"]: each for each in finding.measured["held"]}
    assert told["the nuisance 'site'"]["information_nats"] > 1.8
    assert told["the nuisance 'gain'"]["interval_nats"][0] == 0
    assert math.isnan(told["the nuisance 'gain'"]["entropy_nats"])


def test_a_nuisance_that_codes_do_not_hold_is_none() -> None:
    finding = check_contents(nuisance_held(0, strength=0.0))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "the labels (100 % of 1.10)" in finding.sentence


def test_what_labels_share_with_their_prediction_is_the_plug_in_sum() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 2_000)
    x = 1.5 * np.eye(3)[labels] + generator.standard_normal((2_000, 3))
    codes = read((x, x, labels))
    finding = check_contents(codes)
    held = finding.measured["held"][0]
    told = codes.labels
    assert told is not None
    fitted, held_out = codes.fitted, codes.held_out
    centred = codes.x - codes.x[fitted].mean(0)
    named = {
        "a linear probe": fit_probe(centred[fitted], told[fitted], seed=0)
        .predict(centred[held_out])
        .numpy(),
        "nearest neighbours": neighbours_labels(centred[fitted], told[fitted], centred[held_out]),
    }[held["predicted_by"]]
    counts = np.zeros((3, 3))
    np.add.at(counts, (named, told[held_out]), 1)
    shares = counts / counts.sum()
    expected = shares.sum(1)[:, None] * shares.sum(0)
    plug_in = (shares * np.log(shares / expected)).sum()
    assert held["information_nats"] == pytest.approx(plug_in, abs=0.01)
    assert held["interval_nats"][0] < plug_in < held["interval_nats"][1]


def test_a_measurement_is_read_below_what_a_formula_gives() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 2_000, 1))
    told = {"age": (x + noise)[:, 0]}
    finding = check_contents(read_codes("mine", x, x, None, seed=0, nuisances=told))
    assert finding.measured["held"][0]["information_nats"] == pytest.approx(
        0.5 * math.log(2), abs=0.1
    )
    assert "no labels to compare" in finding.sentence


def test_labels_that_codes_do_not_tell_are_a_caution() -> None:
    x, y, labels = sound(0, rows=2_000)
    finding = check_contents(read((x, y, np.random.default_rng(1).permutation(labels))))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "next to nothing" in finding.sentence


def test_without_labels_and_nuisances_it_is_not_run_and_says_why() -> None:
    finding = check_contents(read(sound(0), with_labels=False))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert "--nuisances" in finding.next_step


def test_a_class_for_each_pair_is_not_read_and_said_to_be() -> None:
    x, y, _ = sound(0)
    finding = check_contents(read((x, y, np.arange(len(x)))))
    assert finding.status == "not run"
    told = {"site": np.arange(len(x)) % 2}
    codes = read_codes("mine", x, y, np.arange(len(x)), seed=0, nuisances=told)
    finding = check_contents(codes)
    assert finding.status == "sound"
    assert list(finding.measured["not_read"]) == ["the labels"]


def test_the_figure_shows_what_is_held_beside_what_there_is() -> None:
    (figure,) = check_contents(nuisance_held(0)).figures
    table = figure.table.set_index(["label", "series"])["value"]
    for label in ("labels", "nuisance 'site'"):
        assert table[label, "held, at least"] <= table[label, "entropy"] + 0.05
