"""Presets: the paper's own scale, and one that answers on two cores in minutes."""

from typing import Any

from infomax.errors import unknown_name
from infomax.studies.study import Study

__all__ = ["PRESETS", "apply_preset"]

PRESETS: dict[str, str] = {
    "quick": "fewer steps, seeds and targets: minutes on two cores",
    "paper": "every number as in the paper: 20 seeds of 21,000 steps",
}
"""The presets by name."""

_QUICK: dict[str, dict[str, Any]] = {
    "critics": {"seeds": (0, 1, 2), "steps": 600, "evaluate_every": 300},
    # The ConvNet's step costs fifteen of the MLP's; a target of 4 nats is beyond this many steps.
    "matched-bound": {
        "seeds": (0, 1, 2),
        "steps": 200,
        "evaluate_every": 200,
        "targets": (2.0,),
    },
}


def apply_preset(study: Study, preset: str) -> Study:
    """Return the study at the scale of a preset.

    Raises:
        UserError: if there is no such preset.
    """
    if preset not in PRESETS:
        raise unknown_name("preset", preset, PRESETS)
    return study.model_copy(update=_QUICK[study.name]) if preset == "quick" else study
