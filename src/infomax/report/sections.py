"""What the page says of each study: its figures, its numbers, and how to read them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from infomax.report.captions import alternative_text, caption
from infomax.report.claim_groups import claim_groups
from infomax.report.configurations import levels, trained
from infomax.report.figure_data import figure_data
from infomax.report.figure_files import save_figure
from infomax.report.figures import StudyFigure, draw_study
from infomax.report.final_numbers import final_numbers
from infomax.report.findings import against_untrained, found
from infomax.report.layouts import by_figure, layout_of
from infomax.report.names import dataset_name, figure_name
from infomax.report.outcomes import finished
from infomax.report.page import Table
from infomax.report.palette import colours_of
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import notebook_notes
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim

__all__ = ["Download", "Drawn", "Section", "Shown", "sections_of"]


@dataclass(frozen=True)
class Download:
    """A file within the page.

    Attributes:
        kind: of the file, as people call it.
        name: under which it is saved.
        source: its content, as a URL that needs no network.
    """

    kind: str
    name: str
    source: str


@dataclass(frozen=True)
class Drawn:
    """A figure, as the page shows it."""

    source: str
    alternative_text: str
    caption: str
    downloads: tuple[Download, ...]
    png: str


@dataclass(frozen=True)
class Shown:
    """One figure of a study: on one data set, or comparing several."""

    heading: str
    found: tuple[str, ...]
    drawn: Drawn | None
    numbers: Table


@dataclass(frozen=True)
class Section:
    """What the page says of one study."""

    name: str
    figure: str
    title: str
    question: str
    notes: tuple[str, ...]
    shown: tuple[Shown, ...]


def sections_of(
    records: pd.DataFrame, claims: Sequence[Claim], studies: Sequence[Study], directory: Path
) -> list[Section]:
    """Draw every figure, and return the sections in the order of the paper's figures.

    Args:
        records: of one reproduction.
        claims: judged on them.
        studies: as they were run; none if the settings are not recorded.
        directory: gets the folder ``figures``.
    """
    run = {study.name: study for study in studies}
    recorded = [str(name) for name in records["study"].drop_duplicates()]
    order = [name for name in STUDIES if name in recorded]
    order += [name for name in recorded if name not in STUDIES]
    return [_section(name, records, claims, run.get(name), directory) for name in order]


def _section(
    name: str,
    records: pd.DataFrame,
    claims: Sequence[Claim],
    run: Study | None,
    directory: Path,
) -> Section:
    study = run or STUDIES.get(name)
    figures = dict(by_figure(name, records[records["study"] == name]))
    found_on = {
        group.dataset: found(group.claims) for group in claim_groups(claims) if group.study == name
    }
    shown = []
    for dataset, of_figure in figures.items():
        heading = f"{name} on {dataset_name(dataset)}" if dataset else name
        sentences = [*found_on.get(dataset, []), against_untrained(of_figure)]
        drawn = _figure(name, of_figure, records, run)
        file_name = f"{name}-{dataset}" if len(figures) > 1 else name
        shown.append(
            Shown(
                heading=heading,
                found=tuple(sentence for sentence in sentences if sentence),
                drawn=None
                if drawn is None
                else _saved(
                    drawn, figure_data(name, dataset, drawn), directory, heading, file_name
                ),
                numbers=final_numbers(f"Final numbers of {heading}", of_figure),
            )
        )
    return Section(
        name=name,
        figure=figure_name(study.figure) if study else "",
        title=study.title if study else name,
        question=study.question if study else "",
        notes=notebook_notes(name),
        shown=tuple(shown),
    )


def _figure(
    study: str, of_figure: pd.DataFrame, records: pd.DataFrame, run: Study | None
) -> StudyFigure | None:
    kept = finished(of_figure)
    if trained(kept).empty:
        return None
    layout = layout_of(study, kept)
    # Levels of all studies, so that one level has one colour in all figures.
    names = [str(level) for level in levels(trained(records), layout.colour)]
    return draw_study(
        kept, layout, batch_size=run.batch_size if run else None, colours=colours_of(names)
    )


def _saved(
    drawn: StudyFigure, data: pd.DataFrame, directory: Path, heading: str, file_name: str
) -> Drawn:
    files = save_figure(drawn.figure, data, directory / "figures", file_name)
    svg, csv = (
        f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"
        for kind, file in (("image/svg+xml", files.svg), ("text/csv", files.csv))
    )
    return Drawn(
        source=svg,
        alternative_text=alternative_text(heading, drawn),
        caption=caption(drawn),
        downloads=(
            Download("SVG", files.svg.name, svg),
            Download("CSV", files.csv.name, csv),
        ),
        png=f"figures/{files.png.name}",
    )
