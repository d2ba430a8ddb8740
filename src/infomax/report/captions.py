"""What stands below a figure: how to read it, and what it leaves out."""

import numpy as np

from infomax.report.formatting import number
from infomax.report.names import level_name
from infomax.report.study_figure import Cell, Plane, StudyFigure

__all__ = ["alternative_text", "caption"]


def caption(drawn: StudyFigure) -> str:
    """Return how to read a figure."""
    sentences = [
        _averages(drawn),
        *_explained(drawn),
        _fans(drawn),
        _off_axis(drawn),
        _lines(drawn),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def alternative_text(name: str, cell: Cell | Plane) -> str:
    """Return what a cell shows, for those who cannot see it.

    The numbers themselves stand in a table of their own.
    """
    if isinstance(cell, Plane):
        axis = cell.cell.panel.axis
        labels = ", ".join(dict.fromkeys(trace.colour_label for _, trace in cell.pairs))
        return (
            f"{name}, points: {axis} against {cell.across.axis} after all training steps, for "
            f"{labels}. The values stand in the table of final numbers."
        )
    labels = ", ".join(dict.fromkeys(trace.colour_label for trace in cell.lines))
    title = f", {cell.title}" if len(cell.title) > 1 else ""
    return (
        f"{name}{title}, line chart: {cell.panel.axis} against training steps; a line each for "
        f"{labels}. The final values stand in the table of final numbers."
    )


def _averages(drawn: StudyFigure) -> str:
    seeds = sorted({int(number_of) for trace in drawn.traces for number_of in trace.seeds})
    if seeds == [1]:
        return "Each line is one seed."
    number_of_seeds = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    return (
        f"Lines are means over {number_of_seeds} seeds; bands are one standard deviation over "
        "seeds to either side."
    )


_PAIRS = {
    ("bound", "bound"): (
        "Bounds: solid on fresh training batches, which is what the paper shows; dashed on "
        "held-out pairs."
    ),
    ("bound_smoothed", "bound"): (
        "Bounds: solid the values of the training batches themselves, smoothed over steps, which "
        "is what the paper shows; dashed on fresh batches of the same sampling."
    ),
    ("classifier_cross_entropy", "encoder_loss"): (
        "Cross-entropies of the classifier's predictions: solid to the labels, which the "
        "classifier minimises; dashed to the uniform distribution, which the encoder minimises."
    ),
    ("reconstruction_error", "reconstruction_error_float64"): (
        "Reconstruction: the largest error of any pixel of any test image when codes are inverted, "
        "with pixels between 0 and 1."
    ),
}


def _explained(drawn: StudyFigure) -> list[str]:
    present = {trace.quantity for trace in drawn.traces}
    return [
        _PAIRS[metrics]
        for panel in drawn.layout.panels
        if present.issuperset(panel.quantities)
        and (metrics := tuple(each.metric for each in panel.quantities)) in _PAIRS
    ]


def _fans(drawn: StudyFigure) -> str:
    if not any(panel.fans for panel in drawn.layout.panels):
        return ""
    return (
        "Condition numbers of the encoder's Jacobian are taken at the points of one batch, as "
        "differences of the natural logarithms of the largest and the smallest singular value; "
        "areas lie between percentiles over those points, each a mean over seeds: 40 to 60 %, "
        "20 to 80 %, and the least to the greatest."
    )


def _off_axis(drawn: StudyFigure) -> str:
    if not drawn.off_axis:
        return ""
    lowest = min(drawn.off_axis, key=lambda trace: float(np.nanmin(trace.mean)))
    # The layout's own factors name the trace; its bound is the column it would be in.
    names = [
        lowest.colour_label,
        lowest.marker_label,
        level_name("bound", lowest.bound),
        lowest.quantity.label.replace("\n", " "),
    ]
    where = ", ".join(dict.fromkeys(name for name in names if name))
    return (
        "The vertical axis is cut: a triangle at its lower edge marks a mean that lies below it, "
        f"the lowest at {number(float(np.nanmin(lowest.mean)), 1)} ({where})."
    )


def _lines(drawn: StudyFigure) -> str:
    kinds = {line.kind for line in drawn.references}
    sentences = []
    if "target" in kinds:
        sentences.append("Dotted: the value that the bound is held at.")
    if "ceiling" in kinds:
        sentences.append("Dotted: log of the batch size, which InfoNCE cannot exceed.")
    if "true information" in kinds:
        sentences.append("Dashes across: the information that a pair really shares.")
    if kinds & {"raw pixels", "untrained"}:
        sentences.append(
            "Raw pixels and the untrained encoder (step 0) are probed by our probe, as the solid "
            "lines are; thin dotted lines are the notebook's probe."
        )
    if drawn.layout.marker and any(trace.marker_label for trace in drawn.traces):
        factors = " and ".join(drawn.layout.marker)
        sentences.append(f"Markers tell the {factors} apart.")
    return " ".join(sentences)
