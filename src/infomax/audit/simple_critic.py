"""Critics that are fitted in a moment: what two simple ones read of codes, held out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.bounds import infonce
from infomax.critics import unit_length
from infomax.evaluation import BatchMean, means_over_batches

__all__ = ["CHOSEN_AT", "SimpleCritic", "SimpleKind", "fit_simple_critic", "held_out_bound"]

SimpleKind: TypeAlias = Literal["cosine", "gaussian"]
"""Cosines over a temperature, or the density ratio of Gaussian codes."""

CHOSEN_AT: Final = 256
"""Pairs in a batch, at most, by which a critic is chosen."""

_TEMPERATURES: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_SHRINKAGES: Final = (0.01, 0.1, 0.5)
_MOST_CORRELATED: Final = 0.9999
_FARTHEST: Final = 4.0


@dataclass(frozen=True, eq=False)
class SimpleCritic:
    """Scores of codes: a cosine over a temperature, or the density ratio of Gaussian codes.

    Attributes:
        told: which of both, with its setting, in words.
        x_weights: that x is multiplied by once the mean is off, ``(dx, k)``; none of a cosine.
        y_weights: likewise, ``(dy, k)``.
        x_mean: ``(dx,)``.
        y_mean: ``(dy,)``.
        correlations: of the k canonical variates; none of a cosine.
        temperature: of a cosine; infinite of the critic that scores all pairs alike.
    """

    told: str
    x_mean: Tensor
    y_mean: Tensor
    x_weights: Tensor | None = None
    y_weights: Tensor | None = None
    correlations: Tensor | None = None
    temperature: float = math.nan

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Return scores: ``(N, dx)`` and ``(N, dy)`` -> ``(N, N)``, rows are x."""
        x, y = x - self.x_mean, y - self.y_mean
        if math.isinf(self.temperature):
            return torch.zeros(len(x), len(y), dtype=x.dtype)
        if self.correlations is None or self.x_weights is None or self.y_weights is None:
            return unit_length(x) @ unit_length(y).mT / self.temperature
        # Beyond so many deviations codes are no Gaussian, and a score would drown all others.
        u = (x @ self.x_weights).clamp(-_FARTHEST, _FARTHEST)
        v, rho = (y @ self.y_weights).clamp(-_FARTHEST, _FARTHEST), self.correlations
        # log p(u, v) / p(u) p(v) of two standard normals of correlation rho, summed over variates.
        rest = 1 - rho.square()
        squares = rho.square() / (2 * rest)
        scores: Tensor = (u * (rho / rest)) @ v.mT
        scores -= (u.square() @ squares)[:, None]
        scores -= v.square() @ squares
        return scores


def fit_simple_critic(codes: AuditedCodes, *, kind: SimpleKind | None = None) -> SimpleCritic:
    r"""Choose the simple critic that reads most of pairs that it was not fitted on.

    Those to choose from are scores all alike, which read 0; cosines of codes without their mean
    over a few temperatures, where both sides have one size; and the log density ratio of jointly
    Gaussian codes with canonical correlations :math:`\rho_k` and variates :math:`u_k, v_k`,

    .. math:: \sum_k \frac{\rho_k u_k v_k - \rho_k^2 (u_k^2 + v_k^2) / 2}{1 - \rho_k^2}

    for a few shares of the identity in the covariances, variates taken to within 4 deviations. Each
    is fitted on two thirds of the fitted rows and read by InfoNCE on the other third; the best is
    fitted again on all of them. Held-out rows have no part in it, so that what it reads on those is
    a lower bound on average.

    Source: Hotelling (1936) for the variates; van den Oord, Li and Vinyals (2018), equation 5.

    Args:
        codes: that are audited.
        kind: to choose from those of one kind alone, where 0 is none of them; cosines need sides of
            one size.
    """
    rows = codes.fitted
    part, others = rows[: 2 * len(rows) // 3], rows[2 * len(rows) // 3 :]
    makers = _critics(one_size=codes.x.shape[1] == codes.y.shape[1], kind=kind)
    best, most = makers[0], -math.inf
    size = min(CHOSEN_AT, len(others))
    for make in makers:
        critic = make(codes.x[part], codes.y[part])
        chosen = others[: len(others) // size * size].reshape(-1, size)
        read = np.mean([float(infonce(critic(codes.x[each], codes.y[each]))) for each in chosen])
        if read > most:
            best, most = make, float(read)
    return best(codes.x[rows], codes.y[rows])


def held_out_bound(
    critic: SimpleCritic, codes: AuditedCodes, size: int, *, rows: NDArray[np.int64] | None = None
) -> BatchMean:
    """Return InfoNCE on held-out pairs in batches of a size, in nats, with its 95 % interval.

    Args:
        critic: fitted on the fitted rows.
        codes: that are audited.
        size: pairs in a batch, of which there must be two.
        rows: that are read; the held-out ones by default.

    Raises:
        UserError: if there are fewer than two batches.
    """
    rows = codes.held_out if rows is None else rows
    batches = rows[: len(rows) // size * size].reshape(-1, size)
    return means_over_batches(
        # In single precision: 4,096 pairs without each tenth of them are 10 large matrices.
        lambda x, y: critic(x, y).float(),
        ((codes.x[each], codes.y[each]) for each in batches),
        {"bound": infonce},
        ceilings={"bound": math.log(size)},
    )["bound"]


class _Cosine:
    def __init__(self, temperature: float) -> None:
        self.temperature = temperature

    def __call__(self, x: Tensor, y: Tensor) -> SimpleCritic:
        told = f"cosines over {self.temperature:g}" if self.temperature < math.inf else "none"
        return SimpleCritic(told, x.mean(0), y.mean(0), temperature=self.temperature)


class _Gaussian:
    def __init__(self, shrinkage: float) -> None:
        self.shrinkage = shrinkage

    def __call__(self, x: Tensor, y: Tensor) -> SimpleCritic:
        x_mean, y_mean = x.mean(0), y.mean(0)
        x_white, y_white = self._whitening(x - x_mean), self._whitening(y - y_mean)
        cross = ((x - x_mean) @ x_white).mT @ ((y - y_mean) @ y_white) / len(x)
        left, rho, right = torch.linalg.svd(cross, full_matrices=False)
        told = f"the density ratio of Gaussian codes, shrunk by {self.shrinkage:g}"
        return SimpleCritic(
            told,
            x_mean,
            y_mean,
            x_white @ left,
            y_white @ right.mT,
            rho.clamp(max=_MOST_CORRELATED),
        )

    def _whitening(self, centred: Tensor) -> Tensor:
        """Return what makes columns of unit variance without correlation: ``(d, d)``."""
        scale = centred.std(0)
        scale = scale.where(scale > 0, torch.inf)
        scaled = centred / scale
        covariance = scaled.mT @ scaled / len(scaled)
        identity = torch.eye(len(covariance), dtype=covariance.dtype)
        mixed = (1 - self.shrinkage) * covariance + self.shrinkage * identity
        values, vectors = torch.linalg.eigh(mixed)
        whitening: Tensor = (vectors / values.clamp(min=1e-12).sqrt()) / scale[:, None]
        return whitening


def _critics(*, one_size: bool, kind: SimpleKind | None) -> Sequence[_Cosine | _Gaussian]:
    cosines = [_Cosine(each) for each in _TEMPERATURES] if one_size else []
    gaussians = [_Gaussian(each) for each in _SHRINKAGES]
    if kind is None:
        return [_Cosine(math.inf), *cosines, *gaussians]
    return cosines if kind == "cosine" else gaussians
