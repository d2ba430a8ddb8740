"""All runs of a sweep checked before the first of them is begun."""

import tempfile
from pathlib import Path

import torch

from infomax.data import Items
from infomax.errors import UserError
from infomax.experiments.opened_run import open_run, opened_items
from infomax.experiments.sweep import Sweep
from infomax.training import Connection

__all__ = ["check_runs"]

_OF_DATA = (
    *("data", "y_data", "x", "y", "labels", "groups"),
    *("image_size", "skip_bad", "skip_at_most"),
)


def check_runs(sweep: Sweep) -> None:
    """Open the data, views and parts of every run; each data set is opened once.

    Raises:
        UserError: if a run could not be begun; it names the run.
    """
    opened: dict[str, Items] = {}
    here = Connection(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as cache:
        for run in sweep.runs:
            data = run.settings.model_dump_json(include=set(_OF_DATA))
            try:
                if data not in opened:
                    opened[data] = opened_items(run.settings, Path(cache) / str(len(opened)))
                open_run(run.settings, opened[data], here)
            except UserError as error:
                raise UserError(f"{run.name}: {error}") from error
