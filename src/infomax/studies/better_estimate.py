"""Whether a better estimate makes better codes: InfoNCE with an anchor class, beside InfoNCE.

Two studies: on samples whose information is known, and on halves of images whose codes are probed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from infomax.studies.catalogue import Cost, JudgeClaims, StudyEntry
from infomax.studies.study import PairStudy, SampleStudy

if TYPE_CHECKING:
    from infomax.studies.claims.evidence import Evidence
    from infomax.studies.verdicts import Claim

__all__ = ["ANCHOR_STUDIES"]


def _claims(name: str) -> JudgeClaims:
    def judge_claims(evidence: "Evidence") -> "list[Claim]":
        # Imported when they are judged: names of studies do not wait for pandas.
        claims = import_module("infomax.studies.claims.better_estimate")
        judged: list[Claim] = getattr(claims, name)(evidence)
        return judged

    return judge_claims


_BOUNDS = ("infonce", "infonce-anchor", "infonce-anchor(nu=0.1)", "infonce-anchor(nu=10)")
_FEW_SEEDS = {"seeds": (0, 1, 2)}
_SOURCE = (
    "InfoNCE with an anchor class is that of arXiv 2510.25983 (2025); its estimate is the mean "
    "score of pairs, which is no bound. nu is the weight of the answer that no candidate is the "
    "partner; 1 where none is named."
)

_BETTER_ESTIMATE = StudyEntry(
    SampleStudy(
        name="better-estimate",
        figure="anchor-samples",
        title="A better estimate? InfoNCE with an anchor class where the information is known",
        question=(
            "InfoNCE cannot read more than the log of the batch, and leaves the density ratio "
            "undetermined by a function of x. With an anchor class the ratio itself is learnt. "
            "Is what it reads nearer to the information, below the ceiling and above it, and does "
            "the weight nu matter?"
        ),
        datasets=("multinormal-sparse-5-5-2-2.0", "high-normal-2-2-3", "high-normal-2-2-6"),
        critics=("separable",),
        bounds=_BOUNDS,
        seeds=tuple(range(8)),
        steps=5_000,
        learning_rate=1e-3,
        evaluate_every=500,
        held_out_batches=200,
    ),
    quick={**_FEW_SEEDS, "steps": 600, "evaluate_every": 200, "held_out_batches": 50},
    costs={"separable": Cost(0.0016, 0.1, 0.0, seeds_at_once=(8, 6, 4))},
    turn=8,
    compares="bound",
    asks_about=("bound", "test"),
    bounds_together=True,
    claims=_claims("better_estimate_claims"),
    notes=(_SOURCE, "Batches are of 128 pairs, so that InfoNCE reads at most 4.85 nats."),
)

_BETTER_CODES = StudyEntry(
    PairStudy(
        name="better-codes",
        figure="anchor-codes",
        title="Better codes? InfoNCE with an anchor class on halves of digits",
        question=(
            "Encoders of two halves of a digit are trained by InfoNCE, and by InfoNCE with an "
            "anchor class, whose estimate has no ceiling. If the quality of the estimate made the "
            "quality of codes, its codes would be told apart better by a linear probe and found "
            "better by their class."
        ),
        encoders=("mlp",),
        critics=("bilinear",),
        bounds=_BOUNDS,
        seeds=tuple(range(5)),
        steps=5_000,
        learning_rate=1e-3,
        evaluate_every=1_000,
        probed_images=10_000,
        held_out_batches=24,
        also_measured=("retrieval", "information"),
    ),
    quick={
        **_FEW_SEEDS,
        "bounds": ("infonce", "infonce-anchor"),
        "steps": 300,
        "evaluate_every": 300,
        "probed_images": 4_000,
    },
    costs={"bilinear": Cost(0.0035, 8.0, 0.0)},
    turn=9,
    compares="bound",
    bounds_together=True,
    claims=_claims("better_codes_claims"),
    notes=(
        _SOURCE,
        "The independent estimate is that of a critic that is fitted anew to eight principal "
        "components of the codes of held-out pairs, after training: it is no more than they share.",
    ),
)

ANCHOR_STUDIES = (_BETTER_ESTIMATE, _BETTER_CODES)
