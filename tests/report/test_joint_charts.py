"""Pairs of columns as they lie together: every level by its own name, whatever it is called."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax.report.joint_charts import draw_joint_charts
from infomax.report.text import shortened

MATHEMATICS = ["$5_{$", "$a$"]


def texts_of(first: Any, second: Any) -> list[str]:
    """Return the texts of the chart of two columns."""
    [chart], _ = draw_joint_charts(pd.DataFrame({"first": first}), pd.DataFrame({"second": second}))
    return re.findall(r"<text[^>]*>(.*?)</text>", chart.drawing)


@pytest.mark.parametrize("second", [np.arange(60.0), ["b", "c", "c"] * 20])
def test_a_dollar_sign_is_no_mathematics(second: Any) -> None:
    x, y = pd.DataFrame({"$x^{$": MATHEMATICS * 30}), pd.DataFrame({"y": second})
    [chart], _ = draw_joint_charts(x, y)
    for name in (*MATHEMATICS, "$x^{$"):
        assert f">{name}</text>" in chart.drawing


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("second", [np.arange(60.0), ["b", "c", "c"] * 20])
@pytest.mark.parametrize("level", ["a\x01", "\ud800", "年"])
def test_any_level_can_be_drawn(second: Any, level: str) -> None:
    texts = texts_of(pd.Series([level, "other"] * 30, dtype=object), second)
    assert re.sub("[\x01\ud800]", "\N{REPLACEMENT CHARACTER}", level) in texts


LONG = f"{'very ' * 6}long"


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ([1_000_002.0, 1_000_001.0], ["1000001.0", "1000002.0"]),
        ([10.0, 2.0], ["2", "10"]),
        (["10", "9"], ["9", "10"]),
        ([True, False], ["False", "True"]),
        (["the same beginning A", "the same beginning B"], None),
        ([f"{LONG} A", f"{LONG} B"], [f"{each}: {shortened(LONG)}" for each in (1, 2)]),
        (["a", "a "], ["1: a", "2: a "]),
        (["(4 others)", "(others)"], None),
    ],
)
def test_levels_are_told_apart_and_stand_in_order(
    levels: list[Any], told: list[str] | None
) -> None:
    first = [levels[0]] * 30 + [levels[1]] * 10
    of_levels = texts_of(first, ["u"] * 40)
    # All rows of both levels are of the one level of the other column.
    assert of_levels.count("100") == 2
    for texts in (of_levels, texts_of(first, np.arange(1_000, 1_040))[::-1]):
        assert [text for text in texts if text in (told or levels)] == (told or levels)


def test_all_but_the_commonest_levels_are_one_whatever_the_others_are_called() -> None:
    names = ["(others)", "(5 others)", *(f"level {each}" for each in range(12))]
    rows = [name for place, name in enumerate(names) for _ in range(20 - place)]
    texts = texts_of(rows, ["u"] * len(rows))
    assert texts.count("100") == 10
    # A level has the name that the rest would have: all have a number, and the rest the last.
    assert "1: (5 others)" in texts
    assert "2: (others)" in texts
    assert "10: (5 others)" in texts

    plain = texts_of([name.replace("(5", "(6") for name in rows], ["u"] * len(rows))
    assert {"(others)", "(6 others)", "(5 others)", "level 0"} <= set(plain)
    assert "level 7" not in plain
