"""Lower bounds on mutual information, in nats, as pure functions of a score matrix.

A score matrix holds ``scores[..., i, j] = f(x_i, y_j)``: rows are x (the anchors), columns are y.
The diagonal is drawn from the joint distribution, the rest from the product of the marginals.
"""

from collections.abc import Callable
from typing import TypeAlias

from torch import Tensor

from infomax.bounds.infonce import infonce
from infomax.bounds.nwj import nwj

__all__ = ["BOUNDS", "Bound", "infonce", "nwj"]

Bound: TypeAlias = Callable[[Tensor], Tensor]

BOUNDS: dict[str, Bound] = {"infonce": infonce, "nwj": nwj}
"""The bounds by name."""
