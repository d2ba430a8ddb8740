"""Distributions of pairs (x, y) whose mutual information is known, in nats.

They hold samples and the truth about them, and know nothing of what estimates it. One class may
serve many entries: a new task is a line in the registry, a new family a file.
"""

from infomax.distributions.distribution import PairDistribution
from infomax.distributions.gaussian import CorrelatedGaussian, DependentBatchGaussian

__all__ = [
    "DISTRIBUTIONS",
    "CorrelatedGaussian",
    "DependentBatchGaussian",
    "PairDistribution",
]

_ALL: tuple[PairDistribution, ...] = (
    # Both have the marginal of Tschannen et al. (2020), figure 4c: only the batches differ.
    CorrelatedGaussian("gaussian-iid", covariance=((2.0, 0.4), (0.4, 2.0))),
    DependentBatchGaussian(
        "gaussian-dependent", shared=((1.0, -0.5), (-0.5, 1.0)), own=((1.0, 0.9), (0.9, 1.0))
    ),
)

DISTRIBUTIONS: dict[str, PairDistribution] = {one.name: one for one in _ALL}
"""The distributions by name."""
