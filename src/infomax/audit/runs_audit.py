"""The audit of runs: codes of the pairs that they held out, by their own encoders."""

import tempfile
import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import torch

from infomax.audit.audit_plan import AuditPlan
from infomax.audit.audit_result import AuditResult
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.codes_audit import audit_read
from infomax.data import ItemDataset, RowSplit
from infomax.data.split import fingerprints_of
from infomax.errors import UserError, advice
from infomax.experiments.build import build_model, open_items_of
from infomax.experiments.config import RunConfig
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.trained_run import TrainedRun, Weights
from infomax.folder_lock import is_in_use
from infomax.training import CheckpointFolder, PairModel, RandomState, StagedProgress, checked_seed
from infomax.views import make_views
from infomax.warnings import UnfinishedRunWarning

__all__ = ["audit_runs", "read_run"]

_CPU: Final = torch.device("cpu")


def audit_runs(
    runs: Sequence[str | PathLike[str]] | str | PathLike[str],
    *,
    data: str | None = None,
    labels: str | None = None,
    weights: Weights = "best",
    random_state: RandomState = 0,
    progress: StagedProgress | None = None,
    plan: AuditPlan | None = None,
) -> AuditResult:
    """Ask of runs whether mutual information is what makes their codes good.

    Audited are codes, without the projection head, of the pairs that each run held out of its
    training, as it made views of them. Checkpoints that were kept in time (``keep_every``) are
    codes of their own, named ``run@step``. A run that has not ended is audited as of the weights
    that it has kept so far, with an ``UnfinishedRunWarning``.

    Args:
        runs: folders of runs, of which the answer is that of the first.
        data: name or path of other data, all of whose pairs are audited; those that each run held
            out of its own without.
        labels: column, array or file of the classes; those of the run without.
        weights: ``best`` by the bound on validation pairs, or ``last``.
        random_state: seed of everything that is drawn.
        progress: as of ``audit_codes``.
        plan: seeds, budget, and where findings are kept.

    Raises:
        UserError: if the folder that is given first is not one of a run, its data are not those of
            the training, it held out too few pairs, or its weights do not fit. Other runs are left
            out, and ``notes`` say why.

    Example:
        >>> audit_runs("runs/none")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: runs/none is not there: expected the folder of a run
    """
    seed = checked_seed(random_state)
    folders = [runs] if isinstance(runs, str | PathLike) else list(runs)
    if not folders:
        raise UserError("there are no runs: give the folder of at least one")
    read: list[AuditedCodes] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as cache:
        for each in map(Path, folders):
            try:
                found = read_run(
                    each, cache=Path(cache), data=data, labels=labels, weights=weights, seed=seed
                )
            except UserError as error:
                if not read:
                    raise
                notes.append(f"Left out: {error}.")
                continue
            read += found
            notes += [f"{codes.name}: {note}" for codes in found for note in codes.notes]
        return audit_read(read, notes, seed, progress, plan)


def read_run(
    path: Path,
    *,
    cache: Path,
    data: str | None = None,
    labels: str | None = None,
    weights: Weights = "best",
    seed: int = 0,
) -> list[AuditedCodes]:
    """Return the codes of a run, those of its weights first, then those kept in time.

    Args:
        path: folder of the run.
        cache: folder for what is laid out of the data.
        data: as of ``audit_runs``, likewise labels and weights.
        labels: column, array or file of the classes.
        weights: ``best`` or ``last``.
        seed: of what is drawn.

    Raises:
        UserError: as of ``audit_runs``.
    """
    run = TrainedRun(path, weights)
    config = _config(run, data, labels)
    items = open_items_of(config, cache)
    views = None if config.views is None else make_views(config.views, config.view_options)
    pairs = ItemPairDataset(items, views, _CPU)
    if (pairs.x_shape, pairs.y_shape) != (run.x_shape, run.y_shape):
        raise UserError(
            f"{items.x.name} gives views of shapes {pairs.x_shape} and {pairs.y_shape}, and {path} "
            f"was trained on {run.x_shape} and {run.y_shape}: give data of the same shapes"
        )
    split = _split(run, items, given=data is not None)
    _warn_of_unfinished(run)
    shapes = run.x_shape, run.y_shape

    def make(of_seed: int) -> PairModel:
        return build_model(run.config.model_copy(update={"seed": of_seed}), shapes).eval()

    # Of other data nobody knows whether they hold pairs of the training.
    known_by_heart = np.isin(np.arange(len(pairs)), split.train) if len(split.train) else None
    kept = [run, *(TrainedRun(path, step) for step in _kept_in_time(run))]
    return [
        encode_pairs(
            str(path) if each is run else f"{path}@{each.step}",
            AuditedEncoders(
                each.model.x_encoder,
                each.model.y_encoder,
                pairs,
                others=split.train,
                make=make,
                bound=run.config.bound,
                batch_size=run.config.batch_size,
                learning_rate=run.config.learning_rate,
                seed=run.config.seed,
            ),
            split.validation,
            seed=seed,
            labels=items.labels,
            groups=items.groups,
            trained_on=known_by_heart,
        )
        for each in kept
    ]


def _config(run: TrainedRun, data: str | None, labels: str | None) -> RunConfig:
    changed: dict[str, object] = {}
    if data is not None:
        if run.config.y_data is not None:
            raise UserError(
                f"{run.folder.path} was trained on views of two files: write codes of others by "
                "`infomax encode`, once with --view x and once with --view y, and audit those"
            )
        changed["data"] = data
    if labels is not None:
        changed["labels"] = labels
    return run.config.model_copy(update=changed)


def _split(run: TrainedRun, items: ItemDataset, *, given: bool) -> RowSplit:
    """Return what was trained on, and what may be audited."""
    path = run.folder.path
    split = run.split_of(fingerprints_of(items))
    if split is None and given:
        return RowSplit(np.arange(0), np.arange(len(items)))
    if split is None:
        raise UserError(
            f"{items.x.name} no longer holds what {path} was trained on: which pairs it held out "
            f"is not known; give other data to audit it on ({advice('data', '--data')})"
        )
    if not len(split.validation):
        raise UserError(
            f"{path} held out no pairs (validation: 0), and on those that it was trained on codes "
            f"are known by heart: give other data to audit it on ({advice('data', '--data')})"
        )
    return split


def _kept_in_time(run: TrainedRun) -> list[int]:
    every = run.config.keep_every
    if every is None:
        return []
    steps = CheckpointFolder(run.folder.checkpoints).kept_steps()
    return [step for step in steps if step % every == 0 and step != run.step]


def _warn_of_unfinished(run: TrainedRun) -> None:
    folder: RunFolder = run.folder
    in_use = is_in_use(folder.path)
    if not in_use and "ending" in folder.notes():
        return
    state = "is still training" if in_use else "was stopped before its end"
    warnings.warn(
        UnfinishedRunWarning(
            f"{folder.path} {state}: it is audited as of step {run.step}, the best weights that "
            "it has kept so far"
        ),
        stacklevel=4,
    )
