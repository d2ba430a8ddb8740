"""Pieces done elsewhere say how far they are, and what is left of that is cleared away."""

from pathlib import Path

import torch

from infomax.studies.catalogue import find_study
from infomax.studies.expected_cost import expected_cost
from infomax.studies.jobs import Job, jobs_of
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.work_anywhere import WorkAnywhere

SMALL = {"steps": 3, "evaluate_every": 3, "held_out_batches": 2, "seeds": (0,), "batch_size": 8}


def test_how_many_updates_are_made_is_known_until_a_job_has_ended(tmp_path: Path) -> None:
    study = find_study("non-iid").model_copy(update=SMALL)
    reproduction = Reproduction(preset="quick", device="cpu", studies=(study,))
    first, second, *_ = jobs_of(reproduction, torch.device("cpu"))
    folder = OutputFolder(tmp_path / "out")
    folder.path.mkdir()
    told: dict[str, float] = {}
    work = WorkAnywhere("cpu", folder, told.__setitem__)
    assert isinstance(first, Job)
    perform = work.of(first)
    work.of(second)
    assert work.updates() == {}
    outcome = perform()
    assert work.updates().keys() == {first.label}
    assert 0 <= work.updates()[first.label] <= 3
    work.ended(first, outcome)
    assert work.updates() == {}
    assert told == {first.label: outcome.training_seconds + outcome.evaluation_seconds}
    assert list((folder.path / "checkpoints").iterdir()) == []


def test_what_was_told_of_a_job_before_is_not_told_again(tmp_path: Path) -> None:
    study = find_study("non-iid").model_copy(update=SMALL)
    reproduction = Reproduction(preset="quick", device="cpu", studies=(study,))
    job = next(jobs_of(reproduction, torch.device("cpu")))
    folder = OutputFolder(tmp_path / "out")
    folder.path.mkdir()
    first = WorkAnywhere("cpu", folder, lambda _label, _seconds: None)
    first.of(job)()
    assert first.updates()
    second = WorkAnywhere("cpu", folder, lambda _label, _seconds: None)
    second.of(job)
    assert second.updates() == {}


def test_fewer_images_and_seeds_are_expected_to_cost_less() -> None:
    study = find_study("critics")
    configuration = next(study.configurations())
    whole = expected_cost(Job(study, configuration, (0, 1)), 392)
    fewer = study.model_copy(update={"probed_images": 10_000})
    part = expected_cost(Job(fewer, configuration, (0,)), 392)
    assert part.update == whole.update / 2
    assert part.evaluation < whole.evaluation / 2
    flows = find_study("bijective")
    flow = Job(flows, next(flows.configurations()), (0,))
    assert expected_cost(flow, 98).update == expected_cost(flow, 392).update / 4
