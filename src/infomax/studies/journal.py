"""What a reproduction has finished so far, on disk after every job."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infomax.records import Record, records_table
from infomax.studies.jobs import Job
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction

__all__ = ["JobOutcome", "Journal"]


@dataclass
class JobOutcome:
    """What a job has left so far; complete when the job is finished.

    Attributes:
        records: everything measured, in order.
        failures: why a run could not be finished, by its seed.
        training_seconds: time spent on updates.
        evaluation_seconds: time spent on probes and bounds.
    """

    records: list[Record] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)
    training_seconds: float = 0.0
    evaluation_seconds: float = 0.0


class Journal:
    """Collects the outcomes of jobs and writes them to the folder, so that nothing is lost.

    What is finished stands in the metadata of the records, so that one file tells all: a run whose
    records are there is not run again, in whichever job it would now be.

    Args:
        reproduction: what is being run.
        folder: where it is written.
        environment: versions and machine, kept with the records.
        total: number of runs that the reproduction consists of.

    Attributes:
        total: as given.
        finished: number of runs done, failed ones among them.
        failures: a line for each run that failed.
    """

    def __init__(
        self,
        reproduction: Reproduction,
        folder: OutputFolder,
        environment: Mapping[str, Any],
        *,
        total: int,
    ) -> None:
        self.total = total
        self.finished = 0
        self.failures: list[str] = []
        self._folder = folder
        self._settings = reproduction.model_dump(mode="json")
        self._environment = dict(environment)
        self._records: list[Record] = []
        self._timings: list[dict[str, Any]] = []
        self._done: list[str] = []

    def resume(self) -> list[str]:
        """Take up what the folder holds, if it holds anything.

        Returns:
            A phrase for each way in which it was begun elsewhere, so that the records may differ
            from those of one run in their last bits.

        Raises:
            UserError: if it cannot be read.
        """
        if not self._folder.has_records():
            return []
        table, metadata = self._folder.read_records()
        self._records = table.to_dict("records")  # type: ignore[assignment]
        self._timings = list(self._folder.read_timing_rows())
        here, self._environment = self._environment, metadata["environment"]
        progress = metadata["progress"]
        self._done = progress["done"]
        self.finished = progress["finished"]
        self.failures = progress["failures"]
        return [
            f"{name} ({self._environment.get(name)}, now {value})"
            for name, value in here.items()
            if name != "command" and self._environment.get(name) != value
        ]

    def has(self, name: str) -> bool:
        """Tell whether what is kept under a name is there already."""
        return name in self._done

    def keep(self, name: str, records: Iterable[Record]) -> None:
        """Keep records that belong to no run, under a name."""
        self._records += records
        self._done.append(name)
        self._write()

    def keep_job(self, job: Job, outcome: JobOutcome) -> None:
        """Keep the outcome of a job, its failures too."""
        self.finished += len(job.seeds)
        self.failures += [
            f"{run.label}: {outcome.failures[run.seed]}"
            for run in job.runs
            if run.seed in outcome.failures
        ]
        self._timings.append(
            {
                **job.configuration.model_dump(),
                "seeds": list(job.seeds),
                "steps": job.study.steps,
                "training_seconds": outcome.training_seconds,
                "evaluation_seconds": outcome.evaluation_seconds,
            }
        )
        self._records += outcome.records
        self._done += [run.label for run in job.runs]
        self._write()

    def remaining(self, job: Job) -> Job | None:
        """Return the job without the runs that are finished; nothing if all are."""
        seeds = tuple(run.seed for run in job.runs if not self.has(run.label))
        return job._replace(seeds=seeds) if seeds else None

    def _write(self) -> None:
        # The records last: what they say is done, is done.
        self._folder.write_timings(self._timings)
        self._folder.write_records(
            records_table(self._records),
            {
                "settings": self._settings,
                "environment": self._environment,
                "progress": {
                    "done": self._done,
                    "finished": self.finished,
                    "failures": self.failures,
                },
            },
        )
