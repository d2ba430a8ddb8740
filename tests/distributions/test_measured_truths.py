"""What stands in the catalogue as a mean over draws, drawn anew."""

import math

import pytest
import torch

from infomax.distributions import (
    DISTRIBUTIONS,
    GaussianMixture,
    PairDistribution,
    Transformed,
    clusters,
    monte_carlo_information,
)
from infomax.distributions.measured_truths import MEASURED_TRUTHS


def root(distribution: PairDistribution) -> PairDistribution:
    return root(distribution.base) if isinstance(distribution, Transformed) else distribution


MIXTURES = {
    mixture.name: mixture
    for mixture in map(root, DISTRIBUTIONS.values())
    if isinstance(mixture, GaussianMixture)
}


def test_every_mean_belongs_to_a_mixture_of_the_catalogue() -> None:
    assert set(MIXTURES) == set(MEASURED_TRUTHS)


@pytest.mark.parametrize("name", MEASURED_TRUTHS)
def test_is_found_again_with_other_draws(name: str) -> None:
    mixture = MIXTURES[name]
    count = 50_000 if "clusters" in name else 200_000
    nats, error = monte_carlo_information(mixture, count, torch.Generator().manual_seed(1))
    assert error < 0.01
    assert abs(nats - mixture.mutual_information) < 4 * math.hypot(error, mixture.information_error)


def test_clusters_that_do_not_meet_tell_what_their_classes_do() -> None:
    # Centres some 19 apart under noise of 1: x tells its class, and y its own, for certain.
    agree, other = 0.8 / 10 + 0.2 / 100, 0.2 / 100
    of_classes = 10 * agree * math.log(100 * agree) + 90 * other * math.log(100 * other)
    truth, error = MEASURED_TRUTHS["clusters-30-30-10-0.8"]
    assert truth == pytest.approx(of_classes, abs=4 * error)
    anew = clusters("anew", 0.0, 0.0, seed=5)
    nats, error = monte_carlo_information(anew, 20_000, torch.Generator().manual_seed(0))
    assert nats == pytest.approx(of_classes, abs=4 * error)
