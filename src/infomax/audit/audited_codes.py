"""The codes of two views that are audited: checked, split into rows to fit on and rows held out."""

import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.errors import UserError, advice, shortened
from infomax.estimation.containers import as_table
from infomax.training import generator_for

__all__ = ["FEWEST_ROWS", "MOST_ROWS", "AuditedCodes", "read_codes", "read_labels"]

FEWEST_ROWS: Final = 40
"""With fewer pairs no check has enough of them to fit on and to be held out."""

MOST_ROWS: Final = 16_384
"""Pairs that checks look at, drawn at random of more."""


_LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class AuditedCodes:
    """Codes of two views, and a split of their rows.

    Attributes:
        name: of the codes.
        x: ``(N, dx)``, in float64.
        y: ``(N, dy)``, row i of the pair i.
        labels: class of each pair, ``(N,)``, numbered from 0; none where there are no labels.
        fitted: rows that critics and probes are fitted on.
        held_out: rows that they are measured on.
        given_rows: number of pairs that were given, of which N are looked at.
        seed: of everything that is drawn.
        raw: what the encoder saw on either side, ``(N, ...)`` each, row i of the pair i; none
            where it was not given.
        groups: of which item or source each pair is, ``(N,)``, numbered from 0; none where pairs
            stand by themselves. No group is both fitted and held out.
        nuisances: what codes should rather not hold, by name, ``(N,)`` each: classes as whole
            numbers, measurements as numbers.
        places: where each pair stood among those that were given, ``(N,)``, from 0.
    """

    name: str
    x: Tensor = field(repr=False)
    y: Tensor = field(repr=False)
    labels: NDArray[np.int64] | None = field(repr=False)
    fitted: NDArray[np.int64] = field(repr=False)
    held_out: NDArray[np.int64] = field(repr=False)
    given_rows: int
    seed: int
    raw: tuple[Tensor, Tensor] | None = field(default=None, repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    nuisances: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    places: NDArray[np.int64] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.x)


def read_codes(
    name: str, x: Any, y: Any, labels: NDArray[np.int64] | None, *, seed: int
) -> AuditedCodes:
    """Check the codes of two views, and draw half of their rows to be held out.

    Args:
        name: of the codes.
        x: ``(N, dx)``: an array, a tensor or a table of numbers.
        y: ``(N, dy)``.
        labels: ``(N,)``, of ``read_labels``.
        seed: of the draw, which is the same for all codes of as many rows.

    Raises:
        UserError: if a value is no finite number, rows do not match, or are too few.

    Example:
        >>> codes = read_codes("mine", np.eye(50), np.ones((50, 2)), None, seed=0)
        >>> codes.x.shape, len(codes.fitted), len(codes.held_out)
        (torch.Size([50, 50]), 25, 25)
    """
    x_codes, y_codes = (_read_side(name, side, each) for side, each in (("x", x), ("y", y)))
    rows = len(x_codes)
    if rows != len(y_codes):
        raise UserError(
            f"codes {name!r}: x has {rows:,} rows and y {len(y_codes):,}: give row i of both of "
            "the same pair"
        )
    if labels is not None and len(labels) != rows:
        raise UserError(
            f"codes {name!r} have {rows:,} rows and there are {len(labels):,} labels: give one for "
            "each pair"
        )
    if rows < FEWEST_ROWS:
        raise UserError(f"codes {name!r} have {rows} rows: an audit needs at least {FEWEST_ROWS}")
    order = torch.randperm(rows, generator=generator_for(seed, "rows of an audit")).numpy()
    order = order[:MOST_ROWS]
    kept = len(order)
    return AuditedCodes(
        name,
        x_codes[order],
        y_codes[order],
        None if labels is None else labels[order],
        fitted=np.arange(kept // 2),
        held_out=np.arange(kept // 2, kept),
        given_rows=rows,
        seed=seed,
        places=order,
    )


def _read_side(name: str, side: str, given: Any) -> Tensor:
    if isinstance(given, np.ndarray | Tensor) and given.ndim > 2:
        raise UserError(
            f"codes {name!r}: {side} has shape {tuple(given.shape)}: give a row for each pair, "
            "(N, d)"
        )
    table = as_table(given, side)
    for column in table.columns:
        if table[column].dtype.kind not in "iufb":
            raise UserError(
                f"codes {name!r}: column {column!r} of {side} holds {table[column].dtype}: codes "
                "are numbers"
            )
    values = table.to_numpy(dtype=np.float64, copy=True, na_value=np.nan)
    broken = int((~np.isfinite(values).all(axis=1)).sum())
    if broken:
        raise UserError(
            f"codes {name!r}: {broken:,} of {len(values):,} rows of {side} hold values that are "
            "NaN or infinite: leave those pairs out, or take an encoder from before it failed"
        )
    if np.abs(values).max() > _LARGEST:
        raise UserError(
            f"codes {name!r}: {side} holds values beyond {_LARGEST:g}, whose squares are no longer "
            "numbers: divide all of them by one number"
        )
    return torch.from_numpy(values)


def read_labels(given: Any) -> NDArray[np.int64]:
    """Return the class of each pair as a number from 0.

    Args:
        given: ``(N,)`` or ``(N, 1)``: whole numbers, truth values or text.

    Raises:
        UserError: if there are several columns, a label is missing or is no whole number, or all
            are the same.

    Example:
        >>> read_labels(["cat", "dog", "cat"]).tolist()
        [0, 1, 0]
    """
    table = as_table(given, "label")
    flags = advice("labels", "--labels")
    if table.shape[1] != 1:
        raise UserError(f"{flags} have {table.shape[1]} columns: give one class for each pair")
    column = table.iloc[:, 0]
    if column.isna().any():
        raise UserError(f"{flags}: {int(column.isna().sum()):,} are missing: give all of them")
    for value in column.unique():
        if isinstance(value, numbers.Real) and float(value) % 1 != 0:
            raise UserError(f"{flags} hold {shortened(value)}: classes are whole numbers or text")
    classes, found = np.unique(column.to_numpy(), return_inverse=True)
    if len(classes) < 2:
        raise UserError(f"{flags} are all {shortened(classes[0])}: probes need two classes")
    return found.astype(np.int64)
