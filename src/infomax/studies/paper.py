"""The studies of the paper: each figure as a grid at the paper's scale, and what goes with it."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from infomax.studies.catalogue import Cost, JudgeClaims, Quantity, StudyEntry
from infomax.studies.study import AdversarialStudy, PairStudy, SampleStudy

if TYPE_CHECKING:
    from infomax.studies.claims.evidence import Evidence
    from infomax.studies.verdicts import Claim

__all__ = ["PAPER_STUDIES"]


def _claims_of(name: str, file: str = "") -> JudgeClaims:
    """Return what judges claims of a name, in a file of ``infomax.studies.claims``.

    It is the file of that name where none is given, and is imported when they are judged: names of
    studies do not wait for pandas.
    """

    def judge_claims(evidence: "Evidence") -> "list[Claim]":
        claims = import_module(f"infomax.studies.claims.{file or name}")
        judge: Callable[[Evidence], list[Claim]] = getattr(claims, f"{name}_claims")
        return judge(evidence)

    return judge_claims


_BOTH_BOUNDS = ("infonce", "nwj")
_PAPER_FLOW = {"hidden_sizes": (512, 512)}

_FEW_SEEDS: dict[str, Any] = {"seeds": (0, 1, 2)}
_SMALL: dict[str, Any] = {**_FEW_SEEDS, "probed_images": 10_000, "held_out_batches": 24}
_SMALL_DIGITS: dict[str, Any] = {"datasets": ("mnist-14",)}
# As wide for 98 values as the paper's are for 392.
_NARROW_FLOW: dict[str, Any] = {"encoder_options": {"hidden_sizes": (128, 128)}}

# Seconds on two cores (docs/results.md, "What the full preset costs").
_MLP = Cost(0.0032, 3.0, 0.0, seeds_at_once=(8, 6, 4))

_BOUND_AND_ACCURACY: "tuple[Quantity, Quantity]" = (("bound", "train"), ("probe_accuracy", "test"))

_TRAINING_CURVES = (
    "The paper's bound curves are training curves: the notebook's “testing loss” is computed on "
    "fresh training batches. The dashed curves, on held-out pairs, are not in the paper."
)
_FOOLED_PROBE = (
    "The notebook's probe can be fooled by scale. The encoder starts near the identity and adds a "
    "little to pixels that are 0 in every training image; min-max scaling blows those columns up "
    "to the full range, so accuracy can rise above that of raw pixels for no information at all. "
    "Our probe is immune, and is judged against raw pixels and the untrained encoder."
)

_BIJECTIVE = StudyEntry(
    PairStudy(
        name="bijective",
        figure="fig1ab",
        title="Bijective encoders: what is maximised when nothing can change?",
        question=(
            "A bijective encoder keeps all information, whatever its weights are, so the mutual "
            "information between the codes is constant. If maximising information explained what "
            "training does, neither the estimate nor the probe's accuracy would have a reason to "
            "rise."
        ),
        encoders=("realnvp-additive",),
        encoder_options=_PAPER_FLOW,
        critics=("bilinear",),
        bounds=_BOTH_BOUNDS,
        also_measured=("inverse",),
    ),
    quick={
        **_SMALL,
        **_SMALL_DIGITS,
        **_NARROW_FLOW,
        "steps": 150,
        "evaluate_every": 75,
    },
    costs={"realnvp-additive": Cost(0.22, 33.0, 1.0)},
    turn=5,
    compares="bound",
    asks_about=("bound", "train"),
    bounds_together=True,
    claims=_claims_of("bijective", "invertible"),
    in_paper=True,
    notes=(
        "The flow is additive (volume-preserving), although the paper calls it RealNVP; only the "
        "adversarial encoder has affine couplings.",
        _TRAINING_CURVES,
        _FOOLED_PROBE,
    ),
)

_ADVERSARIAL = StudyEntry(
    AdversarialStudy(
        name="adversarial",
        figure="fig1c",
        title="Adversarial encoder: can all information be kept and the representation ruined?",
        question=(
            "A bijective encoder is trained to make a linear classifier of its codes useless. It "
            "stays invertible, so the information stays maximal. If information measured the "
            "quality of the representation, its codes could not be worse than raw pixels."
        ),
        encoders=("realnvp-affine",),
        encoder_options=_PAPER_FLOW,
        steps=4_001,
        evaluate_every=400,
        learning_rate=1e-5,
    ),
    # At the paper's learning rate these codes change after hundreds of steps, each of which makes
    # ten of the classifier.
    quick={
        **_FEW_SEEDS,
        "probed_images": 10_000,
        **_SMALL_DIGITS,
        **_NARROW_FLOW,
        "steps": 40,
        "evaluate_every": 20,
        "warm_up_steps": 60,
    },
    costs={"realnvp-affine": Cost(0.37, 25.0, 1.0)},
    turn=6,
    compares="encoder",
    bounds_together=True,
    claims=_claims_of("adversarial", "invertible"),
    in_paper=True,
    notes=(
        "Unlike the flow of Figure 1a, 1b, this one has affine couplings, so it is invertible in "
        "exact arithmetic and less exactly in float32: panel c shows how far.",
        "The notebook's probe can be fooled by scale: min-max scaling gives every column the full "
        "range, however small the flow has made it. Ours cannot, but sees columns of under 1 % of "
        "the largest spread dimly, and an encoder that is trained to be useless may hide things "
        "there: a fall that only our probe sees may be one of scale.",
    ),
)

_CONDITIONING = StudyEntry(
    PairStudy(
        name="conditioning",
        figure="fig2",
        title="Conditioning: does training prefer encoders that are hard to invert?",
        question=(
            "The encoder can represent the identity and starts near it, so it need not lose "
            "anything. If it is trained all the same towards Jacobians of high condition number, "
            "the bound rewards encoders that are hard to invert, not ones that keep information."
        ),
        encoders=("residual-mlp",),
        critics=("bilinear",),
        bounds=_BOTH_BOUNDS,
        noise_deviation=0.05,
        also_measured=("jacobian",),
    ),
    quick={**_SMALL, **_SMALL_DIGITS, "steps": 300, "evaluate_every": 100},
    costs={"residual-mlp": Cost(0.012, 13.6, 1.0)},
    turn=1,
    compares="bound",
    asks_about=("log_condition_number_p50", "train"),
    claims=_claims_of("conditioning", "invertible"),
    in_paper=True,
    notes=(
        "The notebook adds the same noise to both halves of an image, so the noise itself is "
        "information that the two views share. The setting noise tells which was used here: "
        "shared, as in the notebook, or own, each view its own.",
        _TRAINING_CURVES,
        _FOOLED_PROBE,
    ),
)

_CRITICS = StudyEntry(
    PairStudy(
        name="critics",
        figure="fig3",
        title="Critics: does a tighter bound buy a better representation?",
        question=(
            "The same encoders are trained with critics of growing capacity. If the bound "
            "measured the quality of the representation, the critic with the tightest bound would "
            "have the codes that a linear probe classifies best."
        ),
        encoders=("mlp",),
        critics=("bilinear", "separable", "concat"),
        bounds=_BOTH_BOUNDS,
    ),
    quick={**_SMALL, "steps": 500, "evaluate_every": 250},
    costs={"mlp": _MLP, "concat": _MLP._replace(update=2.6 * _MLP.update)},
    turn=3,
    compares="critic",
    sets_against=_BOUND_AND_ACCURACY,
    claims=_claims_of("critics"),
    in_paper=True,
    notes=(_TRAINING_CURVES,),
)

_MATCHED_BOUND = StudyEntry(
    PairStudy(
        name="matched-bound",
        figure="fig4ab",
        title="Matched bound: what is left when the estimate is held equal?",
        question=(
            "Encoders are trained to hold the estimate at one value instead of maximising it. If "
            "the information explained the quality of the representation, encoders at one "
            "estimate would be equally good, whatever their architecture."
        ),
        encoders=("mlp", "convnet"),
        critics=("bilinear",),
        bounds=_BOTH_BOUNDS,
        targets=(2.0, 4.0),
    ),
    # At 14 x 14 a ConvNet has too few positions to be better; of 28 x 28 its step costs twelve of
    # the MLP's, its evaluation forty steps, and NWJ's target of 1 nat is beyond so few of them.
    quick={**_SMALL, "steps": 150, "evaluate_every": 150, "targets": (0.5,)},
    costs={"mlp": _MLP, "convnet": Cost(0.067, 9.8, 0.5)},
    turn=4,
    compares="encoder",
    sets_against=_BOUND_AND_ACCURACY,
    claims=_claims_of("matched_bound"),
    in_paper=True,
    notes=(
        _TRAINING_CURVES,
        "So it is the bound on training batches that is held at the target; on held-out pairs the "
        "encoders need not match.",
    ),
)

_NON_IID = StudyEntry(
    SampleStudy(
        name="non-iid",
        figure="fig4c",
        title="Dependent negatives: are the bounds still bounds?",
        question=(
            "Both samplings have the same joint distribution of a pair, and so the same "
            "information; in one, the pairs of a batch depend on each other. If the estimates "
            "were bounds on the information however batches are drawn, neither could exceed it."
        ),
        datasets=("gaussian-iid", "gaussian-dependent"),
        critics=("deep-concat",),
        bounds=_BOTH_BOUNDS,
        steps=20_000,
    ),
    quick={
        **_FEW_SEEDS,
        "steps": 1_500,
        "evaluate_every": 300,
        "held_out_batches": 200,
    },
    costs={"identity": Cost(0.0014, 1.6, 0.0, seeds_at_once=(8, 7, 6, 5, 4, 3, 2))},
    turn=2,
    compares="dataset",
    asks_about=("bound", "test"),
    claims=_claims_of("non_iid"),
    in_paper=True,
    notes=(
        "The paper's curves are the values of the training batches, smoothed over steps. The "
        "dashed curves, on fresh batches drawn in the same way, are not in the paper.",
    ),
)

PAPER_STUDIES = (_BIJECTIVE, _ADVERSARIAL, _CONDITIONING, _CRITICS, _MATCHED_BOUND, _NON_IID)
"""In the order of the paper's figures."""
