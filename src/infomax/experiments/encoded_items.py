"""Data to be encoded or probed by a run, opened as those that it was trained on were."""

from dataclasses import replace
from pathlib import Path

from infomax.data import Items, names_in, open_items
from infomax.errors import UserError
from infomax.experiments.opened_run import opened_items
from infomax.experiments.trained_run import TrainedRun

__all__ = ["items_of_training", "items_to_encode"]

_AXES_OF_IMAGES = 3


def items_to_encode(
    run: TrainedRun,
    data: str,
    *,
    cache: Path,
    labels: str | None = None,
    skip_bad: bool = False,
    skip_at_most: float = 0.1,
) -> Items:
    """Open items of one view for the encoder of a run, by the names that chose that view.

    Args:
        run: whose encoder, of one of its views.
        data: name or path of what that view, or the items that it is made of, are read from.
        cache: folder for columns that are laid out anew.
        labels: column, array or file of the classes; ``None`` without.
        skip_bad: leave out images that cannot be read.
        skip_at_most: share of the images that may be left out.

    Raises:
        UserError: if the data cannot be read, or were the other view in training.
    """
    settings = run.settings
    of_y = run.view == "y" and settings.views is None
    if of_y and settings.y_data is not None and data == settings.data:
        raise UserError(
            f"{data} is view x of {run.folder.path}: give what view y is read from, as "
            f"{settings.y_data} was in training"
        )
    trained_on = settings.y_data if of_y and settings.y_data is not None else settings.data
    return open_items(
        data,
        # By name: other data may lack the columns that were labels or the other view.
        x_columns=names_in(data, run.names, of=trained_on) or None,
        labels=labels,
        image_size=settings.image_size,
        # A folder of greyscale images is no other than those of the training, where these had
        # become colour.
        image_channels=run.item_shape[2] if len(run.item_shape) == _AXES_OF_IMAGES else None,
        skip_bad=skip_bad,
        skip_at_most=skip_at_most,
        cache=cache,
    )


def items_of_training(
    run: TrainedRun,
    *,
    cache: Path,
    labels: str | None = None,
    skip_bad: bool = False,
    skip_at_most: float = 0.1,
) -> Items:
    """Open the items that a run was trained on, those of its view as x.

    Args:
        run: whose data.
        cache: folder for columns that are laid out anew.
        labels: column, array or file of the classes; ``None`` for those of the training.
        skip_bad: leave out images that cannot be read, as is done where training did.
        skip_at_most: share of the images that may be left out, if it is more than in training.

    Raises:
        UserError: if they are no longer there, or cannot be read.
    """
    settings = run.settings
    changed: dict[str, object] = {
        "labels": labels or settings.labels,
        "skip_bad": skip_bad or settings.skip_bad,
        "skip_at_most": max(skip_at_most, settings.skip_at_most),
    }
    if run.view == "x":
        # What y is read from need not be there any more.
        changed |= {"x": run.names, "y": (), "y_data": None}
    items = opened_items(settings.model_copy(update=changed), cache)
    return items if run.view == "x" or items.y is None else replace(items, x=items.y, y=None)
