"""Nearest-neighbour estimates of conditional information, one term for each row."""

import numpy as np
from scipy.special import digamma

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.conditional.residuals import features_of_condition, residual_scores
from infomax.estimation.copula.margins import StandardScores
from infomax.estimation.neighbours.space import (
    LEVELS_APART,
    SHORTENED,
    count_copies,
    count_others_within,
    find_neighbours,
    neighbour_space,
)
from infomax.estimation.samples import PairedSamples

__all__ = [
    "conditional_points",
    "frenzel_pompe_terms",
    "mesner_shalizi_terms",
    "mixed_conditional_terms",
]


def conditional_points(
    samples: PairedSamples,
    generator: np.random.Generator,
    *,
    residuals: bool = True,
    fitted: Indices | None = None,
) -> tuple[Array, Array, Array]:
    """Return x, y and the condition as points among which neighbours mean something.

    They are those of `neighbour_space`; what is continuous of x and y is left with what the
    condition does not explain of it, see `residual_scores`. Columns with values of positive
    probability stay as they are: such a value would be another one at each z.

    Args:
        samples: the rows.
        generator: orders values that repeat.
        residuals: whether to take off what the condition explains.
        fitted: rows that this is fitted on; by default all.

    Returns:
        ``(N, dx)``, ``(N, dy)`` and ``(N, dz)``.
    """
    sides = PairedSamples((*samples.x, *samples.y), samples.given)
    both, given = neighbour_space(sides, generator)
    smooth = [
        index
        for index, column in enumerate(sides.x)
        if not column.discrete and not len(column.atoms)
    ]
    features = features_of_condition(samples.given) if residuals and smooth else None
    if features is not None and features.shape[1]:
        forms = [_forms(sides.x[index], both[:, index]) for index in smooth]
        both[:, smooth] = residual_scores(forms, features, fitted)
    return both[:, : len(samples.x)], both[:, len(samples.x) :], given


def _forms(column: Column, scores: Array) -> list[Array]:
    """Return the normal scores of a column, and its values unless they repeat.

    Those that do stay as they are ordered at random.
    """
    measured = column.measured[:, None]
    if column.different < len(measured):
        return [scores]
    return [scores, StandardScores(measured)(measured)[:, 0]]


def frenzel_pompe_terms(x: Array, y: Array, given: Array, *, neighbours: int) -> Array:
    r"""Estimator of Frenzel and Pompe for continuous columns, in nats.

    .. math:: \hat I = \psi(k) + \frac{1}{N} \sum_i \big( \psi(n_z(i) + 1)
              - \psi(n_{xz}(i) + 1) - \psi(n_{yz}(i) + 1) \big)

    With :math:`\epsilon_i` the distance to the k-th neighbour in x, y and z together, n counts the
    other rows that are closer in z, in x and z, in y and z. It is biased towards 0 where dependence
    on z is strong or the dimension high.

    Source: Frenzel and Pompe (2007), equation 5.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        given: z, ``(N, dz)``.
        neighbours: k.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are not more than k rows.

    Example:
        >>> x, y, z = np.random.default_rng(0).standard_normal((3, 1000, 1))
        >>> round(float(frenzel_pompe_terms(x + z, y + z, z, neighbours=5).mean()), 1) + 0.0
        0.0
    """
    radii = find_neighbours(np.hstack([x, y]), given, neighbours)[0][:, -1] * SHORTENED
    return _terms_of_counts(neighbours, x, y, given, radii)


def mesner_shalizi_terms(x: Array, y: Array, given: Array, *, neighbours: int) -> Array:
    r"""Estimator of Mesner and Shalizi for columns of any kind, in nats.

    .. math:: \hat I = \max\Big( \frac{1}{N} \sum_i \big( \psi(k_i) + \psi(n_z(i))
              - \psi(n_{xz}(i)) - \psi(n_{yz}(i)) \big), 0 \Big)

    n counts the other rows that are no farther than the k-th neighbour; :math:`k_i` is k, or the
    number of others at the very same place where there are k or more. Results keep the mean as it
    is before it is cut at 0.

    Source: Mesner and Shalizi (2020), equation 13 and algorithm 1.

    Arguments, result and errors are those of ``frenzel_pompe_terms``.
    """
    both = np.hstack([x, y])
    radii = find_neighbours(both, given, neighbours)[0][:, -1] / SHORTENED
    counted = np.full(len(x), float(neighbours))
    tied = radii == 0
    if tied.any():
        counted[tied] = count_copies(np.hstack([both, given]))[tied] - 1
    return _terms_of_counts(counted, x, y, given, radii, itself=0)


def mixed_conditional_terms(
    x: Array, y: Array, given: Array, *, neighbours: int, levels_apart: float = LEVELS_APART
) -> Array:
    r"""Frenzel and Pompe's estimator where no row repeats, and plug-in where rows do, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i \big( \psi(k_i) + \psi(n_z(i) + 1)
              - \psi(n_{xz}(i) + 1) - \psi(n_{yz}(i) + 1) \big)

    :math:`k_i` counts row i and the others that are closer than its k-th neighbour, which is sought
    among rows of its own levels, and n those that are closer in z, in x and z, in y and z. It is to
    conditions what ``mixed_ksg_1_terms`` is without one. It differs from that of Mesner and Shalizi
    where a row has fewer than k others of its levels, whose k-th neighbour is of other levels: here
    all others of its own are counted instead.

    Source: Frenzel and Pompe (2007), equation 5; Mesner and Shalizi (2020), for joining the two at
    each row; Ross (2014), for the radius among rows of one level.

    Args:
        x: ``(N, dx)``; levels of a discrete column lie farther apart than anything else.
        y: ``(N, dy)``.
        given: z, ``(N, dz)``.
        neighbours: k.
        levels_apart: the least distance between two levels of a discrete column.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are not more than k rows.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> z, coin = generator.integers(2, size=(2, 2000, 1)) * LEVELS_APART
        >>> x = np.where(generator.random((2000, 1)) < 0.9, coin, z)  # coin, less a tenth of its
        >>> round(float(mixed_conditional_terms(x, coin, z, neighbours=5).mean()), 1)
        0.5
    """
    both = np.hstack([x, y])
    distances = find_neighbours(both, given, neighbours)[0]
    of_its_levels = (distances < levels_apart).sum(axis=1)
    farthest = distances[np.arange(len(x)), np.maximum(of_its_levels, 1) - 1]
    radii = np.minimum(farthest, levels_apart) * SHORTENED
    counted = (distances < radii[:, None]).sum(axis=1) + 1.0
    same_place = radii == 0
    if same_place.any():
        counted[same_place] = count_copies(np.hstack([both, given]))[same_place]
    return _terms_of_counts(counted, x, y, given, radii)


def _terms_of_counts(
    counted: Array | int, x: Array, y: Array, given: Array, radii: Array, *, itself: int = 1
) -> Array:
    of_z, of_xz, of_yz = (
        digamma(count_others_within(side, radii) + itself)
        for side in (given, np.hstack([x, given]), np.hstack([y, given]))
    )
    terms: Array = digamma(counted) + of_z - of_xz - of_yz
    return terms
