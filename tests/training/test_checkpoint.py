"""Checkpoints: whole or not there, which are kept, and refused in a line when they are damaged."""

import resource
import signal
from pathlib import Path

import pytest
import torch

from infomax.errors import UserError
from infomax.training import CheckpointFolder, read_checkpoint, write_checkpoint
from infomax.warnings import DamagedCheckpointWarning

STATE = {
    "weights": torch.arange(12.0).reshape(3, 4).T,
    "step": torch.tensor(3.0),
    "generator": torch.Generator().manual_seed(1).get_state(),
}
NOTES = {"job": "a job, seed 0", "records": [{"value": 0.1 + 0.2, "target": float("nan")}]}


def test_what_is_written_is_read_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, STATE, NOTES)
    state, notes = read_checkpoint(path)
    assert state.keys() == STATE.keys()
    for name, value in STATE.items():
        assert torch.equal(state[name], value), name
        assert state[name].dtype == value.dtype
    assert notes["records"][0]["value"] == 0.1 + 0.2
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, STATE, {"step": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("infomax.training.checkpoint.save_file", full)
    with pytest.raises(
        UserError, match=r"No space left.*make room; what was written before is whole"
    ):
        write_checkpoint(path, STATE, {"step": 2})
    assert read_checkpoint(path)[1] == {"step": 1}


@pytest.mark.parametrize("kept", [0, 7, 200])
def test_a_file_cut_short_is_named(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, STATE, NOTES)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is not a checkpoint"):
        read_checkpoint(path)


def test_a_file_of_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    from safetensors.torch import save_file  # noqa: PLC0415

    save_file({"weights": torch.ones(3)}, path)
    with pytest.raises(UserError, match="is not a checkpoint"):
        read_checkpoint(path)


@pytest.mark.parametrize("place", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_changed_byte_is_found(tmp_path: Path, place: float) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, STATE, NOTES)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="is not a checkpoint that can be read"):
        read_checkpoint(path)


def test_a_disk_that_is_full_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    write_checkpoint(path, STATE, {"step": 1})
    large = {"weights": torch.zeros(2**20)}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, hard))  # No file may grow beyond 64 KiB.
    try:
        with pytest.raises(UserError, match="cannot be written"):
            write_checkpoint(path, large, {"step": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert read_checkpoint(path)[1] == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def written(folder: Path, steps: int, *, keep_every: int | None = None) -> CheckpointFolder:
    checkpoints = CheckpointFolder(folder, keep_every=keep_every)
    for step in range(0, steps + 1, 10):
        state = {"weights": torch.full((4,), float(step))}
        checkpoints.write(step, state, {"step": step}, best=step == 30)
    return checkpoints


def test_the_last_two_the_best_and_every_so_many_are_kept(tmp_path: Path) -> None:
    checkpoints = written(tmp_path, 100, keep_every=40)
    names = sorted(path.name for path in tmp_path.iterdir())
    kept = [f"step-{step:09d}.safetensors" for step in (0, 40, 80, 90, 100)]
    assert names == ["best.safetensors", *kept]
    last, best = checkpoints.last(), checkpoints.best()
    assert last is not None
    assert best is not None
    assert (last.notes["step"], best.notes["step"]) == (100, 30)
    assert best.state["weights"].tolist() == [30.0] * 4


def test_where_none_was_best_the_last_is(tmp_path: Path) -> None:
    checkpoints = written(tmp_path, 20)
    best = checkpoints.best()
    assert best is not None
    assert best.notes["step"] == 20


def test_nothing_was_written_yet(tmp_path: Path) -> None:
    assert CheckpointFolder(tmp_path / "none").last() is None
    assert CheckpointFolder(tmp_path / "none").best() is None


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_one_is_told_and_the_one_before_is_taken(tmp_path: Path, damage: str) -> None:
    checkpoints = written(tmp_path, 50)
    path = tmp_path / "step-000000050.safetensors"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[:-3]
    else:
        content[-2] ^= 8
    path.write_bytes(content)
    with pytest.warns(
        DamagedCheckpointWarning, match=r"step-000000050.*the one before it is taken"
    ):
        last = checkpoints.last()
    assert last is not None
    assert last.notes["step"] == 40


def test_a_damaged_best_is_told_and_the_last_is_taken(tmp_path: Path) -> None:
    checkpoints = written(tmp_path, 50)
    (tmp_path / "best.safetensors").write_bytes(b"")
    with pytest.warns(DamagedCheckpointWarning, match="the last one is taken"):
        best = checkpoints.best()
    assert best is not None
    assert best.notes["step"] == 50


def test_if_all_are_damaged_it_is_said(tmp_path: Path) -> None:
    checkpoints = written(tmp_path, 50)
    for path in tmp_path.glob("step-*"):
        path.write_bytes(b"nothing")
    with (
        pytest.warns(DamagedCheckpointWarning),
        pytest.raises(UserError, match="no checkpoint is whole"),
    ):
        checkpoints.last()
