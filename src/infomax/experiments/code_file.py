"""Codes in a file, written as they are computed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from torch import Tensor

from infomax.errors import UserError
from infomax.whole_file import written_whole

__all__ = ["CODE_FILES", "check_code_file", "write_codes"]

CODE_FILES: Final = (".npy", ".parquet")


def check_code_file(path: Path) -> None:
    """Check, before anything is computed, that codes can be written there.

    Raises:
        UserError: if the ending is none of ``CODE_FILES``, or there is no such folder.
    """
    if path.suffix.lower() not in CODE_FILES:
        raise UserError(f"{path}: expected a name that ends in {' or '.join(CODE_FILES)}")
    if not path.parent.is_dir():
        raise UserError(f"{path.parent} is not there: make the folder first")


def write_codes(
    path: Path, codes: Iterable[Tensor], number: int, files: Sequence[str] | None = None
) -> None:
    """Write codes, one row for each item in the order of the items.

    ``.npy`` holds ``(N, d)`` in float32; ``.parquet`` holds columns ``code_0``, ``code_1``, ...,
    and before them ``file`` where each item is a file. The file is whole or is not there.

    Args:
        path: of the file.
        codes: some rows at a time, ``(n, d)``.
        number: N.
        files: that the items are read from, which ``.parquet`` alone has room for.

    Raises:
        UserError: if the disk is full; nothing is left of the file.
    """
    check_code_file(path)
    write = _write_array if path.suffix.lower() == ".npy" else _write_table
    with written_whole(path) as beside:
        write(beside, codes, number, files)


def _write_array(
    path: Path,
    codes: Iterable[Tensor],
    number: int,
    files: Sequence[str] | None,  # noqa: ARG001
) -> None:
    # Not mapped: on a disk that is full, the system ends a process that writes to a map.
    with path.open("wb") as stream:
        for some in codes:
            if not stream.tell():
                header = {"descr": "<f4", "fortran_order": False, "shape": (number, some.shape[1])}
                np.lib.format.write_array_header_1_0(stream, header)
            stream.write(some.contiguous().numpy().astype("<f4", copy=False).data)


def _write_table(
    path: Path,
    codes: Iterable[Tensor],
    number: int,  # noqa: ARG001
    files: Sequence[str] | None,
) -> None:
    writer, done = None, 0
    try:
        for some in codes:
            columns = {f"code_{place}": of_column for place, of_column in enumerate(some.T.numpy())}
            if files is not None:
                columns = {"file": files[done : done + len(some)], **columns}
                done += len(some)
            table = pa.table(columns)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
