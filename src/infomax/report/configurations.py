"""The factors that tell configurations apart, and how their levels are called."""

import math
from typing import Any

import pandas as pd

from infomax.studies.measurement import RAW_PIXELS

__all__ = ["FACTORS", "level_name", "level_phrase", "levels", "raw_pixels", "trained", "varying"]

FACTORS = ("critic", "encoder", "target", "estimator", "dataset")
"""Columns of the records that together name one configuration of a study."""


def trained(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of runs, without those of raw pixels."""
    return records[records["encoder"] != RAW_PIXELS]


def raw_pixels(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of raw pixels, which no run belongs to."""
    return records[records["encoder"] == RAW_PIXELS]


def level_name(factor: str, level: Any) -> str:
    """Return the short name of a level.

    Example:
        >>> level_name("target", 2.0), level_name("target", math.nan)
        ('2 nats', 'maximised')
    """
    if factor != "target":
        return str(level)
    return "maximised" if math.isnan(level) else f"{level:g} nats"


def level_phrase(factor: str, level: Any) -> str:
    """Return a level in words that need no heading.

    Example:
        >>> level_phrase("target", 2.0), level_phrase("critic", "concat")
        ('held at 2 nats', 'concat critic')
    """
    name = level_name(factor, level)
    if factor == "target":
        return name if math.isnan(level) else f"held at {name}"
    return f"{name} {factor}" if factor in {"encoder", "critic"} else name


def levels(records: pd.DataFrame, factor: str) -> list[Any]:
    """Return the levels of a factor in the order in which they were run."""
    return list(records[factor].drop_duplicates())


def varying(records: pd.DataFrame) -> tuple[str, ...]:
    """Return the factors that have more than one level."""
    return tuple(factor for factor in FACTORS if len(levels(records, factor)) > 1)
