"""Baselines: what no training made is read as codes are, and the verdict comes out each way."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from infomax.audit import baseline_readings
from infomax.audit.baseline_codes import MOST_COLUMNS, random_projection, raw_columns
from infomax.audit.checks.baselines import check_baselines
from infomax.audit.finding import Finding
from infomax.evaluation import BatchMean
from tests.audit.planted import (
    better_than_baselines,
    better_than_raw,
    no_better_than_pca,
    read,
    sound,
)


def of_baseline(finding: Finding, name: str) -> dict[str, Any]:
    (found,) = (each for each in finding.measured["baselines"] if each["name"] == name)
    return dict(found)


@pytest.mark.parametrize("seed", range(2))
def test_what_pca_does_as_well_at_a_lower_bound_is_against(seed: int) -> None:
    finding = check_baselines(no_better_than_pca(seed))
    assert (finding.status, finding.stance) == ("caution", "against")
    assert finding.sentence.startswith("PCA of raw views, which no pairs have trained")
    assert "more of the bound bought no accuracy" in finding.sentence
    pca, mine = (of_baseline(finding, name) for name in ("PCA of raw views", "codes"))
    assert pca["columns"] == mine["columns"] == 8
    assert pca["bound_interval_nats"][1] < mine["bound_interval_nats"][0] - 1
    assert finding.interval is not None
    assert finding.interval.high < finding.thresholds["as_good"]


@pytest.mark.parametrize("seed", range(2))
def test_what_is_better_than_raw_views_of_its_size_is_no_information(seed: int) -> None:
    finding = check_baselines(better_than_raw(seed))
    assert (finding.status, finding.stance) == ("caution", "against")
    assert "hold at least as much information" in finding.sentence


@pytest.mark.parametrize("seed", range(2))
def test_codes_that_beat_all_baselines_are_sound(seed: int) -> None:
    finding = check_baselines(better_than_baselines(seed))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "the best baseline, raw views, on" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.low > 0
    assert finding.figures[0].table["label"].nunique() == 6
    assert list(finding.figures[1].table["at"]) == [
        each["bound_nats"] for each in finding.measured["baselines"]
    ]


def test_no_gain_is_a_caution_and_not_against_where_the_bound_is_no_lower() -> None:
    x, y, labels = sound(0)
    finding = check_baselines(read((x, y, labels), raw=(2 * x, 2 * y)))
    assert (finding.status, finding.stance) == ("caution", "not against")
    assert "no gain is shown by training" in finding.sentence


def test_the_untrained_encoder_is_a_baseline_of_its_own() -> None:
    codes = read(sound(0))
    untrained = (codes.x.float() @ torch.ones(8, 8), codes.y.float() @ torch.ones(8, 8))
    finding = check_baselines(dataclasses.replace(codes, untrained=untrained))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "the encoder before training, on" in finding.sentence
    assert set(finding.measured["not_run"]) == {
        *("raw views", "PCA of raw views", "a random projection of raw views")
    }
    same = check_baselines(dataclasses.replace(codes, untrained=(codes.x, codes.y.roll(1, 0))))
    assert (same.status, same.stance) == ("caution", "against")


def test_readings_are_those_of_a_naive_reading() -> None:
    codes = no_better_than_pca(0)
    finding = check_baselines(codes)
    assert codes.raw is not None
    assert codes.labels is not None
    raw = codes.raw[0].numpy()
    values = PCA(8, svd_solver="full").fit(raw[codes.fitted]).transform(raw)
    line = LogisticRegression(max_iter=2_000).fit(values[codes.fitted], codes.labels[codes.fitted])
    naive = line.score(values[codes.held_out], codes.labels[codes.held_out])
    assert of_baseline(finding, "PCA of raw views")["linear"] == pytest.approx(naive, abs=0.01)
    shuffled, mine = (of_baseline(finding, name) for name in ("shuffled pairs", "codes"))
    assert abs(shuffled["bound_nats"]) < 0.1 < mine["bound_nats"]
    assert shuffled["linear"] == mine["linear"]


def test_images_are_flattened_and_of_many_columns_components_are_read() -> None:
    x, y, labels = sound(0)
    images = np.random.default_rng(0).standard_normal((600, 3, 10, 10))
    codes = read((x, y, labels), raw=(images, images[:, :, :2, :2]))
    assert raw_columns(codes).x.shape == (600, MOST_COLUMNS)
    assert raw_columns(codes).y.shape == (600, 12)
    one, again, other = (random_projection(codes, draw).x for draw in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_critic_that_reads_of_shuffled_pairs_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    invented = BatchMean(1.0, 0.9, 1.1)
    monkeypatch.setattr(baseline_readings, "held_out_bound", lambda *_, **__: invented)
    finding = check_baselines(read(sound(0)))
    assert (finding.status, finding.stance) == ("broken", "undecided")
    assert "Shuffled pairs share nothing" in finding.sentence


def test_without_raw_views_it_says_what_was_not_asked_and_hinders_no_answer() -> None:
    finding = check_baselines(read(sound(0)))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert len(finding.measured["not_run"]) == 4
    assert "--raw-x" in finding.next_step
    assert "audit the encoder itself" in finding.detail


def test_raw_views_are_no_codes_of_themselves() -> None:
    x, y, labels = sound(0)
    finding = check_baselines(read((x, y, labels), raw=(x, y)))
    assert finding.status == "not run"
    assert "a baseline themselves" in finding.sentence


def test_without_labels_it_is_not_run_and_says_why() -> None:
    x, y, _ = sound(0)
    finding = check_baselines(read(sound(0), with_labels=False, raw=(2 * x, y)))
    assert (finding.status, finding.stance) == ("not run", "undecided")
    assert "--labels" in finding.next_step
