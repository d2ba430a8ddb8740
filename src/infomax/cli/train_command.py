"""``infomax init`` and ``infomax train``."""

import math
import shlex
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from infomax.cli.run_flags import given_settings, with_run_flags
from infomax.errors import UserError
from infomax.runs.folder import RunFolder
from infomax.runs.settings import RunSettings
from infomax.runs.settings_file import commented_settings, read_settings

if TYPE_CHECKING:
    import pandas as pd

    from infomax.runs.looks import Look

__all__ = ["init", "train"]

_INTERRUPTED = 130
_MEBIBYTE = 2**20


def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("settings.yaml"),
    data: Annotated[str, typer.Option(help="Data to train on.")] = "mnist",
) -> None:
    """Write a settings file in which every key is explained; edit it, then `infomax train` it."""
    if path.exists():
        raise UserError(f"{path} is there already: choose another name, or remove it")
    given = {"data": data, **({"views": "halves"} if data == "mnist" else {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(commented_settings(**given), encoding="utf-8")
    Console().print(f"{path} is written: edit it, then infomax train {path}", highlight=False)


def train(
    settings: Annotated[
        Path | None,
        typer.Argument(metavar="[SETTINGS]", help="A settings file; flags win over it."),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run.", show_default="runs/NAME-OF-DATA")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with what --out holds, as if it had not stopped."),
    ] = False,
    flags: dict[str, Any],
) -> None:
    """Train encoders on pairs of views: of one item each, or measured in pairs.

    Exit status: 0; 1 if the loss was not finite; 2 for a mistake in what was given; 130 when
    interrupted.
    """
    given = read_settings(settings) if settings is not None else {}
    given |= given_settings(flags)
    if resume and not given and out is not None:
        asked = RunFolder.existing(out).settings()
    else:
        asked = RunSettings.checked(given)
    folder = RunFolder(out or Path("runs") / Path(asked.data).name.partition(".")[0])
    if resume:
        resume = _same(folder, asked)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    with _shown_warnings(errors):
        _perform(asked, folder, errors, resume=resume)


def _same(folder: RunFolder, asked: RunSettings) -> bool:
    """Tell whether the folder holds this very run; one that was never begun is begun."""
    if not folder.begun:
        return False
    begun = folder.settings()
    # Longer, or with another look at the clock, a run is still the same.
    free = {"time_limit"}
    differences = [each for each in asked.differences(begun) if each.partition(":")[0] not in free]
    if differences:
        raise UserError(
            f"{folder.path} was begun with other settings than those given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    return True


def _perform(settings: RunSettings, folder: RunFolder, errors: Console, *, resume: bool) -> None:
    # Imported here: `infomax --help` does not wait for PyTorch.
    from infomax.runs.kept_training import LossNotFiniteError  # noqa: PLC0415
    from infomax.runs.perform import perform  # noqa: PLC0415
    from infomax.training import TrainingProgress  # noqa: PLC0415

    again = f"infomax train --resume --out {folder.path}"
    with TrainingProgress(errors) as progress:
        progress.start_run(f"{settings.bound} on {Path(settings.data).name}", settings.steps)

        def observe(look: "Look", _history: "pd.DataFrame") -> None:
            progress.show_beside(
                f" (validation {look.validation_bound:.3f}), {_peak_memory_mib():.0f} MiB"
            )

        try:
            trained = perform(
                settings,
                folder,
                resume=resume,
                command=shlex.join(["infomax", *sys.argv[1:]]),
                progress=progress,
                observers=[observe],
            )
        except LossNotFiniteError as error:
            errors.print(f"infomax: failed: {error}")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            errors.print(f"infomax: interrupted; go on with `{again}`")
            raise typer.Exit(_INTERRUPTED) from None
    _conclude(trained.ending, trained.steps, trained.validation_bound, folder)


def _conclude(ending: str, steps: int, validation_bound: float, folder: RunFolder) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{steps} updates: {ending}")
    if math.isfinite(validation_bound):
        console.print(f"bound on validation pairs: {validation_bound:.3f} nats")
    console.print(
        f"in {folder.path}: infomax show {folder.path}; infomax encode {folder.path} DATA --out "
        "codes.parquet"
    )


@contextmanager
def _shown_warnings(errors: Console) -> Iterator[None]:
    from infomax.runs.cautions import TrainingWarning  # noqa: PLC0415

    def show(message: Warning | str, *_: object, **__: object) -> None:
        errors.print(f"infomax: warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", TrainingWarning)
        warnings.showwarning = show
        yield


def _peak_memory_mib() -> float:
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE


train = with_run_flags(train)
