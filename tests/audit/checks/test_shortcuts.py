"""Shortcuts: brightness and drift that views share alone are found, and content is left."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from infomax.audit.audited_codes import read_codes
from infomax.audit.checks import shortcuts
from infomax.audit.checks.shortcuts import check_shortcuts
from infomax.audit.simple_critic import fit_simple_critic, held_out_bound
from tests.audit.planted import read, sound
from tests.audit.planted_inputs import drifting, shared_brightness


@pytest.mark.parametrize("seed", range(2))
def test_views_that_share_brightness_alone_are_found(seed: int) -> None:
    finding = check_shortcuts(shared_brightness(seed))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "past trivial features" in finding.sentence
    told = finding.measured["held"][0]
    assert told["left_nats"] < 0.1 < told["alone_nats"]
    assert finding.interval is not None
    assert finding.interval.low > 0.5 * finding.measured["bound_nats"]


def test_views_that_share_content_beside_brightness_are_sound() -> None:
    finding = check_shortcuts(shared_brightness(0, content=2.0))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert finding.measured["held"][0]["left_nats"] > 1.0


@pytest.mark.parametrize("seed", range(2))
def test_a_drift_along_the_file_is_found(seed: int) -> None:
    finding = check_shortcuts(drifting(seed))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "the order of the file" in finding.sentence


def test_a_file_in_order_of_its_classes_is_no_shortcut() -> None:
    x, y, labels = sound(0)
    order = np.argsort(labels, kind="stable")
    finding = check_shortcuts(read_codes("mine", x[order], y[order], labels[order], seed=0))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert "goes with the labels" in finding.sentence


def test_without_items_order_alone_is_asked_and_it_says_what_to_give() -> None:
    finding = check_shortcuts(read(sound(0)))
    assert finding.status == "sound"
    assert "--raw-x" in finding.detail
    assert [each["name"] for each in finding.measured["held"]] == ["the order of the file"]


def test_without_anything_it_is_not_run() -> None:
    codes = dataclasses.replace(read(sound(0)), places=None)
    finding = check_shortcuts(codes)
    assert (finding.status, finding.stance) == ("not run", "not against")


def test_what_is_left_is_what_naive_regressions_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "_PENALTIES", np.array([3.0]))
    codes = drifting(0)
    finding = check_shortcuts(codes)
    told, size = finding.measured["held"][0], finding.measured["negatives_and_partner"]
    assert codes.places is not None
    waves = np.stack([np.cos(np.pi * k * (codes.places + 0.5) / 600) for k in range(1, 11)], axis=1)
    waves = (waves - waves[codes.fitted].mean(0)) / waves[codes.fitted].std(0)
    sides = []
    for side in (codes.x.numpy(), codes.y.numpy()):
        model = Ridge(3.0).fit(waves[codes.fitted], side[codes.fitted])
        sides.append(side - model.predict(waves))
    places = codes.places
    x, y = (each[np.argsort(places)] for each in sides)
    without = read_codes("mine", x, y, None, seed=0)
    left = held_out_bound(fit_simple_critic(without), without, size)
    assert told["left_nats"] == pytest.approx(left.mean, abs=1e-5)
    assert told["lost_nats"] == pytest.approx(finding.measured["bound_nats"] - left.mean, abs=1e-5)


def test_where_nothing_is_read_no_shortcut_is_ruled_out() -> None:
    x = np.random.default_rng(0).standard_normal((400, 4))
    found = check_shortcuts(read_codes("mine", x, 0 * x, None, seed=0))
    assert (found.status, found.stance) == ("not run", "undecided")
