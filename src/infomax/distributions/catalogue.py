"""The distributions by name: what studies and estimators choose from."""

from infomax.distributions.benchmark import benchmark_tasks
from infomax.distributions.covariance import paired_correlation
from infomax.distributions.discrete_continuous import DiscreteContinuous
from infomax.distributions.distribution import PairDistribution
from infomax.distributions.gaussian import CorrelatedGaussian, DependentBatchGaussian
from infomax.distributions.multivariate_normal import MultivariateNormal
from infomax.distributions.pareto import BivariatePareto
from infomax.distributions.staircase import staircase_gaussian

__all__ = ["BENCHMARK_TASKS", "DISTRIBUTIONS"]

_BENCHMARK = benchmark_tasks()

_ALL: tuple[PairDistribution, ...] = (
    # Both have the marginal of Tschannen et al. (2020), figure 4c: only the batches differ.
    CorrelatedGaussian("gaussian-iid", covariance=((2.0, 0.4), (0.4, 2.0))),
    DependentBatchGaussian(
        "gaussian-dependent", shared=((1.0, -0.5), (-0.5, 1.0)), own=((1.0, 0.9), (0.9, 1.0))
    ),
    *_BENCHMARK,
    *(
        staircase_gaussian(f"staircase-gaussian-20-{nats}", pairs=20, information=nats)
        for nats in (2, 4, 6, 8, 10)
    ),
    *(
        MultivariateNormal(
            f"independent-normal-{size}-{size}", paired_correlation(size, size, []), size
        )
        for size in (1, 5, 25)
    ),
    *(DiscreteContinuous(f"discrete-continuous-{levels}", levels) for levels in (5, 10)),
    *(BivariatePareto(f"pareto-{shape}", shape) for shape in (0.5, 2.0)),
)

DISTRIBUTIONS: dict[str, PairDistribution] = {one.name: one for one in _ALL}
"""The distributions by name."""

BENCHMARK_TASKS: tuple[str, ...] = tuple(task.name for task in _BENCHMARK)
"""Names of the 40 tasks of Czyż et al. (2023), in the order of their package bmi."""
