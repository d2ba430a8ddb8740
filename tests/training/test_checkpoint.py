"""Checkpoints: whole or not there, and refused in one line when they cannot be read."""

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
    with pytest.raises(OSError, match="No space left"):
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
