"""What stands below a figure: how to read it, and what it leaves out."""

import numpy as np

from infomax.report.figures import StudyFigure
from infomax.report.formatting import number

__all__ = ["alternative_text", "caption"]


def caption(drawn: StudyFigure) -> str:
    """Return how to read a figure."""
    sentences = [_averages(drawn), _bounds(drawn), _off_axis(drawn), _lines(drawn)]
    return " ".join(sentence for sentence in sentences if sentence)


def alternative_text(study: str, drawn: StudyFigure) -> str:
    """Return what a figure shows, for those who cannot see it.

    The numbers themselves stand in a table of their own.
    """
    axes = " and ".join(panel.axis for panel in drawn.layout.panels)
    estimators = ", ".join(dict.fromkeys(trace.estimator for trace in drawn.traces))
    labels = ", ".join(dict.fromkeys(trace.colour_label for trace in drawn.traces))
    return (
        f"Line charts of the study {study}: {axes} against training steps, for {estimators}; "
        f"a colour each for {labels}. The final values stand in the table of final numbers."
    )


def _averages(drawn: StudyFigure) -> str:
    seeds = sorted({trace.seeds for trace in drawn.traces})
    if seeds == [1]:
        return "Each line is one seed."
    number_of_seeds = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    return (
        f"Lines are means over {number_of_seeds} seeds; bands are one standard deviation over "
        "seeds to either side."
    )


def _bounds(drawn: StudyFigure) -> str:
    splits = {trace.quantity.split for trace in drawn.traces if trace.quantity.metric == "bound"}
    if splits != {"train", "test"}:
        return ""
    return (
        "Bounds: solid on fresh training batches, which is what the paper shows; dashed on "
        "held-out pairs."
    )


def _off_axis(drawn: StudyFigure) -> str:
    if not drawn.off_axis:
        return ""
    lowest = min(drawn.off_axis, key=lambda trace: float(np.nanmin(trace.mean)))
    # The layout's own factors name the trace; its estimator is the column it would be in.
    names = [lowest.colour_label, lowest.marker_label, lowest.estimator, lowest.quantity.label]
    where = ", ".join(name for name in names if name)
    return (
        "The vertical axis is cut: a triangle at its lower edge marks a mean that lies below it, "
        f"the lowest at {number(float(np.nanmin(lowest.mean)), 1)} ({where})."
    )


def _lines(drawn: StudyFigure) -> str:
    kinds = {kind for panel in drawn.layout.panels for kind in panel.references}
    sentences = []
    if "target" in kinds:
        sentences.append("Dotted: the value that the bound is held at.")
    if "ceiling" in kinds:
        sentences.append("Dotted: log of the batch size, which infonce cannot exceed.")
    if kinds & {"raw pixels", "untrained"}:
        sentences.append(
            "Raw pixels and the untrained encoder (step 0) are probed by our probe, as the solid "
            "lines are; thin dotted lines are the notebook's probe."
        )
    if drawn.layout.marker and any(trace.marker_label for trace in drawn.traces):
        factors = " and ".join(drawn.layout.marker)
        sentences.append(f"Markers tell the {factors} apart.")
    return " ".join(sentences)
