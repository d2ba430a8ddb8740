"""What became of the runs: finished, failed, or never reached."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from infomax.records import FAILED, RUN_COLUMNS
from infomax.report.configurations import trained
from infomax.report.formatting import number, whole
from infomax.studies.study import Reproduction, RunSettings

__all__ = ["Outcomes", "finished", "outcomes"]


@dataclass(frozen=True)
class Outcomes:
    """Runs that a reader must know of before reading a number.

    Attributes:
        failed: a line for each run that ended with a loss that is not finite.
        missing: a line for each run that the settings promise and the records lack.
        promised: how many runs the settings promise; ``None`` if they are not recorded.
    """

    failed: tuple[str, ...]
    missing: tuple[str, ...]
    promised: int | None


def finished(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records without those of failed runs.

    A failed run's first steps would otherwise pull the mean over seeds at some steps and not at
    others.
    """
    by_run = records.groupby(list(RUN_COLUMNS), dropna=False, sort=False)["metric"]
    failed = by_run.transform(lambda metrics: bool((metrics == FAILED).any()))
    return records[~failed.astype(bool)]


def outcomes(records: pd.DataFrame, reproduction: Reproduction | None) -> Outcomes:
    """Compare what the records hold with what the settings promise.

    Args:
        records: of one reproduction.
        reproduction: its settings; ``None`` if they are not recorded.
    """
    failures = records[records["metric"] == FAILED]
    promised = [
        run for study in (reproduction.studies if reproduction else ()) for run in study.runs()
    ]
    by_run = trained(records).groupby(list(_NAMED), dropna=False, sort=False)
    last_steps = {
        _key(last): int(last["step"])
        for last in by_run["step"].max().reset_index().to_dict("records")
    }
    failed = {_key(failure) for failure in failures.to_dict("records")}
    missing = [
        line
        for run in promised
        if (key := _key(run.model_dump())) not in failed
        and (line := _shortfall(run, last_steps.get(key)))
    ]
    return Outcomes(
        failed=tuple(_failure(failure) for failure in failures.to_dict("records")),
        missing=tuple(missing),
        promised=len(promised) if reproduction else None,
    )


# Not the data set: settings name it as the user did, records as it calls itself.
_NAMED = tuple(column for column in RUN_COLUMNS if column != "dataset")


def _key(run: Mapping[Any, Any]) -> tuple[Any, ...]:
    # NaN is unequal to itself, so it cannot stand in a key.
    return tuple(None if pd.isna(run[column]) else run[column] for column in _NAMED)


def _shortfall(run: RunSettings, last_step: int | None) -> str:
    if last_step is None:
        return f"{run.label}: no records"
    if last_step < run.steps:
        return f"{run.label}: recorded up to step {whole(last_step)} of {whole(run.steps)}"
    return ""


def _failure(last: Mapping[Any, Any]) -> str:
    target = "" if math.isnan(last["target"]) else f" at {last['target']:g} nats"
    return (
        f"{last['study']}: {last['encoder']} encoder, {last['critic']} critic, "
        f"{last['estimator']}{target}, {last['dataset']}, seed {last['seed']}: "
        f"the loss was {number(last['value'], 4)} at step {whole(last['step'])}"
    )
