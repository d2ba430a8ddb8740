"""The jobs that a reproduction consists of: what is trained at once, and the raw pixels beside."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import torch

from infomax.studies.catalogue import STUDIES, Cost
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import (
    AdversarialStudy,
    AnyStudy,
    Configuration,
    LossStudy,
    PairStudy,
    Run,
    SampleStudy,
)

__all__ = [
    "ExpectedCost",
    "Job",
    "RawPixelsJob",
    "TrainingJob",
    "expected_cost",
    "in_order_of_work",
    "job_list",
    "training_jobs",
]

# At full scale, where costs were measured.
_VIEW_SIZE = 392
_ALL_IMAGES, _ALL_BATCHES = 60_000, 1_000
_SECONDS_OF_RAW_PIXELS = 10.0


class TrainingJob(NamedTuple):
    """Runs of one configuration that differ by seed alone, trained side by side.

    Attributes:
        study: the study that the runs belong to.
        configuration: what the runs have in common.
        seeds: one for each run.
    """

    study: AnyStudy
    configuration: Configuration
    seeds: tuple[int, ...]

    @property
    def label(self) -> str:
        """One line that tells the job from the others of its reproduction."""
        first, last = self.seeds[0], self.seeds[-1]
        if first == last:
            return f"{self.configuration.label}, seed {first}"
        whole = self.seeds == tuple(range(first, last + 1))
        named = f"{first} to {last}" if whole else ", ".join(map(str, self.seeds))
        return f"{self.configuration.label}, seeds {named}"

    @property
    def dataset(self) -> str:
        """Name or path of the data set, as the study gives it."""
        return self.configuration.dataset

    @property
    def kind(self) -> str:
        """What jobs that take as long per step have in common."""
        of = self.configuration
        return f"{of.study}: {of.encoder}, {of.critic or of.loss}"

    @property
    def steps(self) -> int:
        """Updates of each run."""
        return self.study.steps

    @property
    def evaluation_steps(self) -> tuple[int, ...]:
        """Numbers of updates after which the runs are evaluated."""
        return self.study.evaluation_steps

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, one for each seed."""
        return tuple(Run(self.configuration, seed) for seed in self.seeds)

    @property
    def names(self) -> tuple[str, ...]:
        """What the result store knows the runs by."""
        return tuple(run.label for run in self.runs)


class RawPixelsJob(NamedTuple):
    """The probes of the views themselves, as the encoders of a study see them.

    Attributes:
        study: the study whose codes are compared with them.
        dataset: name or path of the images, as the study gives it.
        label: one line that tells them from the rest.
    """

    study: PairStudy | AdversarialStudy | LossStudy
    dataset: str
    label: str

    @property
    def steps(self) -> int:
        """No update is made."""
        return 0

    @property
    def evaluation_steps(self) -> tuple[int, ...]:
        """They are measured once."""
        return (0,)

    @property
    def kind(self) -> str:
        """What jobs that take as long have in common: each is its own kind."""
        return self.label

    @property
    def names(self) -> tuple[str, ...]:
        """What the result store knows them by."""
        return (self.label,)


Job: TypeAlias = RawPixelsJob | TrainingJob
"""What needs nothing of the rest of a reproduction, wherever it is done."""


def job_list(
    reproduction: Reproduction, device: torch.device, labels: Mapping[str, str]
) -> list[Job]:
    """Return every job of a reproduction, in the order in which its records stand.

    The raw pixels of a data set stand before the first job that uses it.

    Args:
        reproduction: what to run.
        device: where it is run, which decides how many seeds go together.
        labels: what records call each data set, by the name or path that the studies give it.
    """
    jobs: dict[str, Job] = {}
    for job in training_jobs(reproduction, device):
        study, dataset = job.study, job.configuration.dataset
        if not isinstance(study, SampleStudy):
            label = f"{study.name} on {labels[dataset]}: raw pixels"
            jobs.setdefault(label, RawPixelsJob(study, dataset, label))
        jobs[job.label] = job
    return list(jobs.values())


def training_jobs(reproduction: Reproduction, device: torch.device) -> Iterator[TrainingJob]:
    """Yield every job that trains; within a study, those of the first seeds come first.

    So a study that is interrupted holds whole seeds, which can be compared.
    """
    for study in reproduction.studies:
        jobs = [
            TrainingJob(study, configuration, seeds)
            for configuration in study.configurations()
            for seeds in _groups(study.seeds, _group_sizes(configuration, study, device))
        ]
        yield from sorted(jobs, key=lambda job: job.seeds[0])


def in_order_of_work(jobs: Sequence[Job]) -> list[Job]:
    """Return jobs as they are to be begun: study by study, those that are soon to be seen first."""
    last = max((entry.turn for entry in STUDIES.values()), default=0)
    turns = {name: entry.turn for name, entry in STUDIES.items()}
    return sorted(jobs, key=lambda job: turns.get(job.study.name, last))


class ExpectedCost(NamedTuple):
    """Seconds that a job would have cost where costs were measured.

    On other machines all differ, much less so their ratios.

    Attributes:
        update: seconds of an update of all its seeds.
        evaluation: seconds of an evaluation of all its seeds.
    """

    update: float
    evaluation: float


def expected_cost(job: Job, view_size: int) -> ExpectedCost:
    """Return what a job is expected to cost.

    Args:
        job: runs that are trained, or the probes of raw pixels.
        view_size: how many values each view has.

    Example:
        >>> study = STUDIES["matched-bound"].full
        >>> mlp, *_, convnet = (TrainingJob(study, of, (0,)) for of in study.configurations())
        >>> expected_cost(convnet, 392).update > 10 * expected_cost(mlp, 392).update
        True
    """
    study = job.study
    if isinstance(study, SampleStudy):
        measured = study.held_out_batches / _ALL_BATCHES
    else:
        measured = (study.probed_images or _ALL_IMAGES) / _ALL_IMAGES
    if not isinstance(job, TrainingJob):
        return ExpectedCost(0.0, _SECONDS_OF_RAW_PIXELS * measured * view_size / _VIEW_SIZE)
    cost = _cost_of(job.configuration)
    runs = len(job.seeds) * (view_size / _VIEW_SIZE) ** cost.growth
    return ExpectedCost(cost.update * runs, cost.evaluation * measured * runs)


def _groups(seeds: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Cut seeds into groups, each of the first size that is not more than is left, or else 1."""
    while seeds:
        size = next((size for size in sizes if size <= len(seeds)), 1)
        yield seeds[:size]
        seeds = seeds[size:]


def _group_sizes(
    configuration: Configuration, study: AnyStudy, device: torch.device
) -> tuple[int, ...]:
    """Return how many seeds of a configuration are worth training as one model, best first.

    On a GPU a step of these networks is mostly waiting for kernels to start, so all seeds go
    together.
    """
    if device.type != "cpu":
        return (len(study.seeds),)
    return _cost_of(configuration).seeds_at_once


def _cost_of(configuration: Configuration) -> Cost:
    entry = STUDIES.get(configuration.study)
    return Cost() if entry is None else entry.cost_of(configuration)
