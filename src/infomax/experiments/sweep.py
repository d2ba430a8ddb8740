"""Runs that differ in some settings: the grid of all combinations of their values, its folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.run import checked_settings
from infomax.experiments.run_folder import RunFolder, default_folder
from infomax.records import COLUMNS, empty_records, write_records
from infomax.whole_file import read_json_whole, write_json_whole

__all__ = ["Sweep", "SweepFolder", "SweepRequest", "SweptRun", "request_sweep", "shown"]


# Longer by the clock, a run is still the same.
_FREE = ("time_limit",)


class SweptRun(NamedTuple):
    """One run of a sweep.

    Attributes:
        name: its combination, such as ``batch_size=64,seed=1``; also that of its folder.
        swept: its values of the swept keys.
        config: all of them.
    """

    name: str
    swept: dict[str, Any]
    config: RunConfig


@dataclass(frozen=True)
class Sweep:
    """Settings that runs have in common, and the values of those in which they differ.

    A key may also name an option of views, encoder or critic, as ``critic_options.temperature``.

    Attributes:
        settings: settings in common, as they were given.
        swept: the values of each swept key, the last of which changes fastest.
        runs: one for each combination.

    Example:
        >>> given = {"data": "digits", "views": "halves"}
        >>> sweep = Sweep.checked(given, {"batch_size": ["32", "64"], "seed": [0, 1]})
        >>> [run.name for run in sweep.runs]  # doctest: +NORMALIZE_WHITESPACE
        ['batch_size=32,seed=0', 'batch_size=32,seed=1',
         'batch_size=64,seed=0', 'batch_size=64,seed=1']
        >>> sweep.swept
        {'batch_size': [32, 64], 'seed': [0, 1]}
    """

    settings: dict[str, Any]
    swept: dict[str, list[Any]]
    runs: tuple[SweptRun, ...]

    @classmethod
    def checked(cls, given: Mapping[str, Any], swept: Mapping[str, Sequence[Any]]) -> "Sweep":
        """Return the sweep of whatever was given.

        Raises:
            UserError: one line that names a key that is unknown, or a value that it may not have or
                has twice.
        """
        first = {key: values[0] for key, values in swept.items()}
        read: dict[str, list[Any]] = {}
        for key, values in swept.items():
            config = [_settings(given, {**first, key: value}) for value in values]
            read[key] = [_value(each, key) for each in config]
            texts = [shown(each) for each in read[key]]
            for index, text in enumerate(texts):
                if text in texts[:index]:
                    raise UserError(f"--sweep {key} has {text} twice: give each value once")
        runs = []
        for combination in product(*read.values()):
            one_each = dict(zip(read, combination, strict=True))
            name = ",".join(f"{key}={_in_a_name(value)}" for key, value in one_each.items())
            runs.append(SweptRun(name, one_each, _settings(given, one_each)))
        return cls(dict(given), read, tuple(runs))

    def differences(self, other: "Sweep") -> list[str]:
        """Return a phrase for each way in which this differs from another."""
        found = []
        for key in dict.fromkeys((*self.swept, *other.swept)):
            mine, theirs = (_listed(each.swept.get(key)) for each in (self, other))
            if mine != theirs:
                found.append(f"--sweep {key} ({mine}, not {theirs})")
        if found:
            return found
        differences = [
            each
            for one, two in zip(self.runs, other.runs, strict=True)
            for each in one.config.differences(two.config)
            if each.partition(":")[0] not in _FREE
        ]
        return list(dict.fromkeys(differences))


def shown(value: Any) -> str:
    """Return a value of a setting as it is typed.

    Example:
        >>> shown(0.001), shown(None), shown(True), shown([32, 32])
        ('0.001', 'none', 'true', '[32, 32]')
    """
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def _listed(values: list[Any] | None) -> str:
    return "absent" if values is None else ", ".join(map(shown, values))


def _in_a_name(value: Any) -> str:
    # No folder may have a slash in its name, and no two of them the same name.
    return shown(value).replace("%", "%25").replace("/", "%2F")


def _settings(given: Mapping[str, Any], values: Mapping[str, Any]) -> RunConfig:
    merged = dict(given)
    for key, value in values.items():
        root, dot, option = key.partition(".")
        if not dot:
            merged[key] = value
            continue
        options = [each for each in RunConfig.model_fields if each.endswith("_options")]
        if root not in options or not option:
            raise UserError(
                f"--sweep {key}: only {', '.join(options)} have options, as "
                "critic_options.temperature"
            )
        others = merged.get(root, {})
        # What is no dictionary is for the settings to refuse.
        merged[root] = {**others, option: value} if isinstance(others, dict) else others
    return checked_settings(merged)


def _value(config: RunConfig, key: str) -> Any:
    root, _, option = key.partition(".")
    value = config.model_dump(mode="json")[root]
    return value[option] if option else value


_SWEEP = "sweep.json"
_RECORDS = "records.parquet"


class SweepFolder:
    """Reads and writes what belongs to one sweep.

    Args:
        path: the folder.

    Example:
        >>> SweepFolder(Path("runs/grid"))
        SweepFolder('runs/grid')
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"SweepFolder({str(self.path)!r})"

    @property
    def begun(self) -> bool:
        """Whether it holds a sweep."""
        return (self.path / _SWEEP).is_file()

    def check_free(self) -> None:
        """Check that a sweep may begin here; changes nothing.

        Raises:
            UserError: if the folder holds anything.
        """
        if self.begun:
            raise UserError(
                f"{self.path} already holds a sweep: give --resume to go on with it, or choose "
                "another --out"
            )
        RunFolder(self.path).check_free()

    def begin(self, sweep: Sweep) -> None:
        """Make the folder and write what is swept."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json_whole(self.path / _SWEEP, {"settings": sweep.settings, "swept": sweep.swept})

    def sweep(self) -> Sweep:
        """Read what is swept.

        Raises:
            UserError: if the file is damaged.
        """
        path = self.path / _SWEEP
        try:
            written = read_json_whole(path)
            return Sweep.checked(written["settings"], written["swept"])
        except UserError as error:
            raise UserError(f"{path}: {error}") from error
        except ValueError as error:
            raise UserError(f"{path} does not say what is swept ({error}): start anew") from error

    def run_folder(self, run: SweptRun) -> RunFolder:
        """Return the folder of a run."""
        return RunFolder(self.path / run.name)

    def write_records(
        self,
        sweep: Sweep,
        records: Sequence[tuple[SweptRun, pd.DataFrame]],
        failures: Mapping[str, str],
    ) -> None:
        """Write the records of runs as one table.

        Before the columns of all records it has the name of the run, and each swept key that is not
        one of them.

        Args:
            sweep: sweep that the runs are of.
            records: records of the runs that have ended, in the order of the grid.
            failures: why runs failed, by their names.
        """
        metadata = {"settings": sweep.settings, "swept": sweep.swept, "failures": dict(failures)}
        rows = [table for _, table in records] or [empty_records()]
        columns = {}
        for key in ("run", *(key for key in sweep.swept if key not in COLUMNS)):
            values = [
                run.name if key == "run" else run.swept[key]
                for run, table in records
                for _ in range(len(table))
            ]
            columns[key] = _column(values, sweep.swept.get(key, [""]))
        write_records(
            pd.concat(rows, ignore_index=True), self.path / _RECORDS, metadata, before=columns
        )


def _column(values: Sequence[Any], all_values: Sequence[Any]) -> "pa.Array":
    """Return values with the type that all values of the key have in common, or else as text."""
    types = {type(each) for each in all_values if each is not None}
    for wide, arrow in ((int, pa.int64()), (float, pa.float64()), (bool, pa.bool_())):
        if types == {wide} or (wide is float and types == {int, float}):
            return pa.array(values, arrow)
    return pa.array([None if each is None else shown(each) for each in values], pa.string())


class SweepRequest(NamedTuple):
    """A sweep that is asked for.

    Attributes:
        sweep: its runs.
        folder: folder that they are written to.
        resume: whether it goes on from what the folder holds.
    """

    sweep: Sweep
    folder: SweepFolder
    resume: bool


def request_sweep(
    given: Mapping[str, Any],
    swept: Mapping[str, Sequence[Any]],
    out: Path | None,
    *,
    resume: bool,
) -> SweepRequest | None:
    """Return the sweep that is asked for; nothing if it is a single run.

    Args:
        given: settings that all runs have in common.
        swept: the values of each setting in which runs differ.
        out: folder of the sweep; ``None`` for ``runs/NAME-OF-DATA``.
        resume: whether to go on with what the folder holds, if it holds a sweep.

    Raises:
        UserError: if a run cannot have these settings, or the folder holds another sweep.
    """
    folder = SweepFolder(out or default_folder(given))
    resume = resume and folder.begun
    if not swept:
        if not (resume and out is not None):
            return None
        if given:
            raise UserError(
                f"{folder.path} holds a sweep, which goes on as it was begun: give --resume --out "
                f"alone, or go on with one of its runs (--resume --out {folder.path}/RUN)"
            )
        return SweepRequest(folder.sweep(), folder, resume=True)
    sweep = Sweep.checked(given, swept)
    differences = sweep.differences(folder.sweep()) if resume else []
    if differences:
        raise UserError(
            f"{folder.path} was begun as another sweep than the one given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    return SweepRequest(sweep, folder, resume)
