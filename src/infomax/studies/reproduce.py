"""Run a reproduction in its folder, from its beginning or from where it was stopped."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from infomax.bounds import find_bound
from infomax.critics import CRITICS
from infomax.distributions import DISTRIBUTIONS
from infomax.encoders import ENCODERS, Flow
from infomax.errors import UserError, unknown_name
from infomax.executors import open_executor, processes_of_this_machine
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import ExpectedCost, Job, expected_cost, job_list
from infomax.studies.loss_experiment import check_recipes
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction
from infomax.studies.result_store import ResultStore
from infomax.studies.run_job import JobContext
from infomax.studies.runner import JobProgress, LocalRunner, ParallelRunner, Runner, run_jobs
from infomax.studies.study import (
    AdversarialStudy,
    AnyStudy,
    ImageViews,
    LossStudy,
    PairStudy,
    SampleStudy,
)
from infomax.training import choose_device, describe_environment, generator_for

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
    _images: Mapping[ImageViews, ImagePairs]
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
            # Samples of distributions are not encoded.
            size = 1
            if not isinstance(job.study, SampleStudy):
                size = math.prod(self._images[job.study.image_views(job.dataset)].view_shape)
            yield job, expected_cost(job, size)


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
    images = _load_images(reproduction)
    device = choose_device(reproduction.device)
    jobs = job_list(
        reproduction, device, {asked.dataset: each.dataset for asked, each in images.items()}
    )
    environment = describe_environment(device, command)
    with _open_runner(images, device, folder, executor, address) as runner:
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
    images: Mapping[ImageViews, ImagePairs],
    device: torch.device,
    folder: OutputFolder,
    executor: str,
    address: str | None,
) -> Iterator[Runner]:
    """Open what runs jobs: on a CPU, a process for each of this machine's cores."""
    on_cpu = device.type == "cpu"
    processes = processes_of_this_machine() if executor == "local" and on_cpu else 1
    if executor == "local" and processes == 1:
        yield LocalRunner(JobContext(device, images), folder)
        return
    with open_executor(executor, address, gpu=not on_cpu, processes=processes) as opened:
        yield ParallelRunner(opened, device, folder)


def _load_images(reproduction: Reproduction) -> dict[ImageViews, ImagePairs]:
    """Check every name of a reproduction and load its data sets, before anything is run.

    Returns:
        The images of each data set, by what the studies ask for.

    Raises:
        UserError: if a part, device or data set is unknown, unreadable, too small for a batch or
            does not fit the others.
    """
    device = choose_device(reproduction.device)
    loaded: dict[ImageViews, ImagePairs] = {}
    for study in reproduction.studies:
        _check_names(study)
        if isinstance(study, SampleStudy):
            continue
        for dataset in study.datasets:
            asked = study.image_views(dataset)
            if asked not in loaded:
                loaded[asked] = ImagePairs.of(asked, device)
            loaded[asked].check_batch_size(study.batch_size)
            _check_encoders(study, loaded[asked])
            if isinstance(study, LossStudy):
                check_recipes(study, loaded[asked].view_shape)
    return loaded


def _check_names(study: AnyStudy) -> None:
    checked: list[tuple[str, tuple[str, ...], Collection[str]]] = [
        ("encoder", study.encoders, ENCODERS),
        ("critic", study.critics, CRITICS),
    ]
    if isinstance(study, SampleStudy):
        checked.append(("distribution", study.datasets, DISTRIBUTIONS))
    for kind, names, choices in checked:
        for name in names:
            # Empty where a study has no such part.
            if name and name not in choices:
                raise unknown_name(kind, name, choices)
    for bound in filter(None, study.bounds):
        find_bound(bound)


def _check_encoders(study: PairStudy | AdversarialStudy | LossStudy, images: ImagePairs) -> None:
    """Build one encoder of each name, which refuses views that it is not made for."""
    inverted = isinstance(study, AdversarialStudy)
    if isinstance(study, PairStudy):
        inverted = "inverse" in study.also_measured
    for name in study.encoders:
        encoder = ENCODERS[name](
            images.view_shape, generator_for(0, "x-encoder"), **study.encoder_options
        )
        if inverted and not isinstance(encoder, Flow):
            flows = [
                each
                for each, maker in ENCODERS.items()
                if isinstance(maker, type) and issubclass(maker, Flow)
            ]
            raise UserError(
                f"{study.name} needs an encoder that is a bijection, with as many values in a code "
                f"as in a view: {name} is none; choose one of {', '.join(flows)}"
            )
