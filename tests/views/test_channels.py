"""Channels as views."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.views import Channels


@given(sides=st.lists(st.integers(1, 4), min_size=1, max_size=2), number=st.integers(0, 3))
def test_each_view_has_its_channels_of_images_and_series(sides: list[int], number: int) -> None:
    shape = (*sides, 4)
    items = torch.randn(number, *shape, generator=torch.Generator().manual_seed(0))
    views = Channels(x=(3, 0), y=(2,))
    x, y = views(items, torch.Generator())
    assert views.shapes(shape) == ((*sides, 2), (*sides, 1))
    assert torch.equal(x, torch.stack((items[..., 3], items[..., 0]), dim=-1))
    assert torch.equal(y[..., 0], items[..., 2])
    assert all(map(torch.equal, views.clean(items), (x, y)))


def test_the_first_channel_and_the_others_are_the_views_unless_others_are_named() -> None:
    assert Channels().shapes((8, 8, 3)) == ((8, 8, 1), (8, 8, 2))


def test_a_channel_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="channels 3: items have 3"):
        Channels(x=(3,)).shapes((8, 8, 3))


def test_features_have_no_channels() -> None:
    with pytest.raises(UserError, match=r"plain features have no channels.*views features"):
        Channels().shapes((8,))
