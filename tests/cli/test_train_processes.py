"""`infomax train` on several processes: as on one, and when one of them dies."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

COMMON = (
    *("--data", "digits", "--views", "halves", "--encoder-options", "layer_sizes=16,8"),
    *("--evaluate-every", "20"),
)
Run = Callable[..., tuple[int, str, str]]
Started = Callable[..., list["subprocess.Popen[str]"]]


@pytest.fixture
def started() -> Iterator[Started]:
    """Start one process for each list of arguments, connected as torchrun connects its own."""
    running: list[subprocess.Popen[str]] = []

    def start(
        *arguments: Sequence[str | Path], places: Sequence[Path] | None = None
    ) -> list["subprocess.Popen[str]"]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        number = str(len(arguments))
        for rank, of_process in enumerate(arguments):
            environment = {
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "TORCHELASTIC_RUN_ID": "test",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                "WORLD_SIZE": number,
                "LOCAL_WORLD_SIZE": number,
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
            }
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "infomax", "train", *map(str, of_process)],
                    env=environment,
                    cwd=None if places is None else places[rank],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        return running

    yield start
    for each in running:
        each.kill()
        each.communicate()


def ended(process: "subprocess.Popen[str]", seconds: float = 120) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def bounds(folder: Path) -> "pd.Series[float]":
    records = pd.read_parquet(folder / "records.parquet")
    chosen = records[records["metric"] == "bound"].set_index(["step", "split"])
    return chosen["value"].sort_index()


def test_started_by_torchrun_it_ends_where_one_process_ends(infomax: Run, tmp_path: Path) -> None:
    arguments = ("train", *COMMON, "--steps", "40", "--batch-size", "65", "--out")
    code, said, error = infomax(*arguments, tmp_path / "one")
    assert code == 0, error
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    together = subprocess.run(
        [sys.executable, *launcher, "-m", "infomax", *arguments, str(tmp_path / "two")],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert together.returncode == 0, together.stderr
    # One speaks for all.
    assert together.stdout.replace("two", "one") == said
    one, two = bounds(tmp_path / "one"), bounds(tmp_path / "two")
    assert one.index.equals(two.index)
    pd.testing.assert_series_equal(one, two, rtol=1e-3)
    assert json.loads((tmp_path / "two" / "run.json").read_text())["processes"] == 2


@pytest.mark.slow
def test_one_that_dies_ends_the_others_and_the_run_resumes_on_fewer(
    started: Started, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = [*COMMON, "--steps", "600", "--batch-size", "65", "--out", out]
    first, second = started(arguments, arguments)
    deadline = time.monotonic() + 120
    while not list(out.glob("checkpoints/step-*[1-9]*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    second.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    code, _, err = ended(first)
    assert time.monotonic() - killed < 60
    assert code == 1
    last = err.strip().splitlines()[-1]
    assert last.startswith("infomax: failed: another process has ended or no longer answers")
    assert "--resume" in last
    assert "Traceback" not in err
    resumed = subprocess.run(
        [sys.executable, "-m", "infomax", "train", "--resume", "--out", out],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert resumed.returncode == 0, resumed.stderr
    steps = bounds(out).index.get_level_values("step")
    assert steps.max() == 600
    # Nothing was measured twice, and nothing left out.
    assert sorted(set(steps)) == list(range(0, 601, 20))
    assert "resumed" in (out / "log.txt").read_text()


def test_different_settings_are_named(started: Started, tmp_path: Path) -> None:
    arguments = [*COMMON, "--steps", "20", "--out", tmp_path / "run", "--batch-size"]
    processes = started([*arguments, "64"], [*arguments, "32"])
    codes, _, said = zip(*map(ended, processes), strict=True)
    assert codes == (2, 2)
    message = "process 1 was given other settings than process 0: batch_size: 32, not 64"
    assert [message in each for each in said] == [True, False]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "said"), [("row", "x: 299 rows, not 300"), ("value", "x: other values")]
)
def test_other_data_on_one_process_are_named(
    started: Started, tmp_path: Path, change: str, said: str
) -> None:
    rows = np.random.default_rng(0).standard_normal((300, 4)).astype(np.float32)
    # What differs lies under one name, as on machines with disks of their own.
    for rank, folder in enumerate(("first", "second")):
        (tmp_path / folder).mkdir()
        of_rank = rows.copy()
        of_rank[250, 2] += rank * (change == "value")
        np.save(tmp_path / folder / "x.npy", of_rank[: 300 - rank * (change == "row")])
    arguments = ["--data", "x.npy", "--views", "noise", "--view-options", "deviation=0.1"]
    arguments += ["--steps", "20", "--batch-size", "32", "--out", str(tmp_path / "run")]
    places = [tmp_path / "first", tmp_path / "second"]
    codes, _, told = zip(*map(ended, started(*[arguments] * 2, places=places)), strict=True)
    assert codes == (2, 2)
    message = f"process 1 reads other data than process 0: {said}"
    assert [message in each for each in told] == [True, False]
    assert not (tmp_path / "run").exists()


def test_more_processes_than_pairs_in_a_batch_are_refused_once(
    started: Started, tmp_path: Path
) -> None:
    arguments = [*COMMON, "--steps", "20", "--batch-size", "2", "--out", tmp_path / "run"]
    codes, _, said = zip(*map(ended, started(*[arguments] * 3)), strict=True)
    assert codes == (2, 2, 2)
    message = "a batch of 2 cannot be shared by 3 processes"
    assert [message in each for each in said] == [True, False, False]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("flag", "key"), [("--tile-size", "tile_size"), ("--encode-at-once", "encode_at_once")]
)
def test_what_is_larger_than_the_batch_is_refused(
    flag: str, key: str, infomax: Run, tmp_path: Path
) -> None:
    sizes = ("--batch-size", "64", flag, "65")
    code, _, said = infomax("train", *COMMON, *sizes, "--out", tmp_path / "run")
    assert code == 2
    assert said.strip() == (
        f"infomax: {key} is 65, more than a batch (64): make it smaller, or leave it out"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--critic", "concat", "--tile-size", "8"), "ConcatCritic cannot be made in tiles"),
        (("--bound", "smile", "--tile-size", "8"), "bound smile cannot be computed in tiles"),
    ],
)
def test_what_cannot_be_made_in_tiles_is_refused_before_anything_is_written(
    flags: tuple[str, ...], message: str, infomax: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    code, _, said = infomax("train", *COMMON, *flags, "--out", out)
    assert code == 2
    assert message in said
    assert said.count("\n") == 1
    assert not out.exists()
