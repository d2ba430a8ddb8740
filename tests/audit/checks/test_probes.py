"""Probes: where they disagree, it is told whether form or scale is why, and sound codes agree."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from infomax.audit.checks.probes import check_probes
from infomax.audit.finding import Finding
from infomax.audit.other_probes import by_few_labels
from tests.audit.planted import Codes, frozen_features, on_a_line, read, sound, told_by_a_product


def of_probe(finding: Finding, name: str) -> dict[str, Any]:
    (found,) = (each for each in finding.measured["probes"] if each["name"] == name)
    return dict(found)


@pytest.mark.parametrize("seed", range(3))
def test_what_no_line_tells_and_a_hidden_layer_does_is_form(seed: int) -> None:
    finding = check_probes(read(told_by_a_product(seed)))
    assert (finding.status, finding.stance) == ("caution", "against")
    assert finding.measured["why"].startswith("form")
    assert "and not in linear form" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.low > finding.thresholds["material_here"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("draw", [sound, on_a_line])
def test_codes_that_lie_well_are_sound(draw: Callable[[int], Codes], seed: int) -> None:
    finding = check_probes(read(draw(seed)))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert finding.measured["why"] == ""


@pytest.mark.parametrize(("factor", "why"), [(1.0, "scale"), (20.0, "")])
def test_a_head_that_stops_early_lacks_scale_and_gets_it(factor: float, why: str) -> None:
    x, y, labels = frozen_features(0)
    finding = check_probes(read((factor * x, y, labels)))
    assert finding.measured["why"] == why
    assert finding.status == ("caution" if why else "sound")
    assert finding.stance == "not against"


def test_columns_of_one_scale_may_need_more_updates() -> None:
    generator = np.random.default_rng(0)
    x, labels = generator.standard_normal((600, 8)), generator.integers(0, 2, 600)
    # Two columns so alike that their difference, which tells the class, takes many updates.
    x[:, 1] = 0
    x[:, 2] *= 3
    x[:, 0] = x[:, 2] + 0.05 * (2 * labels - 1)
    y = x + generator.standard_normal(x.shape)
    finding = check_probes(read((x, y, labels)))
    assert finding.measured["why"] == "few updates"
    assert "and 3,000 " in finding.sentence


def test_accuracies_are_those_of_a_naive_reading() -> None:
    x, y, labels = frozen_features(0, rows=400, size=16)
    codes = read((x, y, labels))
    finding = check_probes(codes)
    assert codes.labels is not None
    fitted, held_out = (
        (codes.x[each].numpy(), codes.labels[each]) for each in (codes.fitted, codes.held_out)
    )
    nearest = KNeighborsClassifier(20, algorithm="kd_tree").fit(normalize(fitted[0]), fitted[1])
    named = nearest.predict(normalize(held_out[0]))
    told = of_probe(finding, "20 nearest neighbours")
    assert told["accuracy"] == pytest.approx((named == held_out[1]).mean())
    assert told["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(held_out[1], named))
    values, counts = np.unique(fitted[1], return_counts=True)
    majority = (held_out[1] == values[counts.argmax()]).mean()
    assert finding.measured["majority_share"] == pytest.approx(majority)
    spread = fitted[0].std(axis=0)
    line = LogisticRegression(C=1.0, max_iter=5_000).fit(fitted[0] / spread, fitted[1])
    naive = line.score(held_out[0] / spread, held_out[1])
    assert of_probe(finding, "the linear probe")["accuracy"] == pytest.approx(naive, abs=0.05)
    (figure,) = finding.figures
    assert set(figure.table.columns) == {"label", "series", "value", "low", "high"}
    assert len(figure.table) == 2 * len(finding.measured["probes"])
    assert ((figure.table["low"] <= figure.table["value"]) & (figure.table["value"] <= 1)).all()


def test_few_labels_are_one_in_a_hundred_and_two_of_each_class_at_least() -> None:
    x, _, labels = frozen_features(0, rows=900, size=8)
    codes = read((x, x, labels)).x
    size, named = by_few_labels(codes, np.repeat([0, 1, 2], [700, 199, 1]), codes[:50], seed=0)
    assert size == 7 + 2 + 1
    assert len(named) == 50


def test_labels_that_no_probe_tells_leave_it_open() -> None:
    x, y, labels = sound(0)
    finding = check_probes(read((x, y, np.random.default_rng(1).permutation(labels))))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "No probe is shown to be right more often" in finding.sentence


def test_classes_of_a_single_pair_are_counted_and_told() -> None:
    x, y, labels = sound(0)
    labels[:12] = np.arange(12) + 3
    finding = check_probes(read((x, y, labels)))
    assert finding.status == "sound"
    assert finding.measured["classes_of_one_pair"] == 12
    assert "12 classes have a single pair" in finding.detail


def test_without_labels_it_is_not_run_and_says_why() -> None:
    finding = check_probes(read(sound(0), with_labels=False))
    assert (finding.status, finding.stance) == ("not run", "undecided")
    assert "--labels" in finding.next_step
    x, y, _ = sound(0)
    assert check_probes(read((x, y, np.arange(len(x))))).status == "not run"


@pytest.mark.parametrize("factor", [1e-90, 1e98, 0.0])
def test_codes_of_any_size_are_read(factor: float) -> None:
    x, y, labels = sound(0, rows=200)
    codes: Codes = (factor * x, y, labels)
    finding = check_probes(read(codes))
    assert finding.status == ("caution" if factor < 1 else "sound")
