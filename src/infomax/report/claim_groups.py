"""Claims in the order of the paper's figures, with what their verdicts amount to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infomax.report.formatting import whole
from infomax.report.layouts import compares_datasets
from infomax.report.names import dataset_name, figure_name
from infomax.studies.catalogue import STUDIES
from infomax.studies.verdicts import Claim, Verdict

__all__ = ["VERDICTS", "ClaimGroup", "budget", "claim_groups", "counts"]

VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "inconclusive")


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one figure on one data set.

    Attributes:
        study: that the figure belongs to; empty if no study is known for it.
        dataset: that the claims are about; empty where they compare data sets.
        heading: number of the figure, and the data set.
        title: of the study.
        claims: in the order in which they were judged.
    """

    study: str
    dataset: str
    heading: str
    title: str
    claims: tuple[Claim, ...]

    @property
    def counted(self) -> str:
        """How many claims have each verdict."""
        return ", ".join(f"{number} {verdict}" for verdict, number in counts(self.claims))

    @property
    def budget(self) -> str:
        """Seeds and steps of the claims, if all rest on the same; else empty."""
        budgets = {budget(claim) for claim in self.claims}
        return budgets.pop() if len(budgets) == 1 else ""


def budget(claim: Claim) -> str:
    """Return what a claim rests on."""
    seeds = "1 seed" if claim.seeds == 1 else f"{claim.seeds} seeds"
    return f"{seeds}, {whole(claim.steps)} steps"


def counts(claims: Sequence[Claim]) -> Iterator[tuple[Verdict, int]]:
    """Yield each verdict that any claim has, with the number of claims that have it."""
    for verdict in VERDICTS:
        if number := sum(claim.verdict == verdict for claim in claims):
            yield verdict, number


def claim_groups(claims: Sequence[Claim]) -> list[ClaimGroup]:
    """Return the claims of each figure and data set, in the order of the paper's figures."""
    by_figure = {study.figure: study for study in STUDIES.values()}
    order = {figure: place for place, figure in enumerate(by_figure)}
    grouped: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda each: order.get(each.figure, len(order))):
        study = by_figure.get(claim.figure)
        together = study is not None and compares_datasets(study.name)
        grouped.setdefault((claim.figure, "" if together else claim.dataset), []).append(claim)
    return [
        ClaimGroup(
            study=by_figure[figure].name if figure in by_figure else "",
            dataset=dataset,
            heading=f"{figure_name(figure)}, {dataset_name(dataset)}".removesuffix(", "),
            title=by_figure[figure].title if figure in by_figure else "",
            claims=tuple(of_figure),
        )
        for (figure, dataset), of_figure in grouped.items()
    ]
