"""Shares by what parts are expected to cost, and time left by what they did cost."""

import pytest

from infomax.cli.pace import Pace, Part
from tests.cli.conftest import Clock


def test_parts_that_cost_more_weigh_more_and_each_kind_is_measured() -> None:
    clock = Clock()
    parts = {f"cheap {place}": Part("cheap", 10, 1.0) for place in range(4)}
    parts |= {f"dear {place}": Part("dear", 10, 10.0) for place in range(4)}
    pace = Pace(parts, clock)
    for place in range(4):
        pace.begin(f"cheap {place}")
        clock.now += 2.0
        pace.end(f"cheap {place}")
    assert pace.share == pytest.approx(40 / 440)
    # Nothing is known of the dear ones but that they cost ten times as much.
    assert pace.seconds_left() == pytest.approx(80.0)
    pace.begin("dear 0")
    clock.now += 10.0
    pace.end("dear 0")
    # They are twice as fast as was expected.
    assert pace.seconds_left() == pytest.approx(30.0, rel=0.1)


def test_a_part_that_takes_longer_than_it_should_leaves_the_rest_its_time() -> None:
    clock = Clock()
    pace = Pace({name: Part() for name in ("one", "two", "three")}, clock)
    pace.begin("one")
    clock.now = 10.0
    pace.end("one")
    pace.begin("two")
    for now, left in ((10.0, 20.0), (16.0, 14.0), (20.0, 10.0), (25.0, 15.0)):
        clock.now = now
        assert pace.seconds_left() == pytest.approx(left)


def test_what_was_done_before_counts_as_done_and_not_as_measured() -> None:
    clock = Clock()
    pace = Pace({"done": Part(steps=10), "begun": Part(steps=10), "new": Part(steps=10)}, clock)
    pace.end("done")
    clock.now = 100.0
    pace.begin("begun", 0.5)
    assert pace.share == pytest.approx(0.5)
    assert pace.seconds_left() is None
    clock.now = 110.0
    pace.advance("begun", 1.0)
    assert pace.seconds_left() == pytest.approx(20.0)


def test_evaluations_are_part_of_the_cost_of_a_training() -> None:
    part = Part(steps=10, step_cost=1.0, evaluations=(0, 10), evaluation_cost=5.0)
    assert part.cost == 20.0
    assert [part.cost_after(share) for share in (0.0, 0.5, 1.0)] == [0.0, 10.0, 15.0]


def test_one_part_is_not_shared_by_two_processes() -> None:
    clock = Clock()
    pace = Pace({name: Part("equal", 100) for name in ("one", "two", "three")}, clock)
    pace.begin("one")
    pace.begin("two")
    clock.now = 100.0
    pace.end("one")
    pace.end("two")
    assert pace.seconds_left() == pytest.approx(50.0)
    pace.begin("three")
    clock.now = 150.0
    pace.advance("three", 0.5)
    assert pace.seconds_left() == pytest.approx(50.0)


def test_seconds_of_what_was_done_before_are_not_those_of_the_rest() -> None:
    clock = Clock()
    pace = Pace({"gone on with": Part("equal", 10), "new": Part("equal", 10)}, clock)
    pace.begin("gone on with", 0.5)
    clock.now = 10.0
    # Of all of it, 990 of them before it was stopped.
    pace.end("gone on with", 1_000.0)
    assert pace.seconds_left() == pytest.approx(20.0)
