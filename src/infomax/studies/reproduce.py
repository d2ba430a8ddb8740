"""Run studies, one job after the other."""

from collections.abc import Mapping

import torch

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.data import load_dataset
from infomax.distributions import DISTRIBUTIONS
from infomax.encoders import ENCODERS, Flow
from infomax.errors import UserError, unknown_name
from infomax.studies.adversarial_experiment import AdversarialExperiment
from infomax.studies.experiment import Experiment
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job, jobs_of
from infomax.studies.journal import Journal
from infomax.studies.measurement import raw_pixels_record
from infomax.studies.output_folder import OutputFolder
from infomax.studies.pair_experiment import PairExperiment
from infomax.studies.perform import perform
from infomax.studies.reproduction import Reproduction
from infomax.studies.sample_experiment import SampleExperiment
from infomax.studies.study import AdversarialStudy, AnyStudy, PairStudy, SampleStudy
from infomax.training import TrainingProgress, choose_device, generator_for

__all__ = ["experiment_of", "load_images", "reproduce"]


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
        ("estimator", study.estimators, BOUNDS),
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
        encoder = ENCODERS[name](images.view_shape, generator_for(0, "x-encoder"))
        if inverted and not isinstance(encoder, Flow):
            raise UserError(
                f"{study.name} needs an encoder that is a bijection, with as many values in a code "
                f"as in a view: {name} is none; choose one of realnvp-additive, realnvp-affine"
            )


def reproduce(
    reproduction: Reproduction,
    images: Mapping[str, ImagePairs],
    folder: OutputFolder,
    journal: Journal,
    progress: TrainingProgress,
) -> None:
    """Run every job that the journal does not have.

    Stopped at any moment, the folder holds the jobs that are finished and the one in hand.

    Args:
        reproduction: what to run.
        images: data sets by the names that the studies give them.
        folder: where it is written.
        journal: keeps the outcome of every job.
        progress: shows how far it is.
    """
    device = choose_device(reproduction.device)
    probe = ImageProbe()
    for planned in jobs_of(reproduction, device):
        if not isinstance(planned.study, SampleStudy):
            _keep_raw_pixels(planned.study, images[planned.configuration.dataset], probe, journal)
        job = journal.remaining(planned)
        if job is None:
            continue
        experiment = experiment_of(job, images.get(job.configuration.dataset), probe, device)
        number = journal.finished + 1
        last = number + len(job.seeds) - 1
        place = f"{number}" if number == last else f"{number}-{last}"
        progress.start_run(
            f"[{place}/{journal.total}] {job.label}", job.study.steps, experiment.watched
        )
        journal.keep_job(job, perform(job, experiment, folder.checkpoint, progress))
        folder.checkpoint.unlink(missing_ok=True)


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


def _keep_raw_pixels(
    study: PairStudy | AdversarialStudy, images: ImagePairs, probe: ImageProbe, journal: Journal
) -> None:
    """Probe the views themselves, as the encoders of this study see them, once."""
    name = f"{study.name} on {images.dataset}: raw pixels"
    if journal.has(name):
        return
    seed = study.seeds[0]
    deviation, noise = study.noise_on_views
    seen = images.with_noise(deviation, noise, seed).some_to_probe(study.probed_images, seed)
    pixels = (images.dataset, "raw pixels", deviation, noise, study.probed_images, seed)
    measured = probe.once(pixels, lambda: probe.raw_pixels(seen, seed))
    journal.keep(
        name, (raw_pixels_record(study.name, images.dataset, seed, each) for each in measured)
    )
