"""The sentences of the paper that the records can speak for or against, study by study."""

from collections.abc import Mapping

import pandas as pd

from infomax.studies.catalogue import STUDIES
from infomax.studies.claims.evidence import Evidence
from infomax.studies.verdicts import Claim

__all__ = ["judge_claims"]


def judge_claims(records: pd.DataFrame, labels: Mapping[str, str] | None = None) -> list[Claim]:
    """Judge every claim for which the records hold the runs, on each data set by itself.

    Runs are compared after their last update, within each seed; a seed that lacks one of the runs
    compared, because it failed or was not reached, is left out of that claim and so not counted.
    So is a seed whose runs were interrupted at another step than the rest.

    Args:
        records: a table with the columns of ``infomax.records``.
        labels: what sentences call bounds, e.g. ``{"infonce": "InfoNCE"}``.
    """
    claims = []
    for name, entry in STUDIES.items():
        of_study = records[records["study"] == name]
        for dataset in of_study["dataset"].drop_duplicates():
            of_both = of_study[of_study["dataset"] == dataset]
            evidence = Evidence.of(
                of_both, figure=entry.full.figure, dataset=str(dataset), labels=labels
            )
            if not evidence.runs.empty:
                claims += entry.claims(evidence)
    return claims
