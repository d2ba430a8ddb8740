"""How far estimates are from the truth, by task and method: a table and a heat map."""

import math

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from infomax.report.figures import STYLE

__all__ = ["draw_errors", "estimation_errors", "mean_absolute_errors"]


def estimation_errors(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each estimate: task, method, seed, truth, estimate and error, in nats.

    Args:
        records: of a benchmark of estimates.
    """
    columns = ["dataset", "method", "seed"]
    values = records.pivot_table(
        index=columns, columns="metric", values="value", sort=False, dropna=False
    ).reset_index()
    table = values.rename(columns={"dataset": "task", "mutual_information": "truth"})
    table["error"] = table["estimate"] - table["truth"]
    return table[["task", "method", "seed", "truth", "estimate", "error"]]


def mean_absolute_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the mean absolute error over seeds, in nats: a row for each task, methods beside."""
    tasks, methods = (list(dict.fromkeys(errors[name])) for name in ("task", "method"))
    absolute = errors.assign(error=errors["error"].abs())
    means = absolute.pivot_table(index="task", columns="method", values="error", dropna=False)
    return means.reindex(index=tasks, columns=methods)


def draw_errors(errors: pd.DataFrame) -> Figure:
    """Draw the mean error over seeds as a heat map, blue where too low and red where too high.

    Args:
        errors: as ``estimation_errors`` returns them.
    """
    tasks, methods = (list(dict.fromkeys(errors[name])) for name in ("task", "method"))
    means = errors.pivot_table(index="task", columns="method", values="error", dropna=False)
    means = means.reindex(index=tasks, columns=methods)
    values = means.to_numpy()
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    with matplotlib.rc_context(STYLE):
        size = (3.6 + 0.9 * len(methods), 1.4 + 0.24 * len(tasks))
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        image = axes.imshow(values, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        axes.set_xticks(range(len(methods)), methods, rotation=30, ha="right")
        axes.set_yticks(range(len(tasks)), tasks)
        axes.grid(visible=False)
        for row, of_task in enumerate(values):
            for place, value in enumerate(of_task):
                shown = "-" if math.isnan(value) else f"{value:+.2f}"
                colour = "white" if abs(value) > 0.6 * largest else "black"
                axes.text(place, row, shown, ha="center", va="center", color=colour, fontsize=7)
        figure.colorbar(image, label="estimate less truth (nats)", shrink=0.6)
        axes.set_title("Error of the estimate, mean over seeds")
    return figure
