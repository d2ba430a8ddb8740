"""Critic swap: critics that disagree about the same codes are found, as naive readings tell."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from infomax.audit.checks.critic_swap import check_critic_swap
from infomax.audit.swapped_critics import swapped_critics
from tests.audit.planted import Codes, on_a_line, read, sound, squared, turned


def test_a_cosine_of_turned_codes_is_a_caution_that_others_bear_out() -> None:
    finding = check_critic_swap(read(turned(0)))
    assert (finding.status, finding.stance) == ("caution", "not against")
    assert finding.measured["lowest"] == "cosine"
    assert "bilinear" in finding.measured["best_borne_out_by"]
    assert finding.interval is not None
    assert finding.interval.low > 1


def test_what_one_critic_alone_reads_leaves_the_answer_open() -> None:
    finding = check_critic_swap(read(squared(0)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert finding.measured["best"].startswith("separable")
    assert "No second critic" in finding.sentence


@pytest.mark.parametrize("draw", [sound, on_a_line])
def test_critics_of_sound_codes_are_not_far_apart(draw: Callable[[int], Codes]) -> None:
    finding = check_critic_swap(read(draw(0)))
    assert (finding.status, finding.stance) == ("sound", "not against")


def test_critics_that_agree_at_a_ceiling_tell_nothing() -> None:
    x, y, labels = sound(0)
    finding = check_critic_swap(read((x, x + 1e-3 * (y - x), labels)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "at its ceiling" in finding.sentence


def test_codes_that_share_nothing_are_read_as_nothing_by_all() -> None:
    x, y, labels = sound(0)
    finding = check_critic_swap(read((x, np.random.default_rng(1).permutation(y), labels)))
    assert finding.status == "sound"
    assert "next to nothing" in finding.sentence


def test_sides_of_two_sizes_have_no_cosine() -> None:
    x, y, labels = sound(0)
    finding = check_critic_swap(read((x, y[:, :5], labels)))
    names = [each["name"] for each in finding.measured["critics"]]
    assert "cosine" not in names
    assert len(names) == 5


def test_a_collapsed_side_is_read_as_nothing() -> None:
    x, y, labels = sound(0)
    finding = check_critic_swap(read((x, 0 * y, labels)))
    assert finding.status == "sound"


def test_readings_are_those_of_naive_loops() -> None:
    codes = read(on_a_line(0))
    finding = check_critic_swap(codes)
    size = finding.measured["negatives_and_partner"]
    told = {each["name"]: each for each in finding.measured["critics"]}
    for critic in swapped_critics(codes)[:2]:
        scores = critic.scores.double().numpy()
        infonce, nwj, dv = [], [], []
        for start in range(0, len(scores) - size + 1, size):
            rows = range(start, start + size)
            pairs = np.mean([scores[i, i] for i in rows])
            others = np.mean([math.exp(scores[i, j]) for i in rows for j in rows if i != j])
            contrast = [
                scores[i, i] - math.log(np.mean([math.exp(scores[i, j]) for j in rows]))
                for i in rows
            ]
            infonce.append(np.mean(contrast))
            nwj.append(1 + pairs - others)
            dv.append(pairs - math.log(others))
        assert told[critic.name]["InfoNCE_nats"][0] == pytest.approx(np.mean(infonce), abs=1e-4)
        assert told[critic.name]["NWJ_nats"][0] == pytest.approx(np.mean(nwj), abs=1e-3)
        assert told[critic.name]["Donsker-Varadhan_nats"][0] == pytest.approx(np.mean(dv), abs=1e-3)


def test_scores_are_log_ratios_whose_mean_exponential_is_one() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 2_000, 2))
    codes = read((x, x + y, np.arange(2_000) % 2))
    gaussian = swapped_critics(codes)[1].scores
    others = ~torch.eye(len(gaussian), dtype=torch.bool)
    assert float(gaussian.exp()[others].mean()) == pytest.approx(1, abs=0.1)
    assert float(gaussian.diagonal().mean()) == pytest.approx(math.log(2), abs=0.1)


def test_pairs_too_few_for_any_second_critic_are_told_and_not_compared() -> None:
    x, y, labels = sound(0, rows=50)
    finding = check_critic_swap(read((x, y[:, :5], labels)))
    assert (finding.status, finding.stance) == ("not run", "undecided")
    assert finding.next_step == "give more pairs"
