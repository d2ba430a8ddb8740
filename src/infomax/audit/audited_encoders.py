"""The encoders that codes are of, and the codes of pairs by them."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import MOST_ROWS, AuditedCodes, read_codes
from infomax.data import Indices
from infomax.errors import UserError, reason_of
from infomax.evaluation import encode
from infomax.training import PairDataset, PairModel, generator_for

__all__ = ["AuditedEncoders", "encode_pairs"]

_MOST_BYTES: Final = 2**30
_BYTES_OF_A_FLOAT: Final = 4
_FEWEST_ROWS: Final = 1_000
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, eq=False)
class AuditedEncoders:
    """The encoders that codes are of, and what it takes to train others beside them.

    Attributes:
        x: encoder of view x.
        y: encoder of view y; the same module where one is for both.
        pairs: whose views they encode.
        others: indices of pairs that are not audited, and may be trained on.
        make: makes such encoders and a critic with fresh weights, of a seed; none where nobody said
            how.
        bound: name of the bound that they were trained by.
        batch_size: pairs in a batch of that training.
        learning_rate: of that training.
        seed: of that training.
    """

    x: nn.Module
    y: nn.Module
    pairs: PairDataset
    others: Indices = field(default_factory=lambda: np.arange(0), repr=False)
    make: Callable[[int], PairModel] | None = None
    bound: str = "infonce"
    batch_size: int = 128
    learning_rate: float = 1e-3
    seed: int = 0


def encode_pairs(
    name: str,
    encoders: AuditedEncoders,
    audited: Indices,
    *,
    seed: int,
    **told: Any,
) -> AuditedCodes:
    """Return the codes of pairs by encoders, with the views that they are of.

    Of more than 16,384 pairs as many are drawn, and of pairs whose views take more than 1 GiB
    fewer, though no fewer than 1,000. What is random in views is drawn once, as in training. The
    untrained encoders are those of the seed of the training.

    Args:
        name: of the codes.
        encoders: that encode.
        audited: indices of the pairs that may be audited.
        seed: of what is drawn.
        told: what ``read_codes`` takes of pairs, for all of ``encoders.pairs``: labels, groups,
            nuisances.

    Raises:
        UserError: if an encoder does not take the views or raises, or codes cannot be audited.
    """
    pairs = encoders.pairs
    for what, of_all in told.items():
        if isinstance(of_all, np.ndarray) and len(of_all) != len(pairs):
            raise UserError(
                f"codes {name!r} have {len(pairs):,} rows and there are {len(of_all):,} {what}: "
                "give one for each pair"
            )
    values = math.prod(pairs.x_shape) + math.prod(pairs.y_shape)
    room = max(_MOST_BYTES // (values * _BYTES_OF_A_FLOAT), _FEWEST_ROWS)
    order = torch.randperm(len(audited), generator=generator_for(seed, "pairs to encode")).numpy()
    rows = audited[order[: min(MOST_ROWS, room)]]
    sides: tuple[list[Tensor], list[Tensor]] = ([], [])
    for both in pairs.pairs(rows, _AT_ONCE, generator_for(seed, "views of an audit")):
        for side, view in zip(sides, both, strict=True):
            side.append(view)
    raw = (torch.cat(sides[0]), torch.cat(sides[1]))
    x, y = _codes(f"codes {name!r}", (encoders.x, encoders.y), raw)
    read = read_codes(name, x, y, seed=seed, raw=raw, **_of_rows(told, rows))
    untrained = None
    if encoders.make is not None and read.places is not None:
        first = encoders.make(encoders.seed)
        x, y = _codes(f"codes {name!r}, untrained", (first.x_encoder, first.y_encoder), raw)
        untrained = (x[read.places].double(), y[read.places].double())
    return dataclasses.replace(
        read, given_rows=len(audited), encoders=encoders, untrained=untrained
    )


def _of_rows(told: dict[str, Any], rows: Indices) -> dict[str, Any]:
    """Return what is told of some pairs."""
    found: dict[str, Any] = {"labels": None}
    for name, values in told.items():
        if isinstance(values, dict):
            found[name] = {each: of_all[rows] for each, of_all in values.items()}
        else:
            found[name] = None if values is None else values[rows]
    return found


def _codes(
    subject: str, encoders: tuple[nn.Module, nn.Module], views: tuple[Tensor, Tensor]
) -> list[Tensor]:
    found = []
    for side, encoder, of_side in zip("xy", encoders, views, strict=True):
        called = f"{subject}: the encoder of {side} ({type(encoder).__name__})"
        try:
            found.append(encode(encoder, of_side))
        except UserError as error:
            raise UserError(f"{called}: {error}") from error
        # Whatever an encoder of the user's own raises, on all views or on some.
        except Exception as error:
            shape = ", ".join(map(str, ("N", *of_side.shape[1:])))
            raise UserError(
                f"{called} does not encode views of shape ({shape}): {reason_of(error)}"
            ) from error
    return found
