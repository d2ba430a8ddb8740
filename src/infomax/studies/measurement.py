"""A measured value, before the run that it belongs to is written beside it."""

import math
from typing import NamedTuple

from infomax.records import Record, Split
from infomax.studies.study import RunSettings

__all__ = ["RAW_PIXELS", "Measurement", "raw_pixels_record", "run_record"]

RAW_PIXELS = "raw-pixels"
"""Stands in the column ``encoder`` where the view itself was probed."""


class Measurement(NamedTuple):
    """One value of one metric on one split."""

    split: Split
    metric: str
    value: float


def run_record(settings: RunSettings, dataset: str, step: int, measurement: Measurement) -> Record:
    """Return the record of a value measured after ``step`` updates of a run."""
    return Record(
        study=settings.study,
        dataset=dataset,
        encoder=settings.encoder,
        critic=settings.critic,
        estimator=settings.estimator,
        target=math.nan if settings.target is None else settings.target,
        seed=settings.seed,
        step=step,
        split=measurement.split,
        metric=measurement.metric,
        value=measurement.value,
    )


def raw_pixels_record(study: str, dataset: str, seed: int, measurement: Measurement) -> Record:
    """Return the record of a value measured on raw pixels, which no run belongs to."""
    return Record(
        study=study,
        dataset=dataset,
        encoder=RAW_PIXELS,
        critic="",
        estimator="",
        target=math.nan,
        seed=seed,
        step=0,
        split=measurement.split,
        metric=measurement.metric,
        value=measurement.value,
    )
