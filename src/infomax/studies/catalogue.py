"""The studies, at the scale of the paper."""

from infomax.errors import unknown_name
from infomax.studies.study import AdversarialStudy, PairStudy, SampleStudy

__all__ = ["STUDIES", "find_study"]

_BOTH_BOUNDS = ("infonce", "nwj")
_PAPER_FLOW = {"hidden_sizes": (512, 512)}

_BIJECTIVE = PairStudy(
    name="bijective",
    figure="fig1ab",
    title="Bijective encoders: what is maximised when nothing can change?",
    question=(
        "A bijective encoder keeps all information, whatever its weights are, so the mutual "
        "information between the codes is constant. If maximising information explained what "
        "training does, neither the estimate nor the probe's accuracy would have a reason to rise."
    ),
    encoders=("realnvp-additive",),
    encoder_options=_PAPER_FLOW,
    critics=("bilinear",),
    bounds=_BOTH_BOUNDS,
    also_measured=("inverse",),
)

_ADVERSARIAL = AdversarialStudy(
    name="adversarial",
    figure="fig1c",
    title="Adversarial encoder: can all information be kept and the representation ruined?",
    question=(
        "A bijective encoder is trained to make a linear classifier of its codes useless. It "
        "stays invertible, so the information stays maximal. If information measured the quality "
        "of the representation, its codes could not be worse than raw pixels."
    ),
    encoders=("realnvp-affine",),
    encoder_options=_PAPER_FLOW,
    steps=4_001,
    evaluate_every=400,
    learning_rate=1e-5,
)

_CONDITIONING = PairStudy(
    name="conditioning",
    figure="fig2",
    title="Conditioning: does training prefer encoders that are hard to invert?",
    question=(
        "The encoder can represent the identity and starts near it, so it need not lose anything. "
        "If it is trained all the same towards Jacobians of high condition number, the bound "
        "rewards encoders that are hard to invert, not ones that keep information."
    ),
    encoders=("residual-mlp",),
    critics=("bilinear",),
    bounds=_BOTH_BOUNDS,
    noise_deviation=0.05,
    also_measured=("jacobian",),
)

_CRITICS = PairStudy(
    name="critics",
    figure="fig3",
    title="Critics: does a tighter bound buy a better representation?",
    question=(
        "The same encoders are trained with critics of growing capacity. If the bound measured the "
        "quality of the representation, the critic with the tightest bound would have the codes "
        "that a linear probe classifies best."
    ),
    encoders=("mlp",),
    critics=("bilinear", "separable", "concat"),
    bounds=_BOTH_BOUNDS,
)

_MATCHED_BOUND = PairStudy(
    name="matched-bound",
    figure="fig4ab",
    title="Matched bound: what is left when the estimate is held equal?",
    question=(
        "Encoders are trained to hold the estimate at one value instead of maximising it. If the "
        "information explained the quality of the representation, encoders at one estimate would "
        "be equally good, whatever their architecture."
    ),
    encoders=("mlp", "convnet"),
    critics=("bilinear",),
    bounds=_BOTH_BOUNDS,
    targets=(2.0, 4.0),
)

_NON_IID = SampleStudy(
    name="non-iid",
    figure="fig4c",
    title="Dependent negatives: are the bounds still bounds?",
    question=(
        "Both samplings have the same joint distribution of a pair, and so the same information; "
        "in one, the pairs of a batch depend on each other. If the estimates were bounds on the "
        "information however batches are drawn, neither could exceed it."
    ),
    datasets=("gaussian-iid", "gaussian-dependent"),
    critics=("deep-concat",),
    bounds=_BOTH_BOUNDS,
    steps=20_000,
)

STUDIES: dict[str, PairStudy | AdversarialStudy | SampleStudy] = {
    study.name: study
    for study in (_BIJECTIVE, _ADVERSARIAL, _CONDITIONING, _CRITICS, _MATCHED_BOUND, _NON_IID)
}
"""The studies by name, in the order of the paper's figures."""


def find_study(name: str) -> PairStudy | AdversarialStudy | SampleStudy:
    """Return the study of that name, or of that figure of the paper.

    Raises:
        UserError: if there is none, naming the choices.

    Example:
        >>> find_study("fig3").name
        'critics'
    """
    for study in STUDIES.values():
        if name in {study.name, study.figure}:
            return study
    choices = [f"{study.name} ({study.figure})" for study in STUDIES.values()]
    raise unknown_name("study", name, choices)
