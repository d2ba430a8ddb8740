"""Information as a mean over draws."""

import pytest
import torch

from infomax.distributions import DISTRIBUTIONS, GaussianMixture, monte_carlo_information
from infomax.errors import UserError

CROSS = DISTRIBUTIONS["1v1-X-0.9"]


def test_is_the_mean_over_all_draws_however_many_are_drawn_at_once() -> None:
    assert isinstance(CROSS, GaussianMixture)
    generator = torch.Generator().manual_seed(3)
    drawn = [CROSS.log_ratio(*CROSS.sample(count, generator)) for count in (100_000, 20_000)]
    ratios = torch.cat(drawn)
    nats, error = monte_carlo_information(CROSS, 120_000, torch.Generator().manual_seed(3))
    assert nats == pytest.approx(float(ratios.mean()))
    assert error == pytest.approx(float(ratios.std()) / 120_000**0.5)


def test_refuses_a_mean_without_an_error() -> None:
    assert isinstance(CROSS, GaussianMixture)
    with pytest.raises(UserError, match="draw at least 2"):
        monte_carlo_information(CROSS, 1, torch.Generator())
