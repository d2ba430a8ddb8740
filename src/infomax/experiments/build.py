"""The parts that settings name: encoders, heads, critic and objective."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from infomax.bounds import Bound, find_bound
from infomax.critics import CRITICS
from infomax.data import Items, open_items
from infomax.encoders import ENCODERS, ProjectionHead, check_codes
from infomax.errors import UserError, reason_of, shortened, unknown_name
from infomax.experiments.config import RunSettings
from infomax.imported import import_object
from infomax.options import checked_options
from infomax.training import (
    Objective,
    Optimisation,
    PairModel,
    evaluation_mode,
    generator_for,
    seeded_globally,
)
from infomax.training.pair_model import check_model

__all__ = ["GivenEncoder", "Parts", "make_parts", "opened_items", "optimisation_of", "parts_of"]

Shape: TypeAlias = tuple[int, ...]
GivenEncoder: TypeAlias = str | nn.Module | tuple[nn.Module, nn.Module]


@dataclass(frozen=True, eq=False)
class Parts:
    """What is trained, with fresh weights.

    Attributes:
        model: encoders, heads and critic.
        objective: what is maximised or matched.
        code_size: values in a code of x.
    """

    model: PairModel
    objective: Objective
    code_size: int


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


def make_parts(
    x_shape: Shape,
    y_shape: Shape,
    *,
    encoder: GivenEncoder,
    critic: str | nn.Module,
    bound: str | Bound,
    encoder_options: Mapping[str, Any],
    critic_options: Mapping[str, Any],
    shared_encoder: bool,
    projection: int | None,
    target: float | None,
    seed: int,
) -> Parts:
    """Make what is trained on views of these shapes.

    Args:
        x_shape: of one view x.
        y_shape: of one view y.
        encoder: name, path of what makes one, or modules: of both views, or of x and of y. A module
            for both, where encoders are not shared, is copied for y.
        critic: name, path of what makes one, or a module.
        bound: name, or a bound.
        encoder_options: of the encoder that is made.
        critic_options: of the critic that is made.
        shared_encoder: whether one encoder is for both views.
        projection: output of a projection head between code and critic; ``None`` for none.
        target: nats at which the bound is held; ``None`` to maximise it.
        seed: of the weights.

    Raises:
        UserError: if a name is unknown, options do not fit, or parts do not fit each other.
    """
    if shared_encoder and x_shape != y_shape:
        raise UserError(
            f"one encoder cannot be shared by views of shapes {x_shape} and {y_shape}: leave "
            "shared_encoder out"
        )
    x_encoder, y_encoder = _encoders(
        encoder, x_shape, y_shape, options=encoder_options, shared=shared_encoder, seed=seed
    )
    sizes = _code_size(x_encoder, x_shape), _code_size(y_encoder, y_shape)
    code_size = sizes[0]
    heads = None
    if projection is not None:
        x_head = _head(sizes[0], generator_for(seed, "x-head"), projection)
        y_head = _head(sizes[1], generator_for(seed, "y-head"), projection)
        heads, sizes = (x_head, x_head if shared_encoder else y_head), (projection, projection)
    if isinstance(critic, str):
        drawn = generator_for(seed, "critic")
        critic = _made(
            "critic", critic, CRITICS, (*sizes, drawn), options=critic_options, seed=seed
        )
    elif critic_options:
        raise UserError("options are for a critic that is made by its name, and a module was given")
    if isinstance(bound, str):
        bound = find_bound(bound)
    model = PairModel(x_encoder, y_encoder, critic, heads=heads)
    check_model(model, torch.zeros(2, *x_shape), torch.zeros(2, *y_shape))
    return Parts(model, Objective(bound, target), code_size)


def parts_of(settings: RunSettings, x_shape: Shape, y_shape: Shape) -> Parts:
    """Make what settings name for views of these shapes.

    Raises:
        UserError: if a name is unknown, options do not fit, or parts do not fit each other.
    """
    return make_parts(
        x_shape,
        y_shape,
        encoder=settings.encoder,
        critic=settings.critic,
        bound=settings.bound,
        encoder_options=settings.encoder_options,
        critic_options=settings.critic_options,
        shared_encoder=settings.shared_encoder,
        projection=settings.projection,
        target=settings.target,
        seed=settings.seed,
    )


def optimisation_of(settings: RunSettings) -> Optimisation:
    """Return how settings update weights."""
    return Optimisation(
        settings.learning_rate,
        warm_up_steps=settings.warm_up_steps,
        cosine_steps=settings.steps if settings.cosine else None,
        weight_decay=settings.weight_decay,
        largest_gradient_norm=settings.gradient_norm,
        mixed_precision=settings.mixed_precision,
    )


def _head(code_size: int, drawn: torch.Generator, projection: int) -> ProjectionHead:
    try:
        return ProjectionHead(code_size, drawn, output_size=projection)
    except (RuntimeError, TypeError, MemoryError) as error:
        raise UserError(
            f"projection is {shortened(projection)}, and memory has no room for such a head: "
            "make it smaller"
        ) from error


def _encoders(
    encoder: GivenEncoder,
    x_shape: Shape,
    y_shape: Shape,
    *,
    options: Mapping[str, Any],
    shared: bool,
    seed: int,
) -> tuple[nn.Module, nn.Module]:
    if not isinstance(encoder, str):
        if options:
            raise UserError(
                "options are for an encoder that is made by its name, and a module was given"
            )
        if isinstance(encoder, tuple):
            return encoder
        return encoder, encoder if shared else copy.deepcopy(encoder)
    x_encoder, y_encoder = (
        _made(
            "encoder",
            encoder,
            ENCODERS,
            (shape, generator_for(seed, purpose)),
            options=options,
            seed=seed,
        )
        for shape, purpose in ((x_shape, "x-encoder"), (y_shape, "y-encoder"))
    )
    return x_encoder, x_encoder if shared else y_encoder


def _made(
    kind: str,
    name: str,
    registry: Mapping[str, Callable[..., nn.Module]],
    arguments: tuple[Any, ...],
    *,
    options: Mapping[str, Any],
    seed: int,
) -> nn.Module:
    """Make one part, by its name or by the path of whatever makes it."""
    if ":" in name:
        maker: Any = import_object(name, kind)
    elif name in registry:
        maker = registry[name]
    else:
        raise unknown_name(kind, name, registry)
    given = checked_options(maker, options, f"{kind} {name}", given=len(arguments))
    # Makers of other people draw weights from the global generators.
    with seeded_globally(seed):
        try:
            part = maker(*arguments, **given)
        except UserError:
            raise
        except Exception as error:
            # Whatever the user's own lines raise: a package that is missing, a key, an assertion.
            with_options = f" with {dict(options)}" if options else ""
            raise UserError(
                f"{kind} {name} cannot be made{with_options}: {reason_of(error)}"
            ) from error
    if not isinstance(part, nn.Module):
        raise UserError(f"{kind} {name} gives a {type(part).__name__}: expected a torch.nn.Module")
    return part


@torch.no_grad()
def _code_size(encoder: nn.Module, shape: Shape) -> int:
    try:
        with evaluation_mode(encoder):
            codes: Tensor = encoder(torch.zeros(2, *shape))
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"the encoder ({type(encoder).__name__}) does not take views of shape "
            f"{(2, *shape)}: {reason_of(error)}"
        ) from error
    check_codes(codes, 2)
    return codes.shape[1]
