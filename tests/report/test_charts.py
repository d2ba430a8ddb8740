"""Charts of one idea: values that can be read, labels apart, and errors with their sign."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest

from infomax.records import Record, records_table
from infomax.report.charts import StepCurve, draw_errors, draw_steps
from infomax.report.tables import estimation_errors, mean_errors


def curve(label: str, *values: float) -> StepCurve:
    steps = np.arange(len(values), dtype=np.int64) * 10
    return StepCurve(label, steps, np.array(values), "#0072b2")


@pytest.mark.parametrize("ends", [(1.0, 1.0, 1.0), (0.0, 0.001, 5.0), (4.999, 5.0, 5.0)])
def test_labels_of_lines_that_meet_lie_apart(ends: tuple[float, ...]) -> None:
    names = ["one", "two", "three"]
    curves = [curve(name, 2.5, end) for name, end in zip(names, ends, strict=True)]
    drawn = draw_steps(curves, name="a", title="b", levels=[("level", 5.0)])
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
    drawn = draw_steps([of_bound], name="a", title="Bound over updates", marked_step=1_500)
    assert re.findall(r"<title>(.*?)</title>", drawn) == [
        "held out: 0.500 [0.250, 0.750] after 0 updates",
        "held out: 1.000 [0.750, 1.250] after 1,500 updates",
    ]
    assert 'aria-label="Bound over updates"' in drawn


def test_of_very_many_points_the_last_is_marked() -> None:
    drawn = draw_steps([curve("a", *np.linspace(0, 1, 500))], name="a", title="b")
    said = re.findall(r"<title>(.*?)</title>", drawn)
    assert 15 <= len(said) <= 25
    assert said[-1] == "a: 1.000 after 4,990 updates"


def record(task: str, seed: int, metric: str, value: float) -> Record:
    return Record(
        study="mi-benchmark",
        dataset=task,
        encoder="",
        critic="",
        bound="",
        target=math.nan,
        loss="",
        negatives="",
        seed=seed,
        step=0,
        split="test",
        metric=metric,
        value=value,
    )


@pytest.fixture
def records() -> pd.DataFrame:
    estimates = {
        ("b", "second", 0): 1.25,
        ("b", "second", 1): 0.75,
        ("b", "first", 0): 1.5,
        ("b", "first", 1): 1.5,
        ("a", "second", 0): math.nan,
        ("a", "second", 1): math.nan,
        ("a", "first", 0): 0.5,
        ("a", "first", 1): 0.75,
    }
    rows, methods = [], []
    for (task, method, seed), estimate in estimates.items():
        rows.append(record(task, seed, "mutual_information", 1.0))
        rows.append(record(task, seed, "estimate", estimate))
        methods += [method, method]
    return records_table(rows).assign(method=methods, samples=5000)


def test_errors_are_estimates_less_the_truth(records: pd.DataFrame) -> None:
    errors = estimation_errors(records).set_index(["task", "method", "seed"])["error"]
    assert len(errors) == 8
    assert errors["b", "second", 1] == -0.25
    assert math.isnan(errors["a", "second", 0])


def test_means_are_of_absolute_errors_in_the_order_of_the_records(records: pd.DataFrame) -> None:
    means = mean_errors(estimation_errors(records), absolute=True)
    assert list(means.index) == ["b", "a"]
    assert list(means.columns) == ["second", "first"]
    assert means.loc["b", "second"] == 0.25
    assert means.loc["b", "first"] == 0.5
    assert means.isna().loc["a", "second"]


def test_samples_of_several_sizes_have_columns_of_their_own(records: pd.DataFrame) -> None:
    both = pd.concat([records, records.assign(samples=100, value=2 * records["value"])])
    means = mean_errors(estimation_errors(both), absolute=True)
    assert set(means.columns) == {
        f"{method}, N = {samples}" for method in ("first", "second") for samples in (100, 5000)
    }
    assert means.loc["b", "first, N = 5000"] == 0.5
    assert means.loc["b", "first, N = 100"] == 1.0


def test_the_heat_map_shows_mean_errors_with_their_sign(records: pd.DataFrame) -> None:
    axes = draw_errors(mean_errors(estimation_errors(records))).axes[0]
    assert [text.get_text() for text in axes.texts] == ["+0.00", "+0.50", "-", "-0.38"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
