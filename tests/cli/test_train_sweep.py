"""`infomax train --sweep`: ordinary runs, one table of them, and what cannot be swept."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from infomax.records import COLUMNS, read_records
from tests.test_folder_lock import holding

Run = Callable[..., tuple[int, str, str]]
DIGITS = ("--data", "digits", "--views", "halves", "--device", "cpu", "--encoder", "mlp")
QUICK = (*DIGITS, "--steps", "40", "--evaluate-every", "20", "--batch-size", "32")
SWEPT = ("--sweep", "seed=0,1", "--sweep", "projection=none,8")
NAMES = [f"seed={seed},projection={size}" for seed in (0, 1) for size in ("none", 8)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep that was not interrupted."""
    out = tmp_path_factory.mktemp("sweeps") / "whole"
    command = [sys.executable, "-m", "infomax", "train", *QUICK, *SWEPT, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out


def test_the_records_of_a_run_are_those_of_the_same_run_alone(
    whole: Path, infomax: Run, tmp_path: Path
) -> None:
    merged = pd.read_parquet(whole / "records.parquet")
    assert list(merged.columns) == ["run", "projection", *COLUMNS]
    assert list(dict.fromkeys(merged["run"])) == NAMES
    out = tmp_path / "alone"
    code, _, _ = infomax("train", *QUICK, "--seed", 1, "--projection", 8, "--out", out)
    assert code == 0
    alone, _ = read_records(out / "records.parquet")
    of_run = merged.loc[merged["run"] == NAMES[3], list(COLUMNS)].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_run, alone, check_exact=True)
    of_folder, _ = read_records(whole / NAMES[3] / "records.parquet")
    pd.testing.assert_frame_equal(of_folder, alone, check_exact=True)


def test_runs_of_a_sweep_are_listed_and_shown(
    whole: Path, infomax: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, listed, _ = infomax("runs", whole)
    assert code == 0
    assert all(name in listed for name in NAMES)
    code, shown, _ = infomax("show", whole / NAMES[3])
    assert code == 0
    assert "projection: 8" in shown
    assert "after 40 updates" in shown


def test_what_is_swept_is_written_and_the_table_is_shown(whole: Path, infomax: Run) -> None:
    asked = json.loads((whole / "sweep.json").read_text(encoding="utf-8"))
    assert asked["swept"] == {"seed": [0, 1], "projection": [None, 8]}
    assert asked["settings"]["data"] == "digits"
    before = (whole / "records.parquet").read_bytes()
    # Nothing is left to do, so the table is all that is new.
    code, shown, said = infomax("train", "--resume", "--out", whole)
    assert code == 0
    assert said == ""
    rows = [line.split() for line in shown.splitlines()]
    assert rows[0] == ["seed", "projection", "ended", "validation,", "nats", "probe"]
    merged = pd.read_parquet(whole / "records.parquet")
    last = merged[(merged["step"] == 40) & (merged["split"] == "test")]
    for name, row in zip(NAMES, rows[1:], strict=False):
        values = last[last["run"] == name].set_index("metric")["value"]
        seed, projection = (each.partition("=")[2] for each in name.split(","))
        assert row[:2] == [seed, projection]
        assert row[-2:] == [f"{values['bound']:.3f}", f"{values['probe_accuracy']:.4f}"]
    assert (whole / "records.parquet").read_bytes() == before


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_that_another_process_writes_to_is_left_to_it(
    resume: bool, whole: Path, infomax: Run, tmp_path: Path
) -> None:
    out = whole if resume else tmp_path / "out"
    flags = ("--resume",) if resume else (*QUICK, *SWEPT)
    with holding(out) as first:
        held = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
        code, _, error = infomax("train", *flags, "--out", out)
        assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == held
        first.communicate("")
    assert code == 2
    assert f"{out} is in use by process {first.pid} on " in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_and_resumed_it_is_as_if_it_had_not_been(
    whole: Path, infomax: Run, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "infomax", "train", *QUICK, *SWEPT, "--out", str(out)]
    # Of processes in the background a shell has interrupts ignored, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not (out / NAMES[1] / "checkpoints").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert f"1 of 4 runs have ended: go on with `infomax train --resume --out {out}`" in said
    kept = read_records(out / "records.parquet")[0]
    assert set(kept["seed"]) == {0}
    assert infomax("train", "--resume", *QUICK, *SWEPT, "--out", out)[0] == 0
    first, second = (pd.read_parquet(each / "records.parquet") for each in (whole, out))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert "resumed: " in (out / NAMES[1] / "log.txt").read_text(encoding="utf-8")
    assert "resumed: " not in (out / NAMES[0] / "log.txt").read_text(encoding="utf-8")


def test_a_run_that_fails_is_reported_and_the_others_go_on(infomax: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, shown, said = infomax("train", *QUICK, "--sweep", "learning_rate=1e30,1e-3", "--out", out)
    assert code == 1
    assert "infomax: failed: learning_rate=1e+30: the loss at step" in said
    rows = [line.split() for line in shown.splitlines()]
    assert rows[1][:2] == ["1e+30", "failed"]
    assert rows[2][:6] == ["0.001", "all", "updates", "are", "made", rows[2][5]]
    assert float(rows[2][5]) > 0.5
    # Resumed, it fails again, and is not forgotten.
    assert infomax("train", "--resume", "--out", out)[0] == 1
    code, _, said = infomax("train", "--resume", "--steps", "99", "--out", out)
    assert code == 2
    assert f"or go on with one of its runs (--resume --out {out}/RUN)" in said


def test_options_and_lists_are_swept_from_a_file_with_flags(infomax: Run, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("data: digits\nviews: halves\ncritic: cosine\nsteps: 9\n", encoding="utf-8")
    temperatures = ("--sweep", "critic_options.temperature=0.1,0.5")
    sizes = ("--sweep", "encoder_options.layer_sizes=[16,8],[8]")
    more = ("--device", "cpu", "--steps", "10", "--batch-size", "32", "--out", tmp_path / "out")
    assert infomax("train", path, *temperatures, *sizes, *more)[0] == 0
    merged = pd.read_parquet(tmp_path / "out" / "records.parquet")
    keys = ["critic_options.temperature", "encoder_options.layer_sizes"]
    assert list(merged.columns[1:3]) == keys
    last = merged[(merged["split"] == "test") & (merged["metric"] == "bound")].groupby(keys).last()
    assert set(last["step"]) == {10}
    assert last["value"].nunique() == 4
    assert sorted(last.index.unique("encoder_options.layer_sizes")) == ["[16, 8]", "[8]"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sweep", "batchsize=64"), "unknown setting 'batchsize': did you mean 'batch_size'"),
        (("--sweep", "batch_size"), "--sweep is 'batch_size': expected KEY=V1,V2"),
        (("--sweep", "batch_size="), "--sweep batch_size is '': expected values"),
        (("--sweep", "seed=0,one"), "setting seed is 'one'"),
        (("--sweep", "seed=0", "--seed", "1"), "--seed and --sweep seed both"),
        (("--sweep", "bound=infonce,mi"), "bound=mi: unknown bound 'mi': did you mean 'mine'"),
        (("--sweep", "seed=0", "--executor", "rey"), "unknown executor 'rey': did you mean 'ray'"),
        (("--sweep", "seed=0", "--address", "auto"), "--address auto is .* --executor ray"),
        (("--executor", "ray"), "--executor ray makes the runs of a sweep: give --sweep"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    infomax: Run, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "out"
    code, _, said = infomax("train", *DIGITS, *arguments, "--out", out)
    assert code == 2
    assert re.search(words, said)
    assert said.count("\n") == 1
    assert not out.exists()


def test_without_ray_the_extra_is_named_and_nothing_is_written(
    infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    flags = ("--executor", "ray", "--out", tmp_path / "out")
    code, _, said = infomax("train", *QUICK, "--sweep", "seed=0,1", *flags)
    assert code == 2
    assert "pip install 'infomax[ray]'" in said
    code, _, said = infomax("reproduce", "critics", "--dataset", "digits", *flags)
    assert code == 2
    assert "pip install 'infomax[ray]'" in said
    assert not (tmp_path / "out").exists()


def test_processes_of_torchrun_are_refused(
    infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, said = infomax("train", *QUICK, "--sweep", "seed=0", "--out", tmp_path / "out")
    assert code == 2
    assert "without torchrun" in said


def test_another_sweep_than_the_one_begun_is_refused(whole: Path, infomax: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    other = ("--sweep", "seed=0,2", "--sweep", "projection=none,8", "--out", whole)
    code, _, said = infomax("train", *QUICK, *other, "--resume")
    assert code == 2
    assert "--sweep seed (0, 2, not 0, 1)" in said
    longer = (*QUICK, *SWEPT, "--steps", "50", "--out", whole)
    code, _, said = infomax("train", *longer, "--resume")
    assert code == 2
    assert "steps: 50, not 40" in said
    code, _, said = infomax("train", *QUICK, *SWEPT, "--out", whole)
    assert code == 2
    assert "already holds" in said
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before
