"""Errors of estimates, by task and method, from records alone."""

import math

import pandas as pd
import pytest

from infomax.records import Record, records_table
from infomax.report.estimation_errors import (
    draw_errors,
    estimation_errors,
    mean_absolute_errors,
)


def record(task: str, seed: int, metric: str, value: float) -> Record:
    return Record(
        study="mi-benchmark",
        dataset=task,
        encoder="",
        critic="",
        bound="",
        target=math.nan,
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
    return records_table(rows).assign(method=methods)


def test_errors_are_estimates_less_the_truth(records: pd.DataFrame) -> None:
    errors = estimation_errors(records).set_index(["task", "method", "seed"])["error"]
    assert len(errors) == 8
    assert errors["b", "second", 1] == -0.25
    assert math.isnan(errors["a", "second", 0])


def test_means_are_of_absolute_errors_in_the_order_of_the_records(records: pd.DataFrame) -> None:
    means = mean_absolute_errors(estimation_errors(records))
    assert list(means.index) == ["b", "a"]
    assert list(means.columns) == ["second", "first"]
    assert means.loc["b", "second"] == 0.25
    assert means.loc["b", "first"] == 0.5
    assert means.isna().loc["a", "second"]


def test_the_heat_map_shows_mean_errors_with_their_sign(records: pd.DataFrame) -> None:
    axes = draw_errors(estimation_errors(records)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["+0.00", "+0.50", "-", "-0.38"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
