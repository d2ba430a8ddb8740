"""Figure 4c: whether estimates stay below the information when negatives are not i.i.d."""

from infomax.records import Split
from infomax.studies.claims.evidence import Evidence, Quantity, compare
from infomax.studies.claims.shared import smallest, with_second_opinion
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["non_iid_claims"]

_BELOW = Words(
    holds="i.i.d. pairs: {} below the truth",
    fails="i.i.d. pairs: {} above the truth",
    question="i.i.d. pairs: is the estimate below the truth?",
)
_ABOVE = Words(
    holds="dependent pairs: {} above",
    fails="dependent pairs: {} below",
    question="dependent pairs: is the estimate above the truth?",
)


def non_iid_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claim about one sampling, of which the data set has the name."""
    judge_sampling = {"gaussian-iid": _below, "gaussian-dependent": _above}.get(evidence.dataset)
    if judge_sampling is None:
        return []
    return [
        with_second_opinion(
            judge_sampling(part, bound, "test", "bound"),
            judge_sampling(part, bound, "train", "bound_smoothed"),
            whose="The smoothed training curve",
        )
        for bound, part in evidence.bounds()
    ]


def _below(evidence: Evidence, bound: str, split: Split, metric: str) -> Claim:
    statement = Statement(
        "iid-estimate-below-information",
        sentence=(
            f"With batches of i.i.d. pairs, the {bound} estimate stays below the true information."
        ),
        measured_as="true information minus final estimate on fresh batches, nats",
        words=_BELOW,
    )
    return _against_truth(evidence, statement, Quantity(split, metric), sign=-1)


def _above(evidence: Evidence, bound: str, split: Split, metric: str) -> Claim:
    statement = Statement(
        "dependent-estimate-above-information",
        sentence=(
            f"With batches of pairs that depend on each other, the {bound} estimate exceeds the "
            "true information: it is no longer a lower bound."
        ),
        measured_as="final estimate on fresh batches minus true information, nats",
        words=_ABOVE,
    )
    return _against_truth(evidence, statement, Quantity(split, metric), sign=1)


def _against_truth(
    evidence: Evidence, statement: Statement, estimate: Quantity, *, sign: int
) -> Claim:
    comparison = compare(evidence, critic=evidence.levels("critic"))
    end, truth = comparison.measure(estimate, Quantity("test", "true_information", "start"))
    return comparison.judge(statement, smallest(sign * (end - truth)))
