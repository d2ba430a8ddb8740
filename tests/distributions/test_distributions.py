"""What every distribution of pairs promises."""

from collections.abc import Iterator

import pytest
import torch

from infomax.distributions import DISTRIBUTIONS
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
    # Every y has a density; an x may be a whole number, and the same twice.
    assert (first_y != second_y).all()
    assert (first_x != second_x).any()


@names
def test_refuses_an_empty_batch(name: str) -> None:
    with pytest.raises(UserError, match="draw at least 1"):
        DISTRIBUTIONS[name].sample(0, torch.Generator())
