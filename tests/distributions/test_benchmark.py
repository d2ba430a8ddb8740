"""The 40 tasks, held against what the package bmi says of them.

All numbers were printed by benchmark-mi 0.1.3 (Czyż et al., 2023): the information by
``BENCHMARK_TASKS[name].mutual_information``, the mapped points by ``sampler.transform``.
"""

import pytest
import torch
from torch import Tensor

from infomax.distributions import BENCHMARK_TASKS, DISTRIBUTIONS, PairDistribution, Transformed
from infomax.distributions.benchmark import benchmark_tasks

# Values in an x, values in a y, nats.
OF_BMI = {
    "1v1-normal-0.75": (1, 1, 0.41333928659223396),
    "normal_cdf-1v1-normal-0.75": (1, 1, 0.41333928659223396),
    "1v1-additive-0.1": (1, 1, 1.7094379663467407),
    "1v1-additive-0.75": (1, 1, 0.3333333333333333),
    "1v1-bimodal-0.75": (1, 1, 0.41333928659223396),
    "wiggly-1v1-normal-0.75": (1, 1, 0.41333928659223396),
    "half_cube-1v1-normal-0.75": (1, 1, 0.41333928659223396),
    "student-identity-1-1-1": (1, 1, 0.22417142752923613),
    "asinh-student-identity-1-1-1": (1, 1, 0.22417142752923613),
    "swissroll_x-normal_cdf-1v1-normal-0.75": (2, 1, 0.41333928659223396),
    "multinormal-dense-2-2-0.5": (2, 2, 0.2938933324510593),
    "multinormal-dense-3-3-0.5": (3, 3, 0.41333928659223407),
    "multinormal-dense-5-5-0.5": (5, 5, 0.5928118328288701),
    "multinormal-dense-25-25-0.5": (25, 25, 1.2921837216593204),
    "multinormal-dense-50-50-0.5": (50, 50, 1.6242653743037039),
    "multinormal-sparse-2-2-2-2.0": (2, 2, 1.0216512475319819),
    "multinormal-sparse-3-3-2-2.0": (3, 3, 1.0216512475319819),
    "multinormal-sparse-5-5-2-2.0": (5, 5, 1.021651247531981),
    "multinormal-sparse-25-25-2-2.0": (25, 25, 1.0216512475319774),
    "student-identity-2-2-1": (2, 2, 0.43194562200144127),
    "student-identity-2-2-2": (2, 2, 0.1931471805599454),
    "student-identity-3-3-2": (3, 3, 0.29092192268276484),
    "student-identity-3-3-3": (3, 3, 0.17871185309236282),
    "student-identity-5-5-2": (5, 5, 0.44815067691532917),
    "student-identity-5-5-3": (5, 5, 0.29854362265275824),
    "normal_cdf-multinormal-sparse-3-3-2-2.0": (3, 3, 1.0216512475319819),
    "normal_cdf-multinormal-sparse-5-5-2-2.0": (5, 5, 1.021651247531981),
    "normal_cdf-multinormal-sparse-25-25-2-2.0": (25, 25, 1.0216512475319774),
    "half_cube-multinormal-sparse-3-3-2-2.0": (3, 3, 1.0216512475319819),
    "half_cube-multinormal-sparse-5-5-2-2.0": (5, 5, 1.021651247531981),
    "half_cube-multinormal-sparse-25-25-2-2.0": (25, 25, 1.0216512475319774),
    "spiral-multinormal-sparse-3-3-2-2.0": (3, 3, 1.0216512475319819),
    "spiral-multinormal-sparse-5-5-2-2.0": (5, 5, 1.021651247531981),
    "spiral-multinormal-sparse-25-25-2-2.0": (25, 25, 1.0216512475319774),
    "spiral-normal_cdf-multinormal-sparse-3-3-2-2.0": (3, 3, 1.0216512475319819),
    "spiral-normal_cdf-multinormal-sparse-5-5-2-2.0": (5, 5, 1.021651247531981),
    "spiral-normal_cdf-multinormal-sparse-25-25-2-2.0": (25, 25, 1.0216512475319774),
    "asinh-student-identity-2-2-1": (2, 2, 0.43194562200144127),
    "asinh-student-identity-3-3-2": (3, 3, 0.29092192268276484),
    "asinh-student-identity-5-5-2": (5, 5, 0.44815067691532917),
}

# The values of one pair at the root of the maps, as many as each task has.
X_AT_ROOT = [0.5, -1.0, 2.0, 0.0, 1.0]
Y_AT_ROOT = [-0.3, 0.7, 1.5, -2.0, 0.1]

MAPPED_BY_BMI = {
    "normal_cdf-1v1-normal-0.75": ([0.69146246], [0.38208858]),
    "1v1-bimodal-0.75": ([5.14902271], [-0.28186962]),
    "wiggly-1v1-normal-0.75": ([0.86148684], [-0.2346669]),
    "half_cube-1v1-normal-0.75": ([0.35355339], [-0.16431677]),
    "asinh-student-identity-1-1-1": ([0.48121183], [-0.29567305]),
    "swissroll_x-normal_cdf-1v1-normal-0.75": ([0.12382864, -0.52019183], [0.38208858]),
    "normal_cdf-multinormal-sparse-3-3-2-2.0": (
        [0.69146246, 0.15865525, 0.97724987],
        [0.38208858, 0.75803635, 0.9331928],
    ),
    "half_cube-multinormal-sparse-3-3-2-2.0": (
        [0.35355339, -1.0, 2.82842712],
        [-0.16431677, 0.58566202, 1.83711731],
    ),
    "spiral-multinormal-sparse-3-3-2-2.0": (
        [0.89486292, 0.67023903, 2.0],
        [-0.3, -0.80331433, 1.44730304],
    ),
    "spiral-multinormal-sparse-5-5-2-2.0": (
        [1.1066458, 0.15916995, 2.0, 0.0, 1.0],
        [-0.3, -1.32827441, 0.98776875, -2.0, 0.1],
    ),
    "spiral-normal_cdf-multinormal-sparse-3-3-2-2.0": (
        [0.53724238, 0.46331679, 0.97724987],
        [0.38208858, 0.18170085, 1.18846654],
    ),
    "asinh-student-identity-3-3-2": (
        [0.48121183, -0.88137359, 1.44363548],
        [-0.29567305, 0.65266657, 1.19476322],
    ),
}


def map_from_root(distribution: PairDistribution) -> tuple[Tensor, Tensor]:
    """Take one pair through all maps of a task, the innermost first."""
    if isinstance(distribution, Transformed):
        x, y = map_from_root(distribution.base)
        return distribution.x_map(x), distribution.y_map(y)
    rows = torch.tensor([X_AT_ROOT, Y_AT_ROOT], dtype=torch.float64).unsqueeze(1)
    return rows[0, :, : distribution.x_size], rows[1, :, : distribution.y_size]


def test_the_tasks_are_those_of_the_package_in_its_order() -> None:
    assert tuple(OF_BMI) == BENCHMARK_TASKS
    assert [task.name for task in benchmark_tasks()] == list(OF_BMI)


@pytest.mark.parametrize("name", OF_BMI)
def test_sizes_and_information_are_those_of_the_package(name: str) -> None:
    x_size, y_size, nats = OF_BMI[name]
    task = DISTRIBUTIONS[name]
    assert (task.x_size, task.y_size) == (x_size, y_size)
    # The package computes one of them, 1v1-additive-0.1, in float32.
    assert task.mutual_information == pytest.approx(nats, abs=1e-7)


@pytest.mark.parametrize("name", MAPPED_BY_BMI)
def test_maps_are_those_of_the_package(name: str) -> None:
    x, y = map_from_root(DISTRIBUTIONS[name])
    expected_x, expected_y = MAPPED_BY_BMI[name]
    assert x[0].tolist() == pytest.approx(expected_x, abs=1e-8)
    assert y[0].tolist() == pytest.approx(expected_y, abs=1e-8)
