"""The folder of one run: what it was asked, what it measured and what it goes on from."""

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from infomax.data.validation_split import RowSplit, read_split, write_split
from infomax.errors import UserError
from infomax.records import read_records, write_records
from infomax.runs.settings import RunSettings
from infomax.runs.settings_file import read_settings, settings_text

__all__ = ["NOTES", "RunFolder"]

_SETTINGS = "settings.yaml"
NOTES: Final = "run.json"
"""The file by which the folder of a run is known."""

_RECORDS = "records.parquet"
_SPLIT = "split.npz"


class RunFolder:
    """Reads and writes what belongs to one run.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def existing(cls, path: Path) -> "RunFolder":
        """Return the folder of a run that was begun.

        Raises:
            UserError: if there is no such folder, or it is not one of a run.
        """
        if not path.is_dir():
            found = "is a file" if path.exists() else "is not there"
            raise UserError(f"{path} {found}: expected the folder of a run")
        folder = cls(path)
        if not folder.begun:
            raise UserError(
                f"{path} is not the folder of a run: it lacks {NOTES}; `infomax runs "
                f"{path.parent}` lists those that are"
            )
        return folder

    @property
    def begun(self) -> bool:
        """Whether it holds a run."""
        return (self.path / NOTES).is_file()

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def cache(self) -> Path:
        """Folder for what is computed from the data once and can be computed again."""
        return self.path / "cache"

    @property
    def log(self) -> Path:
        """File that what was said is kept in."""
        return self.path / "log.txt"

    def check_free(self) -> None:
        """Check that a run may begin here; changes nothing.

        Raises:
            UserError: if the folder holds anything.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file: choose a folder for --out")
        held = {each.name for each in self.path.iterdir()} if self.path.is_dir() else set()
        # A table that was laid out for a run that then could not begin is no run.
        if held - {self.cache.name}:
            raise UserError(
                f"{self.path} already holds {min(held)}: choose another --out, or give --resume to "
                "go on with the run it holds"
            )

    def begin(self, settings: RunSettings) -> None:
        """Make the folder and write the settings that the run is begun with."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._write(_SETTINGS, settings_text(settings))
        self.write_notes({})

    def settings(self) -> RunSettings:
        """Read the settings that the run was begun with."""
        try:
            return RunSettings.checked(read_settings(self.path / _SETTINGS))
        except UserError as error:
            raise UserError(
                f"{self.path} does not say what was asked for ({error}): {_SETTINGS} is damaged, "
                "begin the run anew"
            ) from error

    def write_split(self, split: RowSplit) -> None:
        """Keep which rows are trained on and which validate."""
        write_split(self.path / _SPLIT, split)

    def split(self, number: int) -> RowSplit | None:
        """Read the split, which must be of so many rows; nothing if none was made yet."""
        path = self.path / _SPLIT
        return read_split(path, number) if path.is_file() else None

    def write_notes(self, notes: dict[str, Any]) -> None:
        """Keep what is known of the run: shapes, environment, how it ended."""
        self._write(NOTES, json.dumps(notes, indent=1))

    def notes(self) -> dict[str, Any]:
        """Read what is known of the run; nothing if it has not begun to train.

        Raises:
            UserError: if the file is damaged.
        """
        path = self.path / NOTES
        try:
            notes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise UserError(f"{path} cannot be read ({error}): remove it and resume") from error
        if not isinstance(notes, dict):
            raise UserError(f"{path} is damaged: expected names and values; remove it and resume")
        return notes

    def write_records(self, records: pd.DataFrame) -> None:
        """Write what was measured."""
        write_records(records, self.path / _RECORDS, {"settings": self._settings_as_json()})

    def records(self) -> pd.DataFrame:
        """Read what was measured."""
        return read_records(self.path / _RECORDS)[0]

    def _settings_as_json(self) -> Any:
        return yaml.safe_load((self.path / _SETTINGS).read_text(encoding="utf-8"))

    def _write(self, name: str, text: str) -> None:
        # Beside and renamed: whenever the process stops, the file is whole or the one before.
        beside = self.path / f"{name}.part"
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path / name)
