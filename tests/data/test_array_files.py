"""Files of arrays that say one thing of themselves and hold another."""

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from infomax.data import array_files, byte_streams
from infomax.data.array_files import check_array_file, read_array, read_arrays
from infomax.errors import UserError

VALUES = np.arange(12.0).reshape(6, 2)


def as_npy(array: NDArray[Any], shape: tuple[int, ...] | None = None) -> bytes:
    """Return a file whose header says the shape, whatever the array holds."""
    stream = io.BytesIO()
    kind = np.lib.format.dtype_to_descr(array.dtype)
    header = {"descr": kind, "fortran_order": False, "shape": shape or array.shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + array.tobytes()


def written(path: Path, content: bytes, name: str = "x.npy") -> Path:
    """Write an array's bytes as a file of its own, or as the member of an archive."""
    if path.suffix == ".npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
    return path


def read(path: Path) -> NDArray[Any]:
    return read_array(path) if path.suffix == ".npy" else read_arrays(path)["x"]


@pytest.fixture(params=["a.npy", "a.npz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def test_what_was_written_is_read(path: Path) -> None:
    np.testing.assert_array_equal(read(written(path, as_npy(VALUES))), VALUES)


@pytest.mark.parametrize(("rows", "promised"), [(5, 80), (7, 112), (10**15, 16 * 10**15)])
def test_a_header_of_fewer_or_more_rows_than_there_are_is_refused(
    path: Path, rows: int, promised: int
) -> None:
    written(path, as_npy(VALUES, (rows, 2)))
    told = rf"shape \({rows}, 2\) of float64, which is {promised} bytes, and 96 follow"
    with pytest.raises(UserError, match=told):
        read(path)


def test_two_arrays_saved_one_behind_the_other_are_not_read_as_one(path: Path) -> None:
    with pytest.raises(UserError, match="write it again"):
        read(written(path, as_npy(VALUES) + as_npy(VALUES)))


def test_objects_are_named_and_how_to_save_them(path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array(["cat", None], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"holds Python objects.*array\.astype\(str\)"):
        read(written(path, stream.getvalue()))


def test_more_than_the_memory_holds_is_refused_before_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mebibyte of zeros is a kilobyte in an archive: what it expands to is what counts.
    written(path, as_npy(np.zeros(2**17)))
    monkeypatch.setattr(byte_streams, "available_memory", lambda: 2**19)
    monkeypatch.setattr(array_files, "_array", lambda _: pytest.fail("it was read"))
    with pytest.raises(UserError, match=rf"{path.name} takes 0\.0 GiB .* memory are free"):
        read(path)


def test_a_member_that_expands_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.npz", as_npy(np.zeros(2**17)))
    content = path.read_bytes()
    # The size that the archive's own list has of the member.
    at = content.rindex(b"PK\x01\x02") + 24
    path.write_bytes(content[:at] + (200).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(UserError, match=r"cannot be read as \.npz \(Bad CRC-32"):
        read_arrays(path)


@pytest.mark.parametrize("second", ["x.npy", "x"])
def test_two_members_of_one_name_are_refused(tmp_path: Path, second: str) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # Of zipfile, that there are two.
        archive.writestr("x.npy", as_npy(VALUES))
        archive.writestr(second, as_npy(VALUES + 1))
    told = r"two arrays called x: write" if second == "x.npy" else "holds x, which is no array"
    with pytest.raises(UserError, match=told):
        read_arrays(tmp_path / "a.npz")


def test_a_file_that_is_mapped_is_held_against_its_header_too(tmp_path: Path) -> None:
    assert check_array_file(written(tmp_path / "a.npy", as_npy(VALUES))) == 96
    with pytest.raises(UserError, match="96 follow"):
        check_array_file(written(tmp_path / "a.npy", as_npy(VALUES, (4, 2))))
