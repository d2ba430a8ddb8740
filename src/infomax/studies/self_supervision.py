"""Self-supervision as maximisation of information: seven methods, two prototypes, and their parts.

The claims are those of Sabby, Sui, Wu, Cresswell and Wu (2025), "Self-supervised representation
learning as mutual information maximization", and of the paper of this package.
"""

from typing import TYPE_CHECKING, Any

from infomax.studies.catalogue import Cost, StudyEntry
from infomax.studies.study import LossStudy, Recipe

if TYPE_CHECKING:
    from infomax.studies.claims.evidence import Evidence
    from infomax.studies.verdicts import Claim

__all__ = ["NAMED_METHODS", "PROTOTYPES", "SELF_SUPERVISION_STUDIES"]

NAMED_METHODS = ("nt-xent", "moco", "byol", "simsiam", "barlow-twins", "vicreg", "dino")
"""Losses of methods that others proposed and named."""

PROTOTYPES = ("sdmi", "jmi")
"""Losses of the two prototypes of the paper that is judged."""

_TEMPERATURE = 0.2
_COSINES: dict[str, bool | float | str] = {"temperature": _TEMPERATURE}


def _claims(evidence: "Evidence") -> "list[Claim]":
    # Names of studies do not wait for pandas.
    from infomax.studies.claims.self_supervision import self_supervision_claims  # noqa: PLC0415

    return self_supervision_claims(evidence)


def _claims_on_parts(evidence: "Evidence") -> "list[Claim]":
    from infomax.studies.claims.self_supervision_parts import (  # noqa: PLC0415
        self_supervision_parts_claims,
    )

    return self_supervision_parts_claims(evidence)


_QUICK: dict[str, Any] = {
    "seeds": (0, 1, 2),
    "datasets": ("mnist-14",),
    "probed_images": 5_000,
    "held_out_pairs": 1_000,
    "read_pairs": 2_000,
}

# Seconds on two cores (docs/results.md).
_CONVNET, _WITH_TARGET = Cost(0.06, 7.0, 0.9), Cost(0.08, 7.0, 0.9)
_NOTES = (
    "Information is estimated on pairs of views of test images, of the leading principal "
    "components of what the loss sees: by a Gaussian copula (8 of them), by nearest "
    "neighbours (3), and by a critic that is fitted to some and read on others (8; at least).",
    "The cos-DV value is read on one large set of held-out pairs: of a batch it is biased upwards.",
    "Probes are of the codes before the head, which users keep; information is of what comes "
    "behind it.",
)

_SELF_SUPERVISION = StudyEntry(
    LossStudy(
        name="self-supervision",
        figure="ssl1",
        title="Self-supervision: is it the information that is maximised?",
        question=(
            "Methods of self-supervision are said to maximise a Donsker-Varadhan value of their "
            "codes. If they did, information would rise along training by any estimator, and the "
            "method whose codes share most would have the codes that a probe classifies best."
        ),
        losses=(*NAMED_METHODS, *PROTOTYPES),
        recipes={
            "nt-xent": Recipe(loss="nt-xent", options=_COSINES),
            "moco": Recipe(loss="moco", options=_COSINES, queue_size=2_048),
            "sdmi": Recipe(
                loss="sdmi", options={**_COSINES, "moved": "turns"}, shared_encoder=False
            ),
            "jmi": Recipe(loss="jmi", options=_COSINES),
        },
        seeds=(0, 1, 2),
        steps=5_000,
        batch_size=128,
        learning_rate=1e-3,
        evaluate_every=500,
        probed_images=10_000,
        temperature=_TEMPERATURE,
    ),
    quick={
        **_QUICK,
        "encoders": ("mlp",),
        "steps": 200,
        "evaluate_every": 100,
    },
    costs={"convnet": _CONVNET, **dict.fromkeys(("moco", "byol", "dino"), _WITH_TARGET)},
    turn=7,
    compares="loss",
    asks_about=("probe_accuracy", "test"),
    sets_against=(("information_copula", "test"), ("probe_accuracy", "test")),
    claims=_claims,
    notes=_NOTES,
)

_JOINT_ALONE: dict[str, bool | float | str] = {"predictor": False, "stop_gradient": False}
_EMA = {
    f"byol-momentum-{momentum:g}": Recipe(
        loss="byol", target_momentum=momentum, target_schedule="constant"
    )
    for momentum in (0.0, 0.9, 0.99, 0.999)
}

_PARTS = StudyEntry(
    LossStudy(
        name="ssl-ablations",
        figure="ssl2",
        title="Parts of self-supervision: which of them keeps codes from collapsing?",
        question=(
            "A predictor with a stop-gradient is said to stand for the marginal term: with both "
            "codes do not collapse, without either they do. Alternating steps and a moving average "
            "are said to be the maximisation of information in turn."
        ),
        encoders=("mlp",),
        losses=(
            *("joint-alone", "predictor-alone", "stop-gradient-alone", "simsiam"),
            *("jmi", "sdmi-at-once", "sdmi-in-turn", "learnt-critic"),
            *_EMA,
        ),
        recipes={
            "joint-alone": Recipe(loss="simsiam", options=_JOINT_ALONE),
            "predictor-alone": Recipe(loss="simsiam", options={"stop_gradient": False}),
            "stop-gradient-alone": Recipe(loss="simsiam", options={"predictor": False}),
            "jmi": Recipe(loss="jmi", options=_COSINES),
            "sdmi-at-once": Recipe(loss="sdmi", options=_COSINES, shared_encoder=False),
            "sdmi-in-turn": Recipe(
                loss="sdmi", options={**_COSINES, "moved": "turns"}, shared_encoder=False
            ),
            "learnt-critic": Recipe(critic="separable"),
            **_EMA,
        },
        seeds=(0, 1, 2, 3, 4),
        steps=5_000,
        batch_size=256,
        learning_rate=1e-3,
        evaluate_every=500,
        probed_images=10_000,
        temperature=_TEMPERATURE,
    ),
    quick={
        **_QUICK,
        "steps": 200,
        "evaluate_every": 100,
        "batch_size": 128,
        "also_measured": ("gradients",),
    },
    costs={"mlp": Cost(0.015, 4.0, 0.2)},
    turn=8,
    compares="loss",
    asks_about=("spread", "test"),
    claims=_claims_on_parts,
    notes=_NOTES,
)

SELF_SUPERVISION_STUDIES = (_SELF_SUPERVISION, _PARTS)
"""Run by name, since they are not the paper's."""
