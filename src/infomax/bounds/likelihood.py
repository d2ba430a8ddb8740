"""Bounds of a learned density, of scores ``log q(y_j | x_i)`` less a term of y_j alone.

- Barber-Agakov: a decoder's likelihood against an entropy that is known.
- Difference of entropies: two fitted densities, and no bound.
- Leave-one-out: an upper bound where the conditional density is known.
- CLUB: an upper bound by contrast, likewise.

A term of y alone cancels in leave-one-out and, within a batch, in CLUB; where it is the log density
of y, the difference of entropies is the mean score of the pairs, and so is the bound of Barber and
Agakov where it is minus the exact entropy of y.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from infomax.bounds.bound import Bound, ComputedFrom, Kind
from infomax.errors import UserError
from infomax.score_matrix import Scores, score_matrix_of

__all__ = [
    "BARBER_AGAKOV",
    "CLUB",
    "DIFFERENCE_OF_ENTROPIES",
    "LEAVE_ONE_OUT",
    "LikelihoodBound",
    "barber_agakov",
    "club",
    "difference_of_entropies",
    "leave_one_out",
    "mean_of_pairs",
]


def mean_of_pairs(scores: Scores) -> Tensor:
    """Return the mean score of the pairs: ``(..., N, N)`` -> ``(...)``.

    Example:
        >>> import torch
        >>> mean_of_pairs(torch.tensor([[1.0, 5.0], [5.0, 2.0]])).item()
        1.5
    """
    return score_matrix_of(scores, at_least=1).joint_mean()


@dataclass(frozen=True)
class LikelihoodBound(Bound):
    """An estimate from a density, which is trained by its likelihood and by nothing else.

    Attributes:
        name: what records and settings call it, e.g. ``club``.
        kind: of the estimate, with a density that is learned.
        function: scores ``(..., N, N)`` -> estimate in nats ``(...)``.
        meaning: what it is, in one line.
        exact_entropy: whether the term of y must be minus its exact entropy.
    """

    name: str
    kind: Kind
    function: Callable[[Scores], Tensor] = field(repr=False)
    meaning: str = field(repr=False)
    exact_entropy: bool = False
    computed_from: ComputedFrom = "rows"

    def objective(self, scores: Scores, /) -> Tensor:
        """Return the mean log-likelihood of y given x, less what does not depend on q."""
        return mean_of_pairs(scores)

    def estimate(self, scores: Scores, /) -> Tensor:
        """Return the value of the function."""
        return self.function(scores)

    def summary(self) -> str:
        """Return what it is."""
        return self.meaning


def barber_agakov(conditional_log_densities: Tensor, entropy: float) -> Tensor:
    r"""Barber-Agakov lower bound, in nats: known entropy of y, less a decoder's cross-entropy.

    .. math:: I_{BA} = H(y) + \frac{1}{N} \sum_i \log q(y_i | x_i)

    It is a lower bound on the mutual information in expectation, for every density q, given the
    exact entropy; with an estimate of the entropy it is neither.

    Source: Barber and Agakov (2003), the bound of the IM algorithm.

    Args:
        conditional_log_densities: ``log q(y_i | x_i)`` of each pair, shape ``(..., N)``.
        entropy: H(y) in nats, exact.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if there are no pairs.

    Example:
        >>> import torch
        >>> barber_agakov(torch.tensor([-1.0, -2.0]), entropy=4.0).item()
        2.5
    """
    if conditional_log_densities.ndim < 1 or conditional_log_densities.shape[-1] < 1:
        raise UserError(
            f"conditional log densities have shape {tuple(conditional_log_densities.shape)}: "
            "expected (..., N) with at least 1 pair"
        )
    return entropy + conditional_log_densities.mean(dim=-1)


BARBER_AGAKOV = partial(
    LikelihoodBound,
    "barber-agakov",
    "lower bound",
    mean_of_pairs,
    "By a learned density of a single y, whose entropy is known once ranked.",
    exact_entropy=True,
)


def difference_of_entropies(
    conditional_log_densities: Tensor, marginal_log_densities: Tensor
) -> Tensor:
    r"""Difference of entropies, in nats: cross-entropy of y alone, less that of y given x.

    .. math:: I_{DoE} = - \frac{1}{N} \sum_i \log r(y_i) + \frac{1}{N} \sum_i \log q(y_i | x_i)

    It is neither a lower nor an upper bound: each cross-entropy is at least the entropy it stands
    for, so their errors work against each other. For the same reason q and r are each to be trained
    on its own likelihood, and this difference not at all.

    Source: McAllester and Stratos (2020), the difference-of-entropies estimator.

    Args:
        conditional_log_densities: ``log q(y_i | x_i)`` of each pair, shape ``(..., N)``.
        marginal_log_densities: ``log r(y_i)`` of each pair, shape ``(..., N)``.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if there are no pairs, or not as many of one kind as of the other.

    Example:
        >>> import torch
        >>> difference_of_entropies(torch.tensor([-1.0, -2.0]), torch.tensor([-3.0, -4.0])).item()
        2.0
    """
    shape = tuple(conditional_log_densities.shape)
    if marginal_log_densities.shape != shape:
        raise UserError(
            f"marginal log densities have shape {tuple(marginal_log_densities.shape)}: expected "
            f"{shape}, that of the conditional ones"
        )
    if not shape or shape[-1] < 1:
        raise UserError(f"log densities have shape {shape}: expected (..., N) with at least 1 pair")
    return (conditional_log_densities - marginal_log_densities).mean(dim=-1)


DIFFERENCE_OF_ENTROPIES = partial(
    LikelihoodBound,
    "difference-of-entropies",
    "neither",
    mean_of_pairs,
    "By learned densities of y given x and of y.",
)


def leave_one_out(log_densities: Scores) -> Tensor:
    r"""Leave-one-out upper bound, in nats, with the other rows of each column as its marginal.

    .. math:: I_{L1Out} = \frac{1}{N} \sum_i \Big( \log q(y_i | x_i)
              - \log \frac{1}{N - 1} \sum_{j \ne i} q(y_i | x_j) \Big)

    It is an upper bound on the mutual information in expectation over batches of independent pairs
    only where q is the true conditional density; with any other q it is neither an upper nor a
    lower bound.

    Source: Poole et al. (2019), section 2.5, the leave-one-out bound.

    Args:
        log_densities: ``log q(y_j | x_i)`` in row i, column j, shape ``(..., N, N)``; a term that
            depends on y alone cancels and may be missing.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the log densities are not square or hold a single pair.

    Example:
        >>> import torch
        >>> leave_one_out(torch.tensor([[3.0, 1.0], [0.0, 4.0]])).item()  # 3 - 0 and 4 - 1
        3.0
    """
    return score_matrix_of(log_densities, at_least=2, name="log densities").candidates_excess()


LEAVE_ONE_OUT = partial(
    LikelihoodBound,
    "leave-one-out",
    # An upper bound of the true density only, and what is learned is not the true one.
    "neither",
    leave_one_out,
    "By a learned density of y given x; an upper bound of the true one.",
)


def club(log_densities: Scores) -> Tensor:
    r"""CLUB upper bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{CLUB} = \frac{1}{N} \sum_i \log q(y_i | x_i)
              - \frac{1}{N (N - 1)} \sum_{i \ne j} \log q(y_j | x_i)

    It is an upper bound on the mutual information in expectation where q is the true conditional
    density, and exceeds it by the divergence of the product of the marginals from the joint
    distribution. With another q it is neither, unless ``p(x) q(y | x)`` is no further from the
    joint distribution than from the product of the marginals, which cannot be known without the
    truth.

    Source: Cheng et al. (2020), theorems 3.1 and 3.2. Their mean over negatives also counts the
    pairs themselves, which takes ``1 / N`` off the value, and the bound with it where N is small.

    Args:
        log_densities: ``log q(y_j | x_i)`` in row i, column j, shape ``(..., N, N)``; a term that
            depends on y alone cancels on average over batches, with some variance.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``.

    Raises:
        UserError: if the log densities are not square or hold a single pair.

    Example:
        >>> import torch
        >>> club(torch.tensor([[3.0, 1.0], [0.0, 4.0]])).item()
        3.0
    """
    matrix = score_matrix_of(log_densities, at_least=2, name="log densities")
    return matrix.joint_mean() - matrix.negatives_mean(lambda log_density: log_density)


CLUB = partial(
    LikelihoodBound,
    "club",
    # An upper bound of the true density only, and what is learned is not the true one.
    "neither",
    club,
    "By a learned density of y given x; an upper bound of the true one.",
)
