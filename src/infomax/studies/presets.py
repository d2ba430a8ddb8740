"""Presets: the paper's own scale, and one that answers on two cores in minutes."""

from typing import Any, TypeVar

from infomax.errors import unknown_name
from infomax.studies.study import Study

__all__ = ["PRESETS", "apply_preset"]

PRESETS: dict[str, str] = {
    "quick": "fewer steps, seeds, targets and evaluations: minutes on two cores",
    "paper": "every number as in the paper: 20 seeds, 21,000 steps",
}
"""The presets by name."""

_SMALL: dict[str, Any] = {
    "seeds": (0, 1, 2),
    "probed_images": 10_000,
    "held_out_batches": 24,
}

_QUICK: dict[str, dict[str, Any]] = {
    # A step of a flow costs a hundred of the MLP's.
    "bijective": {**_SMALL, "steps": 30, "evaluate_every": 30},
    "adversarial": {
        "seeds": (0, 1, 2),
        "probed_images": 10_000,
        "steps": 25,
        "evaluate_every": 25,
        "warm_up_steps": 60,
    },
    "conditioning": {**_SMALL, "steps": 300, "evaluate_every": 300},
    "critics": {**_SMALL, "steps": 500, "evaluate_every": 500},
    # The ConvNet's step costs fifteen of the MLP's; a target of 4 nats is beyond this many steps.
    "matched-bound": {**_SMALL, "steps": 200, "evaluate_every": 200, "targets": (2.0,)},
    "non-iid": {
        "seeds": (0, 1, 2),
        "steps": 1_000,
        "evaluate_every": 1_000,
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
