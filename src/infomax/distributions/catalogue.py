"""The distributions by name: what studies and estimators choose from."""

from collections.abc import Iterator

import torch

from infomax.distributions.covariance import equicorrelation, paired_correlation
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

__all__ = ["BENCHMARK_TASKS", "DISTRIBUTIONS", "benchmark_tasks"]


def benchmark_tasks() -> tuple[PairDistribution, ...]:
    """Make the tasks, in the order of the package.

    Source: Czyż, Grabowski, Vogt, Beerenwinkel and Marx (2023), section 3; the package
    benchmark-mi 0.1.3, where a number is not in the paper.

    Example:
        >>> tasks = benchmark_tasks()
        >>> len(tasks), tasks[0].name
        (40, '1v1-normal-0.75')
    """
    return (
        *_of_scalars(),
        *(_dense(size) for size in (2, 3, 5, 25, 50)),
        *(_sparse(size) for size in (2, 3, 5, 25)),
        *(_student(*each) for each in ((2, 1), (2, 2), (3, 2), (3, 3), (5, 2), (5, 3))),
        *_transformed(),
    )


def _of_scalars() -> Iterator[PairDistribution]:
    normal = CorrelatedGaussian("1v1-normal-0.75", covariance=((1.0, 0.75), (0.75, 1.0)))
    uniform = _alike("normal_cdf", normal, normal_cdf)
    student = _student(1, 1)
    yield normal
    yield uniform
    yield AdditiveUniform("1v1-additive-0.1", noise=0.1)
    yield AdditiveUniform("1v1-additive-0.75", noise=0.75)
    yield Transformed(
        "1v1-bimodal-0.75",
        normal,
        BimodalMargin(lower_weight=0.3, lower_mean=0.0, upper_mean=5.0),
        BimodalMargin(lower_weight=0.5, lower_mean=-1.0, upper_mean=3.0),
    )
    yield Transformed(f"wiggly-{normal.name}", normal, wiggly_x, wiggly_y)
    yield _alike("half_cube", normal, half_cube)
    yield student
    yield _alike("asinh", student, torch.asinh)
    # torch.positive is the identity: only x is rolled up.
    yield Transformed(f"swissroll_x-{uniform.name}", uniform, swiss_roll, torch.positive)


def _transformed() -> Iterator[PairDistribution]:
    normals = [_sparse(size) for size in (3, 5, 25)]
    uniforms = [_alike("normal_cdf", normal, normal_cdf) for normal in normals]
    yield from uniforms
    yield from (_alike("half_cube", normal, half_cube) for normal in normals)
    yield from map(_spiral, normals)
    yield from map(_spiral, uniforms)
    yield from (_alike("asinh", _student(*each), torch.asinh) for each in ((2, 1), (3, 2), (5, 2)))


def _dense(size: int) -> MultivariateNormal:
    """Normal with correlation 0.5 of any two values."""
    return MultivariateNormal(
        f"multinormal-dense-{size}-{size}-0.5", equicorrelation(2 * size, 0.5), size
    )


def _sparse(size: int) -> MultivariateNormal:
    """Normal of which 2 pairs of values share a latent of weight 2.0 beside noise of weight 1."""
    correlation = 2.0**2 / (1 + 2.0**2)
    return MultivariateNormal(
        f"multinormal-sparse-{size}-{size}-2-2.0",
        paired_correlation(size, size, [correlation] * 2),
        size,
    )


def _student(size: int, degrees_of_freedom: int) -> MultivariateStudent:
    """Student whose values are uncorrelated, and dependent through their tails alone."""
    return MultivariateStudent(
        f"student-identity-{size}-{size}-{degrees_of_freedom}",
        paired_correlation(size, size, []),
        size,
        degrees_of_freedom,
    )


def _alike(prefix: str, base: PairDistribution, both: InjectiveMap) -> Transformed:
    """Map x and y alike."""
    return Transformed(f"{prefix}-{base.name}", base, both, both)


def _spiral(base: PairDistribution) -> Transformed:
    """Wind x and y in different planes, the slower the more values there are."""
    return Transformed(
        f"spiral-{base.name}",
        base,
        Spiral(plane=(0, 1), speed=1 / base.x_size),
        Spiral(plane=(1, 2), speed=1 / base.y_size),
    )


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
