"""What would decide a claim: as few seeds as that takes, and a command that is known to work."""

import math
from typing import Any

import numpy as np
import pytest

from infomax.report.undecided import group_undecided
from infomax.studies.catalogue import STUDIES
from infomax.studies.claims import judge_claims
from tests.report.made_up_claims import made_up


def test_claims_short_of_seeds_are_one_group_with_a_command(make_material: Any) -> None:
    material = make_material("critics", seeds=(0, 1))
    claims = judge_claims(material.records)
    (open_ones,) = group_undecided(
        claims, material.studies, preset="quick", command="infomax reproduce --out=runs/a"
    )
    assert len(open_ones.claims) == len(claims)
    assert open_ones.reason == "2 seeds; 3 are needed."
    assert open_ones.command == "infomax reproduce --seeds 3 --resume --out runs/a"


def test_seeds_that_failed_are_made_up_for_by_others(make_material: Any) -> None:
    material = make_material("critics")
    studies = (*material.studies, STUDIES["non-iid"].full)
    claims = [made_up(1.0, 1.0)]
    command = "infomax reproduce --out a"
    (failed,) = group_undecided(claims, studies, preset="quick", command=command)
    assert failed.reason == "2 seeds, as runs failed or are missing; 3 are needed."
    # Others may have more seeds than that, which they keep.
    assert failed.command == "infomax reproduce critics --seeds 4 --resume --out a"
    (missing,) = group_undecided(
        claims, studies, preset="quick", command=command, to_come=["critics"]
    )
    assert missing.command == "infomax reproduce critics --seeds 3 --resume --out a"


def test_a_command_is_given_only_where_the_folder_is_known(critics: Any) -> None:
    claims = [made_up(1.0, 1.0)]
    for command, expected in (("", ""), ("python mine.py --out x", "")):
        (open_ones,) = group_undecided(claims, critics.studies, preset="quick", command=command)
        assert open_ones.command == expected


@pytest.mark.parametrize("effects", [(0.1, 0.9, 0.4), (-0.2, -0.8, -0.1, -0.5)])
def test_the_seeds_that_would_decide_are_the_fewest(effects: tuple[float, ...]) -> None:
    claim = made_up(*effects)
    needed = claim.seeds_to_decide
    assert needed is not None
    assert needed > len(effects)
    # A sample of that size with the same mean and standard deviation is decided, one less is not.
    mean, spread = np.mean(effects), np.std(effects, ddof=1)
    for size, decided in ((needed, True), (needed - 1, False)):
        scores = np.linspace(-1, 1, size)
        sample = mean + spread * scores / np.std(scores, ddof=1)
        assert (made_up(*sample).verdict != "inconclusive") is decided


def test_an_effect_lost_in_its_spread_is_not_promised_to_be_decided(critics: Any) -> None:
    claim = made_up(-1.0, 0.01, 1.0)
    assert claim.seeds_to_decide is None
    (open_ones,) = group_undecided([claim], critics.studies, preset="quick", command="")
    assert "20 seeds, which the paper has, would not" in open_ones.reason


def test_what_no_seed_mends_is_said_so(critics: Any) -> None:
    claim = made_up(1.0, math.inf, 1.0)
    (open_ones,) = group_undecided([claim], critics.studies, preset="quick", command="")
    assert "overflowed" in open_ones.reason
    assert open_ones.command == ""
