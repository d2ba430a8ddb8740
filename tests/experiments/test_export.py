"""Exporting to a disk that is full."""

import errno
import os
from pathlib import Path

import pytest
from torch import nn

from infomax.errors import UserError
from infomax.experiments.export import export_encoder


def test_a_full_disk_is_named_with_the_file_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "encoder.pt2"
    path.write_bytes(b"before")

    def full(beside: Path, _: object) -> int:
        beside.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(
        UserError, match=r"encoder\.pt2 cannot be written \(No space left on device\): make room"
    ):
        export_encoder(nn.Linear(3, 2).eval(), (3,), path, "torch")
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["encoder.pt2"]


def test_no_file_is_put_in_the_place_of_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "encoder.pt2")
    with pytest.raises(UserError, match=r"encoder\.pt2 is a pipe, a socket or a device"):
        export_encoder(nn.Linear(3, 2).eval(), (3,), tmp_path / "encoder.pt2", "torch")
    assert (tmp_path / "encoder.pt2").is_fifo()
