"""Items with noise as views."""

import math

import pytest
import torch

from infomax.errors import UserError
from infomax.views import AdditiveNoise


def test_noise_has_the_deviation_and_is_another_in_each_view() -> None:
    items = torch.full((100, 300), 7.0)
    x, y = AdditiveNoise(0.5)(items, torch.Generator().manual_seed(0))
    of_x, of_y = (x - items).flatten(), (y - items).flatten()
    correlation = torch.corrcoef(torch.stack((of_x, of_y)))[0, 1].item()
    # Standard errors of 30000 draws: 0.003 of the mean, 0.002 of the deviation, 0.006 of this.
    assert of_x.mean().item() == pytest.approx(0, abs=0.015)
    assert of_x.std().item() == pytest.approx(0.5, abs=0.01)
    assert of_y.std().item() == pytest.approx(0.5, abs=0.01)
    assert correlation == pytest.approx(0, abs=0.03)


def test_shared_noise_makes_equal_views_that_do_not_share_memory() -> None:
    x, y = AdditiveNoise(2.0, shared=True)(
        torch.zeros(4, 3, 2, 1), torch.Generator().manual_seed(0)
    )
    assert torch.equal(x, y)
    assert x.std() > 0.5
    assert x.data_ptr() != y.data_ptr()


def test_no_noise_leaves_the_items() -> None:
    items = torch.arange(6.0).reshape(2, 3)
    x, y = AdditiveNoise(0.0)(items, torch.Generator())
    assert torch.equal(x, items)
    assert torch.equal(y, items)


@pytest.mark.parametrize("deviation", [-0.1, math.nan, math.inf])
def test_a_deviation_that_is_none_is_refused(deviation: float) -> None:
    with pytest.raises(UserError, match=f"deviation of the noise is {deviation}"):
        AdditiveNoise(deviation)
