"""Presets: the paper's own scale, and one that answers on two cores in minutes."""

from typing import Any, TypeVar

from infomax.errors import unknown_name
from infomax.studies.study import Study

__all__ = ["PRESETS", "apply_preset"]

PRESETS: dict[str, str] = {
    "quick": (
        "four minutes on two cores: fewer steps, seeds and evaluations, a lower target, and digits "
        "of 14 x 14 and narrower flows where an encoder is dear"
    ),
    "paper": "every number as in the paper: 20 seeds, 21,000 steps",
}
"""The presets by name."""

_FEW_SEEDS: dict[str, Any] = {"seeds": (0, 1, 2)}
_SMALL: dict[str, Any] = {**_FEW_SEEDS, "probed_images": 10_000, "held_out_batches": 24}
_SMALL_DIGITS: dict[str, Any] = {"datasets": ("mnist-14",)}
# As wide for 98 values as the paper's are for 392.
_NARROW_FLOW: dict[str, Any] = {"encoder_options": {"hidden_sizes": (128, 128)}}

_QUICK: dict[str, dict[str, Any]] = {
    "bijective": {
        **_SMALL,
        **_SMALL_DIGITS,
        **_NARROW_FLOW,
        "steps": 150,
        "evaluate_every": 75,
    },
    # At the paper's learning rate these codes change after hundreds of steps, each of which makes
    # ten of the classifier.
    "adversarial": {
        **_FEW_SEEDS,
        "probed_images": 10_000,
        **_SMALL_DIGITS,
        **_NARROW_FLOW,
        "steps": 40,
        "evaluate_every": 20,
        "warm_up_steps": 60,
    },
    "conditioning": {**_SMALL, **_SMALL_DIGITS, "steps": 300, "evaluate_every": 100},
    "critics": {**_SMALL, "steps": 500, "evaluate_every": 250},
    # At 14 x 14 a ConvNet has too few positions to be better; of 28 x 28 its step costs twelve of
    # the MLP's, its evaluation forty steps, and NWJ's target of 1 nat is beyond so few of them.
    "matched-bound": {**_SMALL, "steps": 150, "evaluate_every": 150, "targets": (0.5,)},
    "non-iid": {
        **_FEW_SEEDS,
        "steps": 1_500,
        "evaluate_every": 300,
        "held_out_batches": 200,
    },
}

StudyT = TypeVar("StudyT", bound=Study)


def apply_preset(study: StudyT, preset: str) -> StudyT:
    """Return the study at the scale of a preset.

    Raises:
        UserError: if there is no such preset.
    """
    if preset not in PRESETS:
        raise unknown_name("preset", preset, PRESETS)
    return study.model_copy(update=_QUICK[study.name]) if preset == "quick" else study
