"""``infomax reproduce``."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from infomax.cli.report_command import draw_report
from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES, find_study
from infomax.studies.output_folder import OutputFolder
from infomax.studies.presets import apply_preset
from infomax.studies.study import Reproduction, Study

__all__ = ["reproduce"]

_INTERRUPTED = 130


def reproduce(  # noqa: PLR0917 - one parameter for each flag
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STUDY]...", help="Studies or figures; all when none is named."),
    ] = None,
    preset: Annotated[str, typer.Option(help="Scale: quick or paper.")] = "quick",
    steps: Annotated[int | None, typer.Option(help="Updates of each run.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Number of seeds, from 0.")] = None,
    dataset: Annotated[str, typer.Option(help="Name or path of a data set.")] = "mnist",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("runs/reproduction"),
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what --out holds.")
    ] = False,
) -> None:
    """Run studies of the paper; write records, claims with verdicts, figures and a report.

    Exit status: 0; 1 if a run failed; 2 for a mistake in what was given; 130 when interrupted.
    """
    chosen = [find_study(name) for name in dict.fromkeys(names or STUDIES)]
    studies = [_scaled(apply_preset(study, preset), steps, seeds, dataset) for study in chosen]
    reproduction = Reproduction(preset=preset, device=device, studies=tuple(studies))
    folder = OutputFolder(out)
    errors = Console(stderr=True)
    failures = _execute(reproduction, folder, errors, overwrite=overwrite)
    draw_report(folder, Console())
    for failure in failures:
        errors.print(f"infomax: failed: {failure}", soft_wrap=True, highlight=False, markup=False)
    if failures:
        raise typer.Exit(1)


def _scaled(study: Study, steps: int | None, seeds: int | None, dataset: str) -> Study:
    for flag, number in (("--steps", steps), ("--seeds", seeds)):
        if number is not None and number < 1:
            raise UserError(f"{flag} is {number}: give a whole number of at least 1")
    changes: dict[str, object] = {"dataset": dataset}
    if steps is not None:
        changes["steps"] = steps
    if seeds is not None:
        changes["seeds"] = tuple(range(seeds))
    return study.model_copy(update=changes)


def _execute(
    reproduction: Reproduction, folder: OutputFolder, errors: Console, *, overwrite: bool
) -> list[str]:
    # Imported here: `infomax --help` and `infomax report` do not wait for PyTorch.
    from infomax.studies.environment import describe_environment  # noqa: PLC0415
    from infomax.studies.journal import Journal  # noqa: PLC0415
    from infomax.studies.reproduce import choose_device, load_images  # noqa: PLC0415
    from infomax.studies.reproduce import reproduce as run_studies  # noqa: PLC0415
    from infomax.training import TrainingProgress  # noqa: PLC0415

    folder.check(overwrite=overwrite)
    images = load_images(reproduction)
    environment = describe_environment(
        choose_device(reproduction.device), shlex.join(["infomax", *sys.argv[1:]])
    )
    folder.prepare()
    folder.write_settings(reproduction)
    journal = Journal(reproduction, folder, environment)
    try:
        with TrainingProgress(errors) as progress:
            run_studies(reproduction, images, journal, progress)
    except KeyboardInterrupt:
        errors.print(
            f"infomax: interrupted; {journal.finished} of {journal.total} runs are kept in "
            f"{folder.path}: draw them with `infomax report {folder.path}`",
            soft_wrap=True,
            highlight=False,
        )
        raise typer.Exit(_INTERRUPTED) from None
    return journal.failures
