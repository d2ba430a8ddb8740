"""The folder that one reproduction is written to, and read back from."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, TypeAdapter, ValidationError

from infomax.errors import UserError
from infomax.records import read_records, write_records
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Configuration
from infomax.studies.verdicts import Claim
from infomax.whole_file import write_text_whole

__all__ = ["OutputFolder"]

_RECORDS = "records.parquet"
_SETTINGS = "settings.json"
_TIMINGS = "timings.json"
_CLAIMS = "claims.json"
_CHECKPOINT = "checkpoint.safetensors"
_CHECKPOINTS = "checkpoints"
_OUTPUTS = (
    *(_RECORDS, _SETTINGS, _TIMINGS, _CLAIMS, _CHECKPOINT, _CHECKPOINTS),
    *("report.html", "figures"),
)


@dataclass(frozen=True)
class OutputFolder:
    """Writes and reads what belongs to one reproduction.

    Attributes:
        path: the folder.
    """

    path: Path

    def check(self, *, overwrite: bool) -> None:
        """Check that a new reproduction may be written here; changes nothing.

        Raises:
            UserError: if the folder holds another one and must not be overwritten.
        """
        existing = self._existing()
        if existing and not overwrite:
            raise UserError(
                f"{self.path} already holds another run ({', '.join(existing)}): choose another "
                "--out, or give --resume to go on with it or --overwrite to replace it"
            )

    def prepare(self, *, keep: bool) -> None:
        """Make the folder, without anything of an earlier reproduction; other files stay.

        Args:
            keep: whether what is there is to be gone on with.

        Raises:
            UserError: if the folder cannot be made.
        """
        for name in [] if keep else self._existing():
            output = self.path / name
            shutil.rmtree(output) if output.is_dir() else output.unlink()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{self.path} cannot be made: {error.strerror}") from error

    @property
    def checkpoint(self) -> Path:
        """Where the job in hand is kept while it is trained, if there is one at a time."""
        return self.path / _CHECKPOINT

    def checkpoint_of(self, label: str) -> Path:
        """Where the job of a label is kept while it is trained beside others."""
        return self.path / _CHECKPOINTS / f"{sha256(label.encode()).hexdigest()[:16]}.safetensors"

    def prepare_checkpoints(self) -> None:
        """Make the folder of the checkpoints of jobs that are trained beside others."""
        (self.path / _CHECKPOINTS).mkdir(exist_ok=True)

    def remove_checkpoints(self) -> None:
        """Remove that folder with all that it holds, if it is there."""
        shutil.rmtree(self.path / _CHECKPOINTS, ignore_errors=True)

    def write_settings(self, reproduction: Reproduction) -> None:
        """Write what is to be run."""
        reproduction.write(self.path / _SETTINGS)

    def read_settings(self) -> Reproduction | None:
        """Return what was to be run; nothing if the folder was never begun.

        Raises:
            UserError: if the settings cannot be read.
        """
        path = self.path / _SETTINGS
        return Reproduction.read(path) if path.is_file() else None

    def write_records(self, records: pd.DataFrame, metadata: Mapping[str, Any]) -> None:
        """Write the records of what is finished."""
        write_records(records, self.path / _RECORDS, metadata)

    def write_timings(self, timings: Sequence[Mapping[str, Any]]) -> None:
        """Write how long each job took.

        Apart from the records, which are the same whenever the same is run again.
        """
        self._write_json(_TIMINGS, list(timings))

    def write_claims(self, claims: Sequence[Claim]) -> None:
        """Write the claims with their verdicts."""
        self._write_json(_CLAIMS, [claim.as_json() for claim in claims])

    def has_records(self) -> bool:
        """Tell whether anything was recorded yet."""
        return (self.path / _RECORDS).is_file()

    def read_records(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the records and the metadata written with them.

        Raises:
            UserError: if there are none, or they cannot be read.
        """
        return read_records(self.path / _RECORDS)

    def read_timings(self) -> pd.DataFrame | None:
        """Return how long each job took; nothing if that was not kept.

        Raises:
            UserError: if the file of timings cannot be read.
        """
        rows = self.read_timing_rows()
        return pd.DataFrame(rows) if rows else None

    def read_timing_rows(self) -> list[dict[str, Any]]:
        """Return the same, row by row.

        Raises:
            UserError: if the file of timings cannot be read.
        """
        path = self.path / _TIMINGS
        if not path.is_file():
            return []
        try:
            rows = _TIMING_ROWS.validate_json(path.read_bytes(), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise UserError(
                f"{path} is not a list of timings ({where}: {first['msg']}): remove it, since "
                "records and report do without"
            ) from error
        return [row.model_dump(mode="json") for row in rows]

    def _existing(self) -> list[str]:
        return [name for name in _OUTPUTS if (self.path / name).exists()]

    def _write_json(self, name: str, value: object) -> None:
        text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
        write_text_whole(self.path / name, text + "\n")


class _TimingRow(Configuration):
    """How long a job took: runs of one configuration that were trained side by side."""

    seeds: Annotated[list[int], Field(min_length=1)]
    steps: int
    training_seconds: float
    evaluation_seconds: float


_TIMING_ROWS = TypeAdapter(list[_TimingRow])
