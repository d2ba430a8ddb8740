"""``infomax benchmark mi`` from end to end."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from infomax.cli import main
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
    asked = ("--tasks", tasks, "--methods", "gaussian,histogram", "--n", "400", "--seeds", "2")
    done = benchmark_mi(*asked, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "multinormal-dense-3-3-0.5" in done.out
    assert "mean of all tasks" in done.out
    assert "no estimate of multinormal-dense-3-3-0.5 by histogram" in done.err
    records, metadata = read_records(tmp_path / "out" / "records.parquet")
    assert metadata["settings"]["pairs"] == 400
    assert set(records["bound"]) == {""}
    methods = pd.read_parquet(tmp_path / "out" / "records.parquet")["method"]
    assert set(methods) == {"gaussian", "histogram"}
    errors = pd.read_csv(tmp_path / "out" / "errors.csv")
    assert len(errors) == 8
    shown = errors.query("method == 'gaussian' and task == '1v1-normal-0.75'")["error"].abs().mean()
    assert f"{shown:.3f}" in done.out
    for kind in ("png", "svg"):
        assert (tmp_path / "out" / f"errors.{kind}").stat().st_size > 5000
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
