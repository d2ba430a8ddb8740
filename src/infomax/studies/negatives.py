"""The studies of section 4: whether the way of drawing negatives moves codes, and bounds tell."""

from typing import TYPE_CHECKING

from infomax.studies.catalogue import Cost, StudyEntry
from infomax.studies.study import PairStudy, SampleStudy

if TYPE_CHECKING:
    from infomax.studies.claims.evidence import Evidence
    from infomax.studies.verdicts import Claim

__all__ = ["NEGATIVES_STUDIES"]


def _claims(evidence: "Evidence") -> "list[Claim]":
    # Names of studies do not wait for pandas.
    from infomax.studies.claims.negatives import negatives_claims  # noqa: PLC0415

    return negatives_claims(evidence)


def _claims_on_truth(evidence: "Evidence") -> "list[Claim]":
    from infomax.studies.claims.negatives import chosen_negatives_claims  # noqa: PLC0415

    return chosen_negatives_claims(evidence)


_NEGATIVES = StudyEntry(
    PairStudy(
        name="negatives",
        figure="sec4a",
        title="Negatives: does the way of drawing them move the codes, and do bounds tell?",
        question=(
            "InfoNCE is a loss of metric learning, where much depends on which negatives are "
            "taken. If the bound measured how good codes are, it would order the ways of drawing "
            "negatives as a linear probe does."
        ),
        encoders=("mlp",),
        critics=("cosine",),
        bounds=("infonce",),
        negatives=("in-batch", "uniform", "other-classes", "hard", "semi-hard", "debiased"),
        seeds=tuple(range(10)),
        steps=10_000,
    ),
    quick={
        "seeds": (0, 1, 2),
        "probed_images": 10_000,
        "held_out_batches": 24,
        "steps": 400,
        "evaluate_every": 200,
    },
    costs={"mlp": Cost(0.0045, 4.0, 0.0, seeds_at_once=(5, 4, 2))},
    turn=9,
    compares="negatives",
    sets_against=(("bound", "test"), ("probe_accuracy", "test")),
    claims=_claims,
    notes=(
        "Negatives of other classes are chosen by the labels that the probe is asked for: they are "
        "no way to train without labels, and the claim is judged without them too.",
        "Bounds are read on every other pair of ordinary batches, whatever training takes. What "
        "training read on its own negatives is drawn apart; it is a bound on the information for "
        "in-batch and uniform negatives alone, and its ceiling is another where there are fewer of "
        "them.",
        "Numbers of negatives are 127 in the batch, 127 drawn uniformly, and the 16 hardest; the "
        "margin of semi-hard ones is 1, FaceNet's at this critic's temperature of 0.1; a tenth of "
        "the candidates is taken to be of the anchor's class where they are debiased.",
    ),
)

_CHOSEN = StudyEntry(
    SampleStudy(
        name="chosen-negatives",
        figure="sec4b",
        title="Chosen negatives: is what training reads below the information?",
        question=(
            "The information is known. In-batch negatives are independent draws, and the estimate "
            "stays below it. Is that so of negatives that were chosen by their scores?"
        ),
        datasets=("1v1-normal-0.75",),
        critics=("deep-concat",),
        bounds=("infonce",),
        negatives=("in-batch", "hard", "semi-hard"),
        seeds=tuple(range(10)),
        steps=10_000,
    ),
    quick={
        "seeds": (0, 1, 2),
        "steps": 1_500,
        "evaluate_every": 500,
        "held_out_batches": 200,
    },
    costs={"identity": Cost(0.002, 1.6, 0.0, seeds_at_once=(5, 4, 3, 2))},
    turn=10,
    compares="negatives",
    asks_about=("estimate_on_negatives", "train"),
    claims=_claims_on_truth,
    notes=(
        "What training read on its own negatives is the mean since the evaluation before; the "
        "bound is that on every other pair of fresh batches. Only for in-batch negatives are both "
        "bounds.",
    ),
)

NEGATIVES_STUDIES = (_NEGATIVES, _CHOSEN)
"""The study of images, and that of pairs whose information is known."""
