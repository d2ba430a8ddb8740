"""Whatever users keep measurements in: taken, with its names, or named for what it is."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from scipy import sparse

from infomax.errors import UserError
from infomax.estimation.containers import as_table

VALUES = np.array([[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]])


class ArrowFrame:
    """Hands out Arrow data and is nothing else, as a frame or a series of Polars does."""

    def __init__(self, data: Any, name: str | None = None) -> None:
        self.data = data
        self.name = name

    def __arrow_c_stream__(self, requested: object = None) -> object:
        return self.data.__arrow_c_stream__(requested)


class LazyFrame:
    """Has columns, and no rows yet."""

    @property
    def columns(self) -> list[str]:
        raise AssertionError("asked for, it warns of what that costs")

    def collect(self) -> None: ...


NAMED = {"a": VALUES[:, 0], "b": VALUES[:, 1]}


@pytest.mark.parametrize(
    "data",
    [
        NAMED,
        {name: list(column) for name, column in NAMED.items()},
        pd.DataFrame(NAMED, index=[7, 8, 9]),
        pa.table(NAMED),
        pa.table(pd.DataFrame(NAMED, index=[7, 8, 9])),
        pa.record_batch(NAMED),
        ArrowFrame(pa.table(NAMED)),
    ],
    ids=["arrays", "lists", "pandas", "arrow", "arrow of pandas", "batch", "stream"],
)
def test_names_are_kept(data: Any) -> None:
    table = as_table(data, "x")
    pd.testing.assert_frame_equal(table, pd.DataFrame(NAMED))


def test_polars_keeps_its_names() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(NAMED)
    assert list(as_table(frame, "x").columns) == ["a", "b"]
    assert list(as_table(frame["b"], "x").columns) == ["b"]
    with pytest.raises(UserError, match=r"x is a LazyFrame, whose rows .* \(x.collect\(\)\)"):
        as_table(frame.lazy(), "x")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ArrowFrame(pa.chunked_array([[1.5, 3.5]]), "height"), "height"),
        (pa.chunked_array([[1.5, 3.5]]), "x"),
        (pa.array([1.5, 3.5]), "x"),
        (pd.Series([1.5, 3.5], name="height"), "height"),
        (pd.Series([1.5, 3.5]), "x"),
        ([1.5, 3.5], "x0"),
    ],
)
def test_one_column_is_named(data: Any, name: str) -> None:
    pd.testing.assert_frame_equal(as_table(data, "x"), pd.DataFrame({name: [1.5, 3.5]}))


@pytest.mark.parametrize(
    "data",
    [
        sparse.csr_matrix(VALUES),
        sparse.coo_array(VALUES),
        sparse.dok_array(VALUES),
        torch.tensor(VALUES),
        torch.tensor(VALUES).to_sparse(),
        torch.tensor(VALUES, dtype=torch.bfloat16),
        torch.tensor(VALUES, dtype=torch.float16),
        VALUES.tolist(),
    ],
    ids=["csr", "coo", "dok", "tensor", "sparse tensor", "bfloat16", "float16", "lists"],
)
def test_columns_without_names_have_places(data: Any) -> None:
    table = as_table(data, "y")
    assert list(table.columns) == ["y0", "y1"]
    np.testing.assert_array_equal(table.to_numpy(np.float64), VALUES)


def test_whole_numbers_of_arrow_keep_their_digits_beside_a_missing_one() -> None:
    table = as_table(pa.table({"id": [2**60 + 1, None]}), "x")
    assert table["id"][0] == 2**60 + 1
    assert table["id"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (LazyFrame(), "x is a LazyFrame, whose rows are still to be computed: give them (x.collec"),
        ({"a": [1], "b": [1, 2]}, "x is a dict that is no table (All arrays must be of the same"),
        ({"a": 1.5}, "x is a dict that is no table (If using all scalar values"),
        ({"a": VALUES}, "x is a dict that is no table (Per-column arrays must each be 1-dim"),
        ({}, "x has no columns"),
        (pa.table([[1], [2]], names=["a", "a"]), "x has two columns named 'a'"),
        (sparse.coo_array((10**6, 10**6)), "x is a sparse matrix of shape (1000000, 1000000), too"),
        (torch.zeros(3, device="meta"), "x is a tensor on the device meta, which holds no values"),
        (torch.zeros(3, requires_grad=True), "x cannot be taken as an array: Can't call numpy()"),
        ([torch.zeros(2, dtype=torch.bfloat16)] * 3, "x cannot be taken as an array: Got unsup"),
        ([[1], [1, 2]], "x is no array: its rows differ in length"),
        ("t.csv", "x is the text 't.csv': give measurements, such as those that infomax.data.rea"),
        (b"t.csv", "x is the text b't.csv'"),
        (None, "x is a NoneType: expected measurements, as an array, a list"),
        ({1, 2}, "x is a set: expected measurements"),
        (iter([1, 2]), "x is a list_iterator: expected measurements"),
        (np.ma.masked_array(["a", "b"], [False, True]), "x cannot be taken as an array: could no"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_is_no_table_is_named(data: Any, told: str) -> None:
    with pytest.raises(UserError) as refused:
        as_table(data, "x")
    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)
