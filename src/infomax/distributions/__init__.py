"""Distributions of pairs (x, y) whose mutual information is known, in nats.

They hold samples and the truth about them, and know nothing of what estimates it. One class may
serve many entries: a new task is a line in the catalogue, a new family a file.
"""

from infomax.distributions.additive_uniform import AdditiveUniform
from infomax.distributions.bimodal_margin import BimodalMargin
from infomax.distributions.catalogue import BENCHMARK_TASKS, DISTRIBUTIONS
from infomax.distributions.covariance import Covariance, equicorrelation, paired_correlation
from infomax.distributions.discrete_continuous import DiscreteContinuous
from infomax.distributions.distribution import PairDistribution
from infomax.distributions.gaussian import CorrelatedGaussian, DependentBatchGaussian
from infomax.distributions.multivariate_normal import MultivariateNormal
from infomax.distributions.pareto import BivariatePareto
from infomax.distributions.scalar_maps import half_cube, normal_cdf, wiggly_x, wiggly_y
from infomax.distributions.spiral import Spiral
from infomax.distributions.staircase import staircase_gaussian
from infomax.distributions.student import MultivariateStudent
from infomax.distributions.swiss_roll import swiss_roll
from infomax.distributions.transformed import InjectiveMap, Transformed

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
