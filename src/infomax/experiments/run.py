"""One run that is asked for, started or resumed in its folder to the same records."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from infomax.data import DATASETS, DIALOGUES, ItemDataset, Tokenizer
from infomax.data.split import (
    Fingerprint,
    RowSplit,
    differences_of_data,
    fingerprints_of,
    split_rows,
)
from infomax.errors import UserError
from infomax.evaluation import history_of
from infomax.experiments.build import (
    build_loss,
    build_model,
    build_negatives,
    build_objective,
    loss_parts_of,
    open_items_of,
    optimizer_of,
)
from infomax.experiments.config import RunConfig
from infomax.experiments.loggers import RunLogger, notes_of
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.experiments.run_folder import RunFolder, default_folder
from infomax.experiments.text_pairs import (
    TEXT_VIEWS,
    check_text,
    holds_text,
    learnt_tokenizer,
    settings_of_text,
    tokenized,
)
from infomax.experiments.train import Trained, train
from infomax.experiments.trained_run import TrainedRun
from infomax.experiments.training_pairs import TrainingPairs
from infomax.folder_lock import locked_folder
from infomax.processes import LostProcessError, Processes
from infomax.training import (
    BatchPlan,
    Callback,
    CheckpointFolder,
    Connection,
    NoProgress,
    Objective,
    PairModel,
    Progress,
    Trainer,
    check_plan,
    choose_device,
    describe_environment,
)
from infomax.training.update_rules import checked_rule_options
from infomax.views import make_views

__all__ = [
    "PreparedRun",
    "RunRequest",
    "checked_settings",
    "prepare_run",
    "request_run",
    "run_experiment",
]


_FREE: Final = (
    # Longer, or with another limit of time, a run is still the same.
    *("steps", "time_limit"),
    # Data may have moved: that they are the same is told by what they hold.
    *("data", "y_data", "labels", "groups", "start_from"),
)


class RunRequest(NamedTuple):
    """A run that is asked for.

    Attributes:
        config: settings of the run.
        folder: folder that it is written to.
        resume: whether it goes on from what the folder holds.
    """

    config: RunConfig
    folder: RunFolder
    resume: bool


def checked_settings(given: Mapping[str, Any]) -> RunConfig:
    """Return settings of whatever was given, with what follows of them where they do not say.

    That is what their loss needs - its critic, predictor, target network and queue - and the
    encoder of dialogues; what was given goes before a loss's own, and so do options of the critic.
    All of it then stands in what is written of the run, and a run is resumed by it.

    Raises:
        UserError: if these are no settings, or no loss, optimizer or negatives of that name or
            with such options.

    Example:
        >>> given = {"data": "digits", "loss": "nt-xent", "loss_options": {"temperature": 0.2}}
        >>> settings = checked_settings(given)
        >>> settings.critic, settings.critic_options
        ('cosine', {'temperature': 0.2})
        >>> checked_settings({"data": "digits", "loss": "simsiam"}).predictor
        64
    """
    config = RunConfig.checked(given)
    build_negatives(config.negatives, config.negatives_options)
    checked_rule_options(config.optimizer, config.optimizer_options)
    if config.views == TEXT_VIEWS:
        of_text = settings_of_text(
            given.get("encoder"), config.view_options, config.encoder_options
        )
        given = {"shared_encoder": True, **given, **of_text}
        config = RunConfig.checked(given)
    loss = build_loss(config)
    if loss is None:
        return config
    own: dict[str, Any] = dataclasses.asdict(loss.parts(loss_parts_of(config)))
    if "critic" not in given:
        options = {**loss.critic_options, **config.critic_options}
        own |= {"critic": loss.critic, "critic_options": options}
    return RunConfig.checked({**given, **own})


def request_run(given: Mapping[str, Any], out: Path | None, *, resume: bool) -> RunRequest:
    """Return the run that is asked for.

    Args:
        given: settings by their names.
        out: folder of the run; ``None`` for ``runs/NAME-OF-DATA``.
        resume: whether to go on with what the folder holds, if it holds a run.

    Raises:
        UserError: if these are no settings, or not those of the run that is to be resumed.
    """
    folder = RunFolder(out or default_folder(given))
    if resume and folder.begun:
        return RunRequest(_resumed_settings(folder, given), folder, resume=True)
    if resume and not given and out is not None:
        # It was stopped before its first update, and begins again.
        return RunRequest(folder.settings_of_cut_off(), folder, resume=False)
    return RunRequest(checked_settings(given), folder, resume=False)


def _resumed_settings(folder: RunFolder, given: Mapping[str, Any]) -> RunConfig:
    """Return the settings that a run is resumed with.

    Args:
        folder: folder of the run.
        given: settings that are given again, or anew, e.g. more steps, another time limit, or
            where the same data are now.

    Raises:
        UserError: if other settings differ from those that it was begun with, its data are not
            there, or fewer updates are asked for than it has made.
    """
    begun = folder.config()
    asked = RunConfig.checked({**begun.model_dump(mode="json"), **given})
    differences = [each for each in asked.differences(begun) if each.partition(":")[0] not in _FREE]
    if differences:
        raise UserError(
            f"{folder.path} was begun with other settings than those given: "
            f"{'; '.join(differences)}: give the same, or --resume --out alone, or another --out"
        )
    sides = (("--data", begun.data, asked.data), ("--y-data", begun.y_data, asked.y_data))
    for flag, data, there in sides:
        if data is None or data != there or data in {*DATASETS, *DIALOGUES}:
            continue
        if not Path(data).expanduser().exists():
            raise UserError(
                f"{data}, which {folder.path} was begun with, is not there: if it was moved, say "
                f"where it is now ({flag})"
            )
    if asked.steps == begun.steps:
        return asked
    made = CheckpointFolder(folder.checkpoints).last_step or 0
    if asked.steps < made:
        raise UserError(
            f"{folder.path} has made {made} updates, more than --steps {asked.steps}: give a "
            "larger number, or none"
        )
    if asked.cosine or asked.target_schedule == "cosine":
        falling = "the learning rate" if asked.cosine else "the step of the target network"
        named = "cosine" if asked.cosine else "target_schedule"
        raise UserError(
            f"{falling} of {folder.path} falls to 0 by update {begun.steps} ({named}), so "
            f"it cannot go on to {asked.steps} as if it had been begun so: begin another run with "
            f"--start-from {folder.path}"
        )
    return asked


def run_experiment(
    request: RunRequest,
    *,
    command: str,
    progress: Progress,
    callbacks: Sequence[Callback] = (),
    connection: Connection | None = None,
) -> Trained:
    """Start or resume one run in its folder.

    It is resumed from the last checkpoint that is whole. Nothing is written before all that is
    named was found to fit, and nothing is left by a run that a mistake ended before it had made an
    update. Only one run writes to a folder at a time.

    Args:
        request: settings and folder of the run, and whether it is resumed.
        command: what was typed.
        progress: is told how far the run is.
        callbacks: called while the run is trained, by the first process alone.
        connection: the device of this process and the processes that train with it, of which the
            first writes and is told; without, this process alone, on the device that settings name.

    Raises:
        UserError: if the processes have different settings or data, another process writes to the
            folder, or the settings cannot be carried out.
        LossNotFiniteError: if the loss was not a number or infinite.
    """
    config, folder, resume = request
    connection = connection or Connection(choose_device(config.device))
    processes = connection.processes
    resume = processes.broadcast(resume)
    _check_same(config, processes)
    checkpoints = CheckpointFolder(folder.checkpoints, keep_every=config.keep_every)
    with ExitStack() as held:
        with processes.first_goes_first():
            if processes.is_first:
                held.enter_context(locked_folder(folder.path))
                if not resume:
                    folder.check_free()
            items = open_items_of(config, folder.cache)
            data = fingerprints_of(items)
            split = folder.split(data) if resume else None
            fresh = not resume or checkpoints.last_step is None
            prepared = prepare_run(
                config,
                items,
                connection,
                split,
                data=data,
                fresh=fresh,
                tokenizer=folder.tokenizer() if resume else None,
            )
        _check_same_data(data, processes)
        logger = None
        if processes.is_first:
            notes = notes_of(prepared, config)
            notes |= {
                "environment": describe_environment(connection.device, command),
                "processes": processes.count,
            }
            logger = RunLogger(config, folder, notes)

        def begin(trainer: Trainer) -> None:
            if logger is not None:
                folder.begin(config, prepared.pairs.split, data, prepared.tokenizer)
                held.enter_context(logger)
                logger.begin(command, history_of(trainer), resumed=resume)

        with _nothing_begun(folder, checkpoints, nullify=processes.is_first and not resume):
            trained = train(
                prepared.pairs,
                prepared.model,
                prepared.objective,
                optimizer=optimizer_of(config),
                compile=config.compile,
                steps=config.steps,
                evaluate_every=config.evaluate_every,
                patience=config.patience,
                time_limit=config.time_limit,
                random_state=config.seed,
                checkpoints=checkpoints,
                progress=progress if processes.is_first else NoProgress(),
                callbacks=[
                    _Beginning(begin),
                    *([] if logger is None else [logger, *callbacks]),
                ],
            )
            if logger is not None:
                logger.end(trained)
    return trained


class _Beginning(Callback):
    """Writes that a run begins, when all was found to fit and before anything is trained."""

    def __init__(self, begin: Callable[[Trainer], None]) -> None:
        self._begin = begin

    def on_train_start(self, trainer: Trainer) -> None:
        """Write it by the first process; what is wrong there is raised by all."""
        with trainer.processes.first_goes_first():
            self._begin(trainer)


@contextmanager
def _nothing_begun(
    folder: RunFolder, checkpoints: CheckpointFolder, *, nullify: bool
) -> Iterator[None]:
    """Leave nothing of a run that a mistake ended before it had made an update."""
    try:
        yield
    except LostProcessError:
        raise
    except (UserError, OSError) as error:
        if nullify and not checkpoints.last_step:
            folder.clear()
        elif nullify and isinstance(error, UserError):
            raise UserError(
                f"{error}; {checkpoints.last_step} updates are kept: once it is mended, go on with "
                f"`infomax train --resume --out {folder.path}`"
            ) from error
        raise


def _check_same(config: RunConfig, processes: Processes) -> None:
    """Refuse processes that were not all started alike."""
    of_all = processes.all_gather(config.model_dump_json())
    for rank, text in enumerate(of_all):
        if text != of_all[0]:
            first, other = (RunConfig.model_validate_json(each) for each in (of_all[0], text))
            processes.refuse(
                f"process {rank} was given other settings than process 0: "
                f"{'; '.join(other.differences(first))}: start all with the same"
            )


def _check_same_data(data: Mapping[str, Fingerprint], processes: Processes) -> None:
    """Refuse processes that do not all read the same data."""
    of_all = processes.all_gather(data)
    for rank, each in enumerate(of_all):
        if found := differences_of_data(each, of_all[0]):
            processes.refuse(
                f"process {rank} reads other data than process 0: {'; '.join(found)}: give all "
                "processes the same data"
            )


@dataclass(frozen=True, eq=False)
class PreparedRun:
    """All that the settings of a run name, opened, built and found to fit.

    Attributes:
        items: items that pairs are made of.
        shapes: shapes of one view x and of one view y.
        pairs: pairs of their views, split.
        model: model with fresh weights, or those that training starts from.
        objective: what is maximised, or held at a target.
        tokenizer: that dialogues were cut into tokens by; ``None`` where there are none.
    """

    items: ItemDataset
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    pairs: TrainingPairs
    model: PairModel
    objective: Objective
    tokenizer: Tokenizer | None = None


def prepare_run(
    config: RunConfig,
    items: ItemDataset,
    connection: Connection,
    split: RowSplit | None = None,
    *,
    data: Mapping[str, Fingerprint] | None = None,
    fresh: bool = True,
    tokenizer: Tokenizer | None = None,
) -> PreparedRun:
    """Build what settings name, and check that it fits together.

    Args:
        config: settings of the run.
        items: items that the settings name.
        connection: the device of this process, and those that train with it.
        split: split that was made before; ``None`` makes one, or takes that of the run to start
            from if it is of the same data.
        data: fingerprints of the items; ``None`` makes them where they are needed.
        fresh: whether training starts from these weights; not if it goes on from a checkpoint.
        tokenizer: that dialogues were cut into tokens by before; ``None`` learns one of those that
            are trained on, or takes that of the run to start from.

    Raises:
        UserError: if the model cannot be built, or does not fit the items.
    """
    views = None
    if config.views is not None:
        views = make_views(config.views, config.view_options)
    start = None
    if config.start_from is not None and fresh:
        start = TrainedRun(Path(config.start_from).expanduser())
        if split is None:
            split = _split_of_start(start, config, data or fingerprints_of(items))
    check_text(items, views, config.encoder, config.encoder_options)
    if holds_text(items):
        split = split or _split_of(items, config)
        if tokenizer is None and start is not None:
            tokenizer = start.tokenizer
        tokenizer = tokenizer or learnt_tokenizer(items, views, split)
        items = tokenized(items, views, tokenizer)
    of_items = ItemPairDataset(items, views, connection.device)
    shapes = of_items.x_shape, of_items.y_shape
    model = build_model(config, shapes)
    objective = build_objective(config.bound, config.target, build_loss(config))
    if start is not None:
        start.give_weights(model, config)
    pairs = TrainingPairs(
        of_items,
        config.validation if split is None else split,
        groups=items.groups,
        labels=items.labels,
        batch_size=config.batch_size,
        seed=config.seed,
        device=connection.device,
        plan=BatchPlan(connection.processes, config.tile_size, config.encode_at_once),
        jacobian_images=config.jacobian_images,
        negatives=build_negatives(config.negatives, config.negatives_options),
    )
    check_plan(pairs.plan, model, objective, pairs.negatives)
    return PreparedRun(items, shapes, pairs, model.to(connection.device), objective, tokenizer)


def _split_of(items: ItemDataset, config: RunConfig) -> RowSplit:
    """Return the split that training pairs make, for what is learnt of one side before."""
    return split_rows(
        len(items),
        share=config.validation,
        batch_size=config.batch_size,
        random_state=config.seed,
        groups=items.groups,
    )


def _split_of_start(
    start: TrainedRun, config: RunConfig, data: Mapping[str, Fingerprint]
) -> RowSplit | None:
    """Return the split of the run that is started from, if it is of the same data.

    Another would validate on rows that the weights were trained on.
    """
    split = start.split_of(data)
    for key in ("validation", "groups"):
        asked, before = getattr(config, key), getattr(start.config, key)
        if split is not None and asked is not None and asked != before:
            raise UserError(
                f"{key} is {asked}, and {config.start_from} was trained on these data with "
                f"{'none' if before is None else before}: what it held out is held out again, so "
                f"leave {key} out"
            )
    return split
