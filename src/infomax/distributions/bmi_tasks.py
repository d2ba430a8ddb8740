"""The tasks of the package bmi: 40 of its first edition, and 26 of its second."""

from collections.abc import Iterator

import torch

from infomax.distributions.covariance import equicorrelation, paired_correlation
from infomax.distributions.distribution import InjectiveMap, PairDistribution, Transformed
from infomax.distributions.heavy_tails import MultivariateStudent
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
from infomax.distributions.measured_truths import MEASURED_TRUTHS
from infomax.distributions.mixtures import GaussianMixture, NormalComponent, with_inliers
from infomax.distributions.normal import CorrelatedGaussian, MultivariateNormal
from infomax.distributions.uniform import AdditiveUniform

__all__ = ["benchmark_tasks", "mixture_benchmark_tasks"]


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
    normal = _normal()
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


def mixture_benchmark_tasks() -> tuple[PairDistribution, ...]:
    """Make the 26 tasks of the second edition, in its order; 13 of them are in the first, too.

    That edition scales every column to the same range, which changes neither the information nor
    any estimator that does so itself; here columns are left as they are.

    Source: Czyż, Grabowski, Vogt, Beerenwinkel and Marx (2025), section 3; numbers that are not in
    the paper are those of the package's workflow "benchmark/v2".

    Example:
        >>> tasks = mixture_benchmark_tasks()
        >>> len(tasks), sum(task.information_error > 0 for task in tasks)
        (26, 13)
    """
    uniform = _alike("normal_cdf", _normal(), normal_cdf)
    sizes_and_shells = ((3, 5), (5, 5), (3, 10), (5, 10), (25, 5))
    return (
        AdditiveUniform("1v1-additive-0.75", noise=0.75),
        _alike("asinh", _student(1, 1), torch.asinh),
        _cross(),
        _letters(),
        Transformed(f"swissroll_x-{uniform.name}", uniform, swiss_roll, torch.positive),
        _waves(),
        _galaxy(),
        *(_concentric(*each) for each in sizes_and_shells),
        *(_dense(size) for size in (5, 25, 50)),
        *(_sparse(size) for size in (5, 25)),
        *(_inliers(size, fraction) for fraction in (0.2, 0.5) for size in (5, 25)),
        *(_alike("asinh", _student(*each), torch.asinh) for each in ((2, 1), (3, 2), (5, 2))),
        *(_spiral(_sparse(size)) for size in (3, 5)),
    )


def _normal() -> CorrelatedGaussian:
    return CorrelatedGaussian("1v1-normal-0.75", covariance=((1.0, 0.75), (0.75, 1.0)))


def _mixture(name: str, components: Iterator[NormalComponent], x_size: int) -> GaussianMixture:
    return GaussianMixture(name, tuple(components), x_size, *MEASURED_TRUTHS[name])


def _cross() -> GaussianMixture:
    """Two normals of opposite correlation, of which neither is seen by a correlation."""
    components = (
        NormalComponent(0.5, (0.0, 0.0), ((1.0, between), (between, 1.0)))
        for between in (-0.9, 0.9)
    )
    return _mixture("1v1-X-0.9", components, x_size=1)


def _letters() -> GaussianMixture:
    """Six narrow normals laid out as the letters A and I, with y upwards."""
    slope = 0.95 * (0.04 * 0.2) ** 0.5
    strokes: tuple[tuple[tuple[float, float], tuple[float, float, float]], ...] = (
        # The mean, then the variances of x and y and what is between them.
        ((1.0, 0.0), (0.01, 0.2, 0.0)),
        ((1.0, 1.0), (0.05, 0.001, 0.0)),
        ((1.0, -1.0), (0.05, 0.001, 0.0)),
        ((-0.8, -0.2), (0.03, 0.001, 0.0)),
        ((-1.2, 0.0), (0.04, 0.2, slope)),
        ((-0.4, 0.0), (0.04, 0.2, -slope)),
    )
    components = (
        NormalComponent(1 / 6, mean, ((of_x, between), (between, of_y)))
        for mean, (of_x, of_y, between) in strokes
    )
    return _mixture("1v1-AI", components, x_size=1)


def _waves() -> Transformed:
    """Twelve upright normals in a row, at four heights of y by turns, bent into waves."""
    components = (
        NormalComponent(1 / 12, (1.5 * index, 0.0, 1.5 * (index % 4)), _diagonal((0.1, 1.0, 0.1)))
        for index in range(12)
    )
    base = _mixture("2v1-rows-12", components, x_size=2)
    return Transformed("2v1-waves-12-5.0-3.0", base, waves, torch.positive)


def _galaxy() -> Transformed:
    """Two balls apart in all values, wound into the arms of a spiral in x."""
    components = (
        NormalComponent(0.5, (centre,) * 3, _diagonal((1.0,) * 3)) for centre in (-1.5, 1.5)
    )
    base = _mixture("2v1-balls-3.0", components, x_size=2)
    return Transformed("2v1-galaxy-0.5-3.0", base, Spiral(plane=(0, 1), speed=0.5), torch.positive)


def _concentric(size: int, shells: int) -> GaussianMixture:
    """Normals of one centre and several sizes, of which y tells almost for certain."""
    components = (
        NormalComponent(
            1 / shells,
            (*(0.0,) * size, float(shell)),
            _diagonal((*(float(shell**2),) * size, 0.0001)),
        )
        for shell in range(1, shells + 1)
    )
    return _mixture(f"{size}v1-concentric_gaussians-{shells}", components, x_size=size)


def _inliers(size: int, fraction: float) -> GaussianMixture:
    """The sparse normal, of which a share of pairs is torn apart."""
    components = with_inliers(_sparse(size).covariance, size, fraction)
    name = f"mult-sparse-w-inliers-{size}-{size}-2-2.0-{fraction}"
    return _mixture(name, iter(components), x_size=size)


def _diagonal(variances: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, torch.diag(torch.tensor(variances, dtype=torch.float64)).tolist()))
