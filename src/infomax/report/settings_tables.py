"""What was run, on what, and how that differs from the paper: read from the records' metadata."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from infomax.errors import UserError
from infomax.report.page import Table
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import departures, show_setting
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import Study

__all__ = [
    "environment_table",
    "paper_departures",
    "recorded_settings",
    "settings_table",
]


def recorded_settings(metadata: Mapping[str, Any]) -> Reproduction | None:
    """Return the settings kept with the records; nothing if there are none.

    Raises:
        UserError: if they are not settings of this version.
    """
    if "settings" not in metadata:
        return None
    try:
        return Reproduction.model_validate(metadata["settings"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise UserError(
            f"the settings kept with the records cannot be read: {where}: {first['msg']}; "
            "draw the report with the version of infomax that made the records"
        ) from error


def paper_departures(study: Study) -> list[str]:
    """Return a sentence for each way in which a study departs from the paper's."""
    paper = STUDIES.get(study.name)
    if paper is None:
        return ["the paper has no study of this name to compare with"]
    return departures(study, paper) or ["none in its settings"]


def settings_table(study: Study) -> Table:
    """Return every setting of a study."""
    settings = study.model_dump(exclude={"name", "title", "question"})
    return Table(
        caption=f"Settings of the study {study.name}",
        header=("Setting", "Value"),
        rows=tuple(
            (name.replace("_", " "), show_setting(value)) for name, value in settings.items()
        ),
    )


def environment_table(environment: Mapping[str, Any]) -> Table:
    """Return versions, machine and command."""
    return Table(
        caption="Versions and machine",
        header=("What", "Value"),
        rows=tuple((str(name), str(value)) for name, value in environment.items()),
    )
