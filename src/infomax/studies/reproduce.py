"""Run studies, one run after the other."""

import torch

from infomax.data import load_dataset
from infomax.errors import UserError
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.image_run import check_names, perform
from infomax.studies.journal import Journal
from infomax.studies.measurement import raw_pixels_record
from infomax.studies.study import Reproduction, Study
from infomax.training import TrainingProgress

__all__ = ["choose_device", "load_images", "reproduce"]


def choose_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is a GPU if there is one.

    Raises:
        UserError: if there is no such device here.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"device {name!r} cannot be used here: {reason}") from error
    return device


def load_images(reproduction: Reproduction) -> dict[str, ImagePairs]:
    """Check every name of a reproduction and load its data sets, before anything is run.

    Returns:
        The images of each data set, under the name or path that the studies give.

    Raises:
        UserError: if a part, device or data set is unknown, unreadable or too small for a batch.
    """
    device = choose_device(reproduction.device)
    loaded: dict[str, ImagePairs] = {}
    for study in reproduction.studies:
        for settings in study.runs():
            check_names(settings)
        if study.dataset not in loaded:
            loaded[study.dataset] = ImagePairs.of(load_dataset(study.dataset), device)
        loaded[study.dataset].check_batch_size(study.batch_size)
    return loaded


def reproduce(
    reproduction: Reproduction,
    images: dict[str, ImagePairs],
    journal: Journal,
    progress: TrainingProgress,
) -> None:
    """Run every study; stopped at any moment, the journal holds the runs that are finished.

    Args:
        reproduction: what to run.
        images: data sets by the names that the studies give them.
        journal: keeps the outcome of every run.
        progress: shows how far it is.
    """
    probes = {name: ImageProbe(of_name) for name, of_name in images.items()}
    for study in reproduction.studies:
        _run_study(study, images[study.dataset], probes[study.dataset], journal, progress)


def _run_study(
    study: Study,
    images: ImagePairs,
    probe: ImageProbe,
    journal: Journal,
    progress: TrainingProgress,
) -> None:
    seed = study.seeds[0]
    journal.keep(
        raw_pixels_record(study.name, images.dataset, seed, measured)
        for measured in probe.raw_pixels(seed)
    )
    for settings in study.runs():
        number = journal.finished + 1
        progress.start_run(f"[{number}/{journal.total}] {settings.label}", settings.steps)
        journal.keep_run(settings, perform(settings, images, probe, progress))
