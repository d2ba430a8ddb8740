"""The studies by name, open to those of others."""

from infomax.errors import UserError, unknown_name
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.study_entry import StudyEntry

__all__ = ["STUDIES", "find_study", "register_study"]

STUDIES: dict[str, StudyEntry] = {}
"""The studies by name, those of the paper in the order of its figures."""


def register_study(entry: StudyEntry) -> StudyEntry:
    """Add a study to those that are run, listed, judged and reported by name.

    Args:
        entry: the study, its preset and its claims.

    Raises:
        UserError: if another study has its name or its figure.

    Example:
        >>> from infomax.studies.study import SampleStudy
        >>> spirals = SampleStudy(
        ...     name="spirals",
        ...     figure="my-fig1",
        ...     title="Spirals: does the bound reach the information?",
        ...     question="The information is known. Does a bound reach it?",
        ...     datasets=("1v1-normal-0.75",),
        ...     critics=("concat",),
        ...     bounds=("infonce",),
        ... )
        >>> register_study(StudyEntry(spirals, quick={"steps": 100, "seeds": (0, 1, 2)})).paper.name
        'spirals'
        >>> find_study("spirals").at("quick").steps
        100
        >>> del STUDIES["spirals"]
    """
    study = entry.paper
    for other in STUDIES.values():
        taken = {other.paper.name, other.paper.figure} & {study.name, study.figure}
        if taken:
            raise UserError(
                f"the study {other.paper.name} ({other.paper.figure}) has the name "
                f"{sorted(taken)[0]!r} already: give the new one another name and figure"
            )
    STUDIES[study.name] = entry
    return entry


def find_study(name: str) -> StudyEntry:
    """Return the study of that name, or of that figure of the paper.

    Raises:
        UserError: if there is none, naming the choices.

    Example:
        >>> find_study("fig3").paper.name
        'critics'
    """
    for entry in STUDIES.values():
        if name in {entry.paper.name, entry.paper.figure}:
            return entry
    choices = [f"{each.paper.name} ({each.paper.figure})" for each in STUDIES.values()]
    raise unknown_name("study", name, choices)


for _entry in PAPER_STUDIES:
    register_study(_entry)
