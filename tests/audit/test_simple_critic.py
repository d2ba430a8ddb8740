"""The simple critics: their scores are what they say, and read no more than there is."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from infomax.audit.audited_codes import read_codes
from infomax.audit.simple_critic import SimpleCritic, fit_simple_critic, held_out_bound


def test_the_density_ratio_is_that_of_two_normals() -> None:
    rho, one = 0.8, torch.ones(1, 1, dtype=torch.float64)
    critic = SimpleCritic("", 0 * one[0], 0 * one[0], one, one, rho * one[0])
    u, v = torch.linspace(-2, 2, 5, dtype=torch.float64), torch.linspace(-1, 3, 5).double()
    scores = critic(u[:, None], v[:, None]).numpy()
    both = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    for i, x in enumerate(u.numpy()):
        for j, y in enumerate(v.numpy()):
            ratio = both.logpdf([x, y]) - stats.norm.logpdf(x) - stats.norm.logpdf(y)
            # All that the score leaves out is the same for every pair.
            assert scores[i, j] - 0.5 * math.log(1 - rho**2) == pytest.approx(ratio)


def test_it_reads_nearly_all_of_gaussian_codes() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2_000, 3))
    noise = generator.standard_normal((2_000, 3)) @ generator.standard_normal((3, 3))
    # Sides of two sizes have no cosine.
    y = np.concatenate([0.8 * x + 0.6 * noise, generator.standard_normal((2_000, 2))], axis=1)
    codes = read_codes("mine", x, y, None, seed=0)
    critic = fit_simple_critic(codes)
    assert critic.told.startswith("the density ratio")
    covariance = np.cov(np.concatenate([x, y], axis=1).T)
    parts = [np.linalg.slogdet(covariance[a, a])[1] for a in (slice(0, 3), slice(3, 8))]
    truth = (sum(parts) - np.linalg.slogdet(covariance)[1]) / 2
    assert 0.8 * truth < held_out_bound(critic, codes, 500).mean < truth + 0.1


def test_what_shares_nothing_is_read_as_nothing() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((2, 300, 40))
    codes = read_codes("mine", x, y, None, seed=0)
    assert abs(held_out_bound(fit_simple_critic(codes), codes, 64).mean) < 0.1
