"""What the folder of a run tells: the weights that are used, and what was measured of them."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from infomax.experiments.run_summary import Reading, RunSummary
from tests.cli.written_runs import write_run

NAN, INFINITE = math.nan, math.inf


@pytest.mark.parametrize(
    ("bounds", "target", "weights", "step"),
    [
        ([0.1, 2.0, 0.5], None, "best", 10),
        ([0.1, 3.1, 5.0], 3.0, "best", 10),
        ([0.1, NAN, 1.5], None, "best", 20),
        ([0.1, -INFINITE, 0.0], None, "best", 0),
        ([NAN, NAN, NAN], None, "best", 0),
        ([-INFINITE, NAN, NAN], 3.0, "best", 0),
    ],
)
def test_the_weights_are_those_of_the_best_finite_look(
    tmp_path: Path, bounds: list[float], target: float | None, weights: str, step: int
) -> None:
    write_run(tmp_path / "run", bounds, target=target)
    summary = RunSummary.of(tmp_path / "run")
    assert (summary.weights, summary.weights_step) == (weights, step)
    assert summary.steps == 20


def test_what_was_measured_is_that_of_the_weights(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [0.1, 2.0, 0.5], accuracies=[0.1, 0.9, 0.2], ceiling=4.5)
    summary = RunSummary.of(tmp_path / "run")
    reading = summary.reading("test", "bound")
    assert reading is not None
    assert (reading.value, math.isnan(reading.low)) == (2.0, True)
    assert summary.reading("test", "no_such_metric") is None
    assert summary.metrics[:2] == ["bound", "probe_accuracy"]
    assert summary.ceiling == 4.5
    assert summary.better("bound") == "higher"
    assert Reading(2.0, 1.5, 2.5).told() == "2.000 [1.500, 2.500]"


def test_a_run_that_has_not_begun_to_measure_has_no_ceiling_and_no_steps(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [])
    summary = RunSummary.of(tmp_path / "run")
    assert (summary.steps, summary.weights_step, summary.weights) == (0, 0, "last")
    assert summary.ceiling == INFINITE
    assert summary.headline == "nothing was measured yet"
    assert summary.ending.startswith("not yet")


def test_a_value_has_the_interval_of_its_own_step(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [0.1, 2.0, 3.0])
    summary = RunSummary.of(tmp_path / "run")
    one = summary.records[summary.records["metric"] == "bound"]
    low = one[(one["step"] == 10) & (one["split"] == "test")].assign(metric="bound_low", value=1.5)
    high = low.assign(metric="bound_high", value=2.5)
    summary = replace(summary, records=pd.concat([summary.records, low, high]))
    reading = summary.reading("test", "bound")
    assert reading is not None
    # Interval and value are of steps 10 and 20.
    assert reading.told() == "3.000"


@pytest.mark.parametrize(
    ("bounds", "target", "said"),
    [([0.1, 2.0], None, "a little high"), ([0.1, 2.0], 1.5, "a little near"), ([2.0], None, "")],
)
def test_what_the_choice_of_weights_does_is_said_where_there_was_one(
    tmp_path: Path, bounds: list[float], target: float | None, said: str
) -> None:
    write_run(tmp_path / "run", bounds, target=target)
    chosen = RunSummary.of(tmp_path / "run").chosen
    assert said in chosen
    assert bool(said) is bool(chosen)
