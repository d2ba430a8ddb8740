"""What is trained at once: the runs of one configuration that differ only by seed."""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy, Configuration

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
        noun = f"seed {first}" if first == last else f"seeds {first} to {last}"
        return f"{self.configuration.label}, {noun}"


def jobs_of(reproduction: Reproduction, device: torch.device) -> Iterator[Job]:
    """Yield every job; within a study, those of the first seeds come first.

    So a study that is interrupted holds whole seeds, which can be compared.
    """
    for study in reproduction.studies:
        jobs = [
            Job(study, configuration, seeds)
            for configuration in study.configurations()
            for seeds in _parts(study.seeds, _seeds_at_once(configuration, device))
        ]
        yield from sorted(jobs, key=lambda job: job.seeds[0])


def _parts(seeds: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
    for first in range(0, len(seeds), size):
        yield seeds[first : first + size]


def _seeds_at_once(configuration: Configuration, device: torch.device) -> int:
    """Return how many seeds of a configuration are worth training as one model.

    On a GPU a step of these networks is mostly waiting for kernels to start, so all seeds go
    together. On a CPU it pays where the matrices are too small to keep the cores busy by
    themselves (docs/results.md): stacked, each core multiplies those of one seed.
    """
    if device.type != "cpu":
        return _ALL
    return _ON_CPU.get(configuration.encoder, 1)


_ALL = 1_000
_ON_CPU = {"mlp": 8, "identity": 8}
