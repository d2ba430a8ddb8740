"""Codes of any module, a batch at a time."""

import pytest
import torch
from torch import nn

from infomax.errors import UserError
from infomax.evaluation import encode


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_any_module_of_the_users_own_is_encoded_in_the_shape_of_its_views() -> None:
    encoder = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())
    views = torch.rand(7, 3, 5, 5, generator=generator())
    codes = encode(encoder, views, batch_size=3)
    torch.testing.assert_close(codes, encoder(views).detach())
    assert codes.shape == (7, 36)


def test_codes_do_not_depend_on_the_batch_or_on_chance_in_an_encoder_with_both() -> None:
    encoder = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5))
    views = 5 + 3 * torch.randn(20, 4, generator=generator())
    codes = encode(encoder, views, batch_size=20)
    torch.testing.assert_close(codes, encode(encoder, views, batch_size=3))
    assert (codes != 0).all()


def test_an_encoder_is_left_as_it_was() -> None:
    encoder = nn.Sequential(nn.BatchNorm1d(4), nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2)))
    encoder[0].eval()
    state = {name: value.clone() for name, value in encoder.state_dict().items()}
    modes = [part.training for part in encoder.modules()]
    encode(encoder, torch.rand(6, 4))
    assert [part.training for part in encoder.modules()] == modes == [True, False, True, True, True]
    assert all(torch.equal(value, state[name]) for name, value in encoder.state_dict().items())


def test_an_encoder_that_fails_is_left_in_its_mode() -> None:
    encoder = nn.Linear(4, 2)
    with pytest.raises(RuntimeError):
        encode(encoder, torch.rand(6, 5))
    assert encoder.training


def test_codes_that_are_no_rows_are_refused() -> None:
    with pytest.raises(UserError, match=r"\(5, 3, 2\), expected \(5, d\): one row .*flatten\(1\)"):
        encode(nn.Identity(), torch.zeros(5, 3, 2))
