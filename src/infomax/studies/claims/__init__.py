"""The sentences of the paper that the records can speak for or against, one file for each study."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from infomax.studies.claims.adversarial import adversarial_claims
from infomax.studies.claims.bijective import bijective_claims
from infomax.studies.claims.conditioning import conditioning_claims
from infomax.studies.claims.critics import critics_claims
from infomax.studies.claims.evidence import Evidence
from infomax.studies.claims.matched_bound import MATCHED_WITHIN, matched_bound_claims
from infomax.studies.claims.non_iid import non_iid_claims
from infomax.studies.verdicts import Claim

__all__ = ["MATCHED_WITHIN", "judge_claims"]


class _StudyClaims(NamedTuple):
    figure: str
    judge: Callable[[Evidence], list[Claim]]


_STUDIES = {
    "bijective": _StudyClaims("fig1ab", bijective_claims),
    "adversarial": _StudyClaims("fig1c", adversarial_claims),
    "conditioning": _StudyClaims("fig2", conditioning_claims),
    "critics": _StudyClaims("fig3", critics_claims),
    "matched-bound": _StudyClaims("fig4ab", matched_bound_claims),
    "non-iid": _StudyClaims("fig4c", non_iid_claims),
}


def judge_claims(records: pd.DataFrame) -> list[Claim]:
    """Judge every claim for which the records hold the runs, on each data set by itself.

    Runs are compared after their last update, within each seed; a seed that lacks one of the runs
    compared, because it failed or was not reached, is left out of that claim and so not counted.
    So is a seed whose runs were interrupted at another step than the rest.

    Args:
        records: a table with the columns of ``infomax.records``.
    """
    claims = []
    for study, (figure, judge_study) in _STUDIES.items():
        of_study = records[records["study"] == study]
        for dataset in of_study["dataset"].drop_duplicates():
            of_both = of_study[of_study["dataset"] == dataset]
            evidence = Evidence.of(of_both, figure=figure, dataset=str(dataset))
            if not evidence.runs.empty:
                claims += judge_study(evidence)
    return claims
