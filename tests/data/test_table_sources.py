"""Columns of tables as items, in memory and laid out on disk."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infomax.data import table_sources as room
from infomax.data.array_source import ArraySource
from infomax.data.dataset import Values
from infomax.data.table_sources import (
    parquet_column,
    parquet_header,
    parquet_source,
    table_source,
)
from infomax.data.tables import MeasuredTable, read_table
from infomax.errors import UserError


def cells(number: int = 50) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": draw.standard_normal(number),
            "b": draw.integers(-5, 5, number),
            "c": draw.random(number) < 0.5,
            "d": [f"word {place % 3}" for place in range(number)],
        }
    )


def written(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_parquet(path, row_group_size=7)
    return path


def everything(rows: ArraySource) -> Values:
    return rows.read(np.arange(len(rows)))


def test_columns_come_in_the_order_asked_for() -> None:
    frame = cells()
    rows = table_source(MeasuredTable("t.csv", frame), ["c", "a"])
    assert (rows.name, rows.shape, len(rows)) == ("t.csv (c, a)", (2,), 50)
    np.testing.assert_array_equal(everything(rows), frame[["c", "a"]].to_numpy(np.float32))


def test_text_is_refused_and_named() -> None:
    with pytest.raises(UserError, match=r"column d holds text, such as 'word 0' in row 0, and vi"):
        table_source(MeasuredTable("t.csv", cells()), ["a", "d"])


def test_a_column_without_values_is_named() -> None:
    with pytest.raises(UserError, match="column e holds no values, and views are numbers"):
        table_source(
            MeasuredTable("t.csv", pd.DataFrame({"e": pd.Series([None], dtype="str")})), ["e"]
        )


@pytest.mark.parametrize(
    "values",
    [
        [2**53, 2**53 + 1],
        [2**64 - 2, 2**64 - 1],
        [1_700_000_000, 1_700_000_001, 1_700_000_002],
        pd.Series([2**24, 2**24 + 1], dtype="Int64"),
    ],
)
def test_whole_numbers_that_floating_point_makes_equal_are_no_views(
    tmp_path: Path, values: Sequence[int]
) -> None:
    frame = pd.DataFrame({"b": 0.5, "a": values})
    told = (
        rf"column a holds whole numbers that floating point cannot tell apart, such as {values[0]} "
        rf"and {values[1]}: subtract the smallest"
    )
    with pytest.raises(UserError, match=told):
        table_source(MeasuredTable("t.csv", frame), ["b", "a"])
    with pytest.raises(UserError, match=rf"t\.parquet: {told}"):
        parquet_source(written(tmp_path / "t.parquet", frame), ["b", "a"], tmp_path)
    for some in (frame[:1], frame.astype(float), frame - frame.min()):
        assert len(table_source(MeasuredTable("t.csv", some), ["b", "a"])) == len(some)
        path = written(tmp_path / "t.parquet", some)
        assert len(parquet_source(path, ["b", "a"], tmp_path)) == len(some)


def test_codes_that_numbers_would_not_keep_are_no_views(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("zip,b\n123,1\n0123,2\n")
    with pytest.raises(
        UserError, match=r"such as '0123' in row 1 \(a whole number with leading ze"
    ):
        table_source(read_table(tmp_path / "t.csv"), ["zip"])


def test_dates_are_not_called_text() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2020-01-01", "2020-01-02"])})
    with pytest.raises(UserError, match=r"column day holds values of type datetime64"):
        table_source(MeasuredTable("t.csv", frame), ["day"])


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1.0, None, 2.0, None]),
        pd.Series([1.0, np.inf, 2.0, -np.inf]),
        pd.Series([1.0, 1e300, 2.0, np.nan]),
        pd.Series([True, None, False, None], dtype=object),
        pd.Series([1, None, 2, None], dtype="Int64"),
        pd.Series([True, None, False, None], dtype="boolean"),
    ],
)
def test_missing_values_are_counted_and_the_first_named(values: pd.Series) -> None:
    told = r"^t\.csv: column a has 2 values that are missing.* the first in row 1 \(counted from 0"
    with pytest.raises(UserError, match=told):
        table_source(MeasuredTable("t.csv", pd.DataFrame({"a": values})), ["a"])


def test_what_is_laid_out_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = cells()
    path = written(tmp_path / "t.parquet", frame)
    # A few rows at a time, that do not divide the row groups.
    monkeypatch.setattr(room, "_BYTES_AT_ONCE", 5 * 8 * 3)
    rows = parquet_source(path, ["c", "a", "b"], tmp_path / "new" / "cache")
    assert rows.name == f"{path} (c, a, b)"
    np.testing.assert_array_equal(everything(rows), frame[["c", "a", "b"]].to_numpy(np.float32))
    assert [each.suffix for each in (tmp_path / "new" / "cache").iterdir()] == [".npy"]


def test_all_columns_are_all_but_those_left_out_and_the_index(tmp_path: Path) -> None:
    frame = cells().set_index(pd.Index(range(100, 150), name="number"))
    path = written(tmp_path / "t.parquet", frame)
    rows = parquet_source(path, parquet_header(path).all_but(["d", "b"]), tmp_path)
    np.testing.assert_array_equal(everything(rows), frame[["a", "c"]].to_numpy(np.float32))


def test_columns_whose_names_run_together_are_not_taken_for_each_other(tmp_path: Path) -> None:
    long = "x" * 100
    frame = pd.DataFrame(
        {"a": [1], "b": [2], "a-b": [3], "a/b": [4], "a.b": [5], long + "1": [6], long + "2": [7]}
    )
    path = written(tmp_path / "t.parquet", frame)
    for columns in (["a", "b"], ["b", "a"], ["a-b"], ["a/b"], ["a.b"], [long + "1"], [long + "2"]):
        rows = parquet_source(path, columns, tmp_path / "cache")
        np.testing.assert_array_equal(everything(rows), frame[columns].to_numpy(np.float32))


def test_a_table_that_changed_is_laid_out_again(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", pd.DataFrame({"a": [1.0, 2.0]}))
    first = parquet_source(path, ["a"], tmp_path / "cache")
    written(path, pd.DataFrame({"a": [3.0, 4.0]}))
    os.utime(path, ns=(0, 0))
    again = parquet_source(path, ["a"], tmp_path / "cache")
    assert everything(first).ravel().tolist() == [1, 2]
    assert everything(again).ravel().tolist() == [3, 4]


def test_a_table_that_did_not_change_is_laid_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "t.parquet", cells())
    parquet_source(path, ["a"], tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise RuntimeError("laid out again")

    monkeypatch.setattr(room, "_lay_out", refuse)
    parquet_source(path, ["a"], tmp_path / "cache")
    with pytest.raises(RuntimeError, match="again"):
        parquet_source(path, ["b"], tmp_path / "cache")


def test_what_is_laid_out_is_on_the_disk_before_it_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "t.parquet", cells())
    there: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda _: there.extend((tmp_path / "cache").iterdir()))
    parquet_source(path, ["a"], tmp_path / "cache")
    # First what is in the file, then its name.
    beside, in_its_place = there
    assert in_its_place.suffix == ".npy"
    assert beside.name.endswith(f".npy.{os.getpid()}.part")


def test_missing_values_of_all_batches_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_BYTES_AT_ONCE", 4 * 8 * 2)
    frame = cells()[["b", "a"]]
    frame.loc[[13, 40], "a"] = [np.nan, np.inf]
    frame.loc[44, "a"] = 1e300
    path = written(tmp_path / "t.parquet", frame)
    with pytest.raises(UserError, match=r"t\.parquet: column a has 3 values .* in row 13 "):
        parquet_source(path, ["b", "a"], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("kind", ["int32", "uint64", "int64"])
def test_whole_numbers_of_different_batches_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(room, "_BYTES_AT_ONCE", 2 * 8)
    sign = 1 if kind == "uint64" else -1
    values = [sign * value for value in (2**24 + 1, 5, 7, 2**24 + 1, 5, 2**24)]
    path = written(tmp_path / "t.parquet", pd.DataFrame({"a": np.array(values, kind)}))
    with pytest.raises(UserError, match=r"column a holds whole numbers .* such as -?167772"):
        parquet_source(path, ["a"], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    path = written(tmp_path / "t.parquet", pd.DataFrame({"a": np.array(values[:-1], kind)}))
    assert len(parquet_source(path, ["a"], tmp_path / "cache")) == 5


def test_a_null_is_missing_whatever_its_column_holds(tmp_path: Path) -> None:
    table = pa.table({"i": pa.array([1, None]), "t": pa.array([True, None])})
    pq.write_table(table, tmp_path / "t.parquet")
    for name in ("i", "t"):
        with pytest.raises(UserError, match=f"column {name} has 1 value that is missing.*row 1 "):
            parquet_source(tmp_path / "t.parquet", [name], tmp_path)


def test_what_is_no_number_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", cells().assign(e=pd.Timestamp(0)))
    for name, told in (("d", "holds (text|large_string)"), ("e", r"holds timestamp\[")):
        with pytest.raises(UserError, match=f"column {name} {told}"):
            parquet_source(path, ["a", name], tmp_path / "cache")
    with pytest.raises(UserError, match=r"unknown column 'A': did you mean 'a'\?"):
        parquet_source(path, ["A"], tmp_path / "cache")
    with pytest.raises(UserError, match="no other columns"):
        parquet_header(path).all_but(list("abcde"))
    assert not (tmp_path / "cache").exists()


def test_a_map_is_no_number(tmp_path: Path) -> None:
    kind = pa.map_(pa.string(), pa.int64())
    table = pa.table({"m": pa.array([[("k", 1)], [("k", 2)]], kind), "a": [0.5, 1.5]})
    pq.write_table(table, tmp_path / "t.parquet")
    told = r"t\.parquet: column m holds .*, and views are numbers: leave it out of x and y"
    with pytest.raises(UserError, match=told):
        parquet_source(tmp_path / "t.parquet", ["a", "m"], tmp_path / "cache")
    with pytest.raises(UserError, match=told):
        table_source(read_table(tmp_path / "t.parquet"), ["a", "m"])


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", cells(2000))
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) // 2) + content[4 + len(content) // 2 :])
    with pytest.raises(UserError, match=r"t\.parquet: cannot be read as \.parquet"):
        parquet_source(path, ["a"], tmp_path / "cache")
    path.write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"t\.parquet: cannot be read as \.parquet"):
        parquet_source(path, ["a"], tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", cells())
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(UserError, match=r"t\.parquet cannot be laid out in .*cache: "):
        parquet_source(path, ["a"], tmp_path / "cache")


def test_one_column_is_read(tmp_path: Path) -> None:
    frame = cells()
    path = written(tmp_path / "t.parquet", frame)
    assert parquet_column(path, "d").tolist() == frame["d"].tolist()
