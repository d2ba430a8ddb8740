"""Figures as files: the same records give the same bytes."""

import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from infomax.report.figures import STYLE

__all__ = ["FigureFiles", "save_figure"]

_PIXELS_PER_INCH = 160
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class FigureFiles:
    """Where one figure was saved.

    Attributes:
        png: for slides and documents.
        svg: for the page.
    """

    png: Path
    svg: Path


def save_figure(figure: Figure, folder: Path, study: str) -> FigureFiles:
    """Save a figure as PNG and SVG, named after its study.

    Args:
        figure: drawn under ``STYLE``.
        folder: made if it is not there.
        study: name of the study; what a file name cannot hold is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Records may come from anyone: the name of a study must not lead out of the folder.
    stem = re.sub(r"[^\w.-]+", "-", study)
    files = FigureFiles(png=folder / f"{stem}.png", svg=folder / f"{stem}.svg")
    with matplotlib.rc_context(STYLE):
        figure.savefig(files.svg, format="svg", metadata=_NO_METADATA)
        figure.savefig(files.png, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
    return files
