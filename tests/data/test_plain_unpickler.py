import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infomax.data.plain_unpickler import PlainUnpickler, load_plain_pickle
from infomax.errors import UserError


class Malicious:
    def __init__(self, function: Any, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_containers_and_arrays_come_through(tmp_path: Path, protocol: int) -> None:
    data = np.random.default_rng(0).integers(0, 256, (3, 5), dtype=np.uint8)
    path = tmp_path / "batch"
    path.write_bytes(pickle.dumps({b"data": data, b"labels": [1, 2], "x": (1.5, None)}, protocol))
    content = load_plain_pickle(path)
    assert isinstance(content, dict)
    np.testing.assert_array_equal(content[b"data"], data)
    assert content[b"labels"] == [1, 2]


def test_arrays_pickled_by_python_2_and_old_numpy_come_through() -> None:
    # Written out by hand as Python 2 wrote it: pixels and keys in strings of bytes.
    content = (
        b"\x80\x02}U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b"
        b"\x87R(K\x01K\x01K\x03\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff"
        b"\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x03\x00\x80\xfftbs."
    )
    read = PlainUnpickler(io.BytesIO(content), "batch").load()
    np.testing.assert_array_equal(read[b"data"], np.array([[0, 128, 255]], dtype=np.uint8))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_is_refused_and_never_run(tmp_path: Path, protocol: int) -> None:
    trace, path = tmp_path / "trace", tmp_path / "batch"
    path.write_bytes(pickle.dumps({b"data": Malicious(os.mkdir, str(trace))}, protocol))
    with pytest.raises(UserError, match=r"batch: refused, .*global 'posix\.mkdir'"):
        load_plain_pickle(path)
    assert not trace.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 - the pickle would have run code
    assert trace.exists()


@pytest.mark.parametrize(
    "function", [eval, getattr, __import__, np.load, np.memmap, pickle.loads, bytes]
)
def test_every_other_global_is_refused(function: Any) -> None:
    content = pickle.dumps(Malicious(function, "1"))
    with pytest.raises(UserError, match="batch: refused"):
        PlainUnpickler(io.BytesIO(content), "batch").load()


def test_a_dotted_name_does_not_reach_behind_an_admitted_global() -> None:
    content = b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93."
    with pytest.raises(UserError, match=r"refused, .*'numpy\.ndarray\.tofile'"):
        PlainUnpickler(io.BytesIO(content), "batch").load()


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1, 2, 3])[:-3], b"\x80\x7f."])
def test_a_damaged_pickle_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "batch").write_bytes(content)
    with pytest.raises(UserError, match="batch: unreadable, truncated or corrupt"):
        load_plain_pickle(tmp_path / "batch")
