"""What the jobs of a reproduction cost beside each other, measured once and for all."""

from typing import NamedTuple

from infomax.studies.jobs import Job, TrainingJob
from infomax.studies.study import SampleStudy

__all__ = ["ExpectedCost", "expected_cost"]

# Seconds of one update and of one evaluation of one run, by encoder, on two cores at the paper's
# scale (docs/results.md, "What the paper preset costs"), and the power of the number of values of a
# view that they grow with, from halves of digits of 14 x 14.
_SECONDS = {
    "realnvp-additive": (0.22, 33.0, 1.0),
    "realnvp-affine": (0.37, 25.0, 1.0),
    "residual-mlp": (0.012, 13.6, 1.0),
    "mlp": (0.0032, 3.0, 0.0),
    "convnet": (0.067, 9.8, 0.5),
    "identity": (0.0014, 1.6, 0.0),
}
_OF_OTHERS = (0.01, 5.0, 0.5)
_VALUES = 392
_CONCAT_IS_DEARER = 2.6
_SECONDS_OF_RAW_PIXELS = 10.0
_ALL_IMAGES, _ALL_BATCHES = 60_000, 1_000


class ExpectedCost(NamedTuple):
    """Seconds that a job would have cost where costs were measured.

    On other machines all differ, much less so their ratios.

    Attributes:
        update: of each update of all its seeds.
        evaluation: of each evaluation of all its seeds.
    """

    update: float
    evaluation: float


def expected_cost(job: Job, values: int) -> ExpectedCost:
    """Return what a job is expected to cost.

    Args:
        job: that is trained, or the probes of raw pixels.
        values: of each view.

    Example:
        >>> from infomax.studies.catalogue import find_study
        >>> study = find_study("matched-bound")
        >>> mlp, *_, convnet = (TrainingJob(study, each, (0,)) for each in study.configurations())
        >>> expected_cost(convnet, 392).update > 10 * expected_cost(mlp, 392).update
        True
    """
    study = job.study
    if isinstance(study, SampleStudy):
        measured = study.held_out_batches / _ALL_BATCHES
    else:
        measured = (study.probed_images or _ALL_IMAGES) / _ALL_IMAGES
    if not isinstance(job, TrainingJob):
        return ExpectedCost(0.0, _SECONDS_OF_RAW_PIXELS * measured * values / _VALUES)
    update, evaluation, power = _SECONDS.get(job.configuration.encoder, _OF_OTHERS)
    if job.configuration.critic == "concat":
        update *= _CONCAT_IS_DEARER
    runs = len(job.seeds) * (values / _VALUES) ** power
    return ExpectedCost(update * runs, evaluation * measured * runs)
