"""A run as its settings have it, in its folder: begun, or gone on with to the same records."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pandas as pd

from infomax.data import Items, open_items
from infomax.records import Record, records_table
from infomax.runs.checkpoints import Checkpoints
from infomax.runs.folder import RunFolder
from infomax.runs.item_pairs import ItemPairs
from infomax.runs.kept_training import Observer
from infomax.runs.looks import Look
from infomax.runs.parts import optimisation_of, parts_of
from infomax.runs.settings import RunSettings
from infomax.runs.trackers import mlflow_observer, tensorboard_observer
from infomax.runs.train import Trained, train
from infomax.runs.training_pairs import kept_apart
from infomax.training import Progress, choose_device, describe_environment
from infomax.views import make_views

__all__ = ["opened_items", "perform"]

_STUDY = "train"
_SECONDS_PER_MINUTE = 60


def perform(
    settings: RunSettings,
    folder: RunFolder,
    *,
    resume: bool,
    command: str,
    progress: Progress,
    observers: Sequence[Observer] = (),
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

    Raises:
        UserError: if the settings cannot be carried out.
        LossNotFiniteError: if the loss was not a number or infinite.
    """
    if not resume:
        folder.check_free()
    device = choose_device(settings.device)
    items = opened_items(settings, folder)
    views = None
    if settings.views is not None:
        views = make_views(settings.views, settings.view_options)
    pairs = ItemPairs(items, views, device)
    parts = parts_of(settings, pairs.x_shape, pairs.y_shape)
    split = folder.split(len(pairs)) if resume else None
    if split is None:
        split = kept_apart(
            len(pairs), settings.validation, items.groups, settings.seed, settings.batch_size
        )
    if not resume:
        folder.begin(settings)
    folder.write_split(split)
    environment = describe_environment(device, command)
    notes: dict[str, Any] = {
        "data": items.x.name,
        "rows": len(items),
        "classes": list(items.classes),
        "x_names": list(items.x_names),
        "item_shape": items.x.shape,
        "brightest": items.x.brightest,
        "x_shape": pairs.x_shape,
        "y_shape": pairs.y_shape,
        "skipped": list(items.skipped),
        "environment": environment,
    }
    folder.write_notes(notes)
    tracking = []
    if settings.tensorboard:
        tracking.append(tensorboard_observer(folder.path / "tensorboard"))
    if settings.mlflow:
        tracking.append(mlflow_observer(settings, folder.path.name))
    warned: dict[str, str] = {}

    def observe(look: Look, history: pd.DataFrame) -> None:
        folder.write_records(_records(history, settings, items.x.name))
        for caution in look.cautions:
            warned[type(caution).__name__] = str(caution)
        log.info("%s", _in_one_line(look))
        for each in (*tracking, *observers):
            each(look, history)

    with _log(folder) as log:
        log.info("%s: %s", "resumed" if resume else "begun", command)
        trained = train(
            pairs,
            (parts.model.to(device).x_encoder, parts.model.y_encoder),
            parts.model.critic,
            parts.objective,
            heads=(parts.model.x_head, parts.model.y_head),
            optimisation=optimisation_of(settings),
            steps=settings.steps,
            batch_size=settings.batch_size,
            validation=split,
            labels=items.labels,
            look_every=settings.look_every,
            patience=settings.patience,
            time_limit=settings.time_limit and settings.time_limit * _SECONDS_PER_MINUTE,
            random_state=settings.seed,
            checkpoints=Checkpoints(folder.checkpoints, keep_every=settings.keep_every),
            progress=progress,
            observe=observe,
        )
        log.info("ended after %d updates: %s", trained.steps, trained.ending)
    folder.write_notes(
        {
            **notes,
            "ending": trained.ending,
            "steps": trained.steps,
            "validation_bound": trained.validation_bound,
            "warnings": warned,
        }
    )
    return trained


def opened_items(settings: RunSettings, folder: RunFolder) -> Items:
    """Open the data that settings name."""
    return open_items(
        settings.data,
        y_data=settings.y_data,
        x_columns=list(settings.x) or None,
        y_columns=list(settings.y) or None,
        labels=settings.labels,
        groups=settings.groups,
        image_size=settings.image_size,
        skip_bad=settings.skip_bad,
        cache=folder.cache,
    )


def _records(history: pd.DataFrame, settings: RunSettings, name: str) -> pd.DataFrame:
    run: dict[str, Any] = {
        "study": _STUDY,
        "dataset": name,
        "encoder": settings.encoder,
        "critic": settings.critic,
        "estimator": settings.bound,
        "target": float("nan") if settings.target is None else settings.target,
        "seed": settings.seed,
    }
    table = history.assign(**run)
    return records_table(cast(Iterable[Record], table.to_dict("records")))


def _in_one_line(look: Look) -> str:
    values = ", ".join(f"{each.split} {each.metric} {each.value:.6g}" for each in look.measured)
    cautions = "".join(f"; warning: {caution}" for caution in look.cautions)
    return f"step {look.step}: {values}{cautions}"


@contextmanager
def _log(folder: RunFolder) -> Iterator[logging.Logger]:
    log = logging.getLogger(f"infomax.runs.{folder.path.resolve()}")
    log.setLevel(logging.INFO)
    log.propagate = False
    handler = logging.FileHandler(folder.log, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    try:
        yield log
    finally:
        log.removeHandler(handler)
        handler.close()
