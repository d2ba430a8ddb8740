"""How long the runs took, for each configuration."""

from typing import Any

import pandas as pd

from infomax.report.formatting import number, whole
from infomax.report.names import level_name
from infomax.report.page import Table

__all__ = ["timing_table"]

_FACTORS = ["study", "dataset", "estimator", "encoder", "critic", "target"]
_SECONDS = ["training_seconds", "evaluation_seconds"]


def timing_table(timings: pd.DataFrame) -> Table:
    """Return steps per second and seconds for each configuration, and the total.

    Args:
        timings: one row for each job: runs of one configuration that were trained side by side.
    """
    # A target that is maximised is null in JSON, and a column of nulls is not of numbers.
    timings = timings.astype({"target": "float64"})
    rows = [
        _row(_described(names), jobs)
        for names, jobs in timings.groupby(_FACTORS, dropna=False, sort=False)
    ]
    return Table(
        caption="Time taken by each configuration",
        header=(
            "Configuration",
            "Runs",
            "Steps of all runs per second",
            "Training (s)",
            "Evaluation (s)",
        ),
        rows=(*rows, _row("total", timings)),
        numeric=True,
        reference_rows=1,
    )


def _described(names: tuple[Any, ...]) -> str:
    level = dict(zip(_FACTORS, names, strict=True))
    return " · ".join(
        level_name(factor, level[factor])
        for factor in _FACTORS
        if pd.notna(level[factor]) and level[factor] != ""
    )


def _row(name: str, jobs: pd.DataFrame) -> tuple[str, ...]:
    training, evaluation = (float(jobs[column].sum()) for column in _SECONDS)
    runs = jobs["seeds"].map(len)
    steps = float((jobs["steps"] * runs).sum())
    return (
        name,
        whole(int(runs.sum())),
        number(steps / training, 1) if training > 0 else "not measured",
        number(training, 1),
        number(evaluation, 1),
    )
