"""Sweeps and reproductions by Ray, a worker killed in the midst: the records of a local run."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pandas as pd
import pytest
from safetensors import SafetensorError, safe_open

from infomax.records import read_records
from tests.cli.page_at_the_end import PAGE_AT_THE_END

pytest.importorskip("ray")

# One thread wherever a run is, and a token that is this test's own.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
    "OMP_NUM_THREADS": "1",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": uuid.uuid4().hex,
}
# The command, with a checkpoint in workers after every block of updates instead of every minute,
# a page at the end, and a line for each time that a job is begun with a checkpoint there.
KEEPS_OFTEN = (
    PAGE_AT_THE_END
    + """
import functools
from infomax.cli import main
from infomax.executors import RayExecutor, Task

def often(work):
    import infomax.training.callbacks as callbacks
    callbacks._SECONDS_BETWEEN_CHECKPOINTS = 0.0
    if work.args[-1] != "cpu" and work.args[-1].is_file():
        with open("resumed.txt", "a") as lines:
            print(work.args[0].label, file=lines)
    return work()

run = RayExecutor.run
RayExecutor.run = lambda self, tasks: run(
    self, [Task(task.label, functools.partial(often, task.work)) for task in tasks]
)
main()
"""
)
STUDIES = ("critics", "conditioning")
SCALE = (
    *("--dataset", "digits", "--steps", "400", "--seeds", "1"),
    *("--bound", "infonce", "--device", "cpu"),
)
TRAIN = (
    *("train", "--data", "digits", "--views", "halves", "--device", "cpu", "--encoder", "mlp"),
    *("--steps", "600", "--evaluate-every", "100", "--batch-size", "64", "--sweep", "seed=0,1,2"),
)


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    given, said = process.communicate(timeout=400)
    assert process.returncode == 0, said
    # What Ray has to say of killed workers would be in both; the address of the report has "ray".
    assert "ray" not in re.sub(r"file://\S+", "", given.lower() + said.lower())
    return said


def killed_worker(folder: Path, label: str) -> bool:
    """Kill the worker that is at a task, which Ray names its process by."""
    for process in Path("/proc").iterdir():
        try:
            title = (process / "cmdline").read_text(encoding="utf-8").rstrip("\0")
            # Workers of others on this machine are in other folders.
            ours = title == f"ray::{label}" and (process / "cwd").readlink() == folder
        except OSError:
            continue
        if ours:
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of both studies as one process leaves it."""
    folder = tmp_path_factory.mktemp("alone")
    command = ("-c", f"{PAGE_AT_THE_END}from infomax.cli import main; main()")
    with started(folder, *command, "reproduce", *STUDIES, *SCALE, "--out", "local") as process:
        finished(process)
    return folder / "local"


@pytest.mark.slow
def test_a_reproduction_by_ray_is_that_of_one_process_though_a_worker_is_killed(
    local: Path, tmp_path: Path
) -> None:
    ray = ("-c", KEEPS_OFTEN, "reproduce", *STUDIES, *SCALE, "--out", "out", "--executor", "ray")
    victim = None
    with started(tmp_path, *ray) as process:
        while victim is None and process.poll() is None:
            time.sleep(0.02)
            for path in tmp_path.glob("out/checkpoints/*.safetensors"):
                try:
                    with safe_open(path, framework="pt") as checkpoint:
                        label = json.loads(checkpoint.metadata()["infomax"])["job"]
                except (OSError, SafetensorError):
                    continue
                if killed_worker(tmp_path, label):
                    victim = label
                    break
        finished(process)
    assert victim is not None
    assert victim in (tmp_path / "resumed.txt").read_text(encoding="utf-8").splitlines()
    tables = [read_records(each / "records.parquet") for each in (local, tmp_path / "out")]
    pd.testing.assert_frame_equal(tables[0][0], tables[1][0], check_exact=True)
    progress, other = (metadata["progress"] for _, metadata in tables)
    assert progress == other
    environment, other = (metadata["environment"] for _, metadata in tables)
    assert {**environment, "command": ""} == {**other, "command": ""}
    names = [sorted(each.name for each in out.iterdir()) for out in (local, tmp_path / "out")]
    assert names[0] == names[1]


@pytest.mark.slow
def test_a_reproduction_that_was_killed_is_finished_by_whatever_executor(
    local: Path, tmp_path: Path
) -> None:
    ray = ("-c", KEEPS_OFTEN, "reproduce", "critics", *SCALE, "--out", "out", "--executor", "ray")
    with started(tmp_path, *ray) as process:
        while process.poll() is None and not list(tmp_path.glob("out/checkpoints/*.safetensors")):
            time.sleep(0.02)
        # The driver, whose workers end with it.
        process.kill()
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    with started(tmp_path, "-m", "infomax", "reproduce", "--resume", "--out", "out") as process:
        finished(process)
    first, second = (
        read_records(each / "records.parquet")[0] for each in (local, tmp_path / "out")
    )
    of_study = first[first["study"] == "critics"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_study, second, check_exact=True)
    assert not (tmp_path / "out" / "checkpoints").exists()


@pytest.mark.slow
def test_a_sweep_by_ray_is_that_of_one_process_though_a_worker_is_killed(tmp_path: Path) -> None:
    with started(tmp_path, "-m", "infomax", *TRAIN, "--out", "local") as process:
        finished(process)
    ray = ("-m", "infomax", *TRAIN, "--out", "out", "--executor", "ray")
    killed = False
    with started(tmp_path, *ray) as process:
        while not killed and process.poll() is None:
            time.sleep(0.02)
            if list(tmp_path.glob("out/seed=1/checkpoints/step-*.safetensors")):
                killed = killed_worker(tmp_path, "seed=1")
        finished(process)
    assert killed
    log = (tmp_path / "out" / "seed=1" / "log.txt").read_text(encoding="utf-8")
    assert "resumed: " in log
    first, second = (
        pd.read_parquet(tmp_path / each / "records.parquet") for each in ("local", "out")
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)
