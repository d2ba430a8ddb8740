"""Losses of deep metric learning, as pure functions of a score matrix.

Rows of a score matrix are x (the anchors), columns are y. The diagonal holds the positives, the
rest of a row its negatives.
"""

from infomax.losses.k_pair import k_pair_loss

__all__ = ["k_pair_loss"]
