"""A small chart over updates: values that can be read, and labels that do not lie on each other."""

import itertools
import re

import numpy as np
import pytest

from infomax.report.step_chart import StepCurve, step_chart


def curve(label: str, *values: float) -> StepCurve:
    steps = np.arange(len(values), dtype=np.int64) * 10
    return StepCurve(label, steps, np.array(values), "#0072b2")


@pytest.mark.parametrize("ends", [(1.0, 1.0, 1.0), (0.0, 0.001, 5.0), (4.999, 5.0, 5.0)])
def test_labels_of_lines_that_meet_lie_apart(ends: tuple[float, ...]) -> None:
    names = ["one", "two", "three"]
    curves = [curve(name, 2.5, end) for name, end in zip(names, ends, strict=True)]
    drawn = step_chart(curves, name="a", title="b", levels=[("level", 5.0)])
    heights = {}
    for name in (*names, "level"):
        found = re.search(rf"translate\([\d.]+ ([\d.]+)\)[^>]*>{name}</text>", drawn) or re.search(
            rf'y="([\d.]+)"[^>]*>{name}</text>', drawn
        )
        assert found is not None
        heights[name] = float(found[1])
    ordered = sorted(heights.values())
    assert all(below - above > 9 for above, below in itertools.pairwise(ordered))
    # The higher a line ends, the higher its label stands.
    assert [heights[name] for name in names] == sorted(
        (heights[name] for name in names), reverse=True
    )


def test_every_point_says_its_value_and_its_interval() -> None:
    of_bound = StepCurve(
        "held out",
        np.array([0, 1_500]),
        np.array([0.5, 1.0]),
        "#0072b2",
        np.array([0.25, 0.75]),
        np.array([0.75, 1.25]),
    )
    drawn = step_chart([of_bound], name="a", title="Bound over updates", marked_step=1_500)
    assert re.findall(r"<title>(.*?)</title>", drawn) == [
        "held out: 0.500 [0.250, 0.750] after 0 updates",
        "held out: 1.000 [0.750, 1.250] after 1,500 updates",
    ]
    assert 'aria-label="Bound over updates"' in drawn


def test_of_very_many_points_the_last_is_marked() -> None:
    drawn = step_chart([curve("a", *np.linspace(0, 1, 500))], name="a", title="b")
    said = re.findall(r"<title>(.*?)</title>", drawn)
    assert 15 <= len(said) <= 25
    assert said[-1] == "a: 1.000 after 4,990 updates"
