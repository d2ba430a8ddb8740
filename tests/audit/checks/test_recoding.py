"""Re-coding: bijections that ruin a probe are found, and codes that withstand them are sound."""

import numpy as np
import pytest

from infomax.audit.checks import recoding
from infomax.audit.checks.recoding import check_recoding
from tests.audit.planted import on_a_line, read, sound


@pytest.mark.parametrize("seed", range(3))
def test_a_bijection_that_ruins_the_probe_is_found(seed: int) -> None:
    finding = check_recoding(read(on_a_line(seed)))
    assert (finding.status, finding.stance) == ("caution", "against")
    assert "at equal information: it is geometry" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.high < -finding.thresholds["lost_here"]
    assert "couplings of strength 2" in finding.measured["moved_by"]
    assert "rotation" not in finding.measured["moved_by"]
    of_accuracy, of_bound = finding.figures
    for figure, measured in ((of_accuracy, "accuracy"), (of_bound, "bound_nats")):
        drawn, told = figure.table, finding.measured["recodings"]
        assert list(drawn["label"]) == [each["name"] for each in told]
        assert list(drawn["after"]) == [each[measured] for each in told]
        assert set(drawn["before"]) == {finding.measured[measured]}
        assert (drawn["low"] <= drawn["after"]).all()
        assert (drawn["after"] <= drawn["high"]).all()
    assert "of 3 draws of a random one" in finding.method


@pytest.mark.parametrize("seed", range(3))
def test_classes_far_apart_withstand_all_of_them(seed: int) -> None:
    finding = check_recoding(read(sound(seed)))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert len(finding.measured["recodings"]) == 6
    assert not finding.measured["moved_by"]


def test_labels_that_codes_do_not_tell_leave_it_open() -> None:
    x, y, labels = sound(0)
    finding = check_recoding(read((x, y, np.random.default_rng(1).permutation(labels))))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "there is no quality to explain" in finding.sentence


def test_without_labels_it_is_not_run_and_says_why() -> None:
    finding = check_recoding(read(sound(0), with_labels=False))
    assert finding.status == "not run"
    assert finding.short == "there are no labels"


def test_labels_that_no_probe_learns_are_no_reason_to_fail() -> None:
    x, y, _ = sound(0)
    assert check_recoding(read((x, y, np.arange(len(x))))).status == "not run"


def test_one_column_is_re_coded_by_what_one_column_can() -> None:
    x, y, labels = sound(0, rows=200, size=3)
    finding = check_recoding(read((x[:, :1], y[:, :1], (labels == 0).astype(np.int64))))
    assert {each["name"] for each in finding.measured["recodings"]} == {"scaling", "monotone warp"}
    assert "columns" in finding.measured["left_out"]["rotation"]


def test_what_cannot_be_inverted_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoding, "MOST_INVERSE_ERROR", 1e-12)
    finding = check_recoding(read(on_a_line(0)))
    assert finding.status == "not run"
    assert finding.short == "no bijection could be inverted"
