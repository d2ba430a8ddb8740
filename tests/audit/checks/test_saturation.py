"""Saturation: a bound at log K is found, one below it is not, and both hold beside the truth."""

import math

import numpy as np
import pytest

from infomax.audit.checks import saturation
from infomax.audit.checks.saturation import check_saturation
from infomax.errors import UserError
from tests.audit.planted import on_a_line, read, sound


@pytest.mark.parametrize("seed", range(2))
def test_a_capped_bound_is_found_and_the_estimate_reads_more(seed: int) -> None:
    x, _, labels = on_a_line(seed)
    y = x + 1e-3 * np.random.default_rng(100 + seed).standard_normal(x.shape)
    finding = check_saturation(read((x, y, labels)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert finding.measured["gap_nats"] < 0.05
    truth = 4 * math.log(1 + 1e6)
    assert math.log(128) < finding.measured["estimate_nats"] < truth + 1


@pytest.mark.parametrize("seed", range(2))
def test_a_bound_below_its_ceiling_is_below_the_truth_too(seed: int) -> None:
    finding = check_saturation(read(on_a_line(seed)))
    assert (finding.status, finding.stance) == ("sound", "not against")
    truth = 4 * math.log(2)
    curve = finding.measured["curve"]
    assert [each["negatives_and_partner"] for each in curve] == [32, 64, 128]
    assert all(1.0 < each["bound_nats"] < each["log_k_nats"] for each in curve)
    assert all(each["low_nats"] < truth for each in curve)
    assert finding.measured["estimate_nats"] == pytest.approx(truth, abs=0.4)
    assert "above 128" in finding.measured["not_read"]
    drawn = finding.figures[0].table.set_index(["series", "at"])["value"]
    assert list(drawn["InfoNCE"]) == [each["bound_nats"] for each in curve]
    assert drawn["ceiling, ln K", 64] == math.log(64)
    assert list(finding.figures[0].marks.values()) == [finding.measured["estimate_nats"]]
    assert "at K = 32 to 128" in finding.method


def test_codes_that_share_nothing_are_read_as_nothing() -> None:
    x, y, labels = sound(0)
    finding = check_saturation(read((x, np.random.default_rng(1).permutation(y), labels)))
    assert finding.status == "caution"
    assert "next to nothing" in finding.sentence


def test_few_pairs_are_told_and_not_read() -> None:
    finding = check_saturation(read(sound(0, rows=100)))
    assert finding.status == "not run"
    assert "128 pairs" in finding.next_step


def test_what_was_not_estimated_is_not_called_no_nats(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UserError("of no kind")

    monkeypatch.setattr(saturation, "estimate_mi", refuse)
    finding = check_saturation(read(on_a_line(0)))
    assert finding.short.endswith("; not estimated")
    assert "of no kind" in finding.detail
