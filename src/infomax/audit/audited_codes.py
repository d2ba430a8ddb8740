"""The codes of two views that are audited: checked, split into rows to fit on and rows held out."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit
from torch import Tensor

from infomax.audit.number_rows import NumberRows, number_rows
from infomax.errors import UserError, shortened
from infomax.training import generator_for

if TYPE_CHECKING:
    from infomax.audit.audited_encoders import AuditedEncoders

__all__ = ["FEWEST_ROWS", "MOST_ROWS", "NO_LABELS", "AuditedCodes", "read_codes"]

FEWEST_ROWS: Final = 40
"""With fewer pairs no check has enough of them to fit on and to be held out."""

MOST_ROWS: Final = 16_384
"""Pairs that checks look at, drawn at random of more."""

NO_LABELS: Final = "there are no labels"

_DRAWS_OF_GROUPS = 20


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
        raw: what the encoder saw on either side, ``(N, ...)`` each in float32, row i of the pair
            i; none where it was not given.
        groups: of which item or source each pair is, ``(N,)``, numbered from 0; none where pairs
            stand by themselves. No group is both fitted and held out.
        nuisances: what codes should rather not hold, by name, ``(N,)`` each: classes as whole
            numbers, measurements as numbers.
        places: where each pair stood among those that were given, ``(N,)``, from 0.
        trained_on: whether the encoder was trained on each pair, ``(N,)``; none where nobody said.
        notes: what a reader should know of the inputs, a sentence each.
        why_no_labels: where there are none, for checks that are not run without.
        untrained: the codes of the encoders before any training, of both sides; none where nobody
            knows them.
        encoders: that made the codes of ``raw``; none of codes that were given as numbers.
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
    trained_on: NDArray[np.bool_] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    why_no_labels: str = NO_LABELS
    untrained: tuple[Tensor, Tensor] | None = field(default=None, repr=False)
    encoders: "AuditedEncoders | None" = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.x)

    def drawn(self, most: int) -> "AuditedCodes":
        """Return the same codes with at most so many rows, half of them fitted, half held out.

        Rows are in random order, so that the first ones are drawn.

        Example:
            >>> codes = read_codes("mine", np.eye(80), np.eye(80), None, seed=0)
            >>> drawn = codes.drawn(20)
            >>> len(drawn), len(drawn.fitted), len(drawn.held_out)
            (20, 10, 10)
        """
        if len(self) <= most:
            return self
        fitted, held_out = self.fitted[: most // 2], self.held_out[: most // 2]
        drawn = self._of_rows(np.concatenate([fitted, held_out]))
        halves = np.arange(len(fitted)), np.arange(len(fitted), len(drawn))
        return dataclasses.replace(drawn, fitted=halves[0], held_out=halves[1])

    def split_again(self, draw: int) -> "AuditedCodes":
        """Return the same codes with another half of their rows held out, and another seed.

        Args:
            draw: number of the split; 0 is the one that there is.

        Example:
            >>> codes = read_codes("mine", np.eye(80), np.eye(80), None, seed=0)
            >>> again = codes.split_again(1)
            >>> again.seed, set(again.places) == set(codes.places), codes.split_again(0) is codes
            (1, True, True)
        """
        if draw == 0:
            return self
        seed = self.seed + draw
        generator = generator_for(seed, "another split of an audit")
        mixed = self._of_rows(torch.randperm(len(self), generator=generator).numpy())
        fitted, held_out = _halves(len(mixed), mixed.groups, seed)
        return dataclasses.replace(mixed, fitted=fitted, held_out=held_out, seed=seed)

    def _of_rows(self, rows: NDArray[np.int64]) -> "AuditedCodes":
        """Return some rows, in this order; the split is still that of before."""

        def of(column: NDArray[Any] | None) -> Any:
            return None if column is None else column[rows]

        def both(sides: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor] | None:
            return None if sides is None else (sides[0][rows], sides[1][rows])

        return dataclasses.replace(
            self,
            x=self.x[rows],
            y=self.y[rows],
            labels=of(self.labels),
            raw=both(self.raw),
            groups=of(self.groups),
            nuisances={name: of(each) for name, each in self.nuisances.items()},
            places=of(self.places),
            trained_on=of(self.trained_on),
            untrained=both(self.untrained),
        )


def read_codes(
    name: str,
    x: Any,
    y: Any,
    labels: NDArray[np.int64] | None,
    *,
    seed: int,
    raw: Any = None,
    groups: NDArray[np.int64] | None = None,
    nuisances: Mapping[str, NDArray[Any]] | None = None,
    trained_on: NDArray[np.bool_] | None = None,
) -> AuditedCodes:
    """Check the codes of two views, and draw half of their rows to be held out.

    With groups, half of the groups are held out: of 20 draws that of most even halves. Only the
    rows that are looked at are copied.

    Args:
        name: of the codes.
        x: ``(N, dx)``: an array, a tensor or a table of numbers.
        y: ``(N, dy)``.
        labels: ``(N,)``, of ``read_labels``; those that are all the same are left out, and that is
            noted.
        seed: of the draw, which is the same for all codes of as many rows.
        raw: what the encoder saw, (x, y), ``(N, ...)`` each.
        groups: ``(N,)``, of ``read_groups``.
        trained_on: ``(N,)``, of ``read_trained_on``.
        nuisances: of ``read_nuisances``; one that is constant is left out, and that is noted.

    Raises:
        UserError: if a value is no finite number, rows do not match, or are too few.

    Example:
        >>> codes = read_codes("mine", np.eye(50), np.ones((50, 2)), None, seed=0)
        >>> codes.x.shape, len(codes.fitted), len(codes.held_out)
        (torch.Size([50, 50]), 25, 25)
        >>> codes.notes
        ('2 of 2 columns of y are constant: they are kept, and tell nothing.',)
    """
    subject = f"codes {name!r}"
    sides = [number_rows(subject, side, each) for side, each in (("x", x), ("y", y))]
    rows = sides[0].rows
    if rows != sides[1].rows:
        raise UserError(
            f"{subject}: x has {rows:,} rows and y {sides[1].rows:,}: give row i of both of the "
            "same pair"
        )
    told = {
        "labels": labels,
        "groups": groups,
        "values of trained_on": trained_on,
        **{f"values of the nuisance {of!r}": each for of, each in (nuisances or {}).items()},
    }
    for what, each in told.items():
        if each is not None and len(each) != rows:
            raise UserError(
                f"{subject} have {rows:,} rows and there are {len(each):,} {what}: give one for "
                "each pair"
            )
    if rows < FEWEST_ROWS:
        raise UserError(f"{subject} have {rows} rows: an audit needs at least {FEWEST_ROWS}")
    raw_sides = None if raw is None else _raw_sides(name, raw, rows)
    order = torch.randperm(rows, generator=generator_for(seed, "rows of an audit")).numpy()
    order = order[:MOST_ROWS]
    x_codes, y_codes = (torch.from_numpy(each.take(order)) for each in sides)
    notes = [
        f"{constant:,} of {each.shape[1]:,} columns of {side} are constant: they are kept, and "
        "tell nothing."
        for side, each in (("x", x_codes), ("y", y_codes))
        if (constant := int((each == each[:1]).all(dim=0).sum()))
    ]
    kept_labels, why_no_labels = _kept_labels(labels, order, notes)
    kept_groups = None if groups is None else groups[order]
    if kept_groups is not None and len(np.unique(kept_groups)) == len(order):
        notes.append("Each pair is a group of its own, so that groups hold nothing together.")
    fitted, held_out = _halves(len(order), kept_groups, seed)
    return AuditedCodes(
        name,
        x_codes,
        y_codes,
        kept_labels,
        fitted=fitted,
        held_out=held_out,
        given_rows=rows,
        seed=seed,
        raw=None
        if raw_sides is None
        else (_single(raw_sides[0], order), _single(raw_sides[1], order)),
        groups=kept_groups,
        nuisances=_kept_nuisances(nuisances or {}, order, notes),
        places=order,
        trained_on=None if trained_on is None else trained_on[order],
        notes=tuple(notes),
        why_no_labels=why_no_labels,
    )


def _raw_sides(name: str, raw: Any, rows: int) -> list[NumberRows]:
    if not isinstance(raw, tuple | list) or len(raw) != 2:
        raise UserError(f"raw of codes {name!r} is {shortened(raw)}: give the two sides, (x, y)")
    sides = []
    for side, given in zip("xy", raw, strict=True):
        found = number_rows(f"raw of codes {name!r}", side, given, items=True)
        if found.rows != rows:
            raise UserError(
                f"codes {name!r} have {rows:,} rows and {side} of raw has {found.rows:,}: give row "
                "i of what was encoded into row i"
            )
        sides.append(found)
    return sides


def _single(side: NumberRows, order: NDArray[np.int64]) -> Tensor:
    """Return rows in single precision, some at a time: of images all in double are too many."""
    parts = np.array_split(order, max(len(order) // 1_000, 1))
    return torch.cat([torch.from_numpy(side.take(each).astype(np.float32)) for each in parts])


def _kept_labels(
    labels: NDArray[np.int64] | None, order: NDArray[np.int64], notes: list[str]
) -> tuple[NDArray[np.int64] | None, str]:
    if labels is None:
        return None, NO_LABELS
    kept = labels[order]
    sizes = np.unique(kept, return_counts=True)[1]
    if len(sizes) < 2:
        notes.append("All labels are the same: what needs two classes is not run.")
        return None, "all labels are the same, and probes need two classes"
    if singles := int((sizes == 1).sum()):
        notes.append(
            f"{singles:,} of {len(sizes):,} classes have one pair each, which is fitted or held "
            "out, never both."
        )
    return kept, NO_LABELS


def _kept_nuisances(
    nuisances: Mapping[str, NDArray[Any]], order: NDArray[np.int64], notes: list[str]
) -> dict[str, NDArray[Any]]:
    kept = {}
    for name, values in nuisances.items():
        drawn = values[order]
        if (drawn == drawn[0]).all():
            notes.append(f"The nuisance {name!r} is constant: it is left out.")
        else:
            kept[name] = drawn
    return kept


def _halves(
    rows: int, groups: NDArray[np.int64] | None, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows to fit on and rows to hold out, none of which share a group."""
    if groups is None:
        return np.arange(rows // 2), np.arange(rows // 2, rows)
    if len(np.unique(groups)) < 2:
        raise UserError("groups: the pairs that are looked at are of one group: give more groups")
    draws = GroupShuffleSplit(_DRAWS_OF_GROUPS, test_size=0.5, random_state=seed)
    fitted, held_out = min(
        draws.split(groups, groups=groups), key=lambda both: abs(len(both[0]) - len(both[1]))
    )
    if min(len(fitted), len(held_out)) < FEWEST_ROWS // 2:
        raise UserError(
            f"groups: no split of them has {FEWEST_ROWS // 2} pairs on both sides, the most even "
            f"one {len(fitted):,} and {len(held_out):,}: give more or smaller groups"
        )
    return fitted, held_out
