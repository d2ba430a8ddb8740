"""What the findings rest on."""

from collections.abc import Iterator, Sequence

from infomax.report.claim_groups import counts
from infomax.report.formatting import whole
from infomax.report.outcomes import Outcomes
from infomax.studies.catalogue import STUDIES
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim

__all__ = ["basis"]


def basis(claims: Sequence[Claim], studies: Sequence[Study], became: Outcomes) -> str:
    """Return how many claims there are, at what budget, and which runs are not in it.

    Args:
        claims: judged on the records of one reproduction.
        studies: as they were run; none if the settings are not recorded.
        became: what became of the runs.
    """
    return " ".join([_count(claims), *_budget(studies), *_incomplete(became)])


def _count(claims: Sequence[Claim]) -> str:
    if not claims:
        return "The records hold no runs that a claim could be judged on."
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts(claims))
    noun = "claim" if len(claims) == 1 else "claims"
    return f"Of {len(claims)} {noun} judged: {told}."


def _budget(studies: Sequence[Study]) -> Iterator[str]:
    smaller: dict[str, list[str]] = {}
    for study in studies:
        paper = STUDIES.get(study.name)
        if paper is not None and (shortfall := " and ".join(_shortfall(study, paper))):
            smaller.setdefault(shortfall, []).append(study.name)
    if smaller:
        told = "; ".join(f"{', '.join(names)}: {less}" for less, names in smaller.items())
        yield (
            f"This is a smaller budget than the paper's ({told}), so a verdict speaks of these "
            "runs and not of the paper's."
        )


def _shortfall(study: Study, paper: Study) -> Iterator[str]:
    if study.steps < paper.steps:
        yield f"{whole(study.steps)} of {whole(paper.steps)} steps"
    if len(study.seeds) < len(paper.seeds):
        yield f"{len(study.seeds)} of {len(paper.seeds)} seeds"


def _incomplete(became: Outcomes) -> Iterator[str]:
    if became.failed:
        yield f"Failed runs: {len(became.failed)}, left out of every mean."
    if became.missing:
        yield (
            f"Of {became.promised} runs promised by the settings, {len(became.missing)} are "
            "missing or incomplete."
        )
