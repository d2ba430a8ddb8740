"""Whether pairs lie on curves, or one side determines the other, as far as few columns show."""

import numpy as np
from scipy.spatial import KDTree

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.neighbours.space import SHORTENED, neighbour_space
from infomax.estimation.samples import PairedSamples

__all__ = ["measure_lost_dimensions", "measure_saturated_share"]

_MOST_COLUMNS = 3
_NEIGHBOURS = 3
# Those closer than the k-th neighbour and the pair itself are k: one more may be there by chance.
_NO_OTHERS = _NEIGHBOURS + 1
_PAIRS_ASKED = 200
# In one side, neighbours that are nearest, and as many that are some way farther.
_NEAREST = slice(1, 3)
_FARTHER = slice(7, 9)
# Of four in any order, a given two come first.
_FOLLOWS_BY_CHANCE = 1 / 6
_NEIGHBOURS_OF_DIMENSION = 10


def measure_saturated_share(samples: PairedSamples, generator: np.random.Generator) -> float:
    """Return of how many pairs what is near in one side is near in the other, beyond chance.

    Around a pair, in the distance to its k-th neighbour, lie others that are as near in x alone, or
    in y alone, unless one side determines the other: then whoever is near in that side is a
    neighbour in both. Where curves wind or fold so that others do lie there, it shows that the
    nearest rows of one side are nearer in the other than those some way farther are: of noise that
    rows resolve, both would be as far. The largest of these shares is taken, less what it is by
    chance. Of dependence that is as strong as this no estimate from so many rows can say how strong
    it is. In more than three columns neighbours are too far away to tell, and the share is 0.

    Source: Gao, Ver Steeg and Galstyan (2015), for what strong dependence does to neighbours.

    Args:
        samples: the pairs; of a side whose values are levels, nothing is said.
        generator: draws the pairs that are looked at, and breaks them.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
        >>> samples = [read_samples(x, y) for y in (x**2, x + noise / 10, noise)]
        >>> shares = [measure_saturated_share(each, np.random.default_rng(0)) for each in samples]
        >>> [bool(share > 0.3) for share in shares]
        [True, False, False]
    """
    only_levels = any(all(map(_repeats, side)) for side in (samples.x, samples.y))
    if only_levels or len(samples.columns) > _MOST_COLUMNS:
        return 0.0
    x, y = neighbour_space(samples, generator)
    asked = generator.permutation(len(x))[:_PAIRS_ASKED]
    broken = y[generator.permutation(len(y))]
    of_x, of_y = _tree(x), _tree(y)
    # What is broken has the same sides, in which row i of y stands elsewhere.
    return max(
        _share(x, y, asked, of_x, of_y) - _share(x, broken, asked, of_x, of_y),
        _follows(x, y, asked, of_x) - _FOLLOWS_BY_CHANCE,
        _follows(y, x, asked, of_y) - _FOLLOWS_BY_CHANCE,
    )


def measure_lost_dimensions(samples: PairedSamples, generator: np.random.Generator) -> float:
    r"""Return by how many dimensions pairs are fewer than the same pairs broken; 0 by chance.

    Pairs on a circle, or on any other curve, share infinitely much though neither side determines
    the other: they fill one dimension, and broken pairs fill two. With :math:`r_j` the distance of
    a pair to its j-th neighbour, the dimension is

    .. math:: \hat m = \Big( \Big\langle \frac{1}{k - 2} \sum_{j < k}
              \log \frac{r_k}{r_j} \Big\rangle \Big)^{-1}

    Source: Levina and Bickel (2004), equation 8, averaged as MacKay and Ghahramani (2005) do.

    Args:
        samples: the pairs; 0 is returned unless each side is one continuous column whose values
            hardly repeat.
        generator: draws the pairs that are looked at, and breaks them.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> angle, noise = np.random.default_rng(0).uniform(0, 2 * np.pi, size=(2, 1000))
        >>> circle = read_samples(np.cos(angle), np.sin(angle))
        >>> circle_with_noise = read_samples(np.cos(angle), np.sin(angle) + noise / 10)
        >>> pairs = circle, circle_with_noise
        >>> [bool(measure_lost_dimensions(each, np.random.default_rng(0)) > 0.45) for each in pairs]
        [True, False]
    """
    # Of values that repeat, neighbours at equal distances would tell a dimension of 0.
    hardly = (each.different > len(samples) / 2 for each in samples.columns)
    if len(samples.columns) > 2 or samples.discrete or not all(hardly):
        return 0.0
    x, y = neighbour_space(samples, generator)
    asked = generator.permutation(len(x))[:_PAIRS_ASKED]
    broken = y[generator.permutation(len(y))]
    return _dimension(np.hstack([x, broken]), asked) - _dimension(np.hstack([x, y]), asked)


def _tree(rows: Array) -> KDTree:
    """Return a tree that is built fast, for few questions."""
    return KDTree(rows, compact_nodes=False, balanced_tree=False)


def _dimension(rows: Array, asked: Indices) -> float:
    distances = _tree(rows).query(rows[asked], k=_NEIGHBOURS_OF_DIMENSION + 1, p=np.inf)[0][:, 1:]
    distances = distances[distances[:, 0] > 0]
    logarithms = np.log(distances[:, -1:] / distances[:, :-1]).sum(axis=1)
    return float((_NEIGHBOURS_OF_DIMENSION - 2) / logarithms.mean())


def _repeats(column: Column) -> bool:
    return column.discrete or column.different < len(column.measured) / 4


def _share(x: Array, y: Array, asked: Indices, *sides: KDTree) -> float:
    joint = np.hstack([x, y])
    distances, _ = _tree(joint).query(joint[asked], k=_NEIGHBOURS + 1, p=np.inf)
    radii = distances[:, -1] * SHORTENED
    near = [
        tree.query_ball_point(side[asked], radii, p=np.inf, return_length=True)
        for tree, side in zip(sides, (x, y), strict=True)
    ]
    return float((np.minimum(*near) <= _NO_OTHERS).mean())


def _follows(side: Array, other: Array, asked: Indices, tree: KDTree) -> float:
    """Return around how many rows the nearest of a side are, in the other, nearer than farther."""
    rows = tree.query(side[asked], k=_FARTHER.stop, p=np.inf)[1]
    apart = np.abs(other[rows] - other[asked][:, None]).max(axis=-1)
    return float((apart[:, _NEAREST].max(axis=1) < apart[:, _FARTHER].min(axis=1)).mean())
