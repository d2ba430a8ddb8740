"""Whatever has happened to a file of data, it is read, or one error says what is wrong with it."""

import gzip
import io
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from infomax.data import open_data
from infomax.data.tables import read_table
from infomax.errors import UserError
from infomax.estimation.samples import read_samples
from infomax.experiments.export import write_codes
from tests.faults.faults import Fault, any_duration, faults

generator = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "a": generator.normal(size=60).round(3),
        "b": generator.integers(0, 3, 60),
        "c": generator.choice(["u", "v w", "x, y"], 60),
    }
)


def _bytes(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def _image(ending: str) -> bytes:
    pixels = generator.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return _bytes(lambda stream: Image.fromarray(pixels).save(stream, ending))


def _zip(stream: io.BytesIO) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"train/{number % 2}/{number}.png", _image("png"))


def _tar(stream: io.BytesIO) -> None:
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for number in range(4):
            content = _image("jpeg")
            member = tarfile.TarInfo(f"test/{number % 2}/{number}.jpg")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _codes(ending: str, files: list[str] | None = None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"codes{ending}"
        write_codes(path, torch.from_numpy(ARRAY).split(25), len(ARRAY), files)
        return path.read_bytes()


IDX = b"\0\0\x08\x03" + b"".join(size.to_bytes(4, "big") for size in (5, 4, 4)) + bytes(80)
ARRAY = generator.normal(size=(60, 3)).astype(np.float32)
TABLES = {
    "t.csv": TABLE.to_csv(index=False).encode(),
    "t.tsv": TABLE.to_csv(index=False, sep="\t").encode(),
    "t.csv.gz": gzip.compress(TABLE.to_csv(index=False).encode()),
    "t.parquet": _bytes(TABLE.to_parquet),
    "a.npy": _bytes(lambda stream: np.save(stream, ARRAY)),
    "a.npz": _bytes(lambda stream: np.savez(stream, x=ARRAY, y=ARRAY[:, 0])),
    "c.npz": _bytes(lambda stream: np.savez_compressed(stream, x=ARRAY, y=ARRAY)),
    "codes.npy": _codes(".npy"),
    "codes.parquet": _codes(".parquet", [f"{number}.png" for number in range(len(ARRAY))]),
}
ITEMS = {
    **TABLES,
    "images-ubyte": IDX,
    "images-ubyte.gz": gzip.compress(IDX),
    "images/0.png": _image("png"),
    "images/0.jpg": _image("jpeg"),
    "images/0.gif": _image("gif"),
    "images/0.tif": _image("tiff"),
    "images/0.webp": _image("webp"),
    "images.zip": _bytes(_zip),
    "images.tar.gz": _bytes(_tar),
}


def check_line(error: UserError, name: str = "") -> None:
    """Check that an error is one line, and that it names the file."""
    assert "\n" not in str(error)
    assert name in str(error)


@any_duration()
@given(name=st.sampled_from(sorted(TABLES)), fault=faults())
def test_a_table_is_read_or_refused_by_name(
    name: str, fault: Fault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("t") / name
    path.write_bytes(fault(TABLES[name]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            table = read_table(path)
        except UserError as error:
            check_line(error, path.name)
            return
        try:
            read_samples(table.cells.iloc[:, :1], table.cells.iloc[:, 1:])
        except UserError as error:
            check_line(error)


@any_duration()
@given(name=st.sampled_from(sorted(ITEMS)), fault=faults())
def test_items_are_read_or_refused_by_name(
    name: str, fault: Fault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("i")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(fault(ITEMS[name]))
    data = path
    if path.parent != folder:
        data = path.parent
        (data / "whole.png").write_bytes(_image("png"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            items = open_data(data, cache=folder / "cache")
            items.x.read(np.arange(min(len(items), 3)))
        except UserError as error:
            check_line(error, data.name)
