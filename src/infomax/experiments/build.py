"""What a config names, built: data, model, objective and optimisation."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import nn

from infomax.bounds import Bound, find_bound
from infomax.critics import CRITICS
from infomax.data import ItemDataset, open_data
from infomax.encoders import ENCODERS, ProjectionHead
from infomax.errors import UserError, reason_of, shortened, unknown_name
from infomax.experiments.config import DEFAULT_STEPS, RunConfig
from infomax.losses import Loss, LossParts, find_loss
from infomax.makers import checked_options, import_object
from infomax.training import (
    Negatives,
    Objective,
    OptimizerConfig,
    PairModel,
    find_negatives,
    generator_for,
    seeded_globally,
)
from infomax.training.code_losses import give_parts
from infomax.training.pair_model import codes_of_trial

__all__ = [
    "GivenEncoder",
    "ModelConfig",
    "build_encoder",
    "build_loss",
    "build_model",
    "build_negatives",
    "build_objective",
    "loss_parts_of",
    "open_items_of",
    "optimizer_of",
]

Shape: TypeAlias = tuple[int, ...]
GivenEncoder: TypeAlias = str | nn.Module | tuple[nn.Module, nn.Module]


@dataclass(frozen=True)
class ModelConfig:
    """Names the encoders, heads and critic of a model, as the settings of a run do.

    Args:
        encoder: name, path of what makes one or is one (``package.module:callable``), or modules:
            of both views, or of x and of y. A module for both, where encoders are not shared, is
            copied for y.
        critic: name, path of what makes one, or a module.
        encoder_options: options of an encoder that is named, e.g. ``{"layer_sizes": [64, 32]}``.
        critic_options: options of a critic that is named, e.g. ``{"temperature": 0.1}``.
        shared_encoder: whether one encoder is for both views.
        projection: size of the output of a projection head between code and critic; ``None`` for
            no head.
        head_options: options of the head, e.g. ``{"hidden_sizes": [512, 512], "batch_norm":
            True}``.
        parts: what the model has for its loss beside these: predictor, target network, queue.
        steps: updates that it is to be trained for, over which the target's momentum rises.
        seed: seed of the first weights.
    """

    encoder: GivenEncoder = "mlp"
    critic: str | nn.Module = "bilinear"
    encoder_options: Mapping[str, Any] = field(default_factory=dict)
    critic_options: Mapping[str, Any] = field(default_factory=dict)
    shared_encoder: bool = False
    projection: int | None = None
    head_options: Mapping[str, Any] = field(default_factory=dict)
    parts: LossParts = field(default_factory=LossParts)
    steps: int = DEFAULT_STEPS
    seed: int = 0


def build_model(config: ModelConfig | RunConfig, shapes: tuple[Shape, Shape]) -> PairModel:
    """Build a model with fresh weights, and check that its parts fit the views and each other.

    Models that have an encoder or a critic in common have the same one in each seed.

    Args:
        config: names encoders, heads and critic.
        shapes: shapes of one view x and of one view y, e.g. ``((14, 28, 1), (14, 28, 1))``.

    Raises:
        UserError: if a name is unknown, options do not fit, or parts do not fit each other.

    Example:
        >>> build_model(ModelConfig("mlp", "cosine"), ((4,), (6,))).code_size
        100
    """
    x_shape, y_shape = shapes
    if config.shared_encoder and x_shape != y_shape:
        raise UserError(
            f"one encoder cannot be shared by views of shapes {x_shape} and {y_shape}: leave "
            "shared_encoder out"
        )
    x, y = torch.zeros(2, *x_shape), torch.zeros(2, *y_shape)
    x_encoder, y_encoder = _encoders(config, shapes)
    sizes = (
        codes_of_trial(x_encoder, x, "x").shape[1],
        codes_of_trial(y_encoder, y, "y").shape[1],
    )
    heads = None
    options = config.head_options
    if config.projection is not None:
        x_head, y_head = (
            _head(size, generator_for(config.seed, f"{side}-head"), config.projection, options)
            for size, side in zip(sizes, "xy", strict=True)
        )
        heads = (x_head, x_head if config.shared_encoder else y_head)
        sizes = (config.projection, config.projection)
    elif options:
        raise UserError(
            "head_options are options of a projection head, and there is none: give "
            "projection, or leave them out"
        )
    model = PairModel(x_encoder, y_encoder, _critic(config, sizes), heads=heads)
    give_parts(model, loss_parts_of(config), sizes[0], seed=config.seed, steps=config.steps)
    model.check(x, y)
    return model


def build_encoder(
    encoder: str,
    view_shape: Shape,
    *,
    side: str = "x",
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> nn.Module:
    """Build the encoder of one view, with the weights that a model of this seed begins with.

    Args:
        encoder: name of one, or the path of what makes one or is one; that is copied.
        view_shape: shape of one view.
        side: which view it is of, x or y.
        options: of what makes it.
        seed: seed of the first weights.

    Raises:
        UserError: if there is no such encoder, it cannot be made, or options do not fit.

    Example:
        >>> build_encoder("mlp", (4,)).code_size
        100
    """
    arguments = (view_shape, generator_for(seed, f"{side}-encoder"))
    return _made("encoder", encoder, ENCODERS, arguments, options=options or {}, seed=seed)


def build_objective(
    objective: Objective | Bound | str, target: float | None = None, loss: Loss | None = None
) -> Objective:
    """Return what is maximised, held at a target or minimised, of whatever names it.

    Args:
        objective: an objective, which is returned as it is; a bound, or the name of one.
        target: nats at which a bound is held; ``None`` to maximise it.
        loss: loss of codes that is minimised, and read by the bound; ``None`` for the bound itself.

    Raises:
        UserError: if there is no bound of that name.
    """
    if isinstance(objective, Objective):
        return objective
    bound = find_bound(objective) if isinstance(objective, str) else objective
    return Objective(bound, target, loss)


def build_loss(config: RunConfig) -> Loss | None:
    """Return the loss of codes that settings name, or nothing where a bound is trained on.

    Raises:
        UserError: if there is no loss of that name, or it takes no such options.
    """
    if config.loss is None:
        return None
    return find_loss(
        config.loss,
        config.loss_options,
        miner=config.miner,
        miner_options=config.miner_options,
    )


def loss_parts_of(config: ModelConfig | RunConfig) -> LossParts:
    """Return what a model has for its loss beside encoders, heads and critic."""
    if isinstance(config, ModelConfig):
        return config.parts
    return LossParts(
        config.predictor, config.target_momentum, config.target_schedule, config.queue_size
    )


def build_negatives(
    negatives: Negatives | str, options: Mapping[str, Any] | None = None
) -> Negatives:
    """Return how negatives are drawn, of whatever names it.

    Args:
        negatives: a way of drawing them, which is returned as it is, or the name of one.
        options: options of one that is named.

    Raises:
        UserError: if there is none of that name, or it takes no such options.

    Example:
        >>> build_negatives("debiased", {"tau_plus": 0.2})
        DebiasedNegatives(tau_plus=0.2)
    """
    if isinstance(negatives, str):
        return find_negatives(negatives, options)
    if options:
        raise UserError("options are for negatives that are named, and a way of drawing was given")
    return negatives


def open_items_of(config: RunConfig, cache: Path) -> ItemDataset:
    """Open the data that settings name.

    Args:
        config: settings of the run.
        cache: folder for what is laid out of the data once.

    Raises:
        UserError: if they cannot be read, or are not what settings say of them.
    """
    return open_data(
        config.data,
        y_data=config.y_data,
        x_columns=list(config.x) or None,
        y_columns=list(config.y) or None,
        labels=config.labels,
        groups=config.groups,
        image_size=config.image_size,
        skip_bad=config.skip_bad,
        skip_at_most=config.skip_at_most,
        cache=cache,
    )


def optimizer_of(config: RunConfig) -> OptimizerConfig:
    """Return how settings update weights.

    Raises:
        UserError: if there is no optimizer of that name, or it takes no such options.
    """
    return OptimizerConfig(
        config.learning_rate,
        warm_up_steps=config.warm_up_steps,
        cosine_steps=config.steps if config.cosine else None,
        weight_decay=config.weight_decay,
        gradient_norm=config.gradient_norm,
        mixed_precision=config.mixed_precision,
        name=config.optimizer,
        options=config.optimizer_options,
    )


def _head(
    code_size: int, drawn: torch.Generator, projection: int, options: Mapping[str, Any]
) -> ProjectionHead:
    given = checked_options(ProjectionHead, options, "projection head", given=2)
    if "output_size" in given:
        raise UserError(
            "the output of a projection head is as large as projection says: leave output_size out "
            "of head_options"
        )
    try:
        return ProjectionHead(code_size, drawn, output_size=projection, **given)
    except (RuntimeError, TypeError, MemoryError) as error:
        raise UserError(
            f"projection is {shortened(projection)}{_with(options)}, and memory has no room for "
            "such a head: make it smaller"
        ) from error


def _with(options: Mapping[str, Any]) -> str:
    return f" with {dict(options)}" if options else ""


def _critic(config: ModelConfig | RunConfig, sizes: tuple[int, int]) -> nn.Module:
    if not isinstance(config.critic, str):
        if config.critic_options:
            raise UserError(
                "options are for a critic that is made by its name, and a module was given"
            )
        return config.critic
    arguments = (*sizes, generator_for(config.seed, "critic"))
    options = config.critic_options
    return _made("critic", config.critic, CRITICS, arguments, options=options, seed=config.seed)


def _encoders(
    config: ModelConfig | RunConfig, shapes: tuple[Shape, Shape]
) -> tuple[nn.Module, nn.Module]:
    encoder, options = config.encoder, config.encoder_options
    if not isinstance(encoder, str):
        if options:
            raise UserError(
                "options are for an encoder that is made by its name, and a module was given"
            )
        if isinstance(encoder, tuple):
            return encoder
        return encoder, encoder if config.shared_encoder else copy.deepcopy(encoder)
    x_shape, y_shape = shapes
    seed = config.seed
    x_encoder = build_encoder(encoder, x_shape, side="x", options=options, seed=seed)
    y_encoder = build_encoder(encoder, y_shape, side="y", options=options, seed=seed)
    return x_encoder, x_encoder if config.shared_encoder else y_encoder


def _made(
    kind: str,
    name: str,
    registry: Mapping[str, Callable[..., nn.Module]],
    arguments: tuple[Any, ...],
    *,
    options: Mapping[str, Any],
    seed: int,
) -> nn.Module:
    """Make one part, by its name or by the path of whatever makes it or is one."""
    if ":" in name:
        maker: Any = import_object(name, kind)
    elif name in registry:
        maker = registry[name]
    else:
        raise unknown_name(kind, name, registry)
    if isinstance(maker, nn.Module):
        if options:
            raise UserError(f"{kind} {name} is made already and takes no options: leave them out")
        return copy.deepcopy(maker)
    given = checked_options(maker, options, f"{kind} {name}", given=len(arguments))
    # Makers of other people draw weights from the global generators.
    with seeded_globally(seed):
        try:
            part = maker(*arguments, **given)
        except UserError:
            raise
        except Exception as error:
            # Whatever the user's own lines raise: a package that is missing, a key, an assertion.
            raise UserError(
                f"{kind} {name} cannot be made{_with(options)}: {reason_of(error)}"
            ) from error
    if not isinstance(part, nn.Module):
        raise UserError(f"{kind} {name} gives a {type(part).__name__}: expected a torch.nn.Module")
    return part
