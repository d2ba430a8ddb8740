"""The studies, at the scale of the paper."""

from infomax.errors import unknown_name
from infomax.studies.study import Study

__all__ = ["STUDIES", "find_study"]

_CRITICS = Study(
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
    estimators=("infonce", "nwj"),
)

_MATCHED_BOUND = Study(
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
    estimators=("infonce", "nwj"),
    targets=(2.0, 4.0),
)

STUDIES: dict[str, Study] = {study.name: study for study in (_CRITICS, _MATCHED_BOUND)}
"""The studies by name."""


def find_study(name: str) -> Study:
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
