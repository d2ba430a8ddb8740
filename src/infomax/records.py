"""The one tidy table that every figure, claim and report is made from."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from infomax.errors import UserError, message_of
from infomax.whole_file import written_whole

__all__ = [
    "COLUMNS",
    "FAILED",
    "RUN_COLUMNS",
    "Measurement",
    "Record",
    "Split",
    "empty_records",
    "final_records",
    "read_records",
    "records_table",
    "write_records",
]

Split = Literal["train", "test"]


class Record(TypedDict):
    """One measured value and everything that says what it is a value of."""

    study: str
    dataset: str
    encoder: str
    critic: str
    bound: str
    target: float
    loss: str
    negatives: str
    seed: int
    step: int
    split: Split
    metric: str
    value: float


RUN_COLUMNS = (
    *("study", "dataset", "encoder", "critic", "bound", "target", "loss", "negatives"),
    "seed",
)
"""The columns that together name one run.

``target`` is NaN where a bound is maximised; ``loss`` and ``negatives`` are empty where a bound is
trained, and on the pairs of a batch as they come.
"""

COLUMNS = tuple(Record.__annotations__)

FAILED = "failed"
"""Metric of the record that a failed run ends with; its value is the loss, which is not finite."""

_TYPES = {int: ("int64", pa.int64()), float: ("float64", pa.float64())}
_TEXT = ("str", pa.string())
_PANDAS = {name: _TYPES.get(kind, _TEXT)[0] for name, kind in Record.__annotations__.items()}
_SCHEMA = pa.schema(
    [(name, _TYPES.get(kind, _TEXT)[1]) for name, kind in Record.__annotations__.items()]
)
_METADATA_PREFIX = "infomax."
_HASH = "sha256"


class Measurement(NamedTuple):
    """One value of one metric on one split."""

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


def write_records(
    table: pd.DataFrame,
    path: Path,
    metadata: Mapping[str, Any],
    *,
    before: "Mapping[str, pa.Array] | None" = None,
) -> None:
    """Write a table of records to Parquet; the file is whole or is not there.

    Args:
        table: records, with the columns ``COLUMNS``.
        path: the file to write.
        metadata: values that JSON can hold, kept in the file's own metadata so that a report can
            be drawn from this one file.
        before: further columns, which stand before those of every table of records.

    Raises:
        UserError: if the disk is full; the file is then as it was.
    """
    arrow = pa.Table.from_pandas(_typed(table), schema=_SCHEMA, preserve_index=False)
    for index, (name, column) in enumerate((before or {}).items()):
        arrow = arrow.add_column(index, name, column)
    encoded = {_METADATA_PREFIX + key: json.dumps(value) for key, value in metadata.items()}
    encoded[_HASH] = _hash(_typed(table), encoded)
    with written_whole(path) as beside:
        pq.write_table(arrow.replace_schema_metadata(encoded), beside)


def read_records(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a table of records and its metadata.

    Raises:
        UserError: if the file is missing, is not Parquet, lacks a column of ``COLUMNS`` or is not
            what ``write_records`` wrote.
    """
    if not path.is_file():
        raise UserError(f"{path} is not there: expected the records of a run")
    try:
        arrow = pq.read_table(path)
        _check_columns(path, arrow.column_names)
        table = _typed(arrow.to_pandas())
        encoded = {
            key.decode(): value.decode() for key, value in (arrow.schema.metadata or {}).items()
        }
        metadata = {
            key.removeprefix(_METADATA_PREFIX): json.loads(value)
            for key, value in encoded.items()
            if key.startswith(_METADATA_PREFIX)
        }
        if encoded.get(_HASH) != _hash(table, encoded):
            raise ValueError("its hash is not that of what was written")  # noqa: TRY301
    except UserError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} is damaged, or no Parquet file of records ({message_of(error)})"
        ) from error
    return table, metadata


def _check_columns(path: Path, names: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise UserError(f"{path} is not a table of records: it lacks {', '.join(missing)}")


def _hash(table: pd.DataFrame, encoded: Mapping[str, str]) -> str:
    """Return what tells whether rows, or the metadata of ours among all, have changed."""
    digest = hashlib.sha256(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    for key in sorted(each for each in encoded if each.startswith(_METADATA_PREFIX)):
        digest.update(f"{key}={encoded[key]}\n".encode())
    return digest.hexdigest()


def final_records(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of each run's last step, of the runs that did not fail.

    Runs that stopped at another step than the rest are kept: whoever compares runs checks that.
    """
    by_run = records.groupby(list(RUN_COLUMNS), dropna=False, sort=False)
    failed = by_run["metric"].transform(lambda metrics: bool((metrics == FAILED).any()))
    last = by_run["step"].transform("max")
    return records[~failed.astype(bool) & (records["step"] == last)]


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table[list(COLUMNS)].astype(_PANDAS)
