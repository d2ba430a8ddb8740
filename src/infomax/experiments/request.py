"""What is asked for: a run or a sweep, in which folder, begun or resumed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from infomax.data import DATASETS
from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.sweep import Sweep, SweepFolder
from infomax.training import CheckpointFolder

__all__ = ["RunRequest", "SweepRequest", "request_run", "request_sweep"]

_RUNS: Final = Path("runs")
_FREE: Final = (
    # Longer, or with another limit of time, a run is still the same.
    *("steps", "time_limit"),
    # Data may have moved: that they are the same is told by what they hold.
    *("data", "y_data", "labels", "groups", "start_from"),
)


class RunRequest(NamedTuple):
    """A run that is asked for.

    Attributes:
        config: settings of the run.
        folder: folder that it is written to.
        resume: whether it goes on from what the folder holds.
    """

    config: RunConfig
    folder: RunFolder
    resume: bool


class SweepRequest(NamedTuple):
    """A sweep that is asked for.

    Attributes:
        sweep: its runs.
        folder: folder that they are written to.
        resume: whether it goes on from what the folder holds.
    """

    sweep: Sweep
    folder: SweepFolder
    resume: bool


def request_run(given: Mapping[str, Any], out: Path | None, *, resume: bool) -> RunRequest:
    """Return the run that is asked for.

    Args:
        given: settings by their names.
        out: folder of the run; ``None`` for ``runs/NAME-OF-DATA``.
        resume: whether to go on with what the folder holds, if it holds a run.

    Raises:
        UserError: if these are no settings, or not those of the run that is to be resumed.
    """
    folder = RunFolder(out or _default_folder(given))
    if resume and folder.begun:
        return RunRequest(_resumed_settings(folder, given), folder, resume=True)
    if resume and not given and out is not None:
        # It was stopped before its first update, and begins again.
        return RunRequest(folder.settings_of_cut_off(), folder, resume=False)
    return RunRequest(RunConfig.checked(given), folder, resume=False)


def request_sweep(
    given: Mapping[str, Any],
    swept: Mapping[str, Sequence[Any]],
    out: Path | None,
    *,
    resume: bool,
) -> SweepRequest | None:
    """Return the sweep that is asked for; nothing if it is a single run.

    Args:
        given: settings that all runs have in common.
        swept: the values of each setting in which runs differ.
        out: folder of the sweep; ``None`` for ``runs/NAME-OF-DATA``.
        resume: whether to go on with what the folder holds, if it holds a sweep.

    Raises:
        UserError: if a run cannot have these settings, or the folder holds another sweep.
    """
    folder = SweepFolder(out or _default_folder(given))
    resume = resume and folder.begun
    if not swept:
        if not (resume and out is not None):
            return None
        if given:
            raise UserError(
                f"{folder.path} holds a sweep, which goes on as it was begun: give --resume --out "
                f"alone, or go on with one of its runs (--resume --out {folder.path}/RUN)"
            )
        return SweepRequest(folder.sweep(), folder, resume=True)
    sweep = Sweep.checked(given, swept)
    differences = sweep.differences(folder.sweep()) if resume else []
    if differences:
        raise UserError(
            f"{folder.path} was begun as another sweep than the one given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    return SweepRequest(sweep, folder, resume)


def _default_folder(given: Mapping[str, Any]) -> Path:
    """Return where runs on the data are written, if nobody says; a sweep may be over data."""
    return _RUNS / Path(str(given.get("data", "sweep"))).name.partition(".")[0]


def _resumed_settings(folder: RunFolder, given: Mapping[str, Any]) -> RunConfig:
    """Return the settings that a run is resumed with.

    Args:
        folder: folder of the run.
        given: settings that are given again, or anew, e.g. more steps, another time limit, or
            where the same data are now.

    Raises:
        UserError: if other settings differ from those that it was begun with, its data are not
            there, or fewer updates are asked for than it has made.
    """
    begun = folder.config()
    asked = RunConfig.checked({**begun.model_dump(mode="json"), **given})
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
