"""False negatives: repeats and classes set ceilings to the bound, which naive loops find too."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from infomax.audit.checks.false_negatives import check_false_negatives
from infomax.audit.finding import Finding
from infomax.audit.simple_critic import fit_simple_critic
from infomax.training.repeated_items import content_keys, repeats_ceiling
from tests.audit.planted import Codes, classes_alone, read, repeated_items, sound


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("shaken", [0.0, 1e-6])
def test_repeated_items_set_a_ceiling_that_the_bound_has_reached(side: int, shaken: float) -> None:
    x, y, labels = repeated_items(0)
    y = y + shaken * np.random.default_rng(1).standard_normal(y.shape)
    sides = (x, y) if side else (y, x)
    finding = check_false_negatives(read((*sides, labels)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "which is that ceiling" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.low > 1.0


def test_the_ceiling_of_repeats_is_the_entropy_of_items_in_batches() -> None:
    codes = read(repeated_items(0))
    finding = check_false_negatives(codes)
    size = finding.measured["negatives_and_partner"]
    ceiling, lost = repeats_ceiling(content_keys([codes.y[codes.held_out]]), size)
    assert finding.measured["lost_to_repeats_nats"] == pytest.approx(lost)
    assert finding.measured["bound_nats"] <= ceiling + 1e-6
    assert finding.interval is not None
    assert lost in finding.interval


def test_readings_of_classes_are_those_of_naive_loops() -> None:
    codes = read(sound(0))
    finding = check_false_negatives(codes)
    assert (finding.status, finding.stance) == ("sound", "not against")
    size = finding.measured["negatives_and_partner"]
    critic, labels = fit_simple_critic(codes), codes.labels
    assert labels is not None
    without, within, ceiling, cost = [], [], [], []
    for start in range(0, len(codes.held_out) - size + 1, size):
        rows = codes.held_out[start : start + size]
        scores = critic(codes.x[rows], codes.y[rows]).numpy()
        for i in range(size):
            same = [j for j in range(size) if labels[rows[j]] == labels[rows[i]]]
            others = [j for j in range(size) if j not in same or j == i]
            sums = {
                name: math.log(sum(math.exp(scores[i, j]) for j in chosen))
                for name, chosen in (("same", same), ("others", others), ("all", range(size)))
            }
            without.append(math.log(len(others)) + scores[i, i] - sums["others"])
            within.append(math.log(len(same)) + scores[i, i] - sums["same"])
            ceiling.append(math.log(size) - math.log(len(same)))
            cost.append(sums["all"] - sums["others"])
    told = finding.measured
    assert told["bound_without_own_class_nats"] == pytest.approx(np.mean(without), abs=1e-4)
    assert told["bound_within_class_nats"] == pytest.approx(np.mean(within), abs=1e-4)
    assert told["ceiling_of_classes_nats"] == pytest.approx(np.mean(ceiling), abs=1e-4)
    assert told["loss_from_own_class_nats"] == pytest.approx(np.mean(cost), abs=1e-4)
    for name in ("bound_without_own_class", "bound_within_class", "loss_from_own_class"):
        low, high = told[f"{name}_interval_nats"]
        assert low < told[f"{name}_nats"] < high


def test_codes_that_hold_the_class_alone_are_found() -> None:
    finding = check_false_negatives(read(classes_alone(0)))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "no pairs within one" in finding.sentence
    assert finding.measured["ceiling_of_classes_nats"] == pytest.approx(math.log(10), abs=0.1)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_codes_that_lie_densely_are_no_copies(size: int) -> None:
    x, y, labels = sound(0)
    finding = check_false_negatives(read((x[:, :size], y[:, :size], labels)))
    assert finding.status == "sound"
    assert finding.measured["lost_to_repeats_nats"] == 0


def test_without_labels_repeats_are_still_asked_for() -> None:
    finding = check_false_negatives(read(sound(0), with_labels=False))
    assert finding.status == "sound"
    assert "--labels" in finding.detail
    assert "ceiling_of_classes_nats" not in finding.measured


def test_a_class_for_each_pair_says_nothing_of_classes() -> None:
    x, _, _ = sound(0)
    assert check_false_negatives(read((x, x, np.arange(600)))).status == "sound"


def test_the_figure_holds_the_bound_and_its_ceilings() -> None:
    (figure,) = check_false_negatives(read(classes_alone(0))).figures
    table = figure.table.set_index(["series", "at"])["value"]
    assert table["InfoNCE", 128] <= table["ceiling: log K", 128]
    assert set(figure.table["series"]) >= {"ceiling: repeats", "ceiling: class alone"}


def learning_supcon(seed: int) -> Codes:
    """Ten classes of which about 1.5 nats are learnt, as in the public report."""
    return classes_alone(seed, noise=1.2)


def captions_on_plateau(seed: int) -> Codes:
    """Images whose captions repeat in a batch, learnt as far as can be."""
    return repeated_items(seed)


def reads_the_plateau(finding: Finding) -> bool:
    return finding.status == "caution" and "more than once in a batch" in finding.sentence


def reads_the_class_ceiling(finding: Finding) -> bool:
    told = finding.measured
    learnt, most = told["bound_nats"], told["ceiling_of_classes_nats"]
    return bool(1.2 < learnt < 1.8 and abs(most - math.log(10)) < 0.1 < most - learnt)


# The reports that are about classes and repeats in a batch, with data made as they tell.
PUBLIC_REPORTS = [
    ("SupContrast 45: saturates, batch 128", learning_supcon, reads_the_class_ceiling),
    ("open_clip 821: captions repeat in a batch", captions_on_plateau, reads_the_plateau),
]


@pytest.mark.parametrize(
    ("draw", "is_right"), [each[1:] for each in PUBLIC_REPORTS], ids=[e[0] for e in PUBLIC_REPORTS]
)
@pytest.mark.parametrize("seed", range(3))
def test_public_reports_are_read_right(
    draw: Callable[[int], Codes], is_right: Callable[[Finding], bool], seed: int
) -> None:
    assert is_right(check_false_negatives(read(draw(seed))))
