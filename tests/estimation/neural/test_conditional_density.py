"""Learned densities against naive loops, quadrature and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from infomax.bounds import DENSITY_BOUNDS, mean_of_pairs
from infomax.errors import UserError
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.neural.conditional_density import ConditionalDensity, density_critics
from infomax.estimation.split import split_rows

from ..conftest import NormalPairs


def density(x_size: int, y_size: int, seed: int = 0) -> ConditionalDensity:
    generator = np.random.default_rng(seed)
    factor = generator.normal(size=(y_size, y_size)) + 2 * np.eye(y_size)
    return ConditionalDensity(
        generator.normal(size=(y_size, x_size)),
        factor @ factor.T,
        torch.Generator().manual_seed(seed),
    ).double()


def drawn(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (2, 3), (4, 2)])
def test_scores_are_those_of_a_naive_mixture(x_size: int, y_size: int) -> None:
    critic = density(x_size, y_size)
    x, y, log_marginal = drawn(0, 4, x_size), drawn(1, 5, y_size), drawn(2, 5, 1)
    scores = critic(x, torch.cat([y, log_marginal], dim=-1)).detach()
    assert scores.shape == (4, 5)
    inverse = torch.linalg.inv(critic.whitening)
    for i in range(4):
        radius = x[i].square().mean() - 1
        read = critic.network(torch.cat([x[i], radius[None]])).detach().reshape(5, -1)
        weights = read[:, 0].softmax(0)
        for j in range(5):
            total = 0.0
            for k in range(5):
                shift, log_scale = read[k, 1:].tensor_split(2)
                mean = inverse @ (critic.prediction @ x[i] + shift)
                covariance = inverse @ torch.diag((2 * log_scale).exp()) @ inverse.T
                total += weights[k] * stats.multivariate_normal(mean, covariance).pdf(y[j])
            assert scores[i, j].item() == pytest.approx(math.log(total) - log_marginal[j].item())


def test_it_is_a_density_of_y_for_every_x() -> None:
    critic = density(2, 1)
    x = drawn(0, 1, 2)

    def at(y: float) -> float:
        rows = torch.tensor([[y, 0.0]], dtype=torch.float64)
        return float(critic(x, rows).detach().exp())

    assert integrate.quad(at, -60, 60, limit=400)[0] == pytest.approx(1.0, abs=1e-6)


def test_leading_sizes_are_batches_and_every_weight_learns() -> None:
    critic = density(2, 2)
    x, y = drawn(0, 3, 6, 2), drawn(1, 3, 6, 3)
    together = critic(x, y)
    for place in range(3):
        torch.testing.assert_close(together[place], critic(x[place], y[place]))
    mean_of_pairs(together).sum().backward()
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in critic.parameters())


def test_before_training_it_is_near_the_regression_of_the_scores(
    normal_pairs: NormalPairs,
) -> None:
    x, y = normal_pairs(0, 4000, 1, 1, correlation=0.75)
    split = split_rows(4000, np.random.default_rng(0))
    (refit, *_) = density_critics(x, y, split.refits, 0, exact_entropy=True)
    rows = torch.from_numpy(split.test)
    with torch.no_grad():
        value = float(mean_of_pairs(refit.critic(refit.x[rows], refit.y[rows])))
    assert value == pytest.approx(-0.5 * math.log(1 - 0.75**2), abs=0.08)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_the_bounds_stand_where_they_should_on_gaussians() -> None:
    x, y = draw_pairs("1v1-normal-0.75", 4000, seed=0)
    values = {name: estimate_mi(x, y, name, permutations=19) for name in DENSITY_BOUNDS}
    truth = -0.5 * math.log(1 - 0.75**2)
    assert values["barber-agakov"].value == pytest.approx(truth, abs=0.06)
    assert values["difference-of-entropies"].value == pytest.approx(truth, abs=0.06)
    assert values["leave-one-out"].value == pytest.approx(truth, abs=0.06)
    # The information and the divergence the other way round, which for Gaussians is known.
    assert values["club"].value == pytest.approx(0.75**2 / (1 - 0.75**2), abs=0.15)
    assert all(result.p_value == 0.05 for result in values.values())
    assert values["barber-agakov"].kind == "lower bound"


def test_what_a_density_cannot_be_of_is_refused() -> None:
    generator = np.random.default_rng(0)
    x, level = generator.normal(size=(100, 2)), generator.integers(2, size=100)
    with pytest.raises(UserError, match="y0 is discrete: swap x and y"):
        estimate_mi(x, level, "club", discrete=["y0"])
    with pytest.raises(UserError, match="known for one column and not for 2"):
        estimate_mi(generator.normal(size=100), x, "barber-agakov")
