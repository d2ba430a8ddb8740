"""The losses of a training, drawn in nats with their ceiling and their chance."""

import math

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from infomax.report.drawing import STYLE

__all__ = ["draw_loss_curve"]

_CURVE, _CEILING, _CHANCE, _HELD_OUT = "#3b6fb6", "#b3402e", "#777777", "#2e8540"
_ROOM_ABOVE = 0.08
_FEW = 30


def draw_loss_curve(
    curve: pd.DataFrame,
    *,
    ceiling: float,
    held_out: float = math.nan,
    claim: str = "at least",
    unit: str = "nats",
    title: str = "",
) -> Figure:
    """Draw what each loss of a training reads, to be saved under ``STYLE``.

    Args:
        curve: a row for each loss, with columns ``row``, ``loss`` and ``value_`` with the unit.
            Where none of these values is known, the losses are drawn.
        ceiling: most that a loss can read, in the unit; infinite or NaN where nothing limits it.
        held_out: reading of pairs that were held out, in the unit; NaN without.
        claim: what the readings claim of the information, "at least" or "at most".
        unit: nats or bits.
        title: of the figure.

    Example:
        >>> curve = pd.DataFrame({"row": [1, 2], "loss": [4.9, 2.0], "value_nats": [0.0, 2.9]})
        >>> figure = draw_loss_curve(curve, ceiling=4.852)
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['ceiling 4.85', 'chance 0']
    """
    with matplotlib.rc_context(STYLE):
        # Not by pyplot, which would keep every figure for ever.
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot()
        known = bool(curve[f"value_{unit}"].notna().any())
        drawn = curve[f"value_{unit}"] if known else curve["loss"]
        marker = "o" if len(curve) <= _FEW else ""
        axes.plot(curve["row"], drawn, color=_CURVE, linewidth=1.2, marker=marker, markersize=3)
        lines = {}
        if known:
            lines["chance"] = (0.0, _CHANCE)
            if math.isfinite(ceiling):
                lines = {"ceiling": (ceiling, _CEILING), **lines}
            if math.isfinite(held_out):
                lines["held out"] = (held_out, _HELD_OUT)
        for name, (height, colour) in lines.items():
            axes.axhline(height, color=colour, linewidth=1.0, linestyle="--")
            axes.annotate(
                f"{name} {height:.3g}",
                (1.0, height),
                xycoords=("axes fraction", "data"),
                xytext=(-3, 2),
                textcoords="offset points",
                ha="right",
                va="bottom",
                color=colour,
            )
        if known and math.isfinite(ceiling):
            axes.set_ylim(top=max(ceiling, float(drawn.max())) + _ROOM_ABOVE * max(ceiling, 1e-3))
        axes.set_xlabel("row of the log")
        axes.set_ylabel(f"information, {claim} ({unit})" if known else "loss, as logged")
        axes.set_title(title)
    return figure
