"""The page of a reproduction, with its figures as files beside it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from infomax.report.figure import alternative_text, caption, draw_cell, draw_figure, save_figure
from infomax.report.findings import (
    against_untrained,
    answer,
    budget_of,
    claim_groups,
    format_effect,
    interval_positions,
    opening,
    verdict_of,
)
from infomax.report.layout import by_figure, colours_of, layout_of
from infomax.report.page import Entry, Table, inline_svg, write_page
from infomax.report.recorded_runs import (
    Outcomes,
    find_outcomes,
    finished_runs,
    levels_of,
    trained_runs,
)
from infomax.report.study_figure import Cell, Plane, build_figure
from infomax.report.tables import (
    environment_table,
    figure_table,
    final_table,
    paper_departures,
    recorded_settings,
    settings_table,
    timing_table,
)
from infomax.report.text import Names, dataset_name, figure_name
from infomax.report.undecided import group_undecided, resume_command
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import standing_departures
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
        metadata: metadata of the records' file; ``settings`` and ``environment`` are shown where
            they are there, and ``labels`` say what levels are called.
        timings: one row for each run; ``None`` if none were kept.
        under_way: whether more is to come: the page then reads itself again every few seconds, and
            says which studies are not finished.

    Returns:
        The path of the page.

    Raises:
        UserError: if the settings in the metadata are those of another version.
    """
    reproduction = recorded_settings(metadata)
    studies = reproduction.studies if reproduction else ()
    preset = reproduction.preset if reproduction else ""
    environment = metadata.get("environment") or {}
    command = str(environment.get("command", ""))
    names = Names(metadata.get("labels") or {})
    became = find_outcomes(records, reproduction)
    groups = claim_groups(claims)
    on_figure = {(group.study, group.dataset): group.claims for group in groups}
    sections = _sections(_Source(records, studies, on_figure, names, directory / "figures"))
    return write_page(
        directory / "report.html",
        "reproduction.html.j2",
        contents=[
            Entry("answers", "Answers"),
            Entry("claims", "Claims"),
            Entry("figures", "Figures"),
            *(Entry(section.anchor, section.short, within=True) for section in sections),
            Entry("runs", "About these runs"),
        ],
        opening=opening(groups),
        budget=budget_of(studies),
        preset=preset,
        became=became,
        under_way=under_way,
        tiles=_tiles(sections, studies, became, under_way=under_way),
        groups=groups,
        anchors={section.name: section.anchor for section in sections},
        undecided=group_undecided(
            claims, studies, preset=preset, command=command, to_come=became.to_come
        ),
        resume=resume_command(command),
        format_effect=format_effect,
        interval_positions=interval_positions,
        sections=sections,
        studies=[(study, paper_departures(study), settings_table(study)) for study in studies],
        standing_departures=standing_departures(),
        environment=environment_table(environment) if environment else None,
        timing=None if timings is None or timings.empty else timing_table(timings, names),
    )


class _Source(NamedTuple):
    """Everything that the sections of the page are made from.

    Attributes:
        records: records of all studies.
        studies: as they were run, where that is recorded.
        claims: claims by study and data set, which is empty where a figure compares several.
        names: what levels are called.
        folder: folder that figures are saved in.
    """

    records: pd.DataFrame
    studies: Sequence[Study]
    claims: Mapping[tuple[str, str], tuple[Claim, ...]]
    names: Names
    folder: Path


class _Download(NamedTuple):
    """A file within the page: its kind, its name, and its content as a URL without network."""

    kind: str
    name: str
    source: str


class _Drawn(NamedTuple):
    """A figure as the page shows it.

    Attributes:
        small: the one cell that shows what the claims are about.
        cells: all of its cells.
        columns: how many of them belong side by side.
        caption: how to read them.
        downloads: its files.
        png: path of the picture beside the page.
    """

    small: Markup
    cells: tuple[Markup, ...]
    columns: int
    caption: str
    downloads: tuple[_Download, ...]
    png: str


@dataclass(frozen=True)
class _Shown:
    """One figure of a study, on one data set or comparing several, with what is said of it.

    Attributes:
        heading: study and data set.
        dataset: name of the data set as people know it; empty if the figure compares several.
        claims: on it.
        answer: what they come to.
        figure: as it is drawn; ``None`` if nothing can be.
        beside: how codes compare with what needed no training.
        numbers: final numbers.
    """

    heading: str
    dataset: str
    claims: tuple[Claim, ...]
    answer: str
    figure: _Drawn | None
    beside: str
    numbers: Table

    @property
    def chip(self) -> tuple[str, str]:
        """Kind and text of the chip that tells the verdict."""
        asked = [claim for claim in self.claims if claim.words]
        if self.figure is None:
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
    """The part of the page that is about one study."""

    name: str
    anchor: str
    figure: str
    title: str
    question: str
    notes: tuple[str, ...]
    shown: tuple[_Shown, ...]

    @property
    def short(self) -> str:
        """The title without its question."""
        return self.title.partition(":")[0]


def _sections(source: _Source) -> list[_Section]:
    """Draw every figure, and return the sections in the order of the paper's figures."""
    run = {study.name: study for study in source.studies}
    recorded = [str(name) for name in source.records["study"].drop_duplicates()]
    order = [name for name in STUDIES if name in recorded]
    order += [name for name in recorded if name not in STUDIES]
    sections = []
    for index, name in enumerate(order, 1):
        entry = STUDIES.get(name)
        study = run.get(name) or (entry.full if entry else None)
        figures = dict(by_figure(entry, source.records[source.records["study"] == name]))
        shown = [
            _shown(
                source,
                (name, dataset),
                of_figure,
                file_name=f"{name}-{dataset}" if len(figures) > 1 else name,
                anchor=f"f{index}-{number}",
            )
            for number, (dataset, of_figure) in enumerate(figures.items(), 1)
        ]
        sections.append(
            _Section(
                name=name,
                anchor=f"study-{index}",
                figure=figure_name(study.figure) if study else "",
                title=study.title if study else name,
                question=study.question if study else "",
                notes=entry.notes if entry else (),
                shown=tuple(shown),
            )
        )
    return sections


def _shown(
    source: _Source,
    which: tuple[str, str],
    of_figure: pd.DataFrame,
    *,
    file_name: str,
    anchor: str,
) -> _Shown:
    study, dataset = which
    heading = f"{study} on {dataset_name(dataset)}" if dataset else study
    kept, claims = finished_runs(of_figure), source.claims.get(which, ())
    figure = None
    if not trained_runs(kept).empty:
        layout = layout_of(STUDIES.get(study), kept, source.names)
        # Levels of all studies, so that one level has one colour in all figures.
        coloured = [str(level) for level in levels_of(trained_runs(source.records), layout.colour)]
        drawn = build_figure(kept, layout, colours_of(coloured, layout.colour))
        data = figure_table(study, dataset, drawn)
        files = save_figure(draw_figure(drawn), data, source.folder, file_name)
        figure = _Drawn(
            small=_inline(drawn.lead, heading, f"{anchor}-small", height=_SMALL),
            cells=tuple(_inline(cell, heading, f"{anchor}-{cell.name}") for cell in drawn.cells),
            columns=drawn.columns,
            caption=caption(drawn),
            downloads=(
                _Download("SVG", files.svg.name, _within(files.svg, "image/svg+xml")),
                _Download("CSV", files.csv.name, _within(files.csv, "text/csv")),
            ),
            png=f"{source.folder.name}/{files.png.name}",
        )
    return _Shown(
        heading=heading,
        dataset=dataset_name(dataset),
        claims=claims,
        answer=answer(claims, source.names),
        figure=figure,
        beside=against_untrained(of_figure, source.names),
        numbers=final_table(f"Final numbers of {heading}", of_figure, source.names),
    )


def _inline(cell: Cell | Plane, heading: str, name: str, **size: float) -> Markup:
    figure, points = draw_cell(cell, **size)
    return inline_svg(figure, name=name, title=alternative_text(heading, cell), points=points)


def _within(file: Path, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


class _Tile(NamedTuple):
    """A small picture with its answer, or the place of one that is to come."""

    label: str
    anchor: str
    answer: str
    chip: tuple[str, str]
    picture: Markup | None


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
            label = _tile_label(figure_name(study.figure), study.title.partition(":")[0])
            chip = ("wait", "to come" if coming else "no records")
            tiles.append(_Tile(label, "", _question(study.title), chip, None))
            continue
        for shown in section.shown:
            dataset = shown.dataset if len(section.shown) > 1 else ""
            tiles.append(
                _Tile(
                    label=_tile_label(section.figure, section.short, dataset),
                    anchor=section.anchor,
                    answer=shown.answer or _question(section.title),
                    chip=("wait", "under way") if coming else shown.chip,
                    picture=shown.figure and shown.figure.small,
                )
            )
    return tiles


def _tile_label(figure: str, *parts: str) -> str:
    # There is little room.
    return " · ".join(part for part in (figure.replace("Figure", "Fig."), *parts) if part)


def _question(title: str) -> str:
    """Return the question of a title; empty if it has none."""
    asked = title.partition(": ")[2]
    return asked[:1].upper() + asked[1:]
