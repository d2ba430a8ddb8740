"""The audit of encoders that are named by their path, on data that are named, too."""

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from infomax.audit.audit_plan import AuditPlan
from infomax.audit.audit_result import AuditResult
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.codes_audit import audit_read
from infomax.critics import BilinearCritic
from infomax.data import ItemDataset, open_data
from infomax.errors import UserError, advice
from infomax.experiments.build import build_encoder
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.training import PairModel, RandomState, StagedProgress, checked_seed, generator_for
from infomax.training.pair_model import codes_of_trial
from infomax.views import make_views

__all__ = ["audit_modules", "read_modules"]

_CPU: Final = torch.device("cpu")
_TWO: Final = 2


def audit_modules(
    encoders: Sequence[str],
    *,
    data: str,
    y_data: str | None = None,
    views: str | None = None,
    view_options: Mapping[str, object] | None = None,
    weights: Sequence[Path] = (),
    labels: str | None = None,
    groups: str | None = None,
    random_state: RandomState = 0,
    progress: StagedProgress | None = None,
    plan: AuditPlan | None = None,
) -> AuditResult:
    """Ask of encoders that a path names whether mutual information is what makes them good.

    From Python ``audit_codes`` takes modules themselves.

    Args:
        encoders: the path of what makes an encoder, or is one, as ``infomax train --encoder`` has
            it: of both views, or of x and of y.
        data: name or path of the data, of which all pairs are audited.
        y_data: what view y is read from, row by row.
        views: how two views are made of one item, where the data hold one view.
        view_options: options of the views.
        weights: a .safetensors file for each encoder; none where they come with their weights.
        labels: column, array or file of the classes; those of the data without.
        groups: column, array or file of groups of which none is both fitted and held out.
        random_state: seed of everything that is drawn.
        progress: as of ``audit_codes``.
        plan: seeds, budget, and where findings are kept.

    Raises:
        UserError: if an encoder cannot be made or does not take the views, weights do not fit, or
            the data cannot be read.
    """
    seed = checked_seed(random_state)
    with tempfile.TemporaryDirectory() as cache:
        items = open_data(data, cache=Path(cache), y_data=y_data, labels=labels, groups=groups)
        made = None if views is None else make_views(views, dict(view_options or {}))
        pairs = ItemPairDataset(items, made, _CPU)
        codes = read_modules(encoders, items, pairs, weights=weights, seed=seed)
        return audit_read([codes], codes.notes, seed, progress, plan)


def read_modules(
    encoders: Sequence[str],
    items: ItemDataset,
    pairs: ItemPairDataset,
    *,
    weights: Sequence[Path] = (),
    seed: int = 0,
) -> AuditedCodes:
    """Return the codes of pairs by encoders that are named by their path.

    Args:
        encoders: as of ``audit_modules``, likewise weights.
        items: what pairs are made of.
        pairs: whose views are encoded.
        weights: a .safetensors file for each encoder.
        seed: of what is drawn.

    Raises:
        UserError: as of ``audit_modules``.
    """
    paths = tuple(encoders)
    if not 1 <= len(paths) <= _TWO:
        raise UserError(f"{len(paths)} encoders: give that of both views, or that of x and of y")
    if len(paths) == 1 and pairs.x_shape != pairs.y_shape:
        raise UserError(
            f"views have shapes {pairs.x_shape} and {pairs.y_shape}: one encoder is for views of "
            "one shape; give that of x and that of y"
        )
    if len(weights) not in {0, len(paths)}:
        raise UserError(
            f"{len(weights)} files of weights for {len(paths)} encoder(s): give one for each, in "
            "their order"
        )
    shapes = (pairs.x_shape, pairs.y_shape)

    def make(of_seed: int) -> PairModel:
        made = [
            build_encoder(path, shape, side=side, seed=of_seed)
            for path, shape, side in zip(paths, shapes, "xy", strict=False)
        ]
        sizes = [
            codes_of_trial(each, torch.zeros(2, *shape), side).shape[1]
            for each, shape, side in zip((made[0], made[-1]), shapes, "xy", strict=True)
        ]
        critic = BilinearCritic(sizes[0], sizes[1], generator_for(of_seed, "critic"))
        return PairModel(made[0], made[-1], critic).eval()

    own = [
        build_encoder(path, shape, side=side, seed=seed)
        for path, shape, side in zip(paths, shapes, "xy", strict=False)
    ]
    for encoder, file in zip(own, weights, strict=False):
        _load(encoder, file)
    # What makes an encoder may load its weights, too: only where they come from a file are those
    # of a fresh one untrained.
    audited = AuditedEncoders(own[0], own[-1], pairs, make=make if weights else None, seed=seed)
    codes = encode_pairs(
        " and ".join(paths),
        audited,
        np.arange(len(pairs)),
        seed=seed,
        labels=items.labels,
        groups=items.groups,
    )
    note = (
        "Nobody said which pairs the encoders were trained on: where they are among those audited, "
        f"what is held out is not new to them ({advice('data', '--data')} names other pairs)."
    )
    part = f"Audited are the {len(pairs):,} pairs that the data give to train on."
    return dataclasses.replace(codes, notes=(*codes.notes, part, note))


def _load(encoder: nn.Module, path: Path) -> None:
    """Give an encoder the weights of a file, which must be all of its own and no others."""
    if path.suffix.lower() != ".safetensors" or not path.is_file():
        raise UserError(
            f"{path}: give a .safetensors file that there is, as "
            "safetensors.torch.save_file(encoder.state_dict(), path) writes it"
        )
    try:
        state = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as weights ({error})") from error
    own = encoder.state_dict()
    unlike = []
    for name in dict.fromkeys((*own, *state)):
        mine, theirs = (
            tuple(each[name].shape) if name in each else "none" for each in (own, state)
        )
        if mine != theirs:
            unlike.append(f"{name} is {theirs}, and the encoder's {mine}")
    if unlike:
        more = f", and {len(unlike) - 1} more are unlike" if len(unlike) > 1 else ""
        raise UserError(
            f"{path}: the weights do not fit {type(encoder).__name__}: {unlike[0]}{more}"
        )
    encoder.load_state_dict(state)
