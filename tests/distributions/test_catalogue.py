"""What every distribution of pairs promises."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from infomax.distributions import (
    BENCHMARK_TASKS,
    DISTRIBUTIONS,
    TASK_SETS,
    PairDistribution,
    Transformed,
)
from infomax.distributions.bmi_tasks import benchmark_tasks
from infomax.errors import UserError

names = pytest.mark.parametrize("name", DISTRIBUTIONS)


@pytest.fixture
def float64_by_default() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@names
def test_is_registered_under_its_own_name(name: str) -> None:
    assert DISTRIBUTIONS[name].name == name


@names
@pytest.mark.parametrize("number", [1, 7])
def test_gives_as_many_pairs_as_asked_for(name: str, number: int) -> None:
    distribution = DISTRIBUTIONS[name]
    x, y = distribution.sample(number, torch.Generator().manual_seed(0))
    assert x.shape == (number, distribution.x_size)
    assert y.shape == (number, distribution.y_size)
    assert x.dtype == y.dtype == torch.get_default_dtype()


@names
def test_follows_the_default_dtype(name: str, float64_by_default: None) -> None:
    x, y = DISTRIBUTIONS[name].sample(3, torch.Generator().manual_seed(0))
    assert x.dtype == y.dtype == torch.float64


@names
def test_information_is_a_finite_number_of_nats(name: str) -> None:
    assert 0 <= DISTRIBUTIONS[name].mutual_information < float("inf")
    assert 0 <= DISTRIBUTIONS[name].information_error < 0.002


@names
def test_samples_come_from_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    first = torch.cat(DISTRIBUTIONS[name].sample(9, torch.Generator().manual_seed(5)), dim=1)
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    second = torch.cat(DISTRIBUTIONS[name].sample(9, torch.Generator().manual_seed(5)), dim=1)
    assert torch.equal(first, second)
    assert torch.equal(before, torch.random.get_rng_state())


@names
def test_successive_batches_differ(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    first_x, first_y = DISTRIBUTIONS[name].sample(9, generator)
    second_x, second_y = DISTRIBUTIONS[name].sample(9, generator)
    # Either side may hold whole numbers, which may be the same twice, but not both.
    differs = [(first_x != second_x).all(dim=1), (first_y != second_y).all(dim=1)]
    assert (differs[0] | differs[1]).all()


@names
def test_refuses_an_empty_batch(name: str) -> None:
    with pytest.raises(UserError, match="draw at least 1"):
        DISTRIBUTIONS[name].sample(0, torch.Generator())


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


def test_sets_of_tasks_name_distributions() -> None:
    sizes = {name: len(tasks) for name, tasks in TASK_SETS.items()}
    assert sizes == {"bmi": 40, "bmi-v2": 26, "hard": 6, "high-information": 70}
    for tasks in TASK_SETS.values():
        assert len(set(tasks)) == len(tasks)
        assert set(tasks) <= set(DISTRIBUTIONS)


# Values in an x, values in a y, and nats to two decimals.
MIXTURES_OF_BMI = {
    "1v1-X-0.9": (1, 1, 0.41),
    "1v1-AI": (1, 1, 0.78),
    "2v1-waves-12-5.0-3.0": (2, 1, 1.31),
    "2v1-galaxy-0.5-3.0": (2, 1, 0.49),
    "3v1-concentric_gaussians-5": (3, 1, 0.45),
    "25v1-concentric_gaussians-5": (25, 1, 1.19),
    "mult-sparse-w-inliers-5-5-2-2.0-0.2": (5, 5, 0.64),
    "mult-sparse-w-inliers-25-25-2-2.0-0.5": (25, 25, 0.27),
}


@pytest.mark.parametrize("name", MIXTURES_OF_BMI)
def test_sizes_and_information_of_mixtures(name: str) -> None:
    x_size, y_size, nats = MIXTURES_OF_BMI[name]
    task = DISTRIBUTIONS[name]
    assert (task.x_size, task.y_size) == (x_size, y_size)
    assert task.mutual_information == pytest.approx(nats, abs=0.01)


@pytest.mark.parametrize("name", TASK_SETS["high-information"])
def test_the_ladder_holds_what_its_names_say(name: str) -> None:
    task = DISTRIBUTIONS[name]
    assert task.mutual_information == pytest.approx(int(name.rpartition("-")[2]), abs=1e-9)
    assert (task.x_size, task.y_size) == (2, 2)
