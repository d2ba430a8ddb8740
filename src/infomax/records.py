"""The one tidy table that every figure, claim and report is made from."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from infomax.errors import UserError

__all__ = [
    "COLUMNS",
    "FAILED",
    "RUN_COLUMNS",
    "Record",
    "Split",
    "empty_records",
    "final_records",
    "read_records",
    "records_table",
    "write_records",
]

Split = Literal["train", "test"]

RUN_COLUMNS = ("study", "dataset", "encoder", "critic", "estimator", "target", "seed")
"""The columns that together name one run; ``target`` is NaN where a bound is maximised."""

COLUMNS = (*RUN_COLUMNS, "step", "split", "metric", "value")

FAILED = "failed"
"""Metric of the record that a failed run ends with; its value is the loss, which is not finite."""

_SCHEMA = pa.schema(
    [
        ("study", pa.string()),
        ("dataset", pa.string()),
        ("encoder", pa.string()),
        ("critic", pa.string()),
        ("estimator", pa.string()),
        ("target", pa.float64()),
        ("seed", pa.int64()),
        ("step", pa.int64()),
        ("split", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
    ]
)
_METADATA_PREFIX = "infomax."


class Record(TypedDict):
    """One measured value and everything that says what it is a value of."""

    study: str
    dataset: str
    encoder: str
    critic: str
    estimator: str
    target: float
    seed: int
    step: int
    split: Split
    metric: str
    value: float


def records_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return records as a table with the columns and types of every records file."""
    rows = list(records)
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def empty_records() -> pd.DataFrame:
    """Return a table with the right columns and no rows."""
    return records_table([])


def write_records(table: pd.DataFrame, path: Path, metadata: Mapping[str, Any]) -> None:
    """Write a table of records to Parquet; the file is whole or is not there.

    Args:
        table: records, with the columns ``COLUMNS``.
        path: the file to write.
        metadata: values that JSON can hold, kept in the file's own metadata so that a report can
            be drawn from this one file.
    """
    arrow = pa.Table.from_pandas(_typed(table), schema=_SCHEMA, preserve_index=False)
    encoded = {_METADATA_PREFIX + key: json.dumps(value) for key, value in metadata.items()}
    beside = path.with_name(path.name + ".part")
    # Written beside and renamed: a run that is killed leaves the table of its finished runs.
    pq.write_table(arrow.replace_schema_metadata(encoded), beside)
    beside.replace(path)


def read_records(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a table of records and its metadata.

    Raises:
        UserError: if the file is missing, is not Parquet or lacks a column of ``COLUMNS``.
    """
    if not path.is_file():
        raise UserError(f"{path} is not there: expected the records of a run")
    try:
        arrow = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path} is not a readable Parquet file of records: {error}") from error
    missing = [column for column in COLUMNS if column not in arrow.column_names]
    if missing:
        raise UserError(f"{path} is not a table of records: it lacks {', '.join(missing)}")
    metadata = {
        key.decode().removeprefix(_METADATA_PREFIX): json.loads(value)
        for key, value in (arrow.schema.metadata or {}).items()
        if key.decode().startswith(_METADATA_PREFIX)
    }
    return _typed(arrow.to_pandas()), metadata


def final_records(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of each run's last step, of the runs that did not fail.

    Runs that stopped at another step than the rest are kept: whoever compares runs checks that.
    """
    by_run = records.groupby(list(RUN_COLUMNS), dropna=False, sort=False)
    failed = by_run["metric"].transform(lambda metrics: bool((metrics == FAILED).any()))
    last = by_run["step"].transform("max")
    return records[~failed.astype(bool) & (records["step"] == last)]


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table[list(COLUMNS)].astype(
        {
            "target": "float64",
            "seed": "int64",
            "step": "int64",
            "value": "float64",
            **dict.fromkeys(
                ("study", "dataset", "encoder", "critic", "estimator", "split", "metric"), "str"
            ),
        }
    )
