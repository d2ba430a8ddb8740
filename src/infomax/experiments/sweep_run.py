"""The runs of a sweep, made by whatever executor, and how each has ended."""

import math
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from infomax.data import ItemDataset
from infomax.errors import UserError
from infomax.executors import Executor, Task, open_executor
from infomax.experiments.build import open_items_of
from infomax.experiments.run import RunRequest, prepare_run, run_experiment
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.sweep import Sweep, SweepFolder, SweepRequest, SweptRun
from infomax.folder_lock import locked_folder
from infomax.training import Callback, Connection, LossNotFiniteError, NoProgress, Progress
from infomax.warnings import TrainingWarning

__all__ = ["RunEnd", "RunOutcome", "check_runs", "open_sweep", "run_one", "run_sweep"]


@dataclass(frozen=True)
class RunOutcome:
    """What is told of a run by whoever made it; all else is in its folder.

    Attributes:
        failure: why it could not be finished.
        mistaken: whether that was a mistake in its settings or data, rather than its loss.
        warnings: warnings that it gave.
    """

    failure: str | None = None
    mistaken: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunEnd:
    """How a run has ended.

    Attributes:
        run: the run.
        outcome: what was told of it.
        ending: why it ended.
        validation_bound: bound on validation pairs in nats; NaN where there is none.
        probe_accuracy: accuracy from the codes of the run's weights; NaN where there are no labels.
        records: all that was measured.
    """

    run: SweptRun
    outcome: RunOutcome
    ending: str
    validation_bound: float
    probe_accuracy: float
    records: pd.DataFrame | None

    @classmethod
    def of(cls, run: SweptRun, folder: RunFolder, outcome: RunOutcome) -> "RunEnd":
        """Read how a run has ended from its folder.

        Raises:
            UserError: if it is said to have ended, and the folder does not say so; or if its
                records are damaged.
        """
        notes = folder.notes()
        if outcome.failure is None and "ending" not in notes:
            raise UserError(
                f"{folder.path} is not there, though its run has ended: --out must be on a disk "
                "that all machines share"
            )
        records = folder.records()
        return cls(
            run,
            outcome,
            outcome.failure or notes["ending"],
            _last(records, "bound") if outcome.failure else notes["validation_bound"],
            _last(records, "probe_accuracy", notes.get("weights_step", math.inf)),
            records,
        )


def run_one(
    run: SweptRun,
    path: Path,
    command: str,
    progress: Progress | None = None,
    callbacks: Sequence[Callback] = (),
) -> RunOutcome:
    """Make a run, or go on with it from its last checkpoint.

    Args:
        run: the run.
        path: its folder.
        command: what was typed.
        progress: is told how far it is.
        callbacks: called while it is trained.
    """
    folder = RunFolder(path)
    failure, mistaken = None, False
    with _recorded_warnings() as recorded:
        try:
            run_experiment(
                RunRequest(run.config, folder, folder.begun),
                command=command,
                progress=progress or NoProgress(),
                callbacks=callbacks,
            )
        except LossNotFiniteError as error:
            failure = str(error)
        except UserError as error:
            failure, mistaken = str(error), True
    return RunOutcome(failure, mistaken, tuple(recorded))


@contextmanager
def open_sweep(request: SweepRequest, executor: str, address: str | None) -> Iterator[Executor]:
    """Hold the folder of a sweep, begun or resumed, and the executor that makes its runs.

    Args:
        request: the sweep, and its folder.
        executor: name of what makes the runs, e.g. ``processes``.
        address: address of the Ray cluster that makes the runs.

    Raises:
        UserError: if a run could not be begun, or the folder or executor cannot be used; nothing is
            written then.
    """
    sweep, folder, resume = request
    with locked_folder(folder.path):
        if not resume:
            folder.check_free()
            check_runs(sweep)
        gpu = any(run.config.device != "cpu" for run in sweep.runs)
        with open_executor(executor, address, gpu=gpu) as opened:
            if not resume:
                folder.begin(sweep)
            yield opened


def run_sweep(
    sweep: Sweep,
    folder: SweepFolder,
    executor: Executor,
    work: Callable[[SweptRun], Callable[[], RunOutcome]],
    tell: Callable[[RunEnd], None],
) -> list[RunEnd]:
    """Make every run that has not ended, and merge the records of all as they end.

    Args:
        sweep: the runs.
        folder: folder of the sweep, which was begun.
        executor: makes the runs.
        work: returns what makes a run where the executor calls it.
        tell: is told of each run that has ended, those that had ended before among them.

    Returns:
        How each run has ended, in the order of the grid.
    """
    ends: dict[str, RunEnd] = {}

    def add(run: SweptRun, outcome: RunOutcome) -> None:
        ends[run.name] = RunEnd.of(run, folder.run_folder(run), outcome)
        tell(ends[run.name])

    for run in sweep.runs:
        if _has_ended(folder.run_folder(run)):
            add(run, RunOutcome())
    left = [run for run in sweep.runs if run.name not in ends]
    _merge(sweep, folder, ends)
    for index, outcome in executor.run([Task(run.name, work(run)) for run in left]):
        add(left[index], outcome)
        _merge(sweep, folder, ends)
    return [ends[run.name] for run in sweep.runs]


def _has_ended(folder: RunFolder) -> bool:
    """Tell whether a run has ended and can be read; gone on with, it is written again."""
    try:
        return "ending" in folder.notes() and folder.records() is not None
    except UserError:
        return False


def _merge(sweep: Sweep, folder: SweepFolder, ends: dict[str, RunEnd]) -> None:
    ended = [ends[run.name] for run in sweep.runs if run.name in ends]
    records = [(end.run, end.records) for end in ended if end.records is not None]
    failures = {end.run.name: end.outcome.failure for end in ended if end.outcome.failure}
    folder.write_records(sweep, records, failures)


def _last(records: pd.DataFrame | None, metric: str, at_most: float = math.inf) -> float:
    if records is None:
        return math.nan
    chosen = records[(records["split"] == "test") & (records["metric"] == metric)]
    chosen = chosen[chosen["step"] <= at_most]
    return float(chosen.sort_values("step")["value"].iloc[-1]) if len(chosen) else math.nan


@contextmanager
def _recorded_warnings() -> Iterator[list[str]]:
    """Record what a training warns of, wherever it is, for whoever asked for it."""
    recorded: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", TrainingWarning)
        others = warnings.showwarning

        def show(
            message: Warning | str, category: type[Warning], *where: object, **more: object
        ) -> None:
            if issubclass(category, TrainingWarning):
                recorded.append(str(message))
            else:
                others(message, category, *where, **more)  # type: ignore[arg-type]

        warnings.showwarning = show
        yield recorded


_OF_DATA = (
    *("data", "y_data", "x", "y", "labels", "groups"),
    *("image_size", "skip_bad", "skip_at_most"),
)


def check_runs(sweep: Sweep) -> None:
    """Open the data, views and parts of every run; each data set is opened once.

    Raises:
        UserError: if a run could not be begun; it names the run.
    """
    opened: dict[str, ItemDataset] = {}
    here = Connection(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as cache, warnings.catch_warnings():
        # Each run tells its own.
        warnings.simplefilter("ignore", TrainingWarning)
        for run in sweep.runs:
            data = run.config.model_dump_json(include=set(_OF_DATA))
            try:
                if data not in opened:
                    opened[data] = open_items_of(run.config, Path(cache) / str(len(opened)))
                prepare_run(run.config, opened[data], here)
            except UserError as error:
                raise UserError(f"{run.name}: {error}") from error
