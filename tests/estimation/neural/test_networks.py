"""What training adds to a critic starts silent, learns, and is what its formula says."""

import numpy as np
import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.neural.networks import (
    AdditiveFunctions,
    SeparableNetworks,
    column_functions,
    with_radius,
)

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
def test_networks_start_as_nothing(x_size: int, y_size: int) -> None:
    scores = networks(x_size, y_size)(drawn(0, 7, x_size + 1), drawn(1, 7, y_size + 1))
    torch.testing.assert_close(scores, torch.zeros(7, 7), rtol=0, atol=0)


def test_additive_functions_start_as_nothing_and_learn_a_code_of_single_columns() -> None:
    x, y = drawn(0, 40, 5), drawn(1, 40, 4)
    critic = AdditiveFunctions(5, 4, torch.Generator().manual_seed(0), code_size=3)
    assert not critic(x, y).any()
    trained(critic, x, y, updates=10)
    with torch.no_grad():
        # Each code is a sum over functions: taken one by one, they add up, less the bias.
        zero = critic.of_x(torch.zeros(1, 5))
        one_by_one = sum(critic.of_x(x * torch.eye(5)[k]) - zero for k in range(5)) + zero
        torch.testing.assert_close(critic.of_x(x), one_by_one, rtol=1e-4, atol=1e-5)
        of_x, of_y = critic.of_x(x), critic.of_y(y)
        expected = of_x[7, :3] @ of_y[2, :3] + of_x[7, 3] + of_y[2, 3]
        assert critic(x, y)[7, 2].item() == pytest.approx(expected.item(), abs=1e-5)
        assert critic(x, y).abs().max() > 1e-3


@pytest.mark.parametrize(("columns", "functions"), [(1, 12), (20, 12), (40, 6), (300, 3)])
def test_functions_of_columns_are_fewer_of_many_and_each_of_one(
    columns: int, functions: int
) -> None:
    fitted = drawn(0, 2000, columns).double().numpy()
    found = column_functions(fitted, fitted)
    assert found.shape == (2000, columns * functions)
    # Continuous columns without ties have the same ranks, so all have the same moments.
    # Ranks stop short of 0 and 1, which takes a little off the squares.
    assert np.abs(found.mean(axis=0)).max() < 0.01
    assert found.var(axis=0) == pytest.approx(1, abs=0.05)
    moved = fitted.copy()
    moved[:, 0] = -moved[:, 0]
    changed = np.abs(column_functions(fitted, moved) - found).max(axis=0) > 0
    assert set(np.flatnonzero(changed) % columns) == {0}


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
