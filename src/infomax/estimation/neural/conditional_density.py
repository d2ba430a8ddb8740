"""A learned density of y given x, as a critic."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.copula.fits import fit_gaussian_copula
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.neural.critic import RefitCritic
from infomax.estimation.neural.networks import with_radius
from infomax.estimation.split import Refit
from infomax.layers import dense
from infomax.training import generator_for

__all__ = ["ConditionalDensity", "density_critics"]

_COMPONENTS = 5
_HIDDEN_SIZE = 64
_BEGINS_NEAR_LINEAR = 0.1
_MARGINAL_COMPONENTS = (1, 2, 4, 8)
_ENTROPY_OF_STANDARD_NORMAL = 0.5 * math.log(2 * math.pi * math.e)


class ConditionalDensity(Critic):
    r"""Scores pairs by :math:`\log q(y_j | x_i) - \log r(y_j)`, in nats.

    q is a mixture of Gaussians whose weights, means and scales a network reads from x, around the
    linear prediction of y and within the covariance that it leaves; r, the density of y alone, is
    given as the last value of each y.

    Source: Bishop (1994), mixture density networks.

    Args:
        prediction: matrix of the linear prediction, ``(dy, dx)``.
        covariance: of what it leaves, ``(dy, dy)``.
        generator: draws the weights.
    """

    prediction: Tensor
    whitening: Tensor
    log_determinant: Tensor

    def __init__(self, prediction: Array, covariance: Array, generator: torch.Generator) -> None:
        super().__init__()
        self.y_size, x_size = prediction.shape
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        dtype = torch.get_default_dtype()
        buffers = {
            "prediction": whitening @ prediction,
            "whitening": whitening,
            "log_determinant": np.linalg.slogdet(whitening)[1],
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.as_tensor(values, dtype=dtype))
        last = dense(_HIDDEN_SIZE, _COMPONENTS * (1 + 2 * self.y_size), generator)
        with torch.no_grad():
            last.weight *= _BEGINS_NEAR_LINEAR
        self.network = nn.Sequential(
            dense(x_size + 1, _HIDDEN_SIZE, generator),
            nn.SiLU(),
            dense(_HIDDEN_SIZE, _HIDDEN_SIZE, generator),
            nn.SiLU(),
            last,
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx)`` and ``(..., N, dy + 1)`` -> ``(..., N, N)``."""
        white = y[..., :-1] @ self.whitening.mT
        read = self.network(with_radius(x)).unflatten(-1, (_COMPONENTS, 1 + 2 * self.y_size))
        log_weights = read[..., 0].log_softmax(dim=-1)
        shifts, log_scales = read[..., 1:].tensor_split(2, dim=-1)
        means = (x @ self.prediction.mT).unsqueeze(-2) + shifts
        precisions = (-2 * log_scales).exp()
        # The squares multiplied out: all pairs cost two products for each component.
        squares = (
            torch.einsum("...ikd,...jd->...kij", precisions, white.square())
            - 2 * torch.einsum("...ikd,...jd->...kij", precisions * means, white)
            + (precisions * means.square()).sum(dim=-1).mT.unsqueeze(-1)
        )
        of_component = (log_weights - log_scales.sum(dim=-1)).mT.unsqueeze(-1) - squares / 2
        constant = self.log_determinant - self.y_size / 2 * math.log(2 * math.pi)
        log_density = of_component.logsumexp(dim=-3) + constant
        scores: Tensor = log_density - y[..., -1].unsqueeze(-2)
        return scores


def density_critics(
    x: Array, y: Array, refits: Sequence[Refit], seed: int, *, exact_entropy: bool
) -> list[RefitCritic]:
    """Make the densities of all refits, of normal scores.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``, continuous.
        refits: which rows each is fitted on.
        seed: of weights.
        exact_entropy: whether r is the constant whose log is minus the entropy of a normal score,
            which is exact for a single column and makes the mean score of partners the bound of
            Barber and Agakov; otherwise r is a mixture of Gaussians fitted to y.
    """
    return [
        _density_critic(
            x,
            y,
            refit.train,
            generator_for(seed, f"critic of refit {index}"),
            exact_entropy=exact_entropy,
        )
        for index, refit in enumerate(refits)
    ]


def _density_critic(
    x: Array,
    y: Array,
    train: Indices,
    generator: torch.Generator,
    *,
    exact_entropy: bool,
) -> RefitCritic:
    of_x, of_y = (NormalScores(side[train])(side) for side in (x, y))
    correlation = fit_gaussian_copula(x[train], y[train]).correlation
    size = x.shape[1]
    between = correlation[size:, :size]
    prediction = np.linalg.solve(correlation[:size, :size], between.T).T.astype(np.float64)
    covariance: Array = correlation[size:, size:] - prediction @ between.T
    if exact_entropy:
        log_marginal = np.full(len(y), -_ENTROPY_OF_STANDARD_NORMAL)
    else:
        log_marginal = _marginal(of_y[train]).score_samples(of_y)
    critic = ConditionalDensity(prediction, covariance, generator)
    return RefitCritic.of_arrays(critic, of_x, np.column_stack([of_y, log_marginal]))


def _marginal(y: Array) -> GaussianMixture:
    """Return the mixture of Gaussians that describes y best by its BIC."""
    fits = [
        GaussianMixture(components, random_state=0, reg_covar=1e-4).fit(y)
        for components in _MARGINAL_COMPONENTS
    ]
    best: GaussianMixture = min(fits, key=lambda fit: float(fit.bic(y)))
    return best
