"""Mixtures of normal distributions: clusters, crosses, inliers, and what else is no ellipse."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from infomax.distributions.covariance import Covariance, check_covariance
from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = ["GaussianMixture", "NormalComponent", "with_inliers"]


@dataclass(frozen=True)
class NormalComponent:
    """One normal distribution of x and y together, as a part of a mixture.

    Attributes:
        weight: its share of all pairs, above 0.
        mean: of x and y together, x before y.
        covariance: of x and y together, positive definite.
    """

    weight: float
    mean: tuple[float, ...]
    covariance: Covariance


@dataclass(frozen=True)
class GaussianMixture:
    r"""Draws independent pairs from a mixture of normal distributions of x and y together.

    .. math:: p(x, y) = \sum_k w_k N(x, y; \mu_k, \Sigma_k), \quad
              I(X; Y) = E \log \frac{p(x, y)}{p(x) p(y)}

    Both marginals are mixtures of the same weights, so the logarithm is known at every pair; its
    mean has no closed form. :func:`monte_carlo_information` takes it over draws, and what it found
    is given here with its error.

    Source: Czyż, Grabowski, Vogt, Beerenwinkel and Marx (2025), section 3 ("Bend and Mix Models").

    Args:
        name: what it is called in the registry, in settings and in records.
        components: the normal distributions; their weights sum to 1.
        x_size: number of values in an x; the other values are those of a y.
        mutual_information: I(X; Y), in nats, as a mean over draws.
        information_error: standard error of that mean, in nats.

    Raises:
        UserError: if there is no component, the weights are not positive or do not sum to 1, the
            sizes of components differ, or a covariance is not positive definite.

    Example:
        >>> crossed = GaussianMixture(
        ...     "example",
        ...     tuple(
        ...         NormalComponent(0.5, (0.0, 0.0), ((1.0, between), (between, 1.0)))
        ...         for between in (-0.9, 0.9)
        ...     ),
        ...     x_size=1,
        ...     mutual_information=0.41,
        ...     information_error=0.01,
        ... )
        >>> x, y = crossed.sample(5, torch.Generator().manual_seed(0))
        >>> crossed.log_ratio(x, y).shape
        torch.Size([5])
    """

    name: str
    components: tuple[NormalComponent, ...]
    x_size: int
    mutual_information: float
    information_error: float

    def __post_init__(self) -> None:
        if not self.components:
            raise UserError(f"{self.name!r} is a mixture of nothing: give at least 1 component")
        weights = [each.weight for each in self.components]
        if min(weights) <= 0 or not math.isclose(sum(weights), 1, abs_tol=1e-9):
            raise UserError(
                f"the weights of {self.name!r} sum to {sum(weights):g}: give positive weights that "
                "sum to 1"
            )
        sizes = {len(each.mean) for each in self.components}
        sizes |= {len(each.covariance) for each in self.components}
        if len(sizes) > 1:
            raise UserError(
                f"means and covariances of {self.name!r} are of {sorted(sizes)} values: give "
                "components of one size"
            )
        for covariance in self._groups:
            check_covariance(covariance, self.x_size, f"a covariance of {self.name!r}")

    def __repr__(self) -> str:
        return (
            f"GaussianMixture({self.name!r}, {len(self.components)} components, "
            f"x_size={self.x_size})"
        )

    @property
    def y_size(self) -> int:
        """Number of values in a y."""
        return len(self.components[0].mean) - self.x_size

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``."""
        check_count(count)
        device = generator.device
        weights = self._weights.to(device)
        chosen = torch.multinomial(weights, count, replacement=True, generator=generator)
        size = self._means.shape[1]
        drawn = torch.randn(count, size, generator=generator, device=device)
        pairs = self._means.to(drawn)[chosen]
        for covariance, members in self._groups.items():
            here = torch.isin(chosen, torch.tensor(members, device=device))
            pairs[here] += drawn[here] @ _factor(covariance).to(drawn).T
        x, y = pairs.split([self.x_size, self.y_size], dim=1)
        return x, y

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log p(x, y) / p(x) p(y) of each pair, in nats: ``(N,)`` in float64.

        It is the best critic there is, and its mean over pairs is the information.
        """
        pairs = torch.cat((x, y), dim=1).double()
        of_x, of_y = slice(0, self.x_size), slice(self.x_size, None)
        marginals = self._log_density(pairs, of_x) + self._log_density(pairs, of_y)
        return self._log_density(pairs, slice(None)) - marginals

    def _log_density(self, pairs: Tensor, part: slice) -> Tensor:
        """Return the log density of some values of each pair, but for the constants of pi."""
        values, means = pairs[:, part], self._means[:, part].to(pairs)
        logs = values.new_empty(len(values), len(self.components))
        for covariance, members in self._groups.items():
            full = torch.tensor(covariance, dtype=torch.float64, device=values.device)
            factor = torch.linalg.cholesky(full[part, part])
            # Distances to the centres where the component is a standard normal.
            values_there, means_there = (
                torch.linalg.solve_triangular(factor, rows.T, upper=False).T
                for rows in (values, means[list(members)])
            )
            distances = torch.cdist(
                values_there, means_there, compute_mode="donot_use_mm_for_euclid_dist"
            )
            heights = self._weights[list(members)].log().to(pairs)
            heights -= factor.diagonal().log().sum()
            logs[:, list(members)] = heights - distances.square() / 2
        return logs.logsumexp(dim=1)

    @cached_property
    def _weights(self) -> Tensor:
        return torch.tensor([each.weight for each in self.components], dtype=torch.float64)

    @cached_property
    def _means(self) -> Tensor:
        return torch.tensor([each.mean for each in self.components], dtype=torch.float64)

    @cached_property
    def _groups(self) -> dict[Covariance, tuple[int, ...]]:
        """Indices of the components by their covariance, which many may share."""
        groups: dict[Covariance, tuple[int, ...]] = {}
        for index, each in enumerate(self.components):
            groups[each.covariance] = (*groups.get(each.covariance, ()), index)
        return groups


def _factor(covariance: Covariance) -> Tensor:
    """Return the lower triangular L with L L^T = covariance, in float64."""
    factor: Tensor = torch.linalg.cholesky(torch.tensor(covariance, dtype=torch.float64))
    return factor


def with_inliers(
    covariance: Covariance, x_size: int, fraction: float
) -> tuple[NormalComponent, ...]:
    r"""Return a normal distribution of which a share of pairs is torn apart, as a mixture.

    .. math:: p(x, y) = (1 - f) N(x, y; 0, \Sigma)
              + f N(x; 0, \Sigma_{XX}) N(y; 0, \Sigma_{YY})

    The marginals stay as they are, so no x and no y tells by itself that its pair is broken: hence
    inliers, not outliers.

    Source: Czyż et al. (2025), section 4.

    Args:
        covariance: of x and y together where the pair is whole.
        x_size: number of values in an x.
        fraction: f, the share of pairs that are torn apart, between 0 and 1.

    Returns:
        The component of whole pairs and that of torn ones.

    Raises:
        UserError: if the fraction is not between 0 and 1.

    Example:
        >>> whole, torn = with_inliers(((1.0, 0.5), (0.5, 1.0)), 1, 0.25)
        >>> whole.weight, torn.covariance
        (0.75, ((1.0, 0.0), (0.0, 1.0)))
    """
    if not 0 < fraction < 1:
        raise UserError(f"a share of {fraction} inliers: give one between 0 and 1")
    torn = [list(row) for row in covariance]
    for row in range(x_size):
        for column in range(x_size, len(covariance)):
            torn[row][column] = torn[column][row] = 0.0
    mean: Sequence[float] = [0.0] * len(covariance)
    return (
        NormalComponent(1 - fraction, tuple(mean), covariance),
        NormalComponent(fraction, tuple(mean), tuple(map(tuple, torn))),
    )
