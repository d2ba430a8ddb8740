"""Flows of both sides: a density of pairs, and what is left to share behind them."""

import math

import numpy as np
import torch
from torch.distributions import MultivariateNormal

from infomax.estimation.arrays import Array
from infomax.estimation.copula.fits import fit_elliptical_copula
from infomax.estimation.neural.flows import NormalisingFlows, flow_sides
from infomax.estimation.split import split_rows


def bent_pairs(size: int, information: float, seed: int = 0) -> tuple[Array, Array]:
    """Draw 2 + 2 normal columns that share so many nats, and bend each side."""
    generator = np.random.default_rng(seed)
    correlation = math.sqrt(1 - math.exp(-information))
    x, noise = generator.normal(size=(2, size, 2))
    y = correlation * x + math.sqrt(1 - correlation**2) * noise
    return bent(x), bent(y)


def bent(straight: Array) -> Array:
    first, second = straight.T
    second = second + 2 * np.sin(1.5 * first)
    return np.column_stack([first + np.sin(second), second])


def straightened(side: Array) -> Array:
    first, second = side.T
    first = first - np.sin(second)
    return np.column_stack([first, second - 2 * np.sin(1.5 * first)])


def test_scores_are_log_densities_of_a_gaussian_behind_the_flows() -> None:
    generator = torch.Generator().manual_seed(0)
    flows = NormalisingFlows(2, 3, generator)
    with torch.no_grad():
        for parameter in (flows.prediction, flows.mixing, flows.log_scales):
            parameter.normal_(0, 0.5, generator=generator)
    x, y = torch.randn(4, 2, generator=generator), torch.randn(4, 3, generator=generator)
    factor = flows.mixing.tril(-1) + torch.diag(flows.log_scales.exp())
    with torch.no_grad():
        scores = flows(x, y)
        u, log_of_x = flows.of_x().call_and_ladj(x)
        v, log_of_y = flows.of_y().call_and_ladj(y)
        of_u = MultivariateNormal(torch.zeros(2), torch.eye(2)).log_prob(u)
        for i, j in np.ndindex(4, 4):
            given = MultivariateNormal(
                flows.prediction @ u[i], precision_matrix=factor.mT @ factor
            ).log_prob(v[j])
            expected = of_u[i] + log_of_x[i] + given + log_of_y[j]
            torch.testing.assert_close(scores[i, j], expected, rtol=1e-4, atol=1e-4)


def test_behind_flows_bent_pairs_share_more_than_a_copula_of_them_says() -> None:
    x, y = bent_pairs(1500, 3.0)
    split = split_rows(len(x), np.random.default_rng(0))
    refits = split.refits[:2]
    drawn = torch.random.get_rng_state()
    behind = flow_sides(x, y, refits, 0, most_steps=300)
    assert torch.equal(torch.random.get_rng_state(), drawn)
    for (u, v), refit in zip(behind, refits, strict=True):
        before = fit_elliptical_copula(x[refit.train], y[refit.train])
        after = fit_elliptical_copula(u[refit.train], v[refit.train])
        assert before.mutual_information < 2.35
        held_out = after.log_ratios(np.hstack([u[split.test], v[split.test]])).mean()
        assert 2.5 < held_out < 3.1
