"""Jobs run elsewhere say how far they are, and what is left of that is cleared away."""

from pathlib import Path

import pytest
import torch

from infomax.executors import LocalExecutor
from infomax.studies.catalogue import find_study
from infomax.studies.jobs import Job, training_jobs
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.result_store import JobOutcome, ResultStore
from infomax.studies.runner import ParallelRunner
from tests.studies.told import Told

CPU = torch.device("cpu")
SMALL = {"steps": 3, "evaluate_every": 3, "held_out_batches": 2, "seeds": (0,), "batch_size": 8}


def small(path: Path) -> tuple[Reproduction, OutputFolder]:
    study = find_study("non-iid").full.model_copy(update=SMALL)
    folder = OutputFolder(path / "out")
    folder.path.mkdir(exist_ok=True)
    return Reproduction(preset="quick", device="cpu", studies=(study,)), folder


def test_how_many_updates_are_made_is_known_until_a_job_has_ended(tmp_path: Path) -> None:
    reproduction, folder = small(tmp_path)
    jobs, told = list(training_jobs(reproduction, CPU))[:2], Told()
    made = []

    class Store(ResultStore):
        def add(self, job: Job, outcome: JobOutcome) -> None:
            made.append(told.updates())
            super().add(job, outcome)

    store = Store(reproduction, folder, {}, jobs)
    ended = ParallelRunner(LocalExecutor(), CPU, folder).run(jobs, store, told)
    assert told.begun == [job.label for job in jobs]
    assert told.updates() == {}
    assert next(ended) == jobs[0]
    assert [each.keys() for each in made] == [{jobs[0].label}]
    assert 0 <= made[0][jobs[0].label] <= 3
    assert told.updates() == {}
    assert told.ended.keys() == {jobs[0].label}
    assert list((folder.path / "checkpoints").iterdir()) == []
    (timing,) = folder.read_timing_rows()
    took = timing["training_seconds"] + timing["evaluation_seconds"]
    assert told.ended == {jobs[0].label: took}


def test_what_was_told_of_a_job_before_is_not_told_again(tmp_path: Path) -> None:
    reproduction, folder = small(tmp_path)
    jobs, told = list(training_jobs(reproduction, CPU))[:1], Told()
    store = ResultStore(reproduction, folder, {}, jobs)

    def killed(job: Job, outcome: JobOutcome) -> None:
        raise KeyboardInterrupt

    store.add = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        next(ParallelRunner(LocalExecutor(), CPU, folder).run(jobs, store, told))
    assert told.updates()
    ParallelRunner(LocalExecutor(), CPU, folder).run(jobs, store, told)
    assert told.updates() == {}
