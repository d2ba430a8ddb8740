"""Write the report: figures as files, and one page that needs nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from infomax.report.claim_groups import budget, claim_groups, counts
from infomax.report.effects import shown_effect
from infomax.report.findings import basis, in_short
from infomax.report.outcomes import outcomes
from infomax.report.page import Entry, Table, write_page
from infomax.report.sections import sections_of
from infomax.report.settings_tables import (
    environment_table,
    paper_departures,
    recorded_settings,
    settings_table,
)
from infomax.report.timing_table import timing_table
from infomax.studies.departures import standing_departures
from infomax.studies.verdicts import Claim

__all__ = ["write_report"]


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
            there.
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
    became = outcomes(records, reproduction)
    groups = claim_groups(claims)
    sections = sections_of(records, claims, studies, directory)
    return write_page(
        directory / "report.html",
        "report.html.j2",
        summary=[(group, text) for group in groups if (text := in_short(group.claims))],
        basis=basis(claims, studies, became),
        preset=reproduction.preset if reproduction else "",
        became=became,
        under_way=under_way,
        counts=list(counts(claims)),
        groups=groups,
        budget=budget,
        shown_effect=shown_effect,
        sections=sections,
        anchors={section.name: f"study-{place}" for place, section in enumerate(sections, 1)},
        studies=[(study, paper_departures(study), settings_table(study)) for study in studies],
        standing_departures=standing_departures(),
        environment=_environment(metadata),
        timing=None if timings is None or timings.empty else timing_table(timings),
        contents=[Entry(anchor, text) for anchor, text in _CONTENTS],
    )


_CONTENTS = (
    ("verdicts", "Verdicts"),
    ("figures", "Figures"),
    ("numbers", "Final numbers"),
    ("departures", "Departures from the paper"),
    ("settings", "Settings"),
    ("environment", "Versions and machine"),
    ("timings", "Time taken"),
)


def _environment(metadata: Mapping[str, Any]) -> Table | None:
    environment = metadata.get("environment")
    return environment_table(environment) if environment else None
