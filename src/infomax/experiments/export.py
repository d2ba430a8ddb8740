"""The encoder of a run in a file that other programs run, checked to give the same codes."""

import io
import logging
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor, nn
from torch.export import Dim

from infomax.errors import UserError, missing_extra, reason_of, unknown_name
from infomax.training import generator_for
from infomax.whole_file import written_whole

__all__ = ["CODE_FILES", "FORMATS", "check_code_file", "export_encoder", "write_codes"]


_LARGEST_DIFFERENCE = 1e-5
_TRIED = (1, 7)


def export_encoder(
    encoder: nn.Module, view_shape: tuple[int, ...], path: Path, file_format: str
) -> float:
    """Write an encoder, from views ``(N, *view_shape)`` in float32 to codes, for any N.

    The file is read back and run on random views; it is kept only if its codes agree.

    Args:
        encoder: encoder in evaluation mode, on the CPU.
        view_shape: shape of one view, e.g. ``(14, 28, 1)``.
        path: file to write.
        file_format: one of ``FORMATS``: ``onnx``, or ``torch`` for a ``.pt2`` of ``torch.export``.

    Returns:
        The largest difference between a code's values, as a share of the largest value.

    Raises:
        UserError: if the encoder cannot be exported, the file cannot be written or gives other
            codes; a file that was there is then as it was.
    """
    if file_format not in FORMATS:
        raise unknown_name("format", file_format, FORMATS)
    with written_whole(path) as beside:
        run = FORMATS[file_format](encoder, view_shape, beside)
        difference = max(_difference(encoder, run, view_shape, count) for count in _TRIED)
        if not difference <= _LARGEST_DIFFERENCE:
            raise UserError(
                f"the exported encoder gives other codes (by {difference:.1e} of the largest "
                f"value, at most {_LARGEST_DIFFERENCE:.0e} is let pass): {path} is not written"
            )
    return difference


def _write_onnx(
    encoder: nn.Module, view_shape: tuple[int, ...], path: Path
) -> Callable[[Tensor], Tensor]:
    try:
        import onnxruntime  # noqa: PLC0415
        import onnxscript  # noqa: F401, PLC0415
    except ImportError as error:
        raise missing_extra("export to ONNX", "onnx") from error
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Of the exporter's own machinery, which is nothing to whoever exports.
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                encoder,
                (torch.zeros(2, *view_shape),),
                path,
                input_names=["view"],
                output_names=["code"],
                dynamic_shapes=({0: Dim("batch")},),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        except (torch.onnx.errors.OnnxExporterError, torch.onnx.OnnxExporterError) as error:
            raise UserError(
                f"the encoder cannot be exported to ONNX: {reason_of(error)}"
            ) from error
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(views: Tensor) -> Tensor:
        return torch.from_numpy(session.run(["code"], {"view": views.numpy()})[0])

    return run


def _write_torch(
    encoder: nn.Module, view_shape: tuple[int, ...], path: Path
) -> Callable[[Tensor], Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            program = torch.export.export(
                encoder,
                (torch.zeros(2, *view_shape),),
                dynamic_shapes=({0: Dim("batch")},),
            )
        except RuntimeError as error:
            raise UserError(f"the encoder cannot be exported: {reason_of(error)}") from error
        # In memory first: PyTorch's writer ends the process where a disk is full.
        exported = io.BytesIO()
        torch.export.save(program, exported)
        path.write_bytes(exported.getbuffer())
        with path.open("rb") as written:
            module = torch.export.load(written).module()

    def run(views: Tensor) -> Tensor:
        codes: Tensor = module(views)
        return codes

    return run


FORMATS: Final[
    dict[str, Callable[[nn.Module, tuple[int, ...], Path], Callable[[Tensor], Tensor]]]
] = {"onnx": _write_onnx, "torch": _write_torch}
"""What writes each format, and returns what runs the file."""


@torch.no_grad()
def _difference(
    encoder: nn.Module,
    run: Callable[[Tensor], Tensor],
    view_shape: tuple[int, ...],
    count: int,
) -> float:
    views = torch.rand(count, *view_shape, generator=generator_for(0, "views of the export"))
    ours, theirs = encoder(views), run(views)
    return float((ours - theirs).abs().max() / ours.abs().max().clamp_min(1e-12))


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
    path: Path, codes: Iterable[Tensor], count: int, files: Sequence[str] | None = None
) -> None:
    """Write codes, one row for each item in the order of the items.

    ``.npy`` holds ``(N, d)`` in float32; ``.parquet`` holds columns ``code_0``, ``code_1``, ...,
    and before them ``file`` where each item is a file. The file is whole or is not there.

    Args:
        path: file to write, e.g. ``codes.parquet``.
        codes: some rows at a time, ``(n, d)``.
        count: number of items, N.
        files: names of the files that the items are read from, for which ``.parquet`` alone has
            room.

    Raises:
        UserError: if the disk is full; nothing is left of the file.
    """
    check_code_file(path)
    write = _write_array if path.suffix.lower() == ".npy" else _write_table
    with written_whole(path) as beside:
        write(beside, codes, count, files)


def _write_array(
    path: Path,
    codes: Iterable[Tensor],
    count: int,
    files: Sequence[str] | None,  # noqa: ARG001
) -> None:
    # Not mapped: on a disk that is full, the system ends a process that writes to a map.
    with path.open("wb") as stream:
        for some in codes:
            if not stream.tell():
                header = {"descr": "<f4", "fortran_order": False, "shape": (count, some.shape[1])}
                np.lib.format.write_array_header_1_0(stream, header)
            stream.write(some.contiguous().numpy().astype("<f4", copy=False).data)


def _write_table(
    path: Path,
    codes: Iterable[Tensor],
    count: int,  # noqa: ARG001
    files: Sequence[str] | None,
) -> None:
    writer, done = None, 0
    try:
        for some in codes:
            columns = {f"code_{index}": column for index, column in enumerate(some.T.numpy())}
            if files is not None:
                columns = {"file": files[done : done + len(some)], **columns}
                done += len(some)
            table = pa.table(columns)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
