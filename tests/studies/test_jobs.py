"""Jobs: every run once, whole seeds first, side by side where that pays."""

import pytest
import torch

from infomax.studies.catalogue import STUDIES
from infomax.studies.jobs import Job, jobs_of
from infomax.studies.reproduction import Reproduction

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def jobs(device: torch.device, *, seeds: int) -> list[Job]:
    studies = tuple(
        study.model_copy(update={"seeds": tuple(range(seeds))}) for study in STUDIES.values()
    )
    return list(jobs_of(Reproduction(preset="paper", device="cpu", studies=studies), device))


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
    first = next(STUDIES["critics"].configurations())
    groups = [job.seeds for job in jobs(CPU, seeds=seeds) if job.configuration == first]
    assert [len(group) for group in groups] == sizes
    assert [seed for group in groups for seed in group] == list(range(seeds))
