"""The folder of a sweep: what is swept, one folder for each run, and the records of all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from infomax.errors import UserError
from infomax.experiments.folder import RunFolder
from infomax.experiments.sweep import Sweep, SweptRun, shown
from infomax.records import COLUMNS, empty_records, write_records
from infomax.whole_file import read_json_whole, write_json_whole

__all__ = ["SweepFolder"]

_SWEEP = "sweep.json"
_RECORDS = "records.parquet"


class SweepFolder:
    """Reads and writes what belongs to one sweep.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

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
            sweep: that they are of.
            records: of the runs that have ended, in the order of the grid.
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
