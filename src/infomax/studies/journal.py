"""What a reproduction has finished so far, on disk after every piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from infomax.errors import UserError
from infomax.records import Record, records_table
from infomax.studies.jobs import Job
from infomax.studies.output_folder import OutputFolder
from infomax.studies.plan import Piece
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Configuration, Run

__all__ = ["JobOutcome", "Journal"]


@dataclass
class JobOutcome:
    """What a job, or another piece, has left so far; complete when it is finished.

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
    """Collects the outcomes of pieces and writes them to the folder, so that nothing is lost.

    What is finished stands in the metadata of the records, so that one file tells all: a run whose
    records are there is not run again, in whichever job it would now be. Outcomes may come in any
    order; the tables have that of the plan, and are the same whoever was done first.

    Args:
        reproduction: what is being run.
        folder: where it is written.
        environment: versions and machine, kept with the records.
        order: what all pieces are known by, as the plan has them.
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
        order: Sequence[str],
        total: int,
    ) -> None:
        self.total = total
        self.finished = 0
        self.failures: list[str] = []
        self._folder = folder
        self._settings = reproduction.model_dump(mode="json")
        self._environment = dict(environment)
        self._places = {name: place for place, name in enumerate(order)}
        # By the first name of the piece that they are of.
        self._records: dict[str, list[Record]] = {}
        self._timings: list[dict[str, Any]] = []
        self._done: list[str] = []

    def resume(self) -> list[str]:
        """Take up what the folder holds, if it holds anything.

        Returns:
            A phrase for each way in which it was begun elsewhere, so that the records may differ
            from those of one run in their last bits.

        Raises:
            UserError: if it cannot be read, or was begun with other settings.
        """
        if not self._folder.has_records():
            return []
        try:
            table, metadata = self._folder.read_records()
        except UserError as error:
            # They hold all that is finished: nothing else could write them again.
            raise UserError(
                f"{error}: remove it, and --resume runs all that it held again"
            ) from error
        if not _goes_on(self._settings, metadata["settings"]):
            raise UserError(
                f"the records in {self._folder.path} are of other settings than these: give those "
                "that they were begun with, or choose another --out"
            )
        rows: list[Record] = table.to_dict("records")  # type: ignore[assignment]
        self._timings = list(self._folder.read_timing_rows())
        here, self._environment = self._environment, metadata["environment"]
        progress = metadata["progress"]
        self._done = progress["done"]
        begin = 0
        # Without counts they were kept in order, and all may stay with the first.
        for name, count in zip(self._done, progress.get("rows", [len(rows)]), strict=False):
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

    def keep(self, piece: Piece, outcome: JobOutcome) -> None:
        """Keep the outcome of a piece, its failures too."""
        if isinstance(piece, Job):
            self._keep_job(piece, outcome)
        self._records[piece.names[0]] = outcome.records
        self._done += piece.names
        self._write()

    def remaining(self, piece: Piece) -> Piece | None:
        """Return a piece without the runs that are finished; nothing if all is."""
        missing = [name not in self._done for name in piece.names]
        if not any(missing):
            return None
        if not isinstance(piece, Job):
            return piece
        return piece._replace(seeds=tuple(compress(piece.seeds, missing)))

    def _keep_job(self, job: Job, outcome: JobOutcome) -> None:
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
        self._done.sort(key=self._place)
        self.failures.sort(key=lambda line: self._place(line.rpartition(": ")[0]))
        self._timings.sort(key=lambda row: self._place(_name_of(row)))
        records = [record for name in self._done for record in self._records.get(name, ())]
        # The records last: what they say is done, is done.
        self._folder.write_timings(self._timings)
        self._folder.write_records(
            records_table(records),
            {
                "settings": self._settings,
                "environment": self._environment,
                "progress": {
                    "done": self._done,
                    "rows": [len(self._records.get(name, ())) for name in self._done],
                    "finished": self.finished,
                    "failures": self.failures,
                },
            },
        )

    def _place(self, name: str) -> int:
        return self._places.get(name, len(self._places))


def _goes_on(settings: Mapping[str, Any], begun: Mapping[str, Any]) -> bool:
    """Tell whether settings are those that were begun with, or these with more seeds."""
    pairs = list(zip(settings["studies"], begun.get("studies", ()), strict=False))
    with_their_seeds = [{**ours, "seeds": theirs.get("seeds")} for ours, theirs in pairs]
    added = all({*theirs.get("seeds", ())} <= {*ours["seeds"]} for ours, theirs in pairs)
    return added and {**settings, "studies": with_their_seeds} == begun


def _name_of(timing: Mapping[str, Any]) -> str:
    configuration = {key: timing[key] for key in Configuration.model_fields}
    return Run(Configuration(**configuration), timing["seeds"][0]).label
