"""Families on which estimates are far off and do not look it: none of them is one ellipse."""

import math

import torch

from infomax.distributions.covariance import Covariance, paired_correlation
from infomax.distributions.distribution import PairDistribution, Transformed
from infomax.distributions.independent_parts import IndependentParts
from infomax.distributions.measured_truths import MEASURED_TRUTHS
from infomax.distributions.mixtures import GaussianMixture, NormalComponent, with_inliers
from infomax.distributions.noisy_function import NoisyFunction
from infomax.distributions.normal import MultivariateNormal
from infomax.distributions.series import IndependentSeries

__all__ = ["clusters", "hard_tasks"]


def hard_tasks() -> tuple[PairDistribution, ...]:
    """Make the hard families: sines, clusters, inliers, series, noise that grows, bent normals.

    Example:
        >>> for task in hard_tasks():
        ...     print(f"{task.name}: {task.mutual_information:.3f}")
        sines-5-5: 4.317
        clusters-30-30-10-0.8: 1.437
        inliers-2-2-0.95-0.3: 1.206
        series-1-1-0.98: 0.000
        tanh-50-50: 13.394
        bent-normal-4-4: 6.000
    """
    name = "inliers-2-2-0.95-0.3"
    inliers = with_inliers(paired_correlation(2, 2, [0.95] * 2), 2, 0.3)
    return (
        IndependentParts("sines-5-5", (NoisyFunction("sine", _sine, _steady, scale=2.0),) * 5),
        clusters("clusters-30-30-10-0.8", *MEASURED_TRUTHS["clusters-30-30-10-0.8"]),
        GaussianMixture(name, inliers, 2, *MEASURED_TRUTHS[name]),
        IndependentSeries("series-1-1-0.98", memory=0.98),
        IndependentParts(
            "tanh-50-50", (NoisyFunction("tanh", torch.tanh, _growing, of_x="normal"),) * 50
        ),
        Transformed(
            "bent-normal-4-4",
            # 1.5 nats of each pair.
            MultivariateNormal(
                "normal-4-4", paired_correlation(4, 4, [(1 - math.exp(-3)) ** 0.5] * 4), 4
            ),
            _bent,
            _bent,
        ),
    )


def clusters(
    name: str,
    mutual_information: float,
    information_error: float,
    *,
    size: int = 30,
    classes: int = 10,
    agree: float = 0.8,
    seed: int = 0,
) -> GaussianMixture:
    r"""Make pairs of clusters that mostly agree: what codes of classes look like.

    .. math:: X = m_C + \varepsilon, \quad Y = m'_{C'} + \varepsilon', \quad
              m_c, m'_c \sim N(0, 2.5^2 I), \quad \varepsilon, \varepsilon' \sim N(0, I)

    C' is C with probability ``agree``, and else drawn anew.

    Args:
        name: what it is called in the registry, in settings and in records.
        mutual_information: I(X; Y) for these centres, in nats, as a mean over draws.
        information_error: standard error of that mean, in nats.
        size: number of values in an x, and in a y.
        classes: number of clusters on either side.
        agree: how often the class of y is copied from that of x.
        seed: of the centres.

    Example:
        >>> pairs = clusters("example", 0.5, 0.01, size=3, classes=4, agree=0.9)
        >>> len(pairs.components), pairs.x_size, pairs.y_size
        (16, 3, 3)
    """
    generator = torch.Generator().manual_seed(seed)
    centres = 2.5 * torch.randn(2, classes, size, generator=generator, dtype=torch.float64)
    of_x, of_y = centres.tolist()
    noise: Covariance = tuple(map(tuple, torch.eye(2 * size, dtype=torch.float64).tolist()))
    anew = (1 - agree) / classes**2
    return GaussianMixture(
        name,
        tuple(
            NormalComponent(
                anew + (agree / classes if row == column else 0.0),
                (*of_x[row], *of_y[column]),
                noise,
            )
            for row in range(classes)
            for column in range(classes)
        ),
        size,
        mutual_information,
        information_error,
    )


def _bent(rows: torch.Tensor) -> torch.Tensor:
    """Add to each value but the first a curve of the one before, which can be taken off again."""
    return torch.cat([rows[:, :1], rows[:, 1:] + (2 * rows[:, :-1]).sin()], dim=1)


def _sine(x: torch.Tensor) -> torch.Tensor:
    return (3 * x).sin()


def _steady(x: torch.Tensor) -> torch.Tensor:
    return torch.full_like(x, 0.3)


def _growing(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * (1 + x.abs())
