"""``infomax reproduce``."""

import math
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from infomax.cli.executor_flags import AddressFlag, ExecutorFlag
from infomax.cli.interruption import INTERRUPTED
from infomax.cli.one_process import check_one_process
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.report_command import draw_report, filling_page
from infomax.errors import UserError
from infomax.executors import check_executor
from infomax.folder_lock import locked_folder
from infomax.studies.catalogue import STUDIES, find_study
from infomax.studies.presets import apply_preset
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy, PairStudy, SampleStudy

if TYPE_CHECKING:
    from infomax.studies.image_pairs import ImagePairs
    from infomax.studies.jobs import Job
    from infomax.studies.output_folder import OutputFolder
    from infomax.studies.result_store import ResultStore

__all__ = ["reproduce"]

# Headings of the help.
_STUDIES, _FOLDER = "What is run", "Where it is written"
_EVALUATIONS = 10
# An evaluation costs more than an update.
_CLOSEST_EVALUATIONS = 20


def reproduce(  # noqa: PLR0917 - one parameter for each flag
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STUDY]...", help="Studies or figures; all when none is named."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Scale: quick (minutes on two cores) or paper (days).",
            show_default="quick",
            rich_help_panel=_STUDIES,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Updates of each run, with about ten evaluations on the way.",
            rich_help_panel=_STUDIES,
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="Number of seeds, from 0; with --resume alone, more for what is there.",
            rich_help_panel=_STUDIES,
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Name or path of the data set of all image studies.",
            show_default="mnist, by quick in part mnist-14",
            rich_help_panel=_STUDIES,
        ),
    ] = None,
    bound: Annotated[
        list[str] | None,
        typer.Option(
            help="Train by this bound alone; may be given again.", rich_help_panel=_STUDIES
        ),
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(
            help="Noise of both views in `conditioning`: shared or own.",
            show_default="shared",
            rich_help_panel=_STUDIES,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="auto, cpu, cuda, cuda:1, ...", show_default="auto", rich_help_panel=_STUDIES
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.", rich_help_panel=_FOLDER)] = Path(
        "runs/reproduction"
    ),
    executor: ExecutorFlag = "local",
    address: AddressFlag = None,
    *,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with what --out holds, to the same records.",
            rich_help_panel=_FOLDER,
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what --out holds.", rich_help_panel=_FOLDER)
    ] = False,
) -> None:
    """Run studies of the paper; write records, claims with verdicts, figures and a report.

    Exit status: 0; 1 if a run failed; 2 for a mistake in what was given; 130 when interrupted.
    """
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite removes it: give one")
    check_executor(executor, address)
    check_one_process()
    chosen = [find_study(name) for name in dict.fromkeys(names or STUDIES)]
    studies = [
        _scaled(
            apply_preset(study, preset or "quick"),
            steps=steps,
            seeds=seeds,
            dataset=dataset,
            bounds=bound,
            noise=noise,
        )
        for study in chosen
    ]
    reproduction = Reproduction(
        preset=preset or "quick", device=device or "auto", studies=tuple(studies)
    )
    from infomax.studies.output_folder import OutputFolder  # noqa: PLC0415

    folder = OutputFolder(out)
    other = any(each is not None for each in (preset, steps, dataset, bound, noise, device))
    asked = other or any(each is not None for each in (names, seeds))
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    with locked_folder(out), filling_page(folder, errors) as draw:
        if resume:
            more_seeds = None if other else seeds
            reproduction = _resumed(
                reproduction, folder, asked=asked, names=names, more_seeds=more_seeds
            )
        else:
            folder.check(overwrite=overwrite)
        failures = _execute(reproduction, folder, errors, (executor, address), draw, resume=resume)
        draw_report(folder, Console(markup=False))
    for failure in failures:
        errors.print(f"infomax: failed: {failure}")
    if failures:
        raise typer.Exit(1)


def _scaled(
    study: AnyStudy,
    *,
    steps: int | None,
    seeds: int | None,
    dataset: str | None,
    bounds: list[str] | None,
    noise: str | None,
) -> AnyStudy:
    for flag, number in (("--steps", steps), ("--seeds", seeds)):
        if number is not None and number < 1:
            raise UserError(f"{flag} is {number}: give a whole number of at least 1")
    if noise not in {None, "shared", "own"}:
        raise UserError(f"--noise is {noise!r}: choose one of shared, own")
    changes: dict[str, object] = {}
    if steps is not None:
        changes["steps"] = steps
        # About ten points of each curve, and no fewer than the paper draws.
        tenth = max(-(-steps // _EVALUATIONS), _CLOSEST_EVALUATIONS)
        changes["evaluate_every"] = min(tenth, STUDIES[study.name].evaluate_every)
    if seeds is not None:
        changes["seeds"] = tuple(range(seeds))
    if dataset is not None and not isinstance(study, SampleStudy):
        changes["datasets"] = (dataset,)
    if bounds and any(study.bounds):
        changes["bounds"] = tuple(dict.fromkeys(bounds))
    if noise is not None and isinstance(study, PairStudy) and study.noise_deviation:
        changes["noise"] = noise
    return study.model_copy(update=changes)


def _resumed(
    reproduction: Reproduction,
    folder: "OutputFolder",
    *,
    asked: bool,
    names: list[str] | None,
    more_seeds: int | None,
) -> Reproduction:
    """Return what the folder was begun with, which must be what is asked for, if anything is.

    A folder that was never begun is begun: whoever was interrupted gives the same line again. Where
    nothing is asked for but seeds, of all studies or of those named, they are added.
    """
    begun = folder.read_settings()
    if begun is None:
        if not asked:
            raise UserError(
                f"{folder.path} holds no run to go on with: check --out, or name what to run"
            )
        return reproduction
    if more_seeds is not None:
        return begun.with_seeds(more_seeds, [find_study(name).name for name in names or ()])
    differences = reproduction.differences(begun) if asked else []
    if differences:
        raise UserError(
            f"{folder.path} was begun with other settings than those given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    return begun


def _execute(
    reproduction: Reproduction,
    folder: "OutputFolder",
    errors: Console,
    chosen: tuple[str, str | None],
    draw: Callable[[], None],
    *,
    resume: bool,
) -> list[str]:
    # Imported here: `infomax report` does not wait for PyTorch.
    from infomax.studies.experiment import load_images  # noqa: PLC0415
    from infomax.studies.jobs import job_list  # noqa: PLC0415
    from infomax.studies.result_store import ResultStore  # noqa: PLC0415
    from infomax.studies.runner import open_runner, run_jobs  # noqa: PLC0415
    from infomax.training import choose_device, describe_environment  # noqa: PLC0415

    images = load_images(reproduction)
    device = choose_device(reproduction.device)
    jobs = job_list(reproduction, device, {name: each.dataset for name, each in images.items()})
    environment = describe_environment(device, shlex.join(["infomax", *sys.argv[1:]]))
    name, address = chosen
    with open_runner(images, device, folder, executor=name, address=address) as runner:
        if runner.threads is not None:
            environment["threads"] = runner.threads
        store = ResultStore(reproduction, folder, environment, jobs)
        folder.prepare(keep=resume)
        changed = store.resume() if resume else []
        if changed:
            errors.print(
                f"infomax: begun under other conditions, so the last bits may differ from those of "
                f"one run: {'; '.join(changed)}"
            )
        folder.write_settings(reproduction)
        store.begin()
        try:
            with ProgressLine(errors, _parts(jobs, store, images)) as line:
                run_jobs(jobs, store, runner, line, draw)
        except KeyboardInterrupt:
            path = shlex.quote(str(folder.path))
            at = "" if name == "local" else f" --executor {name}"
            at += "" if address is None else f" --address {shlex.quote(address)}"
            errors.print(
                f"infomax: interrupted; {store.finished} of {store.total} runs are kept in "
                f"{folder.path}: go on with `infomax reproduce --resume --out {path}{at}`, or "
                f"draw them with `infomax report {path}`"
            )
            raise typer.Exit(INTERRUPTED) from None
    return store.failures


def _parts(
    jobs: "Sequence[Job]", store: "ResultStore", images: "Mapping[str, ImagePairs]"
) -> dict[str, Part]:
    """Return all jobs as parts of one, or what is left of a job of which some runs are done."""
    from infomax.studies.expected_cost import expected_cost  # noqa: PLC0415

    parts = {}
    for job in (store.remaining(each) or each for each in jobs):
        # Samples of distributions are not encoded.
        values = math.prod(images[job.dataset].view_shape) if job.dataset in images else 1
        cost = expected_cost(job, values)
        parts[job.label] = Part(
            job.kind, job.steps, cost.update, job.evaluation_steps, cost.evaluation
        )
    return parts
