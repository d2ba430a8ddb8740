"""What a run may be gone on with: the settings that it was begun with, and what may change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infomax.data import DATASETS
from infomax.errors import UserError
from infomax.experiments.config import RunSettings
from infomax.experiments.run_folder import RunFolder
from infomax.training import CheckpointFolder

__all__ = ["resumed_settings"]

_FREE: Final = (
    # Longer, or with another look at the clock, a run is still the same.
    *("steps", "time_limit"),
    # Data may have moved: that they are the same is told by what they hold.
    *("data", "y_data", "labels", "groups", "start_from"),
)


def resumed_settings(folder: RunFolder, given: Mapping[str, Any]) -> RunSettings:
    """Return the settings that a run is gone on with.

    Args:
        folder: of the run.
        given: settings that are given again, or anew: another number of updates, another limit of
            time, another place of the same data.

    Raises:
        UserError: if other settings differ from those that it was begun with, its data are not
            there, or fewer updates are asked for than it has made.
    """
    begun = folder.settings()
    asked = RunSettings.checked({**begun.model_dump(mode="json"), **given})
    differences = [each for each in asked.differences(begun) if each.partition(":")[0] not in _FREE]
    if differences:
        raise UserError(
            f"{folder.path} was begun with other settings than those given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    sides = (("--data", begun.data, asked.data), ("--y-data", begun.y_data, asked.y_data))
    for flag, data, there in sides:
        if data is None or data != there or data in DATASETS:
            continue
        if not Path(data).expanduser().exists():
            raise UserError(
                f"{data}, which {folder.path} was begun with, is not there: if it was moved, say "
                f"where it is now ({flag})"
            )
    if asked.steps == begun.steps:
        return asked
    made = CheckpointFolder(folder.checkpoints).last_step or 0
    if asked.steps < made:
        raise UserError(
            f"{folder.path} has made {made} updates, more than --steps {asked.steps}: give a "
            "larger number, or none"
        )
    if asked.cosine:
        raise UserError(
            f"the learning rate of {folder.path} falls to 0 by update {begun.steps} (cosine), so "
            f"it cannot go on to {asked.steps} as if it had been begun so: begin another run with "
            f"--start-from {folder.path}"
        )
    return asked
