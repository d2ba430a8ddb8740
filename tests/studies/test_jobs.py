"""Jobs: every run once, whole seeds first, side by side where that pays, raw pixels beside."""

import pytest
import torch

from infomax.studies.catalogue import STUDIES
from infomax.studies.jobs import (
    RawPixelsJob,
    TrainingJob,
    expected_cost,
    in_order_of_work,
    job_list,
    training_jobs,
)
from infomax.studies.reproduction import Reproduction

CPU, GPU = torch.device("cpu"), torch.device("cuda")
LABELS = {"mnist": "mnist", "photos/of-cats": "of-cats-jpeg"}


def jobs(device: torch.device, *, seeds: int) -> list[TrainingJob]:
    studies = tuple(
        entry.full.model_copy(update={"seeds": tuple(range(seeds))}) for entry in STUDIES.values()
    )
    return list(training_jobs(Reproduction(preset="full", device="cpu", studies=studies), device))


@pytest.mark.parametrize("device", [CPU, GPU])
@pytest.mark.parametrize("seeds", [1, 3, 20])
def test_every_run_is_in_one_job(device: torch.device, seeds: int) -> None:
    made = jobs(device, seeds=seeds)
    runs = [(job.configuration, seed) for job in made for seed in job.seeds]
    assert len(runs) == len(set(runs))
    studies = [job.study for job in made]
    promised = {run for study in studies for run in study.runs()}
    assert set(runs) == promised
    assert len({job.label for job in made}) == len(made)


def test_a_job_is_named_by_its_seeds() -> None:
    job = jobs(GPU, seeds=4)[0]
    assert job.label.endswith(", seeds 0 to 3")
    assert job._replace(seeds=(0, 3)).label.endswith(", seeds 0, 3")
    assert job._replace(seeds=(2,)).label.endswith(", seed 2")


def test_the_first_seeds_come_first_within_a_study() -> None:
    for study in STUDIES:
        firsts = [job.seeds[0] for job in jobs(CPU, seeds=20) if job.study.name == study]
        assert firsts == sorted(firsts)


def test_twenty_seeds_are_one_job_on_a_gpu() -> None:
    assert all(job.seeds == tuple(range(20)) for job in jobs(GPU, seeds=20))


def test_a_cpu_stacks_small_networks_alone() -> None:
    sizes = {
        encoder: max(len(job.seeds) for job in jobs(CPU, seeds=20) if encoder in job.label)
        for encoder in ("mlp encoder", "convnet", "realnvp-additive", "identity")
    }
    assert sizes["mlp encoder"] == sizes["identity"] == 8
    assert sizes["convnet"] == sizes["realnvp-additive"] == 1


@pytest.mark.parametrize(
    ("seeds", "sizes"), [(1, [1]), (3, [1, 1, 1]), (5, [4, 1]), (7, [6, 1]), (20, [8, 8, 4])]
)
def test_groups_of_an_mlp_are_even_or_single(seeds: int, sizes: list[int]) -> None:
    first = next(STUDIES["critics"].full.configurations())
    groups = [job.seeds for job in jobs(CPU, seeds=seeds) if job.configuration == first]
    assert [len(group) for group in groups] == sizes
    assert [seed for group in groups for seed in group] == list(range(seeds))


def of_two_data_sets() -> Reproduction:
    changes = {"datasets": tuple(LABELS), "seeds": (0, 1)}
    studies = [STUDIES[name].full.model_copy(update=changes) for name in ("critics", "bijective")]
    return Reproduction(preset="full", device="cpu", studies=(*studies, STUDIES["non-iid"].full))


def test_the_trained_jobs_of_the_list_are_those_of_the_reproduction_in_their_order() -> None:
    reproduction = of_two_data_sets()
    listed = job_list(reproduction, CPU, LABELS)
    jobs = [job for job in listed if isinstance(job, TrainingJob)]
    assert jobs == list(training_jobs(reproduction, CPU))


def test_raw_pixels_stand_once_before_the_first_job_on_them() -> None:
    listed = job_list(of_two_data_sets(), CPU, LABELS)
    raw = [job for job in listed if isinstance(job, RawPixelsJob)]
    assert [each.label for each in raw] == [
        "critics on mnist: raw pixels",
        "critics on of-cats-jpeg: raw pixels",
        "bijective on mnist: raw pixels",
        "bijective on of-cats-jpeg: raw pixels",
    ]
    for each in raw:
        first = next(
            job
            for job in listed
            if isinstance(job, TrainingJob)
            and job.study == each.study
            and job.configuration.dataset == each.dataset
        )
        assert listed.index(each) == listed.index(first) - 1


def test_every_run_has_one_name() -> None:
    reproduction = of_two_data_sets()
    names = [name for job in job_list(reproduction, CPU, LABELS) for name in job.names]
    runs = [run.label for study in reproduction.studies for run in study.runs()]
    assert len(set(names)) == len(names)
    assert set(names) >= set(runs)
    assert len(names) == len(runs) + 4


def test_the_work_is_done_study_by_study_the_cheapest_first() -> None:
    studies = tuple(STUDIES[name].full for name in ("bijective", "critics", "conditioning"))
    listed = job_list(Reproduction(preset="full", device="cpu", studies=studies), CPU, LABELS)
    work = in_order_of_work(listed)
    names = [job.study.name for job in work]
    assert list(dict.fromkeys(names)) == ["conditioning", "critics", "bijective"]
    assert names == sorted(names, key=["conditioning", "critics", "bijective"].index)
    for name in dict.fromkeys(names):
        of_study = [job for job in listed if job.study.name == name]
        assert [job for job in work if job.study.name == name] == of_study


def test_fewer_images_and_seeds_are_expected_to_cost_less() -> None:
    study = STUDIES["critics"].full
    configuration = next(study.configurations())
    whole = expected_cost(TrainingJob(study, configuration, (0, 1)), 392)
    fewer = study.model_copy(update={"probed_images": 10_000})
    part = expected_cost(TrainingJob(fewer, configuration, (0,)), 392)
    assert part.update == whole.update / 2
    assert part.evaluation < whole.evaluation / 2
    flows = STUDIES["bijective"].full
    flow = TrainingJob(flows, next(flows.configurations()), (0,))
    assert expected_cost(flow, 98).update == expected_cost(flow, 392).update / 4
