"""The distributions by name: what studies and estimators choose from, and sets of them."""

from infomax.distributions.bmi_tasks import benchmark_tasks, mixture_benchmark_tasks
from infomax.distributions.covariance import paired_correlation
from infomax.distributions.distribution import PairDistribution
from infomax.distributions.hard_tasks import hard_tasks
from infomax.distributions.heavy_tails import BivariatePareto
from infomax.distributions.high_information import high_information_tasks
from infomax.distributions.normal import (
    CorrelatedGaussian,
    DependentBatchGaussian,
    MultivariateNormal,
    staircase_gaussian,
)
from infomax.distributions.uniform import DiscreteContinuous

__all__ = ["BENCHMARK_TASKS", "DISTRIBUTIONS", "TASK_SETS"]

_BMI = benchmark_tasks()
_BMI_V2 = mixture_benchmark_tasks()
_HARD = hard_tasks()
_HIGH_INFORMATION = high_information_tasks()

_ALL: tuple[PairDistribution, ...] = (
    # Both have the marginal of Tschannen et al. (2020), figure 4c: only the batches differ.
    CorrelatedGaussian("gaussian-iid", covariance=((2.0, 0.4), (0.4, 2.0))),
    DependentBatchGaussian(
        "gaussian-dependent", shared=((1.0, -0.5), (-0.5, 1.0)), own=((1.0, 0.9), (0.9, 1.0))
    ),
    *_BMI,
    # What both editions have is there once.
    *(task for task in _BMI_V2 if task not in _BMI),
    *_HARD,
    *_HIGH_INFORMATION,
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

TASK_SETS: dict[str, tuple[str, ...]] = {
    "bmi": tuple(task.name for task in _BMI),
    "bmi-v2": tuple(task.name for task in _BMI_V2),
    "hard": tuple(task.name for task in _HARD),
    "high-information": tuple(task.name for task in _HIGH_INFORMATION),
}
"""Names of the distributions of each set of tasks, by the set's name."""

BENCHMARK_TASKS: tuple[str, ...] = TASK_SETS["bmi"]
"""Names of the 40 tasks of Czyż et al. (2023), in the order of their package bmi."""
