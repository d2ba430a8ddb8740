"""The table of records: round trip, metadata and broken files."""

import math
from pathlib import Path

import pandas as pd
import pytest

from infomax.errors import UserError
from infomax.records import (
    COLUMNS,
    FAILED,
    Record,
    final_records,
    read_records,
    records_table,
    write_records,
)


def record(*, step: int, metric: str = "bound", seed: int = 0, value: float = 1.5) -> Record:
    return Record(
        study="critics",
        dataset="mnist",
        encoder="mlp",
        critic="concat",
        estimator="nwj",
        target=math.nan,
        seed=seed,
        step=step,
        split="test",
        metric=metric,
        value=value,
    )


@pytest.mark.parametrize("values", [[], [1.5, -math.inf, math.nan]])
def test_a_table_survives_the_disk(tmp_path: Path, values: list[float]) -> None:
    table = records_table(record(step=i, value=value) for i, value in enumerate(values))
    write_records(table, tmp_path / "records.parquet", {"settings": {"preset": "quick"}})
    read, metadata = read_records(tmp_path / "records.parquet")
    pd.testing.assert_frame_equal(read, table)
    assert tuple(read.columns) == COLUMNS
    assert metadata == {"settings": {"preset": "quick"}}
    assert [path.name for path in tmp_path.iterdir()] == ["records.parquet"]


def test_pandas_alone_can_read_it(tmp_path: Path) -> None:
    table = records_table([record(step=3)])
    write_records(table, tmp_path / "records.parquet", {})
    assert pd.read_parquet(tmp_path / "records.parquet")["value"].tolist() == [1.5]


def test_the_last_step_of_each_run_that_did_not_fail() -> None:
    table = records_table(
        [
            record(step=0),
            record(step=5),
            record(step=0, seed=1),
            record(step=3, seed=1, metric=FAILED, value=math.nan),
        ]
    )
    final = final_records(table)
    assert final[["seed", "step"]].to_numpy().tolist() == [[0, 5]]


def test_files_that_are_not_records_are_named(tmp_path: Path) -> None:
    path = tmp_path / "records.parquet"
    with pytest.raises(UserError, match="is not there"):
        read_records(path)
    path.write_bytes(b"no table")
    with pytest.raises(UserError, match=r"records\.parquet is not a readable Parquet file"):
        read_records(path)
    pd.DataFrame({"study": ["a"]}).to_parquet(path)
    with pytest.raises(UserError, match="lacks dataset"):
        read_records(path)
