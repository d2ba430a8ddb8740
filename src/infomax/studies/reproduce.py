"""Run a reproduction in its folder, from its beginning or from where it was stopped."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from infomax.executors import open_executor, processes_of_this_machine
from infomax.studies.experiment import load_images
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import ExpectedCost, Job, expected_cost, job_list
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.result_store import ResultStore
from infomax.studies.runner import JobProgress, LocalRunner, ParallelRunner, Runner, run_jobs
from infomax.training import choose_device, describe_environment

__all__ = ["OpenReproduction", "open_reproduction"]


@dataclass(frozen=True)
class OpenReproduction:
    """A reproduction that was checked and whose folder is ready: all that is left is to run it.

    Attributes:
        jobs: all that it consists of.
        store: what of it is finished.
        changes: a phrase for each way in which it was begun under other conditions, so that the
            records may differ from those of one run in their last bits.
    """

    jobs: Sequence[Job]
    store: ResultStore
    changes: Sequence[str]
    _images: Mapping[str, ImagePairs]
    _runner: Runner

    def run(self, progress: JobProgress, draw: Callable[[], None] = lambda: None) -> None:
        """Run what is not finished.

        Args:
            progress: is told how far the jobs are, by their labels.
            draw: called when work has begun and whenever a study has ended but the last.
        """
        run_jobs(self.jobs, self.store, self._runner, progress, draw)

    def expected_costs(self) -> Iterator[tuple[Job, ExpectedCost]]:
        """Yield each job, or what is left of one of which some runs are done, and what it costs."""
        for job in (self.store.remaining(each) or each for each in self.jobs):
            images = self._images.get(job.dataset)
            # Samples of distributions are not encoded.
            yield job, expected_cost(job, 1 if images is None else math.prod(images.view_shape))


@contextmanager
def open_reproduction(
    reproduction: Reproduction,
    folder: OutputFolder,
    *,
    command: str,
    resume: bool = False,
    executor: str = "local",
    address: str | None = None,
) -> Iterator[OpenReproduction]:
    """Check a reproduction, load its data, and make its folder ready for it to be run.

    Args:
        reproduction: what to run.
        folder: the folder to write to; whoever calls this has seen that it is free.
        command: the command that asked for this, kept with the records.
        resume: whether to go on with what the folder holds.
        executor: ``"local"`` for this machine, ``"ray"`` for a cluster.
        address: the address of a Ray cluster, e.g. ``head:6379``.

    Raises:
        UserError: if a name is unknown, data cannot be read or do not fit, the executor cannot be
            used, or the folder cannot be made or gone on with.
    """
    images = load_images(reproduction)
    device = choose_device(reproduction.device)
    jobs = job_list(reproduction, device, {name: each.dataset for name, each in images.items()})
    environment = describe_environment(device, command)
    with _open_runner(images, device, folder, executor=executor, address=address) as runner:
        if runner.threads is not None:
            environment["threads"] = runner.threads
        folder.prepare(keep=resume)
        store = ResultStore(reproduction, folder, environment, jobs)
        changes = store.resume() if resume else []
        folder.write_settings(reproduction)
        store.begin()
        yield OpenReproduction(jobs, store, changes, images, runner)


@contextmanager
def _open_runner(
    images: Mapping[str, ImagePairs],
    device: torch.device,
    folder: OutputFolder,
    *,
    executor: str = "local",
    address: str | None = None,
) -> Iterator[Runner]:
    """Open what runs jobs, for as long as it is needed.

    On a CPU there is a process for each of this machine's cores, as
    ``infomax.executors.processes_of_this_machine`` counts them.

    Args:
        images: data sets by the names that the studies give them.
        device: where to compute, e.g. ``cuda:0``.
        folder: holds the checkpoints of jobs in hand.
        executor: ``"local"`` for this machine, ``"ray"`` for a cluster.
        address: the address of a Ray cluster, e.g. ``head:6379``.

    Raises:
        UserError: if there is no such executor, or it cannot be used here.
    """
    on_cpu = device.type == "cpu"
    processes = processes_of_this_machine() if executor == "local" and on_cpu else 1
    if executor == "local" and processes == 1:
        yield LocalRunner(images, device, folder)
        return
    with open_executor(executor, address, gpu=not on_cpu, processes=processes) as opened:
        yield ParallelRunner(opened, device, folder)
