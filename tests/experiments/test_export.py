"""Exporting to a disk that is full."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.experiments.export import export_encoder, write_codes


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


CODES = torch.arange(30.0).reshape(10, 3)


@pytest.mark.parametrize("ending", ["npy", "parquet"])
def test_codes_are_read_as_they_were_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"codes.{ending}"
    write_codes(path, CODES.split(4), 10)
    read = np.load(path) if ending == "npy" else pd.read_parquet(path).to_numpy()
    np.testing.assert_array_equal(read, CODES.numpy())
    assert read.dtype == np.float32


@pytest.mark.parametrize("ending", ["npy", "parquet"])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    def until_full() -> Iterator[Tensor]:
        yield CODES[:4]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(UserError, match=rf"codes\.{ending} cannot be written \(No space left"):
        write_codes(tmp_path / f"codes.{ending}", until_full(), 10)
    assert not list(tmp_path.iterdir())
