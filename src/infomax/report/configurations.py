"""The factors that tell configurations apart, and which of them vary."""

from typing import Any

import pandas as pd

from infomax.studies.measurement import RAW_PIXELS

__all__ = ["FACTORS", "levels", "raw_pixels", "trained", "varying"]

FACTORS = ("critic", "encoder", "target", "bound", "dataset")
"""Columns of the records that together name one configuration of a study."""


def trained(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of runs, without those of raw pixels."""
    return records[records["encoder"] != RAW_PIXELS]


def raw_pixels(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of raw pixels, which no run belongs to."""
    return records[records["encoder"] == RAW_PIXELS]


def levels(records: pd.DataFrame, factor: str) -> list[Any]:
    """Return the levels of a factor in the order in which they were run."""
    return list(records[factor].drop_duplicates())


def varying(records: pd.DataFrame) -> tuple[str, ...]:
    """Return the factors that have more than one level."""
    return tuple(factor for factor in FACTORS if len(levels(records, factor)) > 1)
