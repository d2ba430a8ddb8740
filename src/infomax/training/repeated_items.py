"""Items that come several times: how far they limit a bound, and which may not share a batch."""

import hashlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from infomax.training.pair_dataset import PairDataset
from infomax.training.seeds import generator_for

if TYPE_CHECKING:
    from infomax.data import Indices

__all__ = ["content_keys", "joint_keys", "keys_of_pairs", "keys_of_views", "repeats_ceiling"]

_Keys = NDArray[np.int64]


def content_keys(views: Iterable[Tensor]) -> _Keys:
    """Return a number for each view, the same for views of the same values.

    Args:
        views: some at a time, ``(n, ...)``.

    Example:
        >>> import torch
        >>> content_keys([torch.eye(2), torch.eye(2)]).tolist() in ([0, 1, 0, 1], [1, 0, 1, 0])
        True
    """
    digests = [
        hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest()
        for some in views
        for row in some.cpu().numpy()
    ]
    return np.unique(digests, return_inverse=True)[1].astype(np.int64)


def joint_keys(x_keys: _Keys, y_keys: _Keys) -> _Keys:
    """Return a number for each pair, the same for pairs that share a view, or share one by others.

    Example:
        >>> joint_keys(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 3])).tolist()
        [0, 0, 0, 1]
    """
    x_size = int(x_keys.max()) + 1
    nodes = x_size + int(y_keys.max()) + 1
    links = coo_array((np.ones(len(x_keys)), (x_keys, x_size + y_keys)), shape=(nodes, nodes))
    components = connected_components(links, directed=False)[1][x_keys]
    return np.unique(components, return_inverse=True)[1].astype(np.int64)


def keys_of_views(pairs: PairDataset, indices: "Indices", at_once: int) -> tuple[_Keys, _Keys]:
    """Return numbers for the views x and for the views y of some pairs, the same for equal views.

    View x is taken as codes are made of it: what is random in views hides no repeat.

    Args:
        pairs: that the views are of.
        indices: of those pairs that are meant.
        at_once: pairs read at a time.
    """
    x_keys = content_keys(pairs.clean_views(indices, at_once))
    views = generator_for(0, "views of repeats")
    return x_keys, content_keys(y for _, y in pairs.pairs(indices, at_once, views))


def keys_of_pairs(pairs: PairDataset, indices: "Indices", at_once: int) -> _Keys:
    """Return a number for each of some pairs, the same for pairs that share a view."""
    return joint_keys(*keys_of_views(pairs, indices, at_once))


def repeats_ceiling(keys: _Keys, batch_size: int) -> tuple[float, float]:
    r"""Return the most that InfoNCE can read of batches with repeats, and how much they take off.

    Of m copies of a view in a batch no critic can tell which one belongs to a partner, so that

    .. math:: I_{NCE} \le \log K - \frac{1}{K} \sum_i \log m_i

    Args:
        keys: of items in random order; of equal items equal.
        batch_size: K; with fewer items, they are one batch.

    Returns:
        The mean of that over batches, and of the sum in it, in nats.

    Example:
        >>> ceiling, lost = repeats_ceiling(np.array([0, 0, 1, 1]), 4)
        >>> round(ceiling, 3), round(lost, 3)
        (0.693, 0.693)
    """
    size = min(batch_size, len(keys))
    lost = []
    for start in range(0, len(keys) - size + 1, size):
        batch = keys[start : start + size]
        lost.append(float(np.log(np.bincount(batch)[batch]).mean()))
    mean = float(np.mean(lost))
    return math.log(size) - mean, mean
