"""The critic: its copula is that of the fit, and its networks start silent and learn."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.copula.elliptical import CopulaRatio, EllipticalDependence
from infomax.estimation.copula.fits import fit_elliptical_copula
from infomax.estimation.neural.critic import (
    CorrectedCritic,
    SeparableNetworks,
    with_radius,
)

from ..conftest import Array, NormalPairs

degrees_of_freedom = pytest.mark.parametrize("degrees", [1.0, 4.5, math.inf])
sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (3, 2)])


def as_it_is(values: Array) -> Array:
    return values


def copula_of(degrees: float, x_size: int, y_size: int) -> EllipticalDependence:
    factors = np.random.default_rng(0).normal(size=(x_size + y_size, x_size + y_size + 2))
    correlation: Array = np.asarray(np.corrcoef(factors))
    return EllipticalDependence(correlation, degrees, x_size, as_it_is)


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def networks(x_size: int, y_size: int, seed: int = 0) -> SeparableNetworks:
    return SeparableNetworks(
        x_size, y_size, torch.Generator().manual_seed(seed), hidden_size=8, code_size=3
    )


def sides_of(copula: EllipticalDependence, number: int) -> tuple[Tensor, Tensor]:
    rows = np.random.default_rng(1).normal(size=(number, len(copula.correlation)))
    x, y = (torch.from_numpy(side).float() for side in copula.sides(rows))
    return x, y


def trained(critic: torch.nn.Module, x: Tensor, y: Tensor, updates: int = 3) -> None:
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.01)
    for _ in range(updates):
        optimiser.zero_grad()
        (-BOUNDS["nwj"]().objective(critic(x, y))).backward()
        optimiser.step()


@degrees_of_freedom
@sizes
def test_scores_all_pairs_as_the_copula_does(degrees: float, x_size: int, y_size: int) -> None:
    copula = copula_of(degrees, x_size, y_size)
    generator = np.random.default_rng(1)
    x, y = 2 * generator.normal(size=(9, x_size)), 2 * generator.normal(size=(9, y_size))
    critic = CopulaRatio(copula, gaussian=math.isinf(degrees))
    scores = critic.of_arrays(*copula.sides(np.hstack([x, y])))
    assert scores.dtype == np.float64
    for i in range(9):
        # Rows are x, columns are y.
        expected = copula.log_ratios(np.hstack([np.repeat(x[i : i + 1], 9, axis=0), y]))
        np.testing.assert_allclose(scores[i], expected, rtol=1e-3, atol=1e-3)
    of_partners = copula.log_ratios(np.hstack([x, y]))
    np.testing.assert_allclose(np.diagonal(scores), of_partners, rtol=1e-3, atol=1e-3)


def test_scores_of_fitted_copulas_are_of_values_behind_their_margins(
    normal_pairs: NormalPairs,
) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.8)
    copula = fit_elliptical_copula(np.exp(x), y)
    rows = np.hstack([np.exp(x), y])
    critic = CopulaRatio(copula, gaussian=math.isinf(copula.degrees_of_freedom))
    np.testing.assert_allclose(
        np.diagonal(critic.of_arrays(*copula.sides(rows))), copula.log_ratios(rows), atol=1e-3
    )


@sizes
def test_the_general_path_scores_a_gaussian_as_the_short_one_does(x_size: int, y_size: int) -> None:
    copula = copula_of(math.inf, x_size, y_size)
    x, y = sides_of(copula, 20)
    short, general = (CopulaRatio(copula, gaussian=gaussian) for gaussian in (True, False))
    torch.testing.assert_close(general(x, y), short(x, y), rtol=1e-5, atol=1e-5)


def test_a_gaussian_beside_a_student_is_scored_as_it_is_alone() -> None:
    copulas = [copula_of(degrees, 2, 2) for degrees in (math.inf, 3.0)]
    critics = [CopulaRatio(copula, gaussian=False) for copula in copulas]
    sides = [sides_of(copula, 10) for copula in copulas]
    x, y = (torch.stack(side) for side in zip(*sides, strict=True))
    buffers = {
        name: torch.stack([dict(critic.named_buffers())[name] for critic in critics])
        for name, _ in critics[0].named_buffers()
    }

    def call(of_one: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        result: Tensor = torch.func.functional_call(critics[0], of_one, (x, y))
        return result

    together = torch.func.vmap(call)(buffers, x, y)
    for place, critic in enumerate(critics):
        torch.testing.assert_close(together[place], critic(x[place], y[place]))


@degrees_of_freedom
@pytest.mark.parametrize("gaussian", [False, True])
def test_gradients_of_the_copula_are_finite(degrees: float, gaussian: bool) -> None:
    copula = copula_of(degrees, 2, 1)
    x, y = (side.requires_grad_() for side in sides_of(copula, 5))
    CopulaRatio(copula, gaussian=gaussian)(x, y).sum().backward()
    for side in (x, y):
        assert side.grad is not None
        assert side.grad.isfinite().all()


def test_nothing_of_the_copula_is_trained() -> None:
    assert not list(CopulaRatio(copula_of(3.0, 2, 2), gaussian=False).parameters())


@sizes
@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_leading_sizes_are_a_batch(leading: tuple[int, ...], x_size: int, y_size: int) -> None:
    critic = CorrectedCritic(
        networks(x_size, y_size), CopulaRatio(copula_of(3.0, x_size, y_size), gaussian=False)
    )
    of_x, of_y = x_size + y_size + 4, 2 * y_size + 4
    x, y = drawn(0, *leading, 6, of_x), drawn(1, *leading, 6, of_y)
    trained(critic, x.reshape(-1, 6, of_x)[0], y.reshape(-1, 6, of_y)[0])
    with torch.no_grad():
        together = critic(x, y)
        assert together.shape == (*leading, 6, 6)
        for place in np.ndindex(leading):
            torch.testing.assert_close(together[place], critic(x[place], y[place]))


@sizes
def test_networks_start_as_nothing(x_size: int, y_size: int) -> None:
    scores = networks(x_size, y_size)(drawn(0, 7, x_size + 1), drawn(1, 7, y_size + 1))
    torch.testing.assert_close(scores, torch.zeros(7, 7), rtol=0, atol=0)


@degrees_of_freedom
def test_a_corrected_critic_starts_as_the_copula_of_what_follows_the_values_of_each_side(
    degrees: float,
) -> None:
    copula = CopulaRatio(copula_of(degrees, 3, 2), gaussian=False)
    critic = CorrectedCritic(networks(3, 2), copula)
    x, y = drawn(0, 7, 9), drawn(1, 7, 8)
    torch.testing.assert_close(critic(x, y), copula(x[:, 4:], y[:, 3:]), rtol=0, atol=0)
    trained(critic, x, y)
    with torch.no_grad():
        added = critic(x, y) - copula(x[:, 4:], y[:, 3:])
        torch.testing.assert_close(added, critic.networks(x[:, :4], y[:, :3]))
    assert added.abs().max() > 1e-3


def test_scores_are_a_product_and_a_term_of_each_side() -> None:
    critic = networks(2, 3)
    x, y = with_radius(drawn(0, 8, 2)), with_radius(drawn(1, 8, 3))
    trained(critic, x, y, updates=10)
    with torch.no_grad():
        scores = critic(x, y).double()
        of_x, of_y = critic.x_network(x).double(), critic.y_network(y).double()
    for i in range(8):
        for j in range(8):
            expected = of_x[i, :3] @ of_y[j, :3] + of_x[i, 3] + of_y[j, 3]
            assert scores[i, j].item() == pytest.approx(expected.item(), abs=1e-5)


@pytest.mark.parametrize("name", ["nwj", "infonce-symmetric"])
def test_every_parameter_gets_a_gradient_after_one_update(name: str) -> None:
    critic = networks(2, 3)
    x, y = drawn(0, 30, 2), drawn(1, 30, 3)
    y[:, :2] += x
    x, y = with_radius(x), with_radius(y)
    trained(critic, x, y, updates=1)
    critic.zero_grad()
    (-BOUNDS[name]().objective(critic(x, y))).backward()
    for parameter_name, parameter in critic.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
        # A constant that is added to all scores changes nothing of InfoNCE.
        silent = name != "nwj" and parameter_name.endswith("4.bias")
        moved = parameter.grad[:-1] if silent else parameter.grad
        # Of a matrix, every unit learns.
        assert (moved.reshape(len(moved), -1) != 0).any(dim=1).all()


def test_the_radius_is_a_mean_square_less_what_a_normal_one_has() -> None:
    values = drawn(0, 2, 5, 3)
    found = with_radius(values)
    assert torch.equal(found[..., :3], values)
    for place in np.ndindex(2, 5):
        expected = sum(value**2 for value in values[place].tolist()) / 3 - 1
        assert found[place][3].item() == pytest.approx(expected, abs=1e-6)


def test_weights_are_drawn_by_the_generator() -> None:
    first, again, other = (networks(2, 2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["x_network.0.weight"], other["x_network.0.weight"])
    assert not torch.equal(first["x_network.0.weight"], first["y_network.0.weight"])
