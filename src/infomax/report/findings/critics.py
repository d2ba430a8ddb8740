"""What a tighter bound bought: three claims on critics, read together."""

from collections.abc import Iterator, Mapping, Sequence

from infomax.report.names import level_name
from infomax.studies.verdicts import Claim

__all__ = ["what_it_bought"]

_TRAIN, _TEST, _ACCURACY = (
    "tighter-train-bound-with-concat",
    "tighter-test-bound-with-concat",
    "lower-accuracy-with-concat",
)


def what_it_bought(kinds: Mapping[str, Sequence[Claim]]) -> Iterator[str]:
    """Yield whether the tighter bound bought a better representation, and with which estimators.

    Args:
        kinds: the claims of one figure and data set, by what is claimed.
    """
    concluded: dict[str, list[str]] = {}
    for accuracy in kinds.get(_ACCURACY, ()):
        same = accuracy.claim.removeprefix(_ACCURACY)
        train, test = (
            next((claim for claim in kinds.get(kind, ()) if claim.claim == kind + same), None)
            for kind in (_TRAIN, _TEST)
        )
        if train is not None and test is not None:
            estimator = level_name("estimator", same.rpartition(":")[2])
            concluded.setdefault(_conclusion(train, test, accuracy), []).append(estimator)
    for conclusion, estimators in concluded.items():
        yield f"With {' and '.join(estimators)}, {conclusion}."


def _conclusion(train: Claim, test: Claim, accuracy: Claim) -> str:
    tighter = [
        where
        for where, claim in (("training batches", train), ("held-out pairs", test))
        if claim.verdict == "supported"
    ]
    if accuracy.verdict == "inconclusive" or "inconclusive" in {train.verdict, test.verdict}:
        partly = " in full" if tighter and accuracy.verdict != "inconclusive" else ""
        return (
            "whether a tighter bound bought a better representation cannot be told"
            f"{partly} from these runs"
        )
    if not tighter:
        return "the concat critic had no tighter bound to buy a better representation with"
    where = "" if len(tighter) == 2 else f" on {tighter[0]}"
    if accuracy.verdict == "supported":
        return f"the concat critic's tighter bound{where} did not buy a better representation"
    return f"the concat critic's tighter bound{where} did not come with the worst representation"
