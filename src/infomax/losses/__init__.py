"""Losses of deep metric learning, as pure functions of a score matrix.

Rows of a score matrix are x (the anchors), columns are y. The diagonal holds the positives, the
rest of a row its negatives.
"""

from collections.abc import Callable

from torch import Tensor

from infomax.losses.k_pair import k_pair_loss

__all__ = ["LOSSES", "k_pair_loss"]

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {"k_pair_loss": k_pair_loss}
"""The losses by name."""
