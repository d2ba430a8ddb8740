"""Items to train on: what their views are read from, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from infomax.data.rows import Rows
from infomax.errors import UserError

__all__ = ["Items"]


@dataclass(frozen=True, eq=False)
class Items:
    """Items in one view or in two.

    Attributes:
        x: what items, or views x of them, are read from.
        y: what views y are read from; ``None`` where both views are made of x.
        labels: class of each item, counted from 0; ``None`` without.
        classes: name of each class.
        groups: number of the group of each item; ``None`` without.
        skipped: why a file was left out, by its path.
        x_names: columns, or arrays, that x was put together of; none where it is of neither.
        y_names: those of y.

    Raises:
        UserError: if lengths differ, or the labels hold one class.
    """

    x: Rows
    y: Rows | None = None
    labels: NDArray[np.int64] | None = None
    classes: tuple[str, ...] = ()
    groups: NDArray[np.int64] | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    x_names: tuple[str, ...] = ()
    y_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.y is not None and len(self.y) != len(self.x):
            raise UserError(
                f"views of different lengths: {len(self.x)} rows of {self.x.name} and "
                f"{len(self.y)} of {self.y.name}"
            )
        for name, values in (("labels", self.labels), ("groups", self.groups)):
            if values is not None and len(values) != len(self.x):
                raise UserError(f"{len(values)} {name} for {len(self.x)} rows of {self.x.name}")
        if self.labels is not None and len(self.classes) == 1:
            raise UserError(
                f"the labels of {self.x.name} hold one class, {self.classes[0]!r}: a probe needs "
                "at least two; leave the labels out"
            )

    def __len__(self) -> int:
        return len(self.x)
