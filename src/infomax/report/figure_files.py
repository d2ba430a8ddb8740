"""Figures as files: the same records give the same bytes."""

import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from infomax.report.figures import STYLE
from infomax.whole_file import written_whole

__all__ = ["FigureFiles", "save_figure"]

_PIXELS_PER_INCH = 160
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class FigureFiles:
    """Where one figure was saved.

    Attributes:
        png: for slides and documents.
        svg: for the page.
        csv: the numbers behind it.
    """

    png: Path
    svg: Path
    csv: Path


def save_figure(figure: Figure, data: pd.DataFrame, folder: Path, name: str) -> FigureFiles:
    """Save a figure as PNG and SVG, and its numbers as CSV.

    Args:
        figure: drawn under ``STYLE``.
        data: what is drawn in it.
        folder: made if it is not there.
        name: of the files; what a file name cannot hold is replaced.

    Raises:
        UserError: if the disk is full; no file is left in part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Records may come from anyone: the name of a study must not lead out of the folder.
    stem = re.sub(r"[^\w.-]+", "-", name)
    files = FigureFiles(*(folder / f"{stem}.{kind}" for kind in ("png", "svg", "csv")))
    with matplotlib.rc_context(STYLE):
        with written_whole(files.svg) as beside:
            figure.savefig(beside, format="svg", metadata=_NO_METADATA)
        with written_whole(files.png) as beside:
            figure.savefig(beside, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
    with written_whole(files.csv) as beside:
        data.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
    return files
