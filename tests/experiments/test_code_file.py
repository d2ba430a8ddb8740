"""Codes are written whole, row by row, or not at all."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.experiments.code_file import write_codes

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
