"""Exporting to a disk that is full."""

import errno
from pathlib import Path

import pytest
from torch import nn

from infomax.errors import UserError
from infomax.runs.export import export_encoder


def test_a_full_disk_is_named_with_the_file_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "encoder.pt2"
    path.write_bytes(b"before")

    def full(beside: Path, _: object) -> int:
        beside.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match=r"encoder\.pt2 cannot be written: No space left on device"):
        export_encoder(nn.Linear(3, 2).eval(), (3,), path, "torch")
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["encoder.pt2"]
