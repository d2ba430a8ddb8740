"""What is trained at once: the runs of one configuration that differ only by seed."""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy, Configuration, Run

__all__ = ["Job", "jobs_of"]


class Job(NamedTuple):
    """Runs of one configuration, trained side by side.

    Attributes:
        study: that they belong to.
        configuration: that they have in common.
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
    def runs(self) -> tuple[Run, ...]:
        """The runs, one for each seed."""
        return tuple(Run(self.configuration, seed) for seed in self.seeds)

    @property
    def names(self) -> tuple[str, ...]:
        """What the journal knows its runs by."""
        return tuple(run.label for run in self.runs)


def jobs_of(reproduction: Reproduction, device: torch.device) -> Iterator[Job]:
    """Yield every job; within a study, those of the first seeds come first.

    So a study that is interrupted holds whole seeds, which can be compared.
    """
    for study in reproduction.studies:
        jobs = [
            Job(study, configuration, seeds)
            for configuration in study.configurations()
            for seeds in _groups(study.seeds, _group_sizes(configuration, study, device))
        ]
        yield from sorted(jobs, key=lambda job: job.seeds[0])


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
    together. On a CPU it pays where the matrices are too small to keep the cores busy by
    themselves: stacked, each core multiplies those of one seed, so their number is to be even
    (docs/results.md).
    """
    if device.type != "cpu":
        return (len(study.seeds),)
    return _ON_CPU.get(configuration.encoder, (1,))


_ON_CPU = {"mlp": (8, 6, 4), "identity": (8, 7, 6, 5, 4, 3, 2)}
