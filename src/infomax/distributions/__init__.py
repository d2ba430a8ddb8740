"""Distributions of pairs (x, y) whose mutual information is known, in nats.

They hold samples and the truth about them, and know nothing of what estimates it. One class may
serve many entries: a new task is a line in the catalogue, a new family a file.
"""

from infomax.distributions.catalogue import BENCHMARK_TASKS, DISTRIBUTIONS
from infomax.distributions.covariance import Covariance, equicorrelation, paired_correlation
from infomax.distributions.distribution import InjectiveMap, PairDistribution, Transformed
from infomax.distributions.heavy_tails import BivariatePareto, MultivariateStudent
from infomax.distributions.injective_maps import (
    BimodalMargin,
    Spiral,
    half_cube,
    normal_cdf,
    swiss_roll,
    wiggly_x,
    wiggly_y,
)
from infomax.distributions.normal import (
    CorrelatedGaussian,
    DependentBatchGaussian,
    MultivariateNormal,
    staircase_gaussian,
)
from infomax.distributions.uniform import AdditiveUniform, DiscreteContinuous

__all__ = [
    "BENCHMARK_TASKS",
    "DISTRIBUTIONS",
    "AdditiveUniform",
    "BimodalMargin",
    "BivariatePareto",
    "CorrelatedGaussian",
    "Covariance",
    "DependentBatchGaussian",
    "DiscreteContinuous",
    "InjectiveMap",
    "MultivariateNormal",
    "MultivariateStudent",
    "PairDistribution",
    "Spiral",
    "Transformed",
    "equicorrelation",
    "half_cube",
    "normal_cdf",
    "paired_correlation",
    "staircase_gaussian",
    "swiss_roll",
    "wiggly_x",
    "wiggly_y",
]
