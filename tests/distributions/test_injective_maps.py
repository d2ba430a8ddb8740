"""Maps of single values: their definitions, and that they only ever increase."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import trapezoid
from scipy.linalg import expm
from scipy.stats import kstest, multivariate_normal, norm
from torch import Tensor

from infomax.distributions import (
    DISTRIBUTIONS,
    BimodalMargin,
    InjectiveMap,
    Spiral,
    half_cube,
    normal_cdf,
    swiss_roll,
    waves,
    wiggly_x,
    wiggly_y,
)
from infomax.errors import UserError

from .conftest import Array, Draw

GRID = torch.linspace(-6, 6, 4001, dtype=torch.float64)


@pytest.mark.parametrize("scalar_map", [half_cube, normal_cdf, wiggly_x, wiggly_y, torch.asinh])
def test_increases_everywhere(scalar_map: InjectiveMap) -> None:
    assert (scalar_map(GRID).diff() > 0).all()


@pytest.mark.parametrize(("wiggly", "smallest"), [(wiggly_x, 0.161), (wiggly_y, 0.533)])
def test_wiggles_have_the_slope_that_is_stated(wiggly: InjectiveMap, smallest: float) -> None:
    slopes = wiggly(GRID).diff() / GRID.diff()
    assert slopes.min() >= smallest
    # They do wiggle: a slope both well below and well above 1.
    assert slopes.min() < 0.8
    assert slopes.max() > 1.1


def test_half_cube_keeps_the_sign_and_raises_the_size_to_one_and_a_half() -> None:
    expected = np.sign(GRID.numpy()) * np.abs(GRID.numpy()) ** 1.5
    np.testing.assert_allclose(half_cube(GRID).numpy(), expected, rtol=1e-12, atol=0)


def test_normal_cdf_is_that_of_scipy_far_below_zero_too() -> None:
    values = torch.linspace(-12, 6, 101, dtype=torch.float64)
    np.testing.assert_allclose(normal_cdf(values).numpy(), norm.cdf(values.numpy()), rtol=1e-12)


def test_keep_shape_and_dtype() -> None:
    values = torch.zeros(2, 3, 4)
    for scalar_map in (half_cube, normal_cdf, wiggly_x, wiggly_y):
        mapped = scalar_map(values)
        assert (mapped.shape, mapped.dtype) == (values.shape, values.dtype)


# Weight of the lower mode, its mean and that of the upper one: the task's x and y.
X_MODES = (0.3, 0.0, 5.0)
Y_MODES = (0.5, -1.0, 3.0)

sides = pytest.mark.parametrize("modes", [X_MODES, Y_MODES])


def cdf(values: Array, modes: tuple[float, float, float]) -> Array:
    weight, lower, upper = modes
    mixed: Array = weight * norm.cdf(values, lower) + (1 - weight) * norm.cdf(values, upper)
    return mixed


def density(values: Array, modes: tuple[float, float, float]) -> Array:
    weight, lower, upper = modes
    mixed: Array = weight * norm.pdf(values, lower) + (1 - weight) * norm.pdf(values, upper)
    return mixed


@sides
def test_ranks_are_kept(modes: tuple[float, float, float]) -> None:
    values = torch.linspace(-8, 5, 2001, dtype=torch.float64)
    mapped = BimodalMargin(*modes)(values)
    assert (mapped.diff() > 0).all()
    np.testing.assert_allclose(cdf(mapped.numpy(), modes), norm.cdf(values.numpy()), rtol=1e-9)


@sides
def test_float32_is_mapped_as_float64_is(modes: tuple[float, float, float]) -> None:
    values = torch.linspace(-5, 5, 101)
    margin = BimodalMargin(*modes)
    assert torch.equal(margin(values), margin(values.double()).float())


def test_one_mode_is_a_shift() -> None:
    values = torch.linspace(-5, 5, 101, dtype=torch.float64)
    shifted = BimodalMargin(lower_weight=0.4, lower_mean=2.0, upper_mean=2.0)(values)
    torch.testing.assert_close(shifted, values + 2)


def test_samples_of_the_task_have_two_modes_on_each_side(draw: Draw) -> None:
    x, y = draw(DISTRIBUTIONS["1v1-bimodal-0.75"], 20_000)
    assert kstest(x.ravel(), lambda values: cdf(values, X_MODES)).pvalue > 0.001
    assert kstest(y.ravel(), lambda values: cdf(values, Y_MODES)).pvalue > 0.001


def test_information_of_the_task_is_the_integral_of_the_log_density_ratio() -> None:
    # The density of the pair is that of the normal scores times what each side is stretched by;
    # the marginals are integrated from it, not taken from the modes.
    x, y = np.linspace(-6, 11, 1201), np.linspace(-7, 9, 1201)
    x_score, y_score = norm.ppf(cdf(x, X_MODES)), norm.ppf(cdf(y, Y_MODES))
    scores = np.stack(np.meshgrid(x_score, y_score, indexing="ij"), axis=-1)
    stretched = np.outer(
        density(x, X_MODES) / norm.pdf(x_score), density(y, Y_MODES) / norm.pdf(y_score)
    )
    joint = multivariate_normal(cov=[[1, 0.75], [0.75, 1]]).pdf(scores) * stretched
    of_x, of_y = trapezoid(joint, y, axis=1), trapezoid(joint, x, axis=0)
    assert trapezoid(of_x, x) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(of_x, density(x, X_MODES), atol=1e-6)
    ratio = np.log(joint / np.outer(of_x, of_y))
    integral = trapezoid(trapezoid(joint * ratio, y), x)
    truth = DISTRIBUTIONS["1v1-bimodal-0.75"].mutual_information
    assert truth == pytest.approx(integral, abs=1e-5)
    assert truth == pytest.approx(-0.5 * math.log(1 - 0.75**2))


@pytest.mark.parametrize("weight", [0.0, 1.0, -0.1, math.nan])
def test_refuses_a_weight_that_leaves_one_mode(weight: float) -> None:
    with pytest.raises(UserError, match="give one between 0 and 1"):
        BimodalMargin(weight, 0.0, 1.0)


@pytest.mark.parametrize("lower_mean", [1.5, math.nan])
def test_refuses_modes_out_of_order(lower_mean: float) -> None:
    with pytest.raises(UserError, match="give the lower one first"):
        BimodalMargin(0.5, lower_mean, 1.0)


planes = pytest.mark.parametrize("plane", [(0, 1), (1, 2), (3, 0)])


@pytest.fixture
def rows() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randn(200, 4, generator=generator, dtype=torch.float64)


@planes
def test_is_the_exponential_of_its_generator(plane: tuple[int, int], rows: Tensor) -> None:
    generator = np.zeros((4, 4))
    generator[plane] = -1
    generator[plane[::-1]] = 1
    expected = [expm(0.7 * (row @ row) * generator) @ row for row in rows.numpy()]
    np.testing.assert_allclose(Spiral(plane, speed=0.7)(rows).numpy(), expected, atol=1e-12)


@planes
def test_keeps_lengths_and_is_undone_by_the_opposite_speed(
    plane: tuple[int, int], rows: Tensor
) -> None:
    turned = Spiral(plane, speed=0.7)(rows)
    assert (turned - rows).abs().max() > 1
    torch.testing.assert_close(turned.norm(dim=1), rows.norm(dim=1))
    torch.testing.assert_close(Spiral(plane, speed=-0.7)(turned), rows)


def test_leaves_other_values_and_its_argument_alone(rows: Tensor) -> None:
    before = rows.clone()
    turned = Spiral((1, 2), speed=0.7)(rows)
    assert torch.equal(turned[:, [0, 3]], rows[:, [0, 3]])
    assert torch.equal(rows, before)


@pytest.mark.parametrize("plane", [(0, 0), (-1, 0), (2, -3)])
def test_refuses_what_is_no_plane(plane: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="give two different ones, counted from 0"):
        Spiral(plane, speed=1.0)


def test_refuses_rows_without_the_plane(rows: Tensor) -> None:
    with pytest.raises(UserError, match="rows of 4: give rows of at least 5 values"):
        Spiral((0, 4), speed=1.0)(rows)


ROWS = torch.linspace(0, 1, 1001, dtype=torch.float64).unsqueeze(1)


def test_begins_down_and_ends_up() -> None:
    # At angles of 3 and 9 quarter turns: straight down, and straight up three times as far.
    ends = swiss_roll(torch.tensor([[0.0], [1.0]], dtype=torch.float64)).numpy()
    radius = 1.5 * math.pi / 21
    np.testing.assert_allclose(ends, [[0, -radius], [0, 3 * radius]], atol=1e-12)


def test_never_meets_itself() -> None:
    assert (swiss_roll(ROWS).norm(dim=1).diff() > 0).all()


def test_angle_and_distance_tell_where_it_came_from() -> None:
    rolled = swiss_roll(ROWS).numpy()
    distance = np.hypot(*rolled.T)
    angle = np.unwrap(np.arctan2(rolled[:, 1], rolled[:, 0]))
    np.testing.assert_allclose(distance, 1.5 * math.pi / 21 * (1 + 2 * ROWS[:, 0].numpy()))
    np.testing.assert_allclose(angle - angle[0], 3 * math.pi * ROWS[:, 0].numpy(), atol=1e-9)


@pytest.mark.parametrize("size", [0, 2])
def test_refuses_rows_that_are_not_of_one_value(size: int) -> None:
    with pytest.raises(UserError, match=f"a Swiss roll of rows of {size} values"):
        swiss_roll(torch.zeros(3, size))


def test_waves_can_be_bent_back() -> None:
    rows = torch.randn(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    bent = waves(rows)
    up = 2 * bent[:, 1]
    along = 10 * (bent[:, 0] + 0.8) - 5 * (3 * up).sin()
    torch.testing.assert_close(torch.stack((along, up), dim=1), rows)


def test_waves_refuse_rows_that_are_no_plane() -> None:
    with pytest.raises(UserError, match="waves of rows of 3 values: give rows of two"):
        waves(torch.zeros(4, 3))
