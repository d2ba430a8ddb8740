"""Write the report: figures as files, and one page that needs nothing else."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from infomax.report.captions import alternative_text, caption
from infomax.report.configurations import level_name, trained
from infomax.report.figure_files import save_figure
from infomax.report.figures import draw_study
from infomax.report.final_numbers import final_numbers
from infomax.report.findings import findings, shown_effect
from infomax.report.layouts import layout_of
from infomax.report.outcomes import finished, outcomes
from infomax.report.palette import colours_of
from infomax.report.settings_tables import (
    environment_table,
    paper_departures,
    recorded_settings,
    settings_table,
)
from infomax.report.table import Table
from infomax.report.timing_table import timing_table
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import standing_departures
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim

__all__ = ["write_report"]


@dataclass(frozen=True)
class _Drawn:
    """A study's figure, as the page shows it."""

    source: str
    alternative_text: str
    caption: str
    files: str


@dataclass(frozen=True)
class _Section:
    """What the page says of one study."""

    name: str
    title: str
    question: str
    drawn: _Drawn | None
    numbers: Table


def write_report(
    directory: Path,
    *,
    records: pd.DataFrame,
    claims: Sequence[Claim],
    metadata: Mapping[str, Any],
    timings: pd.DataFrame | None,
) -> Path:
    """Draw the figures of every study and write the page; the same input gives the same bytes.

    Args:
        directory: gets ``report.html`` and ``figures``.
        records: a table with the columns of ``infomax.records``.
        claims: judged on those records.
        metadata: of the records' file; ``settings`` and ``environment`` are shown where they are
            there.
        timings: one row for each run; ``None`` if none were kept.

    Returns:
        The path of the page.

    Raises:
        UserError: if the settings in the metadata are those of another version.
    """
    reproduction = recorded_settings(metadata)
    studies = reproduction.studies if reproduction else ()
    became = outcomes(records, reproduction)
    page = _TEMPLATES.get_template("report.html.j2").render(
        summary=findings(records, claims, studies, became),
        preset=reproduction.preset if reproduction else "",
        became=became,
        claims=claims,
        shown_effect=shown_effect,
        sections=_sections(records, studies, directory),
        studies=[(study, paper_departures(study), settings_table(study)) for study in studies],
        standing_departures=standing_departures(),
        environment=_environment(metadata),
        timing=None if timings is None or timings.empty else timing_table(timings),
    )
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "report.html"
    # Written beside and renamed: whoever has the page open never reads half of it.
    beside = path.with_name(path.name + ".part")
    beside.write_text(page, encoding="utf-8")
    beside.replace(path)
    return path


def _sections(records: pd.DataFrame, studies: Sequence[Study], directory: Path) -> list[_Section]:
    known = {**STUDIES, **{study.name: study for study in studies}}
    sections = []
    for name, of_study in records.groupby("study", sort=False):
        study = known.get(str(name))
        batch_size = next((each.batch_size for each in studies if each.name == name), None)
        sections.append(
            _Section(
                name=str(name),
                title=study.title if study else str(name),
                question=study.question if study else "",
                drawn=_drawn(str(name), of_study, records, batch_size, directory),
                numbers=final_numbers(str(name), of_study),
            )
        )
    return sections


def _drawn(
    study: str,
    of_study: pd.DataFrame,
    records: pd.DataFrame,
    batch_size: int | None,
    directory: Path,
) -> _Drawn | None:
    kept = finished(of_study)
    if trained(kept).empty:
        return None
    layout = layout_of(study, kept)
    # Levels of all studies, so that one level has one colour in all figures.
    names = [level_name(layout.colour, level) for level in trained(records)[layout.colour]]
    drawn = draw_study(kept, layout, batch_size=batch_size, colours=colours_of(names))
    files = save_figure(drawn.figure, directory / "figures", study)
    encoded = base64.b64encode(files.svg.read_bytes()).decode("ascii")
    return _Drawn(
        source=f"data:image/svg+xml;base64,{encoded}",
        alternative_text=alternative_text(study, drawn),
        caption=caption(drawn),
        files=f"figures/{files.svg.name}, figures/{files.png.name}",
    )


def _environment(metadata: Mapping[str, Any]) -> Table | None:
    environment = metadata.get("environment")
    return environment_table(environment) if environment else None


_TEMPLATES = Environment(
    loader=PackageLoader("infomax.report", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
