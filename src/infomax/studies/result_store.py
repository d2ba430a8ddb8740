"""What a reproduction has finished so far, on disk after every job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from infomax.bounds import BOUNDS, label_of_bound
from infomax.errors import UserError
from infomax.records import Record, records_table
from infomax.studies.jobs import Job, TrainingJob
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Configuration, Run

__all__ = ["JobOutcome", "ResultStore"]


@dataclass
class JobOutcome:
    """What a job has left so far; complete when it is finished.

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


class ResultStore:
    """Collects the outcomes of jobs and writes them to the folder, so that nothing is lost.

    What is finished stands in the metadata of the records, so that one file tells all: a run whose
    records are there is not run again, in whichever job it would now be. Outcomes may come in any
    order; the tables have that of the job list, and are the same whoever was done first.

    Args:
        reproduction: what is being run.
        folder: the folder to write to.
        environment: versions and machine, kept with the records.
        jobs: all that the reproduction consists of, in the order of its tables.

    Attributes:
        folder: as given.
        total: how many runs the reproduction consists of.
        finished: how many of them are done, failed ones among them.
        failures: a line for each run that failed.
    """

    def __init__(
        self,
        reproduction: Reproduction,
        folder: OutputFolder,
        environment: Mapping[str, Any],
        jobs: Sequence[Job],
    ) -> None:
        self.folder = folder
        self.total = sum(len(job.seeds) for job in jobs if isinstance(job, TrainingJob))
        self.finished = 0
        self.failures: list[str] = []
        self._settings = reproduction.model_dump(mode="json")
        self._environment = dict(environment)
        bounds = {name for study in reproduction.studies for name in study.bounds}
        # With the records, so that a report calls bounds by them without knowing any.
        in_order = [name for name in BOUNDS if name in bounds]
        with_options = sorted(bounds - {"", *in_order})
        self._labels = {name: label_of_bound(name) for name in (*in_order, *with_options)}
        names = [name for job in jobs for name in job.names]
        self._order = {name: index for index, name in enumerate(names)}
        # By the first name of the job that they are of.
        self._records: dict[str, list[Record]] = {}
        self._timings: list[dict[str, Any]] = []
        self._done: list[str] = []

    def __repr__(self) -> str:
        return f"ResultStore({self.folder}, {self.finished} of {self.total} runs)"

    def resume(self) -> list[str]:
        """Go on with what the folder holds, if it holds anything.

        Returns:
            A phrase for each way in which it was begun elsewhere, so that the records may differ
            from those of one run in their last bits.

        Raises:
            UserError: if it cannot be read, or was begun with other settings.
        """
        if not self.folder.has_records():
            return []
        try:
            table, metadata = self.folder.read_records()
        except UserError as error:
            # They hold all that is finished: nothing else could write them again.
            raise UserError(
                f"{error}: remove it, and --resume runs all that it held again"
            ) from error
        if not _goes_on(self._settings, metadata["settings"]):
            raise UserError(
                f"the records in {self.folder.path} are of other settings than these: give those "
                "that they were begun with, or choose another --out"
            )
        rows: list[Record] = table.to_dict("records")  # type: ignore[assignment]
        self._timings = list(self.folder.read_timing_rows())
        here, self._environment = self._environment, metadata["environment"]
        progress = metadata["progress"]
        self._done = progress["done"]
        begin = 0
        for name, count in zip(self._done, progress["rows"], strict=True):
            self._records[name] = rows[begin : begin + count]
            begin += count
        self.finished = progress["finished"]
        self.failures = progress["failures"]
        return [
            f"{name} ({self._environment.get(name)}, now {value})"
            for name, value in here.items()
            if name != "command" and self._environment.get(name) != value
        ]

    def begin(self) -> None:
        """Write what there is, be it nothing: from here on the folder can be drawn."""
        self._write()

    def add(self, job: Job, outcome: JobOutcome) -> None:
        """Add the outcome of a job, its failures too, and write all anew."""
        if isinstance(job, TrainingJob):
            self._add_runs(job, outcome)
        self._records[job.names[0]] = outcome.records
        self._done += job.names
        self._write()

    def remaining(self, job: Job) -> Job | None:
        """Return a job without the runs that are finished; nothing if all are."""
        missing = [name not in self._done for name in job.names]
        if not any(missing):
            return None
        if not isinstance(job, TrainingJob):
            return job
        return job._replace(seeds=tuple(compress(job.seeds, missing)))

    def _add_runs(self, job: TrainingJob, outcome: JobOutcome) -> None:
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

    def _write(self) -> None:
        self._done.sort(key=self._index)
        self.failures.sort(key=lambda line: self._index(line.rpartition(": ")[0]))
        self._timings.sort(key=lambda row: self._index(_name_of(row)))
        records = [record for name in self._done for record in self._records.get(name, ())]
        # The records last: what they say is done, is done.
        self.folder.write_timings(self._timings)
        self.folder.write_records(
            records_table(records),
            {
                "settings": self._settings,
                "environment": self._environment,
                "labels": {"bound": self._labels},
                "progress": {
                    "done": self._done,
                    "rows": [len(self._records.get(name, ())) for name in self._done],
                    "finished": self.finished,
                    "failures": self.failures,
                },
            },
        )

    def _index(self, name: str) -> int:
        return self._order.get(name, len(self._order))


def _goes_on(settings: Mapping[str, Any], begun: Mapping[str, Any]) -> bool:
    """Tell whether settings are those that were begun with, or these with more seeds."""
    pairs = list(zip(settings["studies"], begun.get("studies", ()), strict=False))
    with_their_seeds = [{**ours, "seeds": theirs.get("seeds")} for ours, theirs in pairs]
    added = all({*theirs.get("seeds", ())} <= {*ours["seeds"]} for ours, theirs in pairs)
    return added and {**settings, "studies": with_their_seeds} == begun


def _name_of(timing: Mapping[str, Any]) -> str:
    configuration = {key: timing[key] for key in Configuration.model_fields}
    return Run(Configuration(**configuration), timing["seeds"][0]).label
