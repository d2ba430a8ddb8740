"""Which checkpoints are kept, and what happens when one is damaged."""

from pathlib import Path

import pytest
import torch

from infomax.errors import UserError
from infomax.experiments.checkpoints import Checkpoints
from infomax.warnings import DamagedCheckpointWarning


def written(folder: Path, steps: int, *, keep_every: int | None = None) -> Checkpoints:
    checkpoints = Checkpoints(folder, keep_every=keep_every)
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
    assert Checkpoints(tmp_path / "none").last() is None
    assert Checkpoints(tmp_path / "none").best() is None


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
