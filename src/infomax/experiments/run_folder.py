"""The folder of one run: what it was asked, what it measured and what it goes on from."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from infomax.data import DATASETS, DIALOGUES, Tokenizer
from infomax.data.split import Fingerprint, RowSplit, read_split, write_split
from infomax.errors import UserError, reason_of
from infomax.experiments.config import RunConfig, read_settings
from infomax.folder_lock import LOCK
from infomax.records import read_records, write_records
from infomax.whole_file import (
    HALF_WRITTEN,
    read_json_whole,
    write_json_whole,
    write_text_whole,
)

__all__ = ["NOTES", "RunFolder", "default_folder", "settings_text"]

_SETTINGS = "settings.yaml"
NOTES: Final = "run.json"
"""The file by which the folder of a run is known; it is written last when a run begins."""

_END_OF_SETTINGS = "# End of the settings."
"""The last line of settings that a run has written: without it they were cut short."""

_RECORDS = "records.parquet"
_SPLIT = "split.npz"
_TOKENIZER = "tokenizer.json"
_LOG = "log.txt"
_CHECKPOINTS, _TENSORBOARD, _CACHE = "checkpoints", "tensorboard", "cache"
# What a process that is killed while it begins a run leaves half written.
_HALF_WRITTEN = {
    f"{name}{HALF_WRITTEN}" for name in (_SETTINGS, _SPLIT, _TOKENIZER, NOTES, "sweep.json")
}
_PATHS_BESIDE = "paths_from_here"
_PATHS = ("data", "y_data", "labels", "groups", "start_from")


class RunFolder:
    """Reads and writes what belongs to one run.

    Args:
        path: the folder.

    Attributes:
        checkpoints: folder of the checkpoints.
        tensorboard: folder of the events for TensorBoard.
        cache: folder for what is computed from the data once and can be computed again.
        log: file that what was said is kept in.

    Example:
        >>> RunFolder(Path("runs/digits"))
        RunFolder('runs/digits')
    """

    def __init__(self, path: Path) -> None:
        self.path, self.log = path, path / _LOG
        self.checkpoints, self.tensorboard = path / _CHECKPOINTS, path / _TENSORBOARD
        self.cache = path / _CACHE

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

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

    def settings_of_cut_off(self) -> RunConfig:
        """Read the settings of a run that was stopped while it began.

        Raises:
            UserError: if the folder holds none.
        """
        if not self._holds_settings_of_a_run():
            RunFolder.existing(self.path)
        return self.config()

    def check_free(self) -> None:
        """Check that a run may begin here; changes nothing.

        What a process left that was stopped while it began a run is in nobody's way.

        Raises:
            UserError: if the folder holds anything else.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file: choose a folder for --out")
        if self.begun:
            raise UserError(
                f"{self.path} already holds a run: give --resume to go on with it, or choose "
                "another --out"
            )
        held = {each.name for each in self.path.iterdir()} if self.path.is_dir() else set()
        # A table that was laid out for a run that then could not begin is no run.
        held -= {_CACHE, LOCK, *_HALF_WRITTEN}
        if held <= {_SETTINGS, _SPLIT, _TOKENIZER} and self._holds_settings_of_a_run():
            return
        if held:
            raise UserError(f"{self.path} already holds {min(held)}: choose another --out")

    def begin(
        self,
        config: RunConfig,
        split: RowSplit,
        data: Mapping[str, Fingerprint],
        tokenizer: Tokenizer | None = None,
    ) -> None:
        """Write the settings and the split; a run is begun once its notes are written too.

        Args:
            config: settings of the run.
            split: which rows are trained on and which validate.
            data: fingerprints of what these are rows of.
            tokenizer: that text is cut into tokens by; ``None`` where there is none.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if tokenizer is not None:
            write_text_whole(self.path / _TOKENIZER, tokenizer.to_json())
        write_text_whole(self.path / _SETTINGS, settings_text(config))
        write_split(self.path / _SPLIT, split, data)

    def clear(self) -> None:
        """Remove all that a run has written, whose folder is then free for another."""
        for name in (_CHECKPOINTS, _TENSORBOARD):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in (NOTES, _SETTINGS, _SPLIT, _TOKENIZER, _RECORDS, _LOG):
            (self.path / name).unlink(missing_ok=True)

    def config(self) -> RunConfig:
        """Read the settings that the run was begun with, or last gone on with.

        Paths that were given relative to the working directory are followed from the folder of the
        run, if they lead to anything: a run that moves together with its data finds them.
        """
        path = self.path / _SETTINGS
        try:
            config = RunConfig.checked(read_settings(path))
            # What is left of a file that was cut at the end of a line is settings, too.
            if _END_OF_SETTINGS not in path.read_text(encoding="utf-8"):
                raise UserError(  # noqa: TRY301
                    f"{path} is cut short: it lacks its last line, {_END_OF_SETTINGS!r}"
                )
        except UserError as error:
            raise UserError(
                f"{self.path} does not say what was asked for ({error}): {_SETTINGS} is damaged, "
                "begin the run anew"
            ) from error
        found: dict[str, str] = {}
        with suppress(UserError):  # Notes that are damaged are told of by whoever needs them.
            for key, path in self.notes().get(_PATHS_BESIDE, {}).items():
                text, there = getattr(config, key), self.path / path
                if there.exists() and not (Path(text).exists() and there.samefile(text)):
                    found[key] = os.path.relpath(there.resolve())
        return config.model_copy(update=found)

    def split(self, data: Mapping[str, Fingerprint]) -> RowSplit:
        """Read the split, which must be of these data."""
        return read_split(self.path / _SPLIT, data)

    def tokenizer(self) -> Tokenizer | None:
        """Read what text is cut into tokens by; nothing of a run of other data.

        Raises:
            UserError: if the file is damaged, or the package that reads it is not installed.
        """
        path = self.path / _TOKENIZER
        if not path.exists():
            return None
        try:
            return Tokenizer(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path} cannot be read ({reason_of(error)})") from error
        except UserError as error:
            raise UserError(f"{path}: {error}") from error

    def write_notes(self, config: RunConfig, notes: dict[str, Any]) -> None:
        """Keep what is known of the run: shapes, environment, how it ended."""
        known = {**notes, _PATHS_BESIDE: self._paths_from_here(config)}
        write_json_whole(self.path / NOTES, known)

    def notes(self) -> dict[str, Any]:
        """Read what is known of the run; nothing if it has not begun to train.

        Raises:
            UserError: if the file is damaged.
        """
        path = self.path / NOTES
        try:
            return read_json_whole(path)
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise UserError(f"{path} is damaged ({error}): {self._writes_again}") from error

    def write_records(self, records: pd.DataFrame) -> None:
        """Write what was measured."""
        settings = yaml.safe_load((self.path / _SETTINGS).read_text(encoding="utf-8"))
        write_records(records, self.path / _RECORDS, {"settings": settings})

    def records(self) -> pd.DataFrame | None:
        """Read what was measured; nothing if nothing was measured yet.

        Raises:
            UserError: if the file is damaged.
        """
        path = self.path / _RECORDS
        if not path.exists():
            return None
        try:
            return read_records(path)[0]
        except UserError as error:
            raise UserError(f"{error}: {self._writes_again} from the last checkpoint") from error

    @property
    def _writes_again(self) -> str:
        return f"`infomax train --resume --out {self.path}` writes it again"

    def _holds_settings_of_a_run(self) -> bool:
        """Tell whether the settings there were written by a run; anyone's own are not these."""
        path = self.path / _SETTINGS
        try:
            config = RunConfig.checked(read_settings(path))
        except UserError:
            return False
        return path.read_text(encoding="utf-8") == settings_text(config)

    def _paths_from_here(self, config: RunConfig) -> dict[str, str]:
        """Return those paths that were given relative to the working directory, from the folder."""
        found = {}
        for key in _PATHS:
            text = getattr(config, key)
            # Labels and groups without an ending are columns.
            named = text is None or text in {*DATASETS, *DIALOGUES}
            if named or (key in {"labels", "groups"} and not Path(text).suffix):
                continue
            if not Path(text).expanduser().is_absolute() and Path(text).exists():
                found[key] = os.path.relpath(Path(text).resolve(), self.path.resolve())
        return found


def settings_text(config: RunConfig) -> str:
    """Return settings as YAML that ``read_settings`` reads back to the same.

    Example:
        >>> settings = RunConfig.checked({"data": "mnist"})
        >>> settings_text(settings).splitlines()[0]
        'data: mnist'
    """
    text: str = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    return f"{text}{_END_OF_SETTINGS}\n"


def default_folder(given: Mapping[str, Any]) -> Path:
    """Return where runs on the data are written, if nobody says; a sweep may be over data."""
    return Path("runs") / Path(str(given.get("data", "sweep"))).name.partition(".")[0]
