"""What is drawn in a figure, as a tidy table of numbers."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from infomax.report.figures import StudyFigure
from infomax.report.references import Reference
from infomax.report.traces import Trace

__all__ = ["figure_data"]

_COLUMNS = (
    "study",
    "dataset",
    "encoder",
    "critic",
    "estimator",
    "target",
    "quantity",
    "split",
    "step",
    "mean",
    "standard_deviation",
    "seeds",
)


def figure_data(study: str, dataset: str, drawn: StudyFigure) -> pd.DataFrame:
    """Return one row for each point of each curve, and one for each horizontal line.

    A line has neither split, step nor seeds. Cells of factors that it does not belong to are empty.

    Args:
        study: name of the study.
        dataset: that the whole figure is on; empty if it compares several.
        drawn: the figure.
    """
    rows: list[dict[str, Any]] = []
    for trace in drawn.traces:
        rows += _points(trace)
    for line in drawn.references:
        if (row := {"dataset": dataset, **_line(line)}) not in rows:
            rows.append(row)
    table = pd.DataFrame(rows, columns=[name for name in _COLUMNS if name != "study"])
    table.insert(0, "study", study)
    # Whole numbers stay whole beside empty cells.
    return table.astype({"step": "Int64", "seeds": "Int64"})


def _points(trace: Trace) -> Iterator[dict[str, Any]]:
    values = zip(trace.steps, trace.mean, trace.spread, trace.seeds, strict=True)
    for step, mean, spread, seeds in values:
        yield {
            **trace.configuration,
            "quantity": trace.quantity.metric,
            "split": trace.quantity.split,
            "step": int(step),
            "mean": float(mean),
            "standard_deviation": float(spread),
            "seeds": int(seeds),
        }


def _line(line: Reference) -> dict[str, Any]:
    return {**line.configuration, "quantity": line.kind, "mean": line.value}
