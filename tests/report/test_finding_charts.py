"""Charts of findings: every row of the table is a mark, and says what it is."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from infomax.report.finding_charts import _legend_columns, draw_finding_figure
from tests.report.made_up_audit import CURVE, DOTS, DUMBBELLS, FIGURES, POINTS


def titles(svg: str) -> list[str]:
    return re.findall(r"<title>(.*?)</title>", svg)


def test_a_curve_has_its_points_its_ceiling_and_its_marks() -> None:
    svg, left_out = draw_finding_figure(CURVE, "a")
    assert titles(svg) == [
        "read: 1.25 [1.00, 1.50] at 32",
        "read: 1.50 [1.25, 1.75] at 64",
        "read: 1.75 [1.50, ∞] at 128",
        "ceiling: 3.47 at 32",
        "ceiling: 4.16 at 64",
        "ceiling: 4.85 at 128",
    ]
    for text in ("read", "ceiling", "estimate: 2.5", "nats", "K", "128"):
        assert f">{text}</text>" in svg
    assert left_out == ""


def test_dumbbells_say_what_was_before_and_after() -> None:
    svg, _ = draw_finding_figure(DUMBBELLS, "a")
    assert "rotation, before: 0.750" in titles(svg)
    assert "rotation, after: 0.750 [0.700, 0.800]" in titles(svg)
    assert "majority: 0.1" in svg
    # Names are those of the user: no mark-up, no mathematics, in two lines, cut where these end.
    assert ">couplings &lt;of&gt; $strength$</text>" in svg
    assert ">2 and a name that goes on and…</text>" in svg


def test_dots_of_several_series_leave_out_what_is_no_number_and_say_so() -> None:
    svg, left_out = draw_finding_figure(DOTS, "a")
    assert titles(svg) == [
        "both, fitted: 0.250 [0.200, 0.300]",
        "one, fitted: 0.500 [0.400, 0.600]",
        "one, new: 0.750 [0.700, ∞]",
    ]
    assert left_out == "1 of 4 values is no finite number and not drawn."


def test_a_legend_is_no_wider_than_its_drawing() -> None:
    # Filled column by column, five make columns of 2, 1, 1 and 1.
    assert _legend_columns(["InfoNCE", "NWJ", "Donsker-Varadhan", "SMILE", "ln 256: 5.55"]) == 3
    assert _legend_columns(["a", "b", "c", "d", "e"]) == 5


def test_few_points_are_named_in_the_legend_and_many_when_pointed_at() -> None:
    svg, _ = draw_finding_figure(POINTS, "a")
    assert titles(svg)[3] == "encoder 3: 0.125 at 3"
    assert ">encoder 3</text>" not in svg
    few = replace(POINTS, table=POINTS.table[:4])
    svg, _ = draw_finding_figure(few, "a")
    assert titles(svg)[3] == "encoder 3: 0.125 at 3"
    assert ">encoder 3</text>" in svg


@pytest.mark.parametrize("kind", FIGURES)
def test_of_nothing_finite_there_is_an_empty_drawing(kind: str) -> None:
    figure = FIGURES[kind]
    value = "after" if kind == "dumbbells" else "value"
    empty = replace(figure, table=figure.table.assign(**{value: math.inf}), marks={})
    svg, left_out = draw_finding_figure(empty, "a")
    assert titles(svg) == []
    count = len(figure.table)
    assert left_out == f"{count} of {count} values are no finite numbers and not drawn."


@pytest.mark.parametrize("value", [0.0, 1e-9, -2.5, 1e6])
@pytest.mark.parametrize("kind", FIGURES)
def test_values_of_any_size_are_drawn(kind: str, value: float) -> None:
    figure = FIGURES[kind]
    column = "after" if kind == "dumbbells" else "value"
    table = figure.table.assign(**{column: value, "low": np.nan, "high": np.nan})
    svg, _ = draw_finding_figure(replace(figure, table=table), "a")
    assert "nan" not in svg
