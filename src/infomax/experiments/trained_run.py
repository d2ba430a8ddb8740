"""A run that has trained: its encoder, and the codes of data by it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from infomax.data import ItemDataset, ItemSource, RowSplit, names_in, open_data
from infomax.data.split import Fingerprint, OtherDataError
from infomax.errors import UserError
from infomax.evaluation import encode
from infomax.experiments.build import build_model, open_items_of
from infomax.experiments.config import RunConfig
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.text_pairs import texts_to_encode
from infomax.training import Checkpoint, CheckpointFolder, PairModel, WhichView, restore_model
from infomax.views import make_views

__all__ = ["TrainedRun", "Weights", "items_to_encode", "items_to_probe"]


Weights: TypeAlias = Literal["best", "last"]
"""The weights with the highest bound on validation pairs, or those of the last checkpoint."""

_BATCH = 1_000
_AXES_OF_SERIES = 2
_PARTS = (
    *("encoder", "encoder_options", "shared_encoder", "projection", "critic", "critic_options"),
    *("predictor", "target_momentum", "queue_size", "views", "view_options"),
)


class TrainedRun:
    """The encoders of a run, of which that of one view makes codes.

    Args:
        path: folder of the run.
        weights: ``best`` by the bound on validation pairs, ``last``, or the number of updates that
            a checkpoint was kept after.
        view: view whose encoder makes codes, ``x`` or ``y``.

    Attributes:
        folder: folder of the run.
        view: view whose encoder makes codes.
        config: settings that the run was begun with.
        views: made of items in training; ``None`` where these came in two views.
        step: updates that the weights are of.
        model: encoders, heads and critic, in evaluation mode, on the CPU.
        item_shape: shape of what the view, or both views, are made of.
        x_shape: shape of one view x.
        y_shape: shape of one view y.
        names: columns, or arrays, that the view was put together of; none where it was of neither.
        tokenizer: that dialogues are cut into tokens by; ``None`` where it was trained on others.

    Raises:
        UserError: if it is no run, has no such checkpoint, or its weights do not fit the model that
            its settings make.
    """

    def __init__(self, path: Path, weights: Weights | int = "best", view: WhichView = "x") -> None:
        self.folder = RunFolder.existing(path)
        self.view = view
        self.config = self.folder.config()
        notes = self.folder.notes()
        checkpoints = CheckpointFolder(self.folder.checkpoints)
        if isinstance(weights, int):
            checkpoint: Checkpoint | None = checkpoints.at(weights)
        else:
            checkpoint = checkpoints.best() if weights == "best" else checkpoints.last()
        if checkpoint is None or not notes:
            raise UserError(f"{path} holds no checkpoint yet: train it, or resume it")
        self.step: int = checkpoint.notes["step"]
        self.x_shape, self.y_shape = tuple(notes["x_shape"]), tuple(notes["y_shape"])
        of_y = view == "y" and self.config.views is None
        self.item_shape: tuple[int, ...] = self.y_shape if of_y else tuple(notes["item_shape"])
        self.names: tuple[str, ...] = tuple(notes["y_names" if of_y else "x_names"])
        self._side = "y" if of_y else "x"
        self.model: PairModel = build_model(self.config, (self.x_shape, self.y_shape))
        try:
            restore_model(self.model, checkpoint.state)
        except UserError as error:
            # Code of the user's own that a path names may have changed since.
            raise UserError(
                f"{path}: {error}: bring back the encoder {self.config.encoder} and the critic "
                f"{self.config.critic} that it was trained with"
            ) from error
        self.model.eval()
        self.tokenizer = self.folder.tokenizer()
        self.views = (
            None
            if self.config.views is None
            else make_views(self.config.views, self.config.view_options)
        )

    def __repr__(self) -> str:
        return f"TrainedRun({str(self.folder.path)!r}, step={self.step}, view={self.view!r})"

    @property
    def encoder(self) -> nn.Module:
        """The encoder of the view, from views to codes."""
        return self.encoder_of(self.model)

    @property
    def view_shape(self) -> tuple[int, ...]:
        """The shape of one view, as it was trained on."""
        return self.x_shape if self.view == "x" else self.y_shape

    def encoder_of(self, model: PairModel) -> nn.Module:
        """Return the encoder of the view in another model, such as an untrained one."""
        return model.x_encoder if self.view == "x" else model.y_encoder

    def split_of(self, data: Mapping[str, Fingerprint]) -> RowSplit | None:
        """Return the split that was trained on, if these data are those of the training.

        They are known by what they hold, wherever they lie and whatever they are called.

        Args:
            data: fingerprints, of which that of ``x`` is of the items that the view is made of.

        Raises:
            UserError: if the split cannot be read.
        """
        try:
            return self.folder.split({self._side: data["x"]})
        except OtherDataError:
            return None

    def give_weights(self, model: PairModel, config: RunConfig) -> None:
        """Give another model these weights.

        Args:
            model: model that is to have them.
            config: settings that it was built by.

        Raises:
            UserError: if it is made otherwise than this one.
        """
        mine, theirs = (
            {name: tuple(value.shape) for name, value in each.state_dict().items()}
            for each in (self.model, model)
        )
        unlike = [name for name in (*mine, *theirs) if mine.get(name) != theirs.get(name)]
        if unlike:
            found = [
                each for each in config.differences(self.config) if each.partition(":")[0] in _PARTS
            ]
            first = unlike[0]
            shapes = f"{first} is {theirs.get(first, 'none')}, not {mine.get(first, 'none')}"
            raise UserError(
                f"the weights of {self.folder.path} do not fit ({'; '.join(found) or shapes}): "
                "training starts from those of a run of the same encoders, critic and shapes of "
                "views"
            )
        model.load_state_dict(self.model.state_dict())

    def codes(
        self, items: ItemSource, told: Callable[[int], None] = lambda _done: None
    ) -> Iterator[Tensor]:
        """Yield codes of items, some at a time: ``(n, d)``, on the CPU.

        Args:
            items: items to encode.
            told: called with the number of items that are encoded, whenever it grows.

        Raises:
            UserError: if the items are of another shape than those that were trained on.
        """
        done = 0
        for views in self.clean_views(items):
            codes = encode(self.encoder, views)
            done += len(codes)
            told(done)
            yield codes

    def clean_views(self, items: ItemSource) -> Iterator[Tensor]:
        """Yield the view of items as codes are made of it, some at a time.

        Raises:
            UserError: if the items are of another shape than those that were trained on; series may
                be of another length where the encoder takes any.
        """
        indices = np.arange(len(items))
        # Of which only one side will be read.
        both = ItemDataset(x=items, y=items if self.views is None else None)
        pairs = ItemPairDataset(both, self.views, _CPU)
        self._check_shape(items, pairs)
        yield from pairs.clean_views(indices, _BATCH, self.view)

    def _check_shape(self, items: ItemSource, pairs: ItemPairDataset) -> None:
        shape, trained_on = tuple(items.shape), self.item_shape
        if shape == trained_on:
            return
        expected = "the same"
        if len(shape) == len(trained_on) == _AXES_OF_SERIES and shape[1] == trained_on[1]:
            view_shape = pairs.x_shape if self.view == "x" else pairs.y_shape
            try:
                encode(self.encoder, torch.zeros(1, *view_shape))
            # Whatever an encoder of the user's own raises on what it was not made for.
            except Exception:  # noqa: BLE001
                expected = "the same, since the encoder takes no other length"
            else:
                return
        raise UserError(
            f"{items.name} holds items of shape {shape}, and {self.folder.path} was trained on "
            f"{trained_on}: expected {expected}"
        )


_CPU = torch.device("cpu")


_AXES_OF_IMAGES = 3


def items_to_encode(
    run: TrainedRun,
    data: str,
    *,
    cache: Path,
    labels: str | None = None,
    skip_bad: bool = False,
    skip_at_most: float = 0.1,
) -> ItemDataset:
    """Open items of one view for the encoder of a run, by the names that chose that view.

    Args:
        run: run whose encoder, of one of its views, is meant.
        data: name or path of what that view, or the items that it is made of, are read from.
        cache: folder for columns that are laid out anew.
        labels: column, array or file of the classes; ``None`` without.
        skip_bad: leave out images that cannot be read.
        skip_at_most: share of the images that may be left out.

    Raises:
        UserError: if the data cannot be read, or were the other view in training.
    """
    config = run.config
    if run.tokenizer is not None:
        if labels is not None:
            raise UserError(
                f"{run.folder.path} is of dialogues, whose turns have no labels by name: leave "
                "labels out, and give the codes to a probe of your own"
            )
        return texts_to_encode(data, run.views, run.tokenizer)
    of_y = run.view == "y" and config.views is None
    if of_y and config.y_data is not None and data == config.data:
        raise UserError(
            f"{data} is view x of {run.folder.path}: give what view y is read from, as "
            f"{config.y_data} was in training"
        )
    trained_on = config.y_data if of_y and config.y_data is not None else config.data
    return open_data(
        data,
        # By name: other data may lack the columns that were labels or the other view.
        x_columns=names_in(data, run.names, of=trained_on) or None,
        labels=labels,
        image_size=config.image_size,
        # A folder of greyscale images is no other than those of the training, where these had
        # become colour.
        image_channels=run.item_shape[2] if len(run.item_shape) == _AXES_OF_IMAGES else None,
        skip_bad=skip_bad,
        skip_at_most=skip_at_most,
        cache=cache,
    )


def items_to_probe(
    run: TrainedRun,
    data: str | None,
    *,
    cache: Path,
    labels: str | None = None,
    skip_bad: bool = False,
    skip_at_most: float = 0.1,
) -> ItemDataset:
    """Open items with labels for the encoder of a run, read as in training where nobody says how.

    Args:
        run: run whose encoder is meant.
        data: name or path of the items; ``None`` for those that the run was trained on.
        cache: folder for columns that are laid out anew.
        labels: column, array or file of the classes; ``None`` for that of the training.
        skip_bad: leave out images that cannot be read, as is done where training did.
        skip_at_most: share of the images that may be left out.

    Raises:
        UserError: if they are not there, cannot be read, or were the other view in training.
    """
    labels, skip_bad = labels or run.config.labels, skip_bad or run.config.skip_bad
    if data is not None and data != run.config.data:
        return items_to_encode(
            run, data, cache=cache, labels=labels, skip_bad=skip_bad, skip_at_most=skip_at_most
        )
    changed: dict[str, object] = {
        "labels": labels,
        "skip_bad": skip_bad,
        "skip_at_most": max(skip_at_most, run.config.skip_at_most),
    }
    if run.view == "x":
        # What y is read from need not be there any more.
        changed |= {"x": run.names, "y": (), "y_data": None}
    items = open_items_of(run.config.model_copy(update=changed), cache)
    return items if run.view == "x" or items.y is None else replace(items, x=items.y, y=None)
