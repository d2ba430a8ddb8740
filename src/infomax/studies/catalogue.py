"""The studies by name, open to those of others, each with all that travels with it.

That is its quick preset, its claims and what its runs cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from infomax.errors import UserError, unknown_name
from infomax.studies.study import AnyStudy, Configuration

if TYPE_CHECKING:
    from infomax.records import Split
    from infomax.studies.claims.evidence import Evidence
    from infomax.studies.verdicts import Claim

__all__ = [
    "PRESETS",
    "STUDIES",
    "Cost",
    "JudgeClaims",
    "Quantity",
    "StudyEntry",
    "find_study",
    "register_study",
]

PRESETS: dict[str, str] = {
    "quick": (
        "minutes on two cores, four for all studies of the paper: fewer steps, seeds and "
        "evaluations, a lower target, and digits of 14 x 14 and narrower flows where an encoder is "
        "dear"
    ),
    "full": "every number as in the paper (20 seeds, 21,000 steps), where the study is the paper's",
}
"""The presets by name."""

JudgeClaims: TypeAlias = "Callable[[Evidence], list[Claim]]"
"""Judges the claims of a study on what was recorded of it on one data set."""

Quantity: TypeAlias = "tuple[str, Split]"
"""A metric of the records, and the split that it was measured on."""


class Cost(NamedTuple):
    """What one run costs beside others, as it was measured on two cores at full scale.

    Attributes:
        update: seconds of an update.
        evaluation: seconds of an evaluation.
        growth: power of the number of values of a view with which both grow; there were 392.
        seeds_at_once: numbers of seeds that are worth training as one model on a CPU, best first.
            It pays where matrices are too small to keep the cores busy by themselves: stacked, each
            core multiplies those of one seed, so their number is to be even (docs/results.md).
    """

    update: float = 0.01
    evaluation: float = 5.0
    growth: float = 0.5
    seeds_at_once: tuple[int, ...] = (1,)


def _no_claims(_evidence: "Evidence") -> "list[Claim]":
    return []


@dataclass(frozen=True)
class StudyEntry:
    """What the catalogue holds of a study.

    Attributes:
        full: the study at full scale, which is the preset ``full``; every number as in the paper,
            where the study is one of the paper's.
        quick: settings that the preset ``quick`` changes, such as ``{"steps": 150}``.
        claims: judges the study's claims.
        in_paper: whether the paper has the study, so that what differs from it is told.
        notes: what a reader of its figure should know of the paper's notebook.
        costs: what its runs cost, by name of the critic or, where that is not there, of the
            encoder; by name of the loss where one is trained.
        turn: its place in the order of work; whoever waits has the studies of few minutes to look
            at while the dear ones are trained.
        compares: the column of the records whose levels the study compares, such as ``critic``;
            empty takes one that varies.
        asks_about: metric and split of what the study asks about.
        sets_against: metric and split of two things that it sets against each other, if it does.
        bounds_together: whether the bounds are shown in one pair of axes, as the paper does where
            one encoder and one critic are trained.

    Raises:
        UserError: if the preset ``quick`` changes a setting that the study does not have, or to
            what it cannot be.
    """

    full: AnyStudy
    quick: Mapping[str, Any] = field(default_factory=dict)
    claims: JudgeClaims = field(default=_no_claims, repr=False)
    in_paper: bool = False
    notes: tuple[str, ...] = ()
    costs: Mapping[str, Cost] = field(default_factory=dict)
    turn: int = 100
    compares: str = ""
    asks_about: "Quantity" = ("probe_accuracy", "test")
    sets_against: "tuple[Quantity, Quantity] | None" = None
    bounds_together: bool = False

    def __post_init__(self) -> None:
        self.at("quick")

    def at(self, preset: str) -> AnyStudy:
        """Return the study at the scale of a preset.

        Raises:
            UserError: if there is no such preset.
        """
        if preset not in PRESETS:
            raise unknown_name("preset", preset, PRESETS)
        if preset == "full":
            return self.full
        try:
            return type(self.full).model_validate({**self.full.model_dump(), **self.quick})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UserError(
                f"the preset quick of {self.full.name} cannot be: {where}: {first['msg']}"
            ) from error

    def cost_of(self, configuration: Configuration) -> Cost:
        """Return what a run of a configuration costs."""
        named = (configuration.loss, configuration.critic, configuration.encoder)
        return next((self.costs[name] for name in named if name in self.costs), Cost())


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
        >>> register_study(StudyEntry(spirals, quick={"steps": 100, "seeds": (0, 1, 2)})).full.name
        'spirals'
        >>> find_study("spirals").at("quick").steps
        100
        >>> del STUDIES["spirals"]
    """
    study = entry.full
    for other in STUDIES.values():
        taken = {other.full.name, other.full.figure} & {study.name, study.figure}
        if taken:
            raise UserError(
                f"the study {other.full.name} ({other.full.figure}) has the name "
                f"{sorted(taken)[0]!r} already: give the new one another name and figure"
            )
    STUDIES[study.name] = entry
    return entry


def find_study(name: str) -> StudyEntry:
    """Return the study of that name, or of that figure of the paper.

    Raises:
        UserError: if there is none, naming the choices.

    Example:
        >>> find_study("fig3").full.name
        'critics'
    """
    for entry in STUDIES.values():
        if name in {entry.full.name, entry.full.figure}:
            return entry
    choices = [f"{each.full.name} ({each.full.figure})" for each in STUDIES.values()]
    raise unknown_name("study", name, choices)
