"""Run studies: every piece of the plan that is not done yet, wherever that is done."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.data import load_dataset
from infomax.distributions import DISTRIBUTIONS
from infomax.encoders import ENCODERS, Flow
from infomax.errors import UserError, unknown_name
from infomax.executors import Executor, Task
from infomax.studies.adversarial_experiment import AdversarialExperiment
from infomax.studies.experiment import Experiment
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job
from infomax.studies.journal import JobOutcome, Journal
from infomax.studies.measurement import raw_pixels_record
from infomax.studies.pair_experiment import PairExperiment
from infomax.studies.plan import Piece, RawPixels, in_order_of_work
from infomax.studies.reproduction import Reproduction
from infomax.studies.sample_experiment import SampleExperiment
from infomax.studies.study import AdversarialStudy, AnyStudy, PairStudy, SampleStudy
from infomax.training import choose_device, generator_for

__all__ = ["Works", "experiment_of", "load_images", "measure_raw_pixels", "reproduce"]


def load_images(reproduction: Reproduction) -> dict[str, ImagePairs]:
    """Check every name of a reproduction and load its data sets, before anything is run.

    Returns:
        The images of each data set, under the name or path that the studies give.

    Raises:
        UserError: if a part, device or data set is unknown, unreadable, too small for a batch or
            does not fit the others.
    """
    device = choose_device(reproduction.device)
    loaded: dict[str, ImagePairs] = {}
    for study in reproduction.studies:
        _check_names(study)
        if isinstance(study, SampleStudy):
            continue
        for dataset in study.datasets:
            if dataset not in loaded:
                loaded[dataset] = ImagePairs.of(load_dataset(dataset), device)
            loaded[dataset].check_batch_size(study.batch_size)
            _check_encoders(study, loaded[dataset])
    return loaded


def _check_names(study: AnyStudy) -> None:
    for kind, names, choices in (
        ("encoder", study.encoders, ENCODERS),
        ("critic", study.critics, CRITICS),
        ("bound", study.bounds, BOUNDS),
        ("distribution", study.datasets, DISTRIBUTIONS),
    ):
        if kind == "distribution" and not isinstance(study, SampleStudy):
            continue
        for name in names:
            # Empty where a study has no such part.
            if name and name not in choices:
                raise unknown_name(kind, name, choices)


def _check_encoders(study: PairStudy | AdversarialStudy, images: ImagePairs) -> None:
    """Make one encoder of each name, which refuses views that it is not made for."""
    inverted = isinstance(study, AdversarialStudy) or "inverse" in study.also_measured
    for name in study.encoders:
        encoder = ENCODERS[name](
            images.view_shape, generator_for(0, "x-encoder"), **study.encoder_options
        )
        if inverted and not isinstance(encoder, Flow):
            raise UserError(
                f"{study.name} needs an encoder that is a bijection, with as many values in a code "
                f"as in a view: {name} is none; choose one of realnvp-additive, realnvp-affine"
            )


class Works(Protocol):
    """How a piece is done, where an executor does it."""

    def of(self, piece: Piece) -> Callable[[], JobOutcome]:
        """Return what does it; called again, it goes on from what is kept of the piece."""

    def ended(self, piece: Piece, outcome: JobOutcome) -> None:
        """Remove what was kept of a piece that the journal now has, and tell of it."""


def reproduce(
    plan: Sequence[Piece],
    journal: Journal,
    executor: Executor,
    works: Works,
    look: Callable[[], None] = lambda: None,
) -> None:
    """Do every piece that the journal does not have, the cheapest study first.

    Stopped at any moment, the folder holds the pieces that are finished and those in hand.

    Args:
        plan: all pieces.
        journal: keeps the outcome of every piece.
        executor: has them done.
        works: how.
        look: called when the work has been handed out, and whenever a study has ended but the last.
    """
    left = in_order_of_work(
        [piece for each in plan if (piece := journal.remaining(each)) is not None]
    )
    to_come = Counter(piece.study.name for piece in left)
    outcomes = executor.run([Task(piece.label, works.of(piece)) for piece in left])
    look()
    for place, outcome in outcomes:
        piece = left[place]
        journal.keep(piece, outcome)
        works.ended(piece, outcome)
        to_come -= Counter([piece.study.name])
        if to_come and piece.study.name not in to_come:
            look()


def experiment_of(
    job: Job, images: ImagePairs | None, probe: ImageProbe, device: torch.device
) -> Experiment:
    """Return what a job trains and measures.

    Args:
        job: which runs.
        images: of the job's data set; ``None`` where it has none.
        probe: remembers what need not be measured twice.
        device: where to train what has no images.
    """
    study = job.study
    if isinstance(study, SampleStudy):
        return SampleExperiment(study, job, device)
    if images is None:
        raise UserError(f"{study.name} needs images of {job.configuration.dataset}")
    if isinstance(study, PairStudy):
        return PairExperiment(study, job, images, probe)
    return AdversarialExperiment(study, job, images, probe)


def measure_raw_pixels(raw: RawPixels, images: ImagePairs, probe: ImageProbe) -> JobOutcome:
    """Probe the views themselves, as the encoders of a study see them.

    Args:
        raw: of which study.
        images: of its data set.
        probe: remembers what need not be measured twice.
    """
    began = time.perf_counter()
    study, seed = raw.study, raw.study.seeds[0]
    deviation, noise = study.noise_on_views
    seen = images.with_noise(deviation, noise, seed).some_to_probe(study.probed_images, seed)
    pixels = (images.dataset, "raw pixels", deviation, noise, study.probed_images, seed)
    measured = probe.once(pixels, lambda: probe.raw_pixels(seen, seed))
    return JobOutcome(
        [raw_pixels_record(study.name, images.dataset, seed, e) for e in measured],
        evaluation_seconds=time.perf_counter() - began,
    )
