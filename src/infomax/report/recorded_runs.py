"""The runs that records hold: which factors vary, and which finished, failed or are missing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from infomax.records import FAILED, RUN_COLUMNS
from infomax.report.text import format_count, format_number
from infomax.studies.records import RAW_PIXELS
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Configuration, Run, Study

__all__ = [
    "FACTORS",
    "Outcomes",
    "find_outcomes",
    "finished_runs",
    "levels_of",
    "raw_pixels",
    "trained_runs",
    "varying_factors",
]

FACTORS = ("critic", "encoder", "loss", "negatives", "target", "bound", "dataset")
"""Columns of the records that together name one configuration of a study."""


def trained_runs(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of runs, without those of raw pixels."""
    return records[records["encoder"] != RAW_PIXELS]


def raw_pixels(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of raw pixels, which no run belongs to."""
    return records[records["encoder"] == RAW_PIXELS]


def levels_of(records: pd.DataFrame, factor: str) -> list[Any]:
    """Return the levels of a factor in the order in which they were run."""
    return list(records[factor].drop_duplicates())


def varying_factors(records: pd.DataFrame) -> tuple[str, ...]:
    """Return the factors that have more than one level."""
    return tuple(factor for factor in FACTORS if len(levels_of(records, factor)) > 1)


@dataclass(frozen=True)
class Outcomes:
    """Runs that a reader must know of before reading a number.

    Attributes:
        failed: a line for each run that ended with a loss that is not finite.
        missing: a line for each run that the settings promise and the records lack.
        to_come: names of the studies that lack a run.
        promised: how many runs the settings promise; ``None`` if they are not recorded.
    """

    failed: tuple[str, ...]
    missing: tuple[str, ...]
    to_come: tuple[str, ...]
    promised: int | None


def finished_runs(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records without those of failed runs.

    A failed run's first steps would otherwise pull the mean over seeds at some steps and not at
    others.
    """
    by_run = records.groupby(list(RUN_COLUMNS), dropna=False, sort=False)["metric"]
    failed = by_run.transform(lambda metrics: bool((metrics == FAILED).any()))
    return records[~failed.astype(bool)]


def find_outcomes(records: pd.DataFrame, reproduction: Reproduction | None) -> Outcomes:
    """Find the runs that failed, and those that settings promise and records lack.

    Args:
        records: records of one reproduction.
        reproduction: its settings; ``None`` if they are not recorded.
    """
    failures = records[records["metric"] == FAILED]
    by_run = trained_runs(records).groupby(list(RUN_COLUMNS), dropna=False, sort=False)
    last_steps = {
        _key(last): int(last["step"])
        for last in by_run["step"].max().reset_index().to_dict("records")
    }
    failed = {_key(failure) for failure in failures.to_dict("records")}
    missing: list[str] = []
    to_come: list[str] = []
    promised = 0
    for study in reproduction.studies if reproduction else ():
        labels = _labels(study, records)
        for run in study.runs():
            promised += 1
            named = {**run.configuration.model_dump(), "seed": run.seed}
            key = _key({**named, "dataset": labels[run.configuration.dataset]})
            shortfall = "" if key in failed else _shortfall(run, study.steps, last_steps.get(key))
            if shortfall:
                missing.append(shortfall)
                to_come.append(study.name)
    return Outcomes(
        failed=tuple(_failure(failure) for failure in failures.to_dict("records")),
        missing=tuple(missing),
        to_come=tuple(dict.fromkeys(to_come)),
        promised=promised if reproduction else None,
    )


def _labels(study: Study, records: pd.DataFrame) -> dict[str, str]:
    """Return the name that the records have for each data set of a study.

    Settings name a data set as the user did, perhaps by a path; records as it calls itself. Those
    that go by another name were recorded in the order in which they were named.
    """
    recorded = [str(each) for each in levels_of(records[records["study"] == study.name], "dataset")]
    known = {name: name for name in study.datasets if name in recorded}
    renamed = [name for name in study.datasets if name not in known]
    labels = [label for label in recorded if label not in known]
    return {
        **dict(zip(renamed, renamed, strict=True)),
        **dict(zip(renamed, labels, strict=False)),
        **known,
    }


def _key(run: Mapping[Any, Any]) -> tuple[Any, ...]:
    # NaN is unequal to itself, so it cannot stand in a key.
    return tuple(None if pd.isna(run[column]) else run[column] for column in RUN_COLUMNS)


def _shortfall(run: Run, steps: int, last_step: int | None) -> str:
    if last_step is None:
        return f"{run.label}: no records"
    if last_step < steps:
        return (
            f"{run.label}: recorded up to step {format_count(last_step)} of {format_count(steps)}"
        )
    return ""


def _failure(last: Mapping[Any, Any]) -> str:
    target = None if math.isnan(last["target"]) else last["target"]
    named = {column: last[column] for column in Configuration.model_fields if column != "target"}
    run = Run(Configuration(**named, target=target), last["seed"])
    loss, step = format_number(last["value"], 4), format_count(last["step"])
    return f"{run.label}: the loss was {loss} at step {step}"
