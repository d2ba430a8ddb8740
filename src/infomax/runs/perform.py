"""A run as its settings have it, in its folder: begun, or gone on with to the same records."""

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext

from infomax.processes import Processes
from infomax.runs.checkpoints import Checkpoints
from infomax.runs.diary import Diary
from infomax.runs.folder import RunFolder
from infomax.runs.kept_training import Observer
from infomax.runs.opened_run import open_run, opened_items
from infomax.runs.parts import optimisation_of
from infomax.runs.settings import RunSettings
from infomax.runs.train import Trained, train
from infomax.training import (
    Connection,
    NoProgress,
    Progress,
    choose_device,
    describe_environment,
)

__all__ = ["perform"]

_SECONDS_PER_MINUTE = 60


def perform(
    settings: RunSettings,
    folder: RunFolder,
    *,
    resume: bool,
    command: str,
    progress: Progress,
    observers: Sequence[Observer] = (),
    connection: Connection | None = None,
) -> Trained:
    """Train what settings name; with ``resume``, from the last checkpoint that is whole.

    Nothing is written before all that is named was found to fit.

    Args:
        settings: of the run; those that it was begun with, if it is resumed.
        folder: to write to, or that holds the run.
        resume: whether to go on with what it holds.
        command: what was typed.
        progress: is told how far the run is.
        observers: are told of each look.
        connection: the device of this process and the processes that train with it, of which the
            first writes and is told; without, this process alone, on the device that settings name.

    Raises:
        UserError: if the processes have different settings, or the settings cannot be carried out.
        LossNotFiniteError: if the loss was not a number or infinite.
    """
    connection = connection or Connection(choose_device(settings.device))
    device, processes = connection.device, connection.processes
    resume = processes.from_first(resume)
    _check_same(settings, processes)
    with processes.first_goes_first():
        if processes.is_first and not resume:
            folder.check_free()
        items = opened_items(settings, folder.cache)
        split = folder.split(len(items)) if resume else None
        opened = open_run(settings, items, connection, split)
    pairs, model = opened.pairs, opened.parts.model
    diary = None
    if processes.is_first:
        if not resume:
            folder.begin(settings)
        folder.write_split(opened.split)
        notes = {
            "data": items.x.name,
            "y_data": None if items.y is None else items.y.name,
            "rows": len(items),
            "classes": list(items.classes),
            "x_names": list(items.x_names),
            "y_names": list(items.y_names),
            "item_shape": items.x.shape,
            "brightest": items.x.brightest,
            "x_shape": pairs.x_shape,
            "y_shape": pairs.y_shape,
            "skipped": dict(items.skipped),
            "environment": describe_environment(device, command),
            "processes": processes.number,
        }
        diary = Diary(settings, folder, notes, observers)
    with diary or nullcontext():
        if diary is not None:
            diary.begin(command, resumed=resume)
        trained = train(
            pairs,
            (model.to(device).x_encoder, model.y_encoder),
            model.critic,
            opened.parts.objective,
            heads=(model.x_head, model.y_head),
            optimisation=optimisation_of(settings),
            steps=settings.steps,
            batch_size=settings.batch_size,
            plan=opened.plan,
            validation=opened.split,
            labels=items.labels,
            look_every=settings.look_every,
            jacobian_images=settings.jacobian_images,
            avoid_repeats=settings.avoid_repeats,
            patience=settings.patience,
            time_limit=settings.time_limit and settings.time_limit * _SECONDS_PER_MINUTE,
            random_state=settings.seed,
            checkpoints=Checkpoints(folder.checkpoints, keep_every=settings.keep_every),
            progress=progress if processes.is_first else NoProgress(),
            observe=None if diary is None else diary.observe,
        )
        if diary is not None:
            diary.end(trained)
    return trained


def _check_same(settings: RunSettings, processes: Processes) -> None:
    """Refuse processes that were not all started alike."""
    of_all = processes.of_all(settings)
    hashes = [hashlib.sha256(each.model_dump_json().encode()).hexdigest() for each in of_all]
    for rank, each in enumerate(hashes):
        if each != hashes[0]:
            processes.refuse(
                f"process {rank} was given other settings than process 0: "
                f"{'; '.join(of_all[rank].differences(of_all[0]))}: start all with the same"
            )
