"""The page of a reproduction, with its figures as files beside it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from infomax.report.figure import alternative_text, caption, draw_cell, draw_whole, save_figure
from infomax.report.findings import (
    ClaimGroup,
    Open,
    against_untrained,
    answer,
    budget_of,
    claim_groups,
    interval_places,
    opening,
    resume_command,
    shown_effect,
    undecided,
    verdict_of,
)
from infomax.report.layout import by_figure, colours_of, layout_of
from infomax.report.page import Entry, Table, inline_svg, write_page
from infomax.report.recorded_runs import Outcomes, finished, levels, outcomes, trained
from infomax.report.study_figure import Cell, Plane, StudyFigure, study_figure
from infomax.report.tables import (
    environment_table,
    figure_data,
    final_numbers,
    paper_departures,
    recorded_settings,
    settings_table,
    timing_table,
)
from infomax.report.text import dataset_name, figure_name, recorded_labels
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import standing_departures
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim

__all__ = ["write_report"]

_SMALL = 112.0
"""Height of the axes of a small picture, in pixels of the page."""


def write_report(
    directory: Path,
    *,
    records: pd.DataFrame,
    claims: Sequence[Claim],
    metadata: Mapping[str, Any],
    timings: pd.DataFrame | None,
    under_way: bool = False,
) -> Path:
    """Draw the figures of every study and write the page; the same input gives the same bytes.

    Args:
        directory: gets ``report.html`` and ``figures``.
        records: a table with the columns of ``infomax.records``.
        claims: judged on those records.
        metadata: of the records' file; ``settings`` and ``environment`` are shown where they are
            there, and ``labels`` say what levels are called.
        timings: one row for each run; ``None`` if none were kept.
        under_way: whether more is to come: the page then reads itself again every few seconds, and
            says which studies are not finished.

    Returns:
        The path of the page.

    Raises:
        UserError: if the settings in the metadata are those of another version.
    """
    with recorded_labels(metadata.get("labels") or {}):
        reproduction = recorded_settings(metadata)
        studies = reproduction.studies if reproduction else ()
        environment = metadata.get("environment") or {}
        command = str(environment.get("command", ""))
        became = outcomes(records, reproduction)
        groups = claim_groups(claims)
        sections = _sections(records, groups, studies, directory)
        tiles = _tiles(sections, studies, became, under_way=under_way)
        return write_page(
            directory / "report.html",
            "reproduction.html.j2",
            opening=opening(groups),
            budget=budget_of(studies),
            preset=reproduction.preset if reproduction else "",
            became=became,
            under_way=under_way,
            tiles=tiles,
            groups=groups,
            anchors={section.name: section.anchor for section in sections},
            undecided=_undecided(claims, reproduction, became, command),
            resume=resume_command(command),
            shown_effect=shown_effect,
            interval_places=interval_places,
            sections=sections,
            studies=[(study, paper_departures(study), settings_table(study)) for study in studies],
            standing_departures=standing_departures(),
            environment=environment_table(environment) if environment else None,
            timing=None if timings is None or timings.empty else timing_table(timings),
            contents=_contents(sections),
        )


@dataclass(frozen=True)
class _Download:
    """A file within the page: its kind, its name, and its content as a URL without network."""

    kind: str
    name: str
    source: str


@dataclass(frozen=True)
class _Shown:
    """One figure of a study, on one data set or comparing several, as the page shows it.

    Attributes:
        heading: study and data set.
        dataset: name of the data set as people know it; empty if the figure compares several.
        claims: on it.
        small: the one cell that shows what the claims are about; ``None`` if nothing can be drawn.
        cells: all of its cells.
        columns: how many of them belong side by side.
        caption: how to read them.
        beside: how codes compare with what needed no training.
        downloads: its files.
        png: path of the picture beside the page.
        numbers: final numbers.
    """

    heading: str
    dataset: str
    claims: tuple[Claim, ...]
    small: Markup | None
    cells: tuple[Markup, ...]
    columns: int
    caption: str
    beside: str
    downloads: tuple[_Download, ...]
    png: str
    numbers: Table

    @property
    def answer(self) -> str:
        """What the claims come to."""
        return answer(self.claims)

    @property
    def chip(self) -> tuple[str, str]:
        """Kind and text of the chip of what was asked."""
        asked = [claim for claim in self.claims if claim.words]
        if self.small is None:
            return "wait", "no run finished"
        if not asked:
            return "open", "no claim"
        verdict = verdict_of(self.claims)
        if verdict is None:
            open_ones = any(claim.verdict == "inconclusive" for claim in asked)
            return "open", "partly decided" if open_ones else "supported in part"
        return _CHIPS[verdict]


_CHIPS = {
    "supported": ("good", "supported"),
    "contradicted": ("bad", "contradicted"),
    "inconclusive": ("open", "undecided"),
}


@dataclass(frozen=True)
class _Section:
    """What the page says of one study."""

    name: str
    anchor: str
    figure: str
    title: str
    question: str
    notes: tuple[str, ...]
    shown: tuple[_Shown, ...]

    @property
    def abbreviated(self) -> str:
        """The number of the figure, where there is little room."""
        return self.figure.replace("Figure", "Fig.")

    @property
    def short(self) -> str:
        """The title without its question."""
        return self.title.partition(":")[0]


@dataclass(frozen=True)
class _Tile:
    """A small picture with its answer, or the place of one that is to come."""

    label: str
    anchor: str
    answer: str
    chip: tuple[str, str]
    picture: Markup | None


def _sections(
    records: pd.DataFrame,
    groups: Sequence[ClaimGroup],
    studies: Sequence[Study],
    directory: Path,
) -> list[_Section]:
    """Draw every figure, and return the sections in the order of the paper's figures."""
    run = {study.name: study for study in studies}
    recorded = [str(name) for name in records["study"].drop_duplicates()]
    order = [name for name in STUDIES if name in recorded]
    order += [name for name in recorded if name not in STUDIES]
    found = []
    for place, name in enumerate(order, 1):
        entry = STUDIES.get(name)
        study = run.get(name) or (entry.paper if entry else None)
        on = {group.dataset: group.claims for group in groups if group.study == name}
        figures = dict(by_figure(name, records[records["study"] == name]))
        found.append(
            _Section(
                name=name,
                anchor=f"study-{place}",
                figure=figure_name(study.figure) if study else "",
                title=study.title if study else name,
                question=study.question if study else "",
                notes=entry.notes if entry else (),
                shown=tuple(
                    _shown(
                        name,
                        dataset,
                        of_figure,
                        records=records,
                        claims=on.get(dataset, ()),
                        directory=directory,
                        file_name=f"{name}-{dataset}" if len(figures) > 1 else name,
                        anchor=f"f{place}-{number}",
                    )
                    for number, (dataset, of_figure) in enumerate(figures.items(), 1)
                ),
            )
        )
    return found


def _shown(
    study: str,
    dataset: str,
    of_figure: pd.DataFrame,
    *,
    records: pd.DataFrame,
    claims: tuple[Claim, ...],
    directory: Path,
    file_name: str,
    anchor: str,
) -> _Shown:
    heading = f"{study} on {dataset_name(dataset)}" if dataset else study
    kept = finished(of_figure)
    drawn: StudyFigure | None = None
    if not trained(kept).empty:
        layout = layout_of(study, kept)
        # Levels of all studies, so that one level has one colour in all figures.
        names = [str(level) for level in levels(trained(records), layout.colour)]
        drawn = study_figure(kept, layout, colours=colours_of(names, layout.colour))
    cells: tuple[Markup, ...] = ()
    downloads: tuple[_Download, ...] = ()
    small, png = None, ""
    if drawn is not None:
        data = figure_data(study, dataset, drawn)
        files = save_figure(draw_whole(drawn), data, directory / "figures", file_name)
        downloads = tuple(
            _Download(kind, file.name, _within(file, media_type))
            for kind, file, media_type in (
                ("SVG", files.svg, "image/svg+xml"),
                ("CSV", files.csv, "text/csv"),
            )
        )
        png = f"figures/{files.png.name}"
        cells = tuple(_inline(cell, heading, f"{anchor}-{cell.name}") for cell in drawn.cells)
        lead = drawn.lead
        small = _inline(lead, heading, f"{anchor}-small", height=_SMALL)
    return _Shown(
        heading=heading,
        dataset=dataset_name(dataset) if dataset else "",
        claims=claims,
        small=small,
        cells=cells,
        columns=0 if drawn is None else drawn.columns,
        caption="" if drawn is None else caption(drawn),
        beside=against_untrained(of_figure),
        downloads=downloads,
        png=png,
        numbers=final_numbers(f"Final numbers of {heading}", of_figure),
    )


def _inline(cell: Cell | Plane, heading: str, name: str, **size: float) -> Markup:
    figure, points = draw_cell(cell, **size)
    return inline_svg(figure, name=name, title=alternative_text(heading, cell), points=points)


def _within(file: Path, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


def _tiles(
    sections: Sequence[_Section],
    studies: Sequence[Study],
    became: Outcomes,
    *,
    under_way: bool,
) -> list[_Tile]:
    """Return a tile for each figure, and one for each study that has no records yet."""
    by_name = {section.name: section for section in sections}
    run = {study.name: study for study in studies}
    order = [name for name in STUDIES if name in by_name or name in run]
    order += [name for name in dict.fromkeys((*by_name, *run)) if name not in order]
    tiles = []
    for name in order:
        section = by_name.get(name)
        coming = under_way and name in became.to_come
        if section is None:
            study = run[name]
            number = figure_name(study.figure).replace("Figure", "Fig.")
            label = f"{number} · {study.title.partition(':')[0]}"
            state = "to come" if coming else "no records"
            tiles.append(_Tile(label, "", _question(study.title), ("wait", state), None))
            continue
        for shown in section.shown:
            parts = [section.abbreviated, section.short]
            parts += [shown.dataset] if len(section.shown) > 1 else []
            tiles.append(
                _Tile(
                    label=" · ".join(part for part in parts if part),
                    anchor=section.anchor,
                    answer=shown.answer or _question(section.title),
                    chip=("wait", "under way") if coming else shown.chip,
                    picture=shown.small,
                )
            )
    return tiles


def _question(title: str) -> str:
    """Return what a title asks; empty if it asks nothing."""
    asked = title.partition(": ")[2]
    return asked[:1].upper() + asked[1:]


def _undecided(
    claims: Sequence[Claim], reproduction: Reproduction | None, became: Outcomes, command: str
) -> list[Open]:
    return undecided(
        claims,
        reproduction.studies if reproduction else (),
        preset=reproduction.preset if reproduction else "",
        to_come=became.to_come,
        command=command,
    )


def _contents(sections: Sequence[_Section]) -> list[Entry]:
    return [
        Entry("answers", "Answers"),
        Entry("claims", "Claims"),
        Entry("figures", "Figures"),
        *(Entry(section.anchor, section.short, within=True) for section in sections),
        Entry("runs", "About these runs"),
    ]
