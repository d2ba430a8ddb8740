"""The folder that one reproduction is written to, and read back from."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from infomax.errors import UserError
from infomax.records import read_records, write_records
from infomax.studies.study import Reproduction
from infomax.studies.verdicts import Claim

__all__ = ["TIMING_COLUMNS", "OutputFolder"]

TIMING_COLUMNS = (
    "study",
    "encoder",
    "critic",
    "estimator",
    "target",
    "seed",
    "steps",
    "training_seconds",
    "evaluation_seconds",
)

_RECORDS = "records.parquet"
_SETTINGS = "settings.json"
_TIMINGS = "timings.json"
_CLAIMS = "claims.json"
_OUTPUTS = (_RECORDS, _SETTINGS, _TIMINGS, _CLAIMS, "report.html", "figures")


class OutputFolder:
    """Writes and reads what belongs to one reproduction.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self, *, overwrite: bool) -> None:
        """Check that a new reproduction may be written here; changes nothing.

        Raises:
            UserError: if the folder holds another one and must not be overwritten.
        """
        existing = self._existing()
        if existing and not overwrite:
            raise UserError(
                f"{self.path} already holds another run ({', '.join(existing)}): "
                "choose another --out, or give --overwrite to replace it"
            )

    def prepare(self) -> None:
        """Make the folder, without anything of an earlier reproduction; other files stay.

        Raises:
            UserError: if the folder cannot be made.
        """
        for name in self._existing():
            output = self.path / name
            shutil.rmtree(output) if output.is_dir() else output.unlink()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{self.path} cannot be made: {error.strerror}") from error

    def write_settings(self, reproduction: Reproduction) -> None:
        """Write what is to be run."""
        reproduction.write(self.path / _SETTINGS)

    def write_progress(
        self,
        records: pd.DataFrame,
        timings: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any],
    ) -> None:
        """Write the records of the runs that are finished, and how long each took.

        Timings stand apart from the records, which are the same whenever the same is run again.
        """
        write_records(records, self.path / _RECORDS, metadata)
        self._write_json(_TIMINGS, list(timings))

    def write_claims(self, claims: Sequence[Claim]) -> None:
        """Write the claims with their verdicts."""
        self._write_json(_CLAIMS, [claim.as_json() for claim in claims])

    def read_records(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the records and the metadata written with them.

        Raises:
            UserError: if there are none, or they cannot be read.
        """
        return read_records(self.path / _RECORDS)

    def read_timings(self) -> pd.DataFrame | None:
        """Return how long each run took; nothing if that was not kept.

        Raises:
            UserError: if the file of timings cannot be read.
        """
        path = self.path / _TIMINGS
        if not path.is_file():
            return None
        try:
            timings = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise UserError(f"{path} is not a list of timings: {error}") from error
        missing = [column for column in TIMING_COLUMNS if column not in timings.columns]
        if missing and len(timings):
            raise UserError(f"{path} is not a list of timings: it lacks {', '.join(missing)}")
        return timings if len(timings) else None

    def _existing(self) -> list[str]:
        return [name for name in _OUTPUTS if (self.path / name).exists()]

    def _write_json(self, name: str, value: object) -> None:
        text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
        beside = self.path / f"{name}.part"
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(self.path / name)
