"""A run is begun whole or not at all, by one process, and gone on with on the same data alone."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from infomax.errors import UserError
from infomax.evaluation import evaluator
from infomax.evaluation.held_out import BatchMean
from infomax.experiments.config import RunConfig
from infomax.experiments.run import request_run, run_experiment
from infomax.experiments.run_folder import RunFolder, settings_text
from infomax.experiments.run_summary import RunSummary
from infomax.experiments.train import Trained
from infomax.experiments.trained_run import TrainedRun
from infomax.folder_lock import locked_folder
from infomax.training import CheckpointFolder, LossNotFiniteError, NoProgress

QUICK: dict[str, Any] = {
    **{"steps": 20, "evaluate_every": 5, "batch_size": 32, "encoder_options": {"layer_sizes": [8]}},
    **{"device": "cpu", "validation": 0.3},
}
GIVEN = {"data": "digits", "views": "halves"}


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Return a folder that holds ``x.npy`` and ``y.npy``, correlated."""
    generator = np.random.default_rng(0)
    shared = generator.standard_normal((300, 4)).astype(np.float32)
    for side in "xy":
        noise = generator.standard_normal((300, 4)).astype(np.float32)
        np.save(tmp_path / f"{side}.npy", shared + 0.3 * noise)
    return tmp_path


def of_pairs(folder: Path, **others: Any) -> dict[str, Any]:
    return {**QUICK, "data": str(folder / "x.npy"), "y_data": str(folder / "y.npy"), **others}


def performed(out: Path, given: dict[str, Any], *, resume: bool = False) -> Trained:
    request = request_run(given, out, resume=resume)
    return run_experiment(request, command="infomax", progress=NoProgress())


def records_of(out: Path) -> pd.DataFrame:
    records = RunFolder(out).records()
    assert records is not None
    return records


# One process imports everything and forks a run after the other: importing takes longer than they.
# A child dies at the fsync of one of the files that it writes, before that file is in its place.
KILLS = """
import os, stat, sys
from pathlib import Path
import infomax.experiments.run
import infomax.training, infomax.whole_file
from infomax.cli import main
from infomax.experiments.run_folder import RunFolder

out, flags, whole_fsync = Path(sys.argv[1]), sys.argv[2:], os.fsync

def ran(arguments, last):
    child = os.fork()
    if not child:
        left = [last]
        def fsync(file):
            # A folder is flushed once its file is there.
            left[0] -= stat.S_ISREG(os.fstat(file).st_mode)
            if not left[0]:
                os._exit(9)
            whole_fsync(file)
        os.fsync = fsync
        sys.argv = ["infomax", "train", *arguments]
        main()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for writes in range(1, 6):
    folder = out / str(writes)
    assert ran([*flags, "--out", str(folder)], writes) == 9
    begun, names = RunFolder(folder).begun, sorted(each.name for each in folder.iterdir())
    if writes == 2:
        code = ran(["--resume", "--out", str(folder)], 0)
    else:
        code = ran([*flags, "--out", str(folder), *(["--resume"] if begun else [])], 0)
    print("ran", begun, code, *names, flush=True)
"""


def test_without_validation_pairs_the_last_weights_are_those_that_are_used(pairs: Path) -> None:
    given = of_pairs(pairs, validation=0)
    trained = performed(pairs / "run", given)
    run = TrainedRun(pairs / "run")
    assert trained.weights_step == run.step == 20
    for name, value in run.encoder.state_dict().items():
        torch.testing.assert_close(
            value, trained.model.x_encoder.state_dict()[name], rtol=0, atol=0
        )
    trained = performed(pairs / "run", {**given, "steps": 30}, resume=True)
    assert trained.weights_step == TrainedRun(pairs / "run").step == 30


def test_where_no_bound_is_finite_the_summary_names_the_weights_that_are_used(
    pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = {"bound": BatchMean(*[float("nan")] * 3)}
    monkeypatch.setattr(evaluator, "means_over_batches", lambda *_, **__: unknown)
    trained = performed(pairs / "run", of_pairs(pairs))
    assert trained.weights_step == TrainedRun(pairs / "run").step == 0
    assert RunSummary.of(pairs / "run").weights_step == 0


def test_killed_at_any_write_of_its_beginning_the_same_flags_train(pairs: Path) -> None:
    given = of_pairs(pairs, steps=4, evaluate_every=2)
    flags = [
        *("--data", given["data"], "--y-data", given["y_data"], "--device", "cpu"),
        *("--steps", "4", "--evaluate-every", "2", "--batch-size", "32", "--validation", "0.3"),
        *("--encoder-options", "layer_sizes=[8]"),
    ]
    performed(pairs / "whole", given)
    run = [sys.executable, "-c", KILLS, str(pairs / "killed"), *flags]
    kills = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
    assert kills.returncode == 0, kills.stderr
    told = [line.split()[1:] for line in kills.stdout.splitlines() if line.startswith("ran ")]
    assert [each[0] for each in told] == ["False"] * 3 + ["True"] * 2
    assert [each[1] for each in told] == ["0"] * 5, kills.stderr
    assert told[1][2:] == ["lock", "settings.yaml", "split.npz.part"]
    for writes in range(1, 6):
        assert records_of(pairs / "killed" / str(writes)).equals(records_of(pairs / "whole"))
        assert not list((pairs / "killed" / str(writes)).rglob("*.part"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"validation": 0.1}, "30 validation pairs are fewer than two batches of 32"),
        ({"steps": 5, "batch_size": 128, "validation": 0.9}, "pairs"),
        ({"encoder": "convnet"}, "convnet"),
        ({"critic_options": {"temperatur": 1}}, "temperatur"),
        ({"tensorboard": True}, "tensorboard"),
    ],
)
def test_a_mistake_leaves_no_run(
    pairs: Path, changed: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UserError, match=said):
        performed(pairs / "runs" / "run", of_pairs(pairs, **changed))
    assert not (pairs / "runs").exists()
    assert performed(pairs / "runs" / "run", of_pairs(pairs)).steps == 20


def test_settings_of_ones_own_are_not_written_over(pairs: Path) -> None:
    own = pairs / "run" / "settings.yaml"
    own.parent.mkdir()
    own.write_text("data: x.npy  # mine\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"already holds settings\.yaml: choose another --out"):
        performed(own.parent, of_pairs(pairs))
    assert [each.name for each in own.parent.iterdir()] == ["settings.yaml"]
    assert own.read_text(encoding="utf-8") == "data: x.npy  # mine\n"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Make the system refuse to write more to a file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize(
    ("room", "named"),
    [(0, "run"), (900, "run/s[a-z.]*"), (10_000, "run/checkpoints/best.safetensors")],
)
def test_a_full_disk_names_the_file_and_leaves_none(pairs: Path, room: int, named: str) -> None:
    with (
        files_of_at_most(room),
        pytest.raises(UserError, match=rf"{named} cannot be written "),
    ):
        performed(pairs / "run", of_pairs(pairs))
    assert not (pairs / "run").exists()
    assert performed(pairs / "run", of_pairs(pairs)).steps == 20


def test_a_second_process_is_refused_and_the_run_goes_on(pairs: Path) -> None:
    out = pairs / "run"
    performed(out, of_pairs(pairs))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with locked_folder(out):
        for resume in (False, True):
            with pytest.raises(UserError, match=rf"is in use by process {os.getpid()} on .*since"):
                performed(out, of_pairs(pairs), resume=resume)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("damage", [b"", b"no table", None])
def test_damaged_records_are_named_and_written_again(pairs: Path, damage: bytes | None) -> None:
    out = pairs / "run"
    performed(out, of_pairs(pairs))
    path = out / "records.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40] if damage is None else damage)
    with pytest.raises(UserError, match=r"records\.parquet is damaged.*--resume --out .* again fr"):
        RunFolder(out).records()
    performed(out, {}, resume=True)
    assert path.read_bytes() == whole


def test_damaged_notes_are_named_and_written_again(pairs: Path) -> None:
    out = pairs / "run"
    performed(out, of_pairs(pairs))
    whole = RunFolder(out).notes()
    other = (
        (out / "run.json").read_text(encoding="utf-8").replace('"weights_step"', '"weights_stop"')
    )
    for damage in ("[]", "3", "{", "", other):
        (out / "run.json").write_text(damage, encoding="utf-8")
        with pytest.raises(UserError, match=r"run\.json is damaged .*--resume"):
            RunFolder(out).notes()
        performed(out, {}, resume=True)
        assert RunFolder(out).notes() == whole


def test_more_steps_end_where_a_run_of_so_many_ends(pairs: Path) -> None:
    performed(pairs / "whole", of_pairs(pairs, steps=40))
    performed(pairs / "run", of_pairs(pairs))
    with pytest.raises(UserError, match="has made 20 updates, more than --steps 10"):
        performed(pairs / "run", {"steps": 10}, resume=True)
    assert performed(pairs / "run", {"steps": 40}, resume=True).steps == 40
    assert records_of(pairs / "run").equals(records_of(pairs / "whole"))
    last = [CheckpointFolder(pairs / name / "checkpoints").last() for name in ("whole", "run")]
    assert last[0] is not None
    assert last[1] is not None
    assert all(bool((last[0].state[key] == last[1].state[key]).all()) for key in last[0].state)
    assert RunFolder(pairs / "run").config().steps == 40
    assert RunFolder(pairs / "run").notes()["steps"] == 40


def test_a_learning_rate_that_fell_to_0_is_not_gone_on_with(pairs: Path) -> None:
    performed(pairs / "run", of_pairs(pairs, cosine=True))
    with pytest.raises(UserError, match=r"falls to 0 by update 20 .*--start-from .*run"):
        performed(pairs / "run", {"steps": 40}, resume=True)


def test_other_settings_are_not_gone_on_with(pairs: Path) -> None:
    performed(pairs / "run", of_pairs(pairs))
    with pytest.raises(UserError, match=r"begun with other settings .*batch_size: 16, not 32"):
        performed(pairs / "run", {"batch_size": 16}, resume=True)


def test_data_are_known_by_what_they_hold(pairs: Path) -> None:
    out, moved = pairs / "run", pairs / "moved"
    performed(out, of_pairs(pairs))
    moved.mkdir()
    (pairs / "x.npy").rename(moved / "images.npy")
    with pytest.raises(UserError, match=r"x\.npy"):
        performed(out, {"steps": 30}, resume=True)
    there = {"steps": 30, "data": str(moved / "images.npy")}
    assert performed(out, there, resume=True).steps == 30
    assert RunFolder(out).config().data == str(moved / "images.npy")
    for key, name, path in (("data", "x", moved / "images.npy"), ("y_data", "y", pairs / "y.npy")):
        other = np.load(path)
        other[7, 1] += 1
        np.save(moved / "other.npy", other)
        with pytest.raises(UserError, match=rf"not the data that .* with \({name}: other values\)"):
            performed(out, {key: str(moved / "other.npy"), "steps": 40}, resume=True)
    assert RunFolder(out).config().steps == 30


def test_what_was_given_relative_is_found_from_the_run(
    pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, elsewhere = pairs / "whole", pairs / "elsewhere"
    whole.mkdir()
    for side in "xy":
        (pairs / f"{side}.npy").rename(whole / f"{side}.npy")
    monkeypatch.chdir(whole)
    performed(Path("runs/run"), {**QUICK, "data": "x.npy", "y_data": "y.npy"})
    assert RunFolder(Path("runs/run")).config().data == "x.npy"
    monkeypatch.chdir(pairs)
    whole.rename(elsewhere)
    # A namesake is not what it was trained on.
    np.save(pairs / "y.npy", np.zeros((300, 4), np.float32))
    out = Path("elsewhere/runs/run")
    assert RunFolder(out).config().y_data == "elsewhere/y.npy"
    assert performed(out, {"steps": 30}, resume=True).steps == 30


def test_training_starts_from_the_best_weights_of_a_run(pairs: Path) -> None:
    first, second = pairs / "first", pairs / "second"
    performed(first, of_pairs(pairs, steps=100, learning_rate=0.01))
    performed(second, of_pairs(pairs, start_from=str(first), seed=5))
    best = records_of(first).query("split == 'test' and metric == 'bound'")["value"].max()
    begins = records_of(second).query("step == 0 and split == 'test' and metric == 'bound'")
    assert begins["value"].item() == pytest.approx(best, abs=0.15)
    assert best > 0.5
    # Rows that the weights were trained on do not validate, whatever the seed.
    one, two = (np.load(out / "split.npz")["validation"] for out in (first, second))
    np.testing.assert_array_equal(one, two)
    # What it was started from is not needed to go on.
    first.rename(pairs / "gone")
    assert performed(second, {"steps": 30}, resume=True).steps == 30


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"encoder_options": {"layer_sizes": [9]}}, r"do not fit \(encoder_options: "),
        ({"projection": 4}, r"do not fit \(projection: 4, not None\)"),
        ({"validation": 0.4}, "validation is 0.4, and .* was trained on these data with 0.3"),
    ],
)
def test_what_does_not_fit_a_start_is_named(
    pairs: Path, changed: dict[str, Any], said: str
) -> None:
    performed(pairs / "first", of_pairs(pairs))
    with pytest.raises(UserError, match=said):
        performed(
            pairs / "second", of_pairs(pairs, **{"start_from": str(pairs / "first"), **changed})
        )
    assert not (pairs / "second").exists()


def test_a_mistake_after_updates_says_how_to_go_on(
    pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise UserError("the disk is full")

    written = CheckpointFolder.write

    def write(self: CheckpointFolder, step: int, *others: Any, **more: Any) -> None:
        (full if step == 15 else written)(self, step, *others, **more)

    monkeypatch.setattr(CheckpointFolder, "write", write)
    with pytest.raises(UserError, match=r"is full; 10 updates are kept: .*--resume --out .*run`"):
        performed(pairs / "run", of_pairs(pairs))
    monkeypatch.undo()
    assert performed(pairs / "run", {}, resume=True).steps == 20


def test_a_loss_that_is_not_finite_keeps_what_was_before(pairs: Path) -> None:
    with pytest.raises(LossNotFiniteError):
        performed(pairs / "run", of_pairs(pairs, learning_rate=1e30))
    assert RunFolder(pairs / "run").begun


def test_without_a_folder_that_of_the_data_is_meant() -> None:
    assert request_run(GIVEN, None, resume=False).folder.path == Path("runs/digits")
    given = {"data": "measured/sensors.parquet"}
    assert request_run(given, None, resume=False).folder.path == Path("runs/sensors")


def test_a_run_that_is_not_there_begins_when_it_is_to_be_resumed(tmp_path: Path) -> None:
    request = request_run(GIVEN, tmp_path / "run", resume=True)
    assert not request.resume
    assert request.config == RunConfig.checked(GIVEN)


def test_a_run_that_was_stopped_before_its_first_update_begins_as_it_was_asked_for(
    tmp_path: Path,
) -> None:
    config = RunConfig.checked({**GIVEN, "steps": 7})
    (tmp_path / "settings.yaml").write_text(settings_text(config))
    request = request_run({}, tmp_path, resume=True)
    assert (request.config, request.resume) == (config, False)
    with pytest.raises(UserError, match="setting data is missing"):
        request_run({}, tmp_path, resume=False)
