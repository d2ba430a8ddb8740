"""What a reproduction has finished so far, on disk after every run."""

from collections.abc import Iterable, Mapping
from typing import Any

from infomax.records import Record, records_table
from infomax.studies.image_run import RunOutcome
from infomax.studies.output_folder import TIMING_COLUMNS, OutputFolder
from infomax.studies.study import Reproduction, RunSettings

__all__ = ["Journal"]


class Journal:
    """Collects the outcomes of runs and writes them to the folder, so that nothing is lost.

    Args:
        reproduction: what is being run.
        folder: where it is written.
        environment: versions and machine, kept with the records.

    Attributes:
        total: number of runs that the reproduction consists of.
        finished: number of runs done, failed ones among them.
        failures: a line for each run that failed.
    """

    def __init__(
        self, reproduction: Reproduction, folder: OutputFolder, environment: Mapping[str, Any]
    ) -> None:
        self.total = sum(1 for study in reproduction.studies for _ in study.runs())
        self.finished = 0
        self.failures: list[str] = []
        self._folder = folder
        self._metadata = {
            "settings": reproduction.model_dump(mode="json"),
            "environment": dict(environment),
        }
        self._records: list[Record] = []
        self._timings: list[dict[str, Any]] = []

    def keep(self, records: Iterable[Record]) -> None:
        """Keep records that belong to no run."""
        self._records += records
        self._write()

    def keep_run(self, settings: RunSettings, outcome: RunOutcome) -> None:
        """Keep the outcome of a run, failed or not."""
        self.finished += 1
        if outcome.failure:
            self.failures.append(f"{settings.label}: {outcome.failure}")
        self._records += outcome.records
        self._timings.append(
            {
                **settings.model_dump(include=set(TIMING_COLUMNS)),
                "training_seconds": outcome.training_seconds,
                "evaluation_seconds": outcome.evaluation_seconds,
            }
        )
        self._write()

    def _write(self) -> None:
        self._folder.write_progress(records_table(self._records), self._timings, self._metadata)
