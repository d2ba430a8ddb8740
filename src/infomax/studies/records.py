"""Records of measured values, with the run that each belongs to written beside it."""

import math

from infomax.records import Measurement, Record
from infomax.studies.study import Configuration

__all__ = ["RAW_PIXELS", "raw_pixels_record", "run_record"]

RAW_PIXELS = "raw-pixels"
"""Stands in the column ``encoder`` where the view itself was probed."""


def run_record(
    configuration: Configuration, dataset: str, seed: int, step: int, measurement: Measurement
) -> Record:
    """Return the record of a value measured after ``step`` updates of a run.

    Args:
        configuration: the run's configuration.
        dataset: the label that the data set calls itself by, whatever path it was found under.
        seed: the run's seed.
        step: updates made before it was measured.
        measurement: the value.
    """
    return Record(
        study=configuration.study,
        dataset=dataset,
        encoder=configuration.encoder,
        critic=configuration.critic,
        bound=configuration.bound,
        target=math.nan if configuration.target is None else configuration.target,
        loss=configuration.loss,
        negatives=configuration.negatives,
        seed=seed,
        step=step,
        split=measurement.split,
        metric=measurement.metric,
        value=measurement.value,
    )


def raw_pixels_record(study: str, dataset: str, seed: int, measurement: Measurement) -> Record:
    """Return the record of a value measured on raw pixels, which no run belongs to."""
    pixels = Configuration(
        study=study, dataset=dataset, encoder=RAW_PIXELS, critic="", bound="", target=None
    )
    return run_record(pixels, dataset, seed, 0, measurement)
