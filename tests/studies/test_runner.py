"""Jobs run elsewhere say how far they are, and what is left of that is cleared away."""

from pathlib import Path

import torch

from infomax.executors import LocalExecutor
from infomax.studies.catalogue import find_study
from infomax.studies.jobs import TrainingJob, training_jobs
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.runner import ParallelRunner
from tests.studies.told import Told

CPU = torch.device("cpu")
SMALL = {"steps": 3, "evaluate_every": 3, "held_out_batches": 2, "seeds": (0,), "batch_size": 8}


def small_jobs() -> list[TrainingJob]:
    study = find_study("non-iid").paper.model_copy(update=SMALL)
    reproduction = Reproduction(preset="quick", device="cpu", studies=(study,))
    return list(training_jobs(reproduction, CPU))


def opened(path: Path) -> tuple[OutputFolder, ParallelRunner]:
    folder = OutputFolder(path / "out")
    folder.path.mkdir(exist_ok=True)
    return folder, ParallelRunner(LocalExecutor(), CPU, folder)


def test_how_many_updates_are_made_is_known_until_a_job_has_ended(tmp_path: Path) -> None:
    jobs = small_jobs()[:2]
    folder, runner = opened(tmp_path)
    told = Told()
    outcomes = runner.run(jobs, told)
    assert told.begun == [job.label for job in jobs]
    assert told.updates() == {}
    first, outcome = next(outcomes)
    assert first == jobs[0]
    assert told.updates().keys() == {first.label}
    assert 0 <= told.updates()[first.label] <= 3
    runner.clear(first, outcome, told)
    assert told.updates() == {}
    assert told.ended == {first.label: outcome.training_seconds + outcome.evaluation_seconds}
    assert list((folder.path / "checkpoints").iterdir()) == []


def test_what_was_told_of_a_job_before_is_not_told_again(tmp_path: Path) -> None:
    jobs = small_jobs()[:1]
    _, first = opened(tmp_path)
    told = Told()
    next(first.run(jobs, told))
    assert told.updates()
    _, second = opened(tmp_path)
    second.run(jobs, told)
    assert told.updates() == {}
