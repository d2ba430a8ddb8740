"""Leaks: copies across the split are found, exact or shaken a little, and new pairs are not."""

import numpy as np
import pytest

from infomax.audit.audited_codes import read_codes
from infomax.audit.checks.leaks import check_leaks
from tests.audit.planted import in_order_of_time, read, sound


@pytest.mark.parametrize("shaken", [0.0, 1e-6])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_pairs_that_come_twice_are_found(shaken: float, share: float) -> None:
    x, y, labels = sound(0)
    copied = slice(0, int(share * len(x)))
    noise = shaken * np.random.default_rng(1).standard_normal(x.shape)
    twice = (
        np.concatenate([x, (x + noise)[copied]]),
        np.concatenate([y, (y + noise)[copied]]),
        np.concatenate([labels, labels[copied]]),
    )
    codes = read(twice)
    finding = check_leaks(codes)
    assert (finding.status, finding.stance) == ("broken", "undecided")
    if not shaken:
        rows = np.concatenate([codes.x.numpy(), codes.y.numpy()], axis=1)
        fitted = {row.tobytes() for row in rows[codes.fitted]}
        copies = sum(row.tobytes() in fitted for row in rows[codes.held_out])
        assert finding.measured["copied_pairs"] == copies


def test_an_item_with_several_partners_is_a_caution() -> None:
    x, y, labels = sound(0)
    finding = check_leaks(read((x[np.arange(600) // 4], y, labels)))
    assert finding.status == "caution"
    assert finding.measured["copied_pairs"] == 0
    assert finding.measured["pairs_with_one_copied_code"] > 100


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [3, 32])
def test_new_pairs_are_no_copies(seed: int, size: int) -> None:
    finding = check_leaks(read(sound(seed, size=size)))
    assert finding.status == "sound"
    assert finding.measured["copied_pairs"] == 0


def test_what_copies_do_to_a_probe_is_told_beside_new_pairs() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((300, 150))
    labels = generator.integers(0, 2, 300)
    finding = check_leaks(read((np.tile(x, (2, 1)), np.tile(x, (2, 1)), np.tile(labels, 2))))
    assert finding.measured["accuracy_on_copies"] > finding.measured["accuracy_on_new_pairs"] + 0.2
    copies, _, accuracies = (figure.table.set_index("label") for figure in finding.figures)
    assert copies.loc["both codes", "value"] == finding.measured["copied_pairs"] / 300
    assert accuracies.loc["copies", "value"] == finding.measured["accuracy_on_copies"]
    low, high = finding.measured["accuracy_on_new_pairs_interval"]
    assert list(accuracies.loc["new pairs", ["low", "high"]]) == [low, high]


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_order_of_time_leak_through_a_random_split(seed: int) -> None:
    x, y, labels = in_order_of_time(seed)
    finding = check_leaks(read((x, y, labels)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "consecutive rows are alike" in finding.sentence
    assert "--groups" in finding.next_step
    assert finding.interval is not None
    assert finding.interval.low > 0.5
    # Out of order the very same pairs tell nothing of each other's places.
    shuffled = np.random.default_rng(1).permutation(len(x))
    assert check_leaks(read((x[shuffled], y[shuffled], labels[shuffled]))).status == "sound"


def test_groups_that_hold_neighbours_together_mend_it() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 10)
    x = generator.standard_normal((60, 8))[groups] + 0.1 * generator.standard_normal((600, 8))
    y = x + generator.standard_normal((600, 8))
    assert check_leaks(read_codes("mine", x, y, None, seed=0)).status == "caution"
    finding = check_leaks(read_codes("mine", x, y, None, seed=0, groups=groups))
    assert finding.status == "sound"
    assert finding.measured["groups_on_both_sides"] == 0
    assert finding.detail == "None of 60 groups is both fitted and held out."


def test_a_side_that_is_constant_is_no_copy_of_anything() -> None:
    x, y, _ = sound(0)
    found = check_leaks(read_codes("mine", x, 0 * y, None, seed=0))
    assert found.status == "sound"
    assert found.measured["copied_codes_y"] == 0
