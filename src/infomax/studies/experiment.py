"""What each kind of study trains and measures, and the data that it does so on."""

import time
from collections.abc import Collection
from typing import Protocol

import torch

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.distributions import DISTRIBUTIONS
from infomax.encoders import ENCODERS, Flow
from infomax.errors import UserError, unknown_name
from infomax.records import Measurement
from infomax.studies.adversarial_experiment import AdversarialExperiment
from infomax.studies.image_measurements import ImageProbe
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import RawPixelsJob, TrainingJob
from infomax.studies.pair_experiment import PairExperiment
from infomax.studies.records import raw_pixels_record
from infomax.studies.reproduction import Reproduction
from infomax.studies.result_store import JobOutcome
from infomax.studies.sample_experiment import SampleExperiment
from infomax.studies.study import AdversarialStudy, AnyStudy, PairStudy, SampleStudy
from infomax.training import Training, choose_device, generator_for

__all__ = ["Experiment", "build_experiment", "load_images", "measure_raw_pixels"]


class Experiment(Protocol):
    """The runs of one job, ready to be trained: what a kind of study adds to the training loop.

    Attributes:
        dataset: the label that their records carry.
        watched: what the watched value of the training is, for people.
    """

    dataset: str
    watched: str

    @property
    def training(self) -> Training:
        """Of all of them side by side."""

    def begin(self) -> None:
        """Do what comes before the first update and is not to be done again on resuming."""

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Measure the run of an index, from 0, after ``step`` updates."""

    def conclude(self, index: int) -> list[tuple[int, Measurement]]:
        """Measure what only the whole run shows: steps and values."""


def build_experiment(
    job: TrainingJob, images: ImagePairs | None, probe: ImageProbe, device: torch.device
) -> Experiment:
    """Return what a job trains and measures.

    Args:
        job: the runs to train.
        images: the job's data set; ``None`` for samples of distributions.
        probe: remembers what need not be measured twice.
        device: where critics of samples are trained; images are on a device already.
    """
    study = job.study
    if isinstance(study, SampleStudy):
        return SampleExperiment(study, job, device)
    if images is None:
        raise UserError(f"{study.name} needs images of {job.configuration.dataset}")
    if isinstance(study, PairStudy):
        return PairExperiment(study, job, images, probe)
    return AdversarialExperiment(study, job, images, probe)


def measure_raw_pixels(job: RawPixelsJob, images: ImagePairs, probe: ImageProbe) -> JobOutcome:
    """Probe the views themselves, as the encoders of a study see them.

    Args:
        job: says of which study.
        images: the job's data set.
        probe: remembers what need not be measured twice.
    """
    began = time.perf_counter()
    study, seed = job.study, job.study.seeds[0]
    deviation, noise = study.noise_on_views
    seen = images.with_noise(deviation, noise, seed).some_to_probe(study.probed_images, seed)
    pixels = (images.dataset, "raw pixels", deviation, noise, study.probed_images, seed)
    measured = probe.once(pixels, lambda: probe.raw_pixels(seen, seed))
    return JobOutcome(
        [raw_pixels_record(study.name, images.dataset, seed, each) for each in measured],
        evaluation_seconds=time.perf_counter() - began,
    )


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
                loaded[dataset] = ImagePairs.open(dataset, device)
            loaded[dataset].check_batch_size(study.batch_size)
            _check_encoders(study, loaded[dataset])
    return loaded


def _check_names(study: AnyStudy) -> None:
    checked: list[tuple[str, tuple[str, ...], Collection[str]]] = [
        ("encoder", study.encoders, ENCODERS),
        ("critic", study.critics, CRITICS),
        ("bound", study.bounds, BOUNDS),
    ]
    if isinstance(study, SampleStudy):
        checked.append(("distribution", study.datasets, DISTRIBUTIONS))
    for kind, names, choices in checked:
        for name in names:
            # Empty where a study has no such part.
            if name and name not in choices:
                raise unknown_name(kind, name, choices)


def _check_encoders(study: PairStudy | AdversarialStudy, images: ImagePairs) -> None:
    """Build one encoder of each name, which refuses views that it is not made for."""
    inverted = isinstance(study, AdversarialStudy) or "inverse" in study.also_measured
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
