"""All runs of a sweep checked before the first of them is begun."""

import tempfile
from pathlib import Path

import torch

from infomax.data import Items
from infomax.errors import UserError
from infomax.runs.folder import RunFolder
from infomax.runs.item_pairs import ItemPairs
from infomax.runs.parts import parts_of
from infomax.runs.perform import opened_items
from infomax.runs.settings import RunSettings
from infomax.runs.sweep import Sweep
from infomax.runs.training_pairs import kept_apart
from infomax.views import make_views

__all__ = ["check_runs"]

_OF_DATA = ("data", "y_data", "x", "y", "labels", "groups", "image_size", "skip_bad")


def check_runs(sweep: Sweep) -> None:
    """Open the data, views and parts of every run; each data set is opened once.

    Raises:
        UserError: if a run could not be begun; it names the run.
    """
    opened: dict[str, Items] = {}
    with tempfile.TemporaryDirectory() as cache:
        for run in sweep.runs:
            data = run.settings.model_dump_json(include=set(_OF_DATA))
            try:
                if data not in opened:
                    folder = RunFolder(Path(cache) / str(len(opened)))
                    opened[data] = opened_items(run.settings, folder)
                _check_parts(run.settings, opened[data])
            except UserError as error:
                raise UserError(f"{run.name}: {error}") from error


def _check_parts(settings: RunSettings, items: Items) -> None:
    views = None
    if settings.views is not None:
        views = make_views(settings.views, settings.view_options)
    pairs = ItemPairs(items, views, torch.device("cpu"))
    parts_of(settings, pairs.x_shape, pairs.y_shape)
    kept_apart(len(pairs), settings.validation, items.groups, settings.seed, settings.batch_size)
