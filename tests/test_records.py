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
        bound="nwj",
        target=math.nan,
        loss="",
        negatives="",
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


def test_a_bit_that_is_turned_over_is_named_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "records.parquet"
    table = records_table(record(step=step, value=0.5 * step) for step in range(4))
    write_records(table, path, {"settings": {"data": "digits", "steps": 60}})
    written = path.read_bytes()
    named = 0
    for place in range(0, len(written), 11):
        path.write_bytes(
            written[:place] + bytes([written[place] ^ 1 << place % 8]) + written[place + 1 :]
        )
        try:
            read, metadata = read_records(path)
        except UserError as error:
            assert "records.parquet is" in str(error)  # noqa: PT017
            named += 1
            continue
        pd.testing.assert_frame_equal(read, table)
        assert metadata == {"settings": {"data": "digits", "steps": 60}}
    assert named > len(written) / 33


def test_files_that_are_not_records_are_named(tmp_path: Path) -> None:
    path = tmp_path / "records.parquet"
    with pytest.raises(UserError, match="is not there"):
        read_records(path)
    path.write_bytes(b"no table")
    with pytest.raises(UserError, match=r"records\.parquet is damaged, or no Parquet file"):
        read_records(path)
    pd.DataFrame({"study": ["a"]}).to_parquet(path)
    with pytest.raises(
        UserError, match=r"records\.parquet is not a table of records: it lacks dataset"
    ):
        read_records(path)
