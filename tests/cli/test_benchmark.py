"""``infomax benchmark mi`` from end to end."""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from infomax.cli import main
from infomax.estimation import benchmark as estimation
from infomax.records import read_records


class Said(NamedTuple):
    """What the command said, and its exit status."""

    code: int
    out: str
    err: str


Benchmark = Callable[..., Said]


@pytest.fixture
def benchmark_mi(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Benchmark:
    """Run ``infomax benchmark mi`` in this process."""

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["infomax", "benchmark", "mi", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert isinstance(stopped.value.code, int) or stopped.value.code is None
        return Said(stopped.value.code or 0, *capsys.readouterr())

    return run


def test_writes_records_a_table_and_a_heat_map(tmp_path: Path, benchmark_mi: Benchmark) -> None:
    tasks = "1v1-normal-0.75,multinormal-dense-3-3-0.5"
    asked = (
        "--tasks",
        tasks,
        "--methods",
        "gaussian,histogram",
        "--samples",
        "400",
        "--seeds",
        "2",
    )
    done = benchmark_mi(*asked, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "multinormal-dense-3-3-0.5" in done.out
    assert "mean of all tasks" in done.out
    assert "no estimate of multinormal-dense-3-3-0.5 by histogram" in done.err
    records, metadata = read_records(tmp_path / "out" / "records.parquet")
    assert metadata["settings"]["samples"] == [400]
    assert set(records["bound"]) == {""}
    methods = pd.read_parquet(tmp_path / "out" / "records.parquet")["method"]
    assert set(methods) == {"gaussian", "histogram"}
    errors = pd.read_csv(tmp_path / "out" / "errors.csv")
    assert len(errors) == 8
    shown = errors.query("method == 'gaussian' and task == '1v1-normal-0.75'")["error"].abs().mean()
    assert f"{shown:.3f}" in done.out
    for kind in ("png", "svg"):
        assert (tmp_path / "out" / f"errors.{kind}").stat().st_size > 5000
    rows = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert len(rows) == 8
    assert set(rows["says"]) == {"interval", "refused"}
    said = rows[rows["says"] == "interval"]
    inside = (said["low"] <= said["truth"]) & (said["truth"] <= said["high"])
    assert (said["is_true"].astype(str) == inside.astype(str)).all()
    assert "true statements:" in done.out
    timings = json.loads((tmp_path / "out" / "timings.json").read_text())
    assert len(timings) == 8
    again = benchmark_mi(*asked, "--out", tmp_path / "out")
    assert again.code == 2
    assert "already holds a benchmark" in again.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--tasks", "1v1-norml-0.75"), "unknown task '1v1-norml-0.75'"),
        (("--methods", "auto,knn"), "unknown method 'knn'"),
        (("--seeds", "0"), "seeds is 0"),
        (("--samples", "1e3"), "--samples is '1e3': give whole numbers"),
        (("--tasks", "hard", "--only", "spiral"), "no name of these tasks contains 'spiral'"),
        (("--tasks", "images,bmi"), "bmi is no task of images"),
        (("--tasks", "images", "--methods", "ksg-1"), "'ksg-1'"),
        (("--tasks", "self-consistency,images"), "a benchmark of its own"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    tmp_path: Path, benchmark_mi: Benchmark, arguments: tuple[str, ...], line: str
) -> None:
    done = benchmark_mi(*arguments, "--out", tmp_path / "out")
    assert done.code == 2
    assert line in done.err
    assert done.err.count("\n") == 1
    assert not done.out
    assert not (tmp_path / "out").exists()


def test_sets_of_tasks_are_measured_at_several_sizes(
    tmp_path: Path, benchmark_mi: Benchmark
) -> None:
    asked = ("--tasks", "high-information,1v1-X-0.9", "--only", "X", "--methods", "ksg-1")
    done = benchmark_mi(*asked, "--samples", "200,300", "--seeds", "1", "--out", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert rows["task"].tolist() == ["1v1-X-0.9"] * 2
    assert rows["samples"].tolist() == [200, 300]
    assert (rows["truth_error"] > 0).all()
    assert "ksg-1, N = 200" in done.out
    assert "ksg-1, N = 300" in done.out


def test_what_is_stopped_keeps_the_estimates_that_it_made(
    tmp_path: Path, benchmark_mi: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_of_three(chosen: estimation.Benchmark) -> Iterator[estimation.BenchmarkEstimate]:
        yield from islice(measure(chosen), 2)
        raise KeyboardInterrupt

    measure = estimation.measure
    monkeypatch.setattr(estimation, "measure", two_of_three)
    asked = ("--tasks", "1v1-normal-0.75", "--methods", "gaussian", "--samples", "200")
    stopped = benchmark_mi(*asked, "--seeds", "3", "--out", tmp_path / "out")
    assert stopped.code != 0
    assert len(pd.read_csv(tmp_path / "out" / "estimates.csv")) == 2
    assert benchmark_mi(*asked, "--seeds", "3", "--out", tmp_path / "out").code == 2


def test_images_are_trained_on_and_said_to_hold_at_least_what_was_read(
    tmp_path: Path, benchmark_mi: Benchmark
) -> None:
    asked = ("--tasks", "images", "--only", "-2-", "--samples", "512", "--seeds", "1")
    done = benchmark_mi(*asked, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert rows["task"].tolist() == ["images-2-bits"]
    assert rows["says"].tolist() == ["at least"]
    assert "infonce, N = 512" in done.out


def test_consistency_is_a_table_of_ratios(tmp_path: Path, benchmark_mi: Benchmark) -> None:
    asked = ("--tasks", "self-consistency", "--samples", "512", "--seeds", "1")
    done = benchmark_mi(*asked, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    rows = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert len(rows) == 5
    assert "additivity" in done.out
    assert (rows["low"] <= rows["ratio"]).all()
