"""A run that has trained: its encoder, and the codes of data by it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from infomax.data import Items, Rows, RowSplit
from infomax.errors import UserError
from infomax.evaluation import encode
from infomax.runs.checkpoints import Checkpoint, Checkpoints
from infomax.runs.folder import RunFolder
from infomax.runs.item_pairs import ItemPairs
from infomax.runs.parts import parts_of
from infomax.training import PairModel, restore_model
from infomax.views import make_views

__all__ = ["TrainedRun", "Weights"]

Weights: TypeAlias = Literal["best", "last"]
"""The weights with the highest bound on validation pairs, or those of the last checkpoint."""

_BATCH = 1_000


class TrainedRun:
    """The encoders of a run.

    Args:
        path: folder of the run.
        weights: which.

    Attributes:
        folder: of the run.
        settings: that it was begun with.
        step: updates that the weights are of.
        model: encoders, heads and critic, in evaluation mode, on the CPU.
        x_shape: of one view x.
        y_shape: of one view y.
        x_names: columns, or arrays, that x was put together of; none where it was of neither.

    Raises:
        UserError: if it is no run, or has no checkpoint yet.
    """

    def __init__(self, path: Path, weights: Weights = "best") -> None:
        self.folder = RunFolder.existing(path)
        self.settings = self.folder.settings()
        notes = self.folder.notes()
        kept = self._kept(weights)
        if kept is None or not notes:
            raise UserError(f"{path} holds no checkpoint yet: train it, or resume it")
        self.step: int = kept.notes["step"]
        self._item_shape = tuple(notes["item_shape"])
        self.x_shape, self.y_shape = tuple(notes["x_shape"]), tuple(notes["y_shape"])
        self.x_names: tuple[str, ...] = tuple(notes.get("x_names", self.settings.x))
        self._trained_on: tuple[str, int] = notes["data"], notes["rows"]
        self.model: PairModel = parts_of(self.settings, self.x_shape, self.y_shape).model
        restore_model(self.model, kept.state)
        self.model.eval()
        self._views = (
            None
            if self.settings.views is None
            else make_views(self.settings.views, self.settings.view_options)
        )

    @property
    def encoder(self) -> nn.Module:
        """The encoder of view x, from views to codes."""
        return self.model.x_encoder

    def split_of(self, items: Items) -> RowSplit | None:
        """Return the split that was trained on, if these are the items of the training."""
        if (items.x.name, len(items)) != self._trained_on:
            return None
        return self.folder.split(len(items))

    def codes(self, items: Rows) -> Iterator[Tensor]:
        """Yield codes of items, some at a time: ``(n, d)``, on the CPU.

        Raises:
            UserError: if the items are of another shape than those that were trained on.
        """
        for views in self.clean_views(items):
            yield encode(self.encoder, views)

    def clean_views(self, items: Rows) -> Iterator[Tensor]:
        """Yield view x of items as codes are made of it, some at a time.

        Raises:
            UserError: if the items are of another shape than those that were trained on.
        """
        if tuple(items.shape) != self._item_shape:
            raise UserError(
                f"{items.name} holds items of shape {tuple(items.shape)}, and {self.folder.path} "
                f"was trained on {self._item_shape}: expected the same"
            )
        places = torch.arange(len(items)).numpy()
        pairs = ItemPairs(_one_sided(items, with_y=self._views is None), self._views, _CPU)
        yield from pairs.clean_views(places, _BATCH)

    def _kept(self, weights: Weights) -> Checkpoint | None:
        checkpoints = Checkpoints(self.folder.checkpoints)
        return checkpoints.best() if weights == "best" else checkpoints.last()


_CPU = torch.device("cpu")


def _one_sided(items: Rows, *, with_y: bool) -> Items:
    """Return items of which only x will be read."""
    return Items(x=items, y=items if with_y else None)
