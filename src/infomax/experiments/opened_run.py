"""All that the settings of a run name, opened and found to fit before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infomax.data import Items, open_items
from infomax.data.fingerprint import Fingerprint, fingerprints_of
from infomax.data.validation_split import RowSplit
from infomax.errors import UserError
from infomax.experiments.item_pairs import ItemPairs
from infomax.experiments.looks import Evaluator
from infomax.experiments.parts import Parts, parts_of
from infomax.experiments.settings import RunSettings
from infomax.experiments.trained_run import TrainedRun
from infomax.experiments.training_pairs import kept_apart
from infomax.training import BatchPlan, Connection, check_plan
from infomax.views import make_views

__all__ = ["OpenedRun", "open_run", "opened_items"]


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """What a run is made of.

    Attributes:
        items: that pairs are made of.
        pairs: of views of them.
        parts: encoders, heads, critic and objective, with fresh weights.
        split: which pairs are trained on and which validate.
        plan: how batches are worked through.
    """

    items: Items
    pairs: ItemPairs
    parts: Parts
    split: RowSplit
    plan: BatchPlan

    def check_validation(self, settings: RunSettings) -> None:
        """Check that what is held out can be looked at.

        Raises:
            UserError: if it is fewer than two batches, or has labels that no probe can learn.
        """
        if len(self.split.validation):
            Evaluator(
                self.parts.model,
                self.parts.objective.bound,
                self.pairs,
                self.split,
                settings.batch_size,
                plan=self.plan,
                labels=self.items.labels,
                seed=settings.seed,
            )


def opened_items(settings: RunSettings, cache: Path) -> Items:
    """Open the data that settings name.

    Args:
        settings: of the run.
        cache: folder for what is laid out of them once.

    Raises:
        UserError: if they cannot be read, or are not what settings say of them.
    """
    return open_items(
        settings.data,
        y_data=settings.y_data,
        x_columns=list(settings.x) or None,
        y_columns=list(settings.y) or None,
        labels=settings.labels,
        groups=settings.groups,
        image_size=settings.image_size,
        skip_bad=settings.skip_bad,
        skip_at_most=settings.skip_at_most,
        cache=cache,
    )


def open_run(
    settings: RunSettings,
    items: Items,
    connection: Connection,
    split: RowSplit | None = None,
    *,
    data: Mapping[str, Fingerprint] | None = None,
    fresh: bool = True,
) -> OpenedRun:
    """Make what settings name, and check that it fits together.

    Args:
        settings: of the run.
        items: that they name.
        connection: the device of this process, and those that train with it.
        split: made before; ``None`` makes one, or takes that of the run to start from if it is of
            the same data.
        data: fingerprints of the items; ``None`` makes them where they are needed.
        fresh: whether training starts from these weights; not if it goes on from a checkpoint.

    Raises:
        UserError: if the parts cannot be made, or do not fit the items or each other.
    """
    plan = BatchPlan(connection.processes, settings.tile_size, settings.encode_at_once)
    plan.check(settings.batch_size)
    views = None
    if settings.views is not None:
        views = make_views(settings.views, settings.view_options)
    pairs = ItemPairs(items, views, connection.device)
    parts = parts_of(settings, pairs.x_shape, pairs.y_shape)
    check_plan(plan, parts.model, parts.objective)
    if settings.start_from is not None and fresh:
        start = TrainedRun(Path(settings.start_from).expanduser())
        start.give_weights(parts.model, settings)
        if split is None:
            split = _split_of_start(start, settings, data or fingerprints_of(items))
    if split is None:
        split = kept_apart(
            len(pairs), settings.validation, items.groups, settings.seed, settings.batch_size
        )
    opened = OpenedRun(items, pairs, parts, split, plan)
    opened.check_validation(settings)
    return opened


def _split_of_start(
    start: TrainedRun, settings: RunSettings, data: Mapping[str, Fingerprint]
) -> RowSplit | None:
    """Return the split of the run that is started from, if it is of the same data.

    Another would validate on rows that the weights were trained on.
    """
    split = start.split_of(data)
    for key in ("validation", "groups"):
        asked, before = getattr(settings, key), getattr(start.settings, key)
        if split is not None and asked is not None and asked != before:
            raise UserError(
                f"{key} is {asked}, and {settings.start_from} was trained on these data with "
                f"{'none' if before is None else before}: what it held out is held out again, so "
                f"leave {key} out"
            )
    return split
