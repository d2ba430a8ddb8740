"""All that a reproduction consists of, in the order in which its records stand."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import torch

from infomax.studies.jobs import Job, jobs_of
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AdversarialStudy, PairStudy, SampleStudy

__all__ = ["Piece", "RawPixels", "in_order_of_work", "names_of", "plan_of"]

_CHEAPEST_FIRST = (
    "conditioning",
    "non-iid",
    "critics",
    "matched-bound",
    "bijective",
    "adversarial",
)


class RawPixels(NamedTuple):
    """The probes of the views themselves, as the encoders of a study see them.

    Attributes:
        study: that they are compared with.
        dataset: name or path of the images, as the study gives it.
        label: one line that tells them from the rest.
    """

    study: PairStudy | AdversarialStudy
    dataset: str
    label: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the journal knows them by."""
        return (self.label,)


Piece: TypeAlias = RawPixels | Job
"""What needs nothing of the rest of a reproduction, wherever it is done."""


def plan_of(
    reproduction: Reproduction, device: torch.device, labels: Mapping[str, str]
) -> list[Piece]:
    """Return every piece; the raw pixels of a data set stand before the first job that uses it.

    Args:
        reproduction: what to run.
        device: that it is run on, which says how many seeds go together.
        labels: that results on a data set carry, by the name or path that the studies give it.
    """
    plan: dict[str, Piece] = {}
    for job in jobs_of(reproduction, device):
        study, dataset = job.study, job.configuration.dataset
        if not isinstance(study, SampleStudy):
            label = f"{study.name} on {labels[dataset]}: raw pixels"
            plan.setdefault(label, RawPixels(study, dataset, label))
        plan[job.label] = job
    return list(plan.values())


def names_of(plan: list[Piece]) -> list[str]:
    """Return what the journal is to know all pieces by, in their order."""
    return [name for piece in plan for name in piece.names]


def in_order_of_work(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces as they are to be begun: study by study, those that are soon to be seen first.

    Whoever waits has the first study of few minutes to look at while the dear ones are trained.
    """
    places = {name: place for place, name in enumerate(_CHEAPEST_FIRST)}
    return sorted(pieces, key=lambda piece: places.get(piece.study.name, len(places)))
