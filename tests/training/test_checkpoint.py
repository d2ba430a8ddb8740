"""Checkpoints: whole or not there, and refused in one line when they cannot be read."""

import resource
import signal
from pathlib import Path

import pytest
import torch

from infomax.errors import UserError
from infomax.training import read_checkpoint, write_checkpoint

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
