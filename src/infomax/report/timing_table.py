"""How long the runs took, for each configuration."""

from typing import Any

import pandas as pd

from infomax.report.configurations import level_name
from infomax.report.formatting import number, whole
from infomax.report.table import Table

__all__ = ["timing_table"]

_FACTORS = ["study", "estimator", "encoder", "critic", "target"]
_SECONDS = ["training_seconds", "evaluation_seconds"]


def timing_table(timings: pd.DataFrame) -> Table:
    """Return steps per second and seconds for each configuration, and the total.

    Args:
        timings: one row for each run.
    """
    # A target that is maximised is null in JSON, and a column of nulls is not of numbers.
    timings = timings.astype({"target": "float64"})
    rows = [
        _row(_described(names), runs)
        for names, runs in timings.groupby(_FACTORS, dropna=False, sort=False)
    ]
    return Table(
        caption="Time taken by each configuration",
        header=("Configuration", "Runs", "Steps per second", "Training (s)", "Evaluation (s)"),
        rows=(*rows, _row("total", timings)),
        numeric=True,
        reference_rows=1,
    )


def _described(names: tuple[Any, ...]) -> str:
    level = dict(zip(_FACTORS, names, strict=True))
    shown = _FACTORS if pd.notna(level["target"]) else _FACTORS[:-1]
    return " · ".join(level_name(factor, level[factor]) for factor in shown)


def _row(name: str, runs: pd.DataFrame) -> tuple[str, ...]:
    training, evaluation = (float(runs[column].sum()) for column in _SECONDS)
    steps = float(runs["steps"].sum())
    return (
        name,
        whole(len(runs)),
        number(steps / training, 1) if training > 0 else "not measured",
        number(training, 1),
        number(evaluation, 1),
    )
