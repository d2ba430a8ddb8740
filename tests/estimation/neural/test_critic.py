"""The critic: its copula is that of the fit, and its networks start silent and learn."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.copula.elliptical import CopulaRatio
from infomax.estimation.neural.critic import (
    CorrectedCritic,
    SeparableNetworks,
    with_radius,
)

from ..copula.test_elliptical import copula_of

degrees_of_freedom = pytest.mark.parametrize("degrees", [1.0, 4.5, math.inf])
sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (3, 2)])


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def networks(x_size: int, y_size: int, seed: int = 0) -> SeparableNetworks:
    return SeparableNetworks(
        x_size, y_size, torch.Generator().manual_seed(seed), hidden_size=8, code_size=3
    )


def trained(critic: torch.nn.Module, x: Tensor, y: Tensor, updates: int = 3) -> None:
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.01)
    for _ in range(updates):
        optimiser.zero_grad()
        (-BOUNDS["nwj"]().objective(critic(x, y))).backward()
        optimiser.step()


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
