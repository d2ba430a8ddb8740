"""Distributions of pairs (x, y) whose mutual information is known, in nats.

They hold samples and the truth about them, and know nothing of what estimates it. One class may
serve many entries: a new task is a line in the catalogue, a new family a file.
"""

from infomax.distributions.catalogue import BENCHMARK_TASKS, DISTRIBUTIONS, TASK_SETS
from infomax.distributions.covariance import Covariance, equicorrelation, paired_correlation
from infomax.distributions.distribution import InjectiveMap, PairDistribution, Transformed
from infomax.distributions.gamma_exponential import LogGammaExponential
from infomax.distributions.hard_tasks import clusters
from infomax.distributions.heavy_tails import BivariatePareto, MultivariateStudent
from infomax.distributions.independent_parts import IndependentParts
from infomax.distributions.injective_maps import (
    BimodalMargin,
    Spiral,
    half_cube,
    normal_cdf,
    swiss_roll,
    waves,
    wiggly_x,
    wiggly_y,
)
from infomax.distributions.levels import QuantizedNormal, SmoothedLevels
from infomax.distributions.mixtures import GaussianMixture, NormalComponent, with_inliers
from infomax.distributions.monte_carlo import KnownDensities, monte_carlo_information
from infomax.distributions.noisy_function import NoisyFunction
from infomax.distributions.normal import (
    CorrelatedGaussian,
    DependentBatchGaussian,
    MultivariateNormal,
    staircase_gaussian,
)
from infomax.distributions.series import IndependentSeries
from infomax.distributions.uniform import AdditiveUniform, DiscreteContinuous

__all__ = [
    "BENCHMARK_TASKS",
    "DISTRIBUTIONS",
    "TASK_SETS",
    "AdditiveUniform",
    "BimodalMargin",
    "BivariatePareto",
    "CorrelatedGaussian",
    "Covariance",
    "DependentBatchGaussian",
    "DiscreteContinuous",
    "GaussianMixture",
    "IndependentParts",
    "IndependentSeries",
    "InjectiveMap",
    "KnownDensities",
    "LogGammaExponential",
    "MultivariateNormal",
    "MultivariateStudent",
    "NoisyFunction",
    "NormalComponent",
    "PairDistribution",
    "QuantizedNormal",
    "SmoothedLevels",
    "Spiral",
    "Transformed",
    "clusters",
    "equicorrelation",
    "half_cube",
    "monte_carlo_information",
    "normal_cdf",
    "paired_correlation",
    "staircase_gaussian",
    "swiss_roll",
    "waves",
    "wiggly_x",
    "wiggly_y",
    "with_inliers",
]
