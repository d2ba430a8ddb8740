"""The residual encoder: near the identity at its start, five square layers."""

import pytest
import torch

from infomax.encoders import ResidualMLPEncoder

HALF_DIGIT = (14, 28, 1)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_it_starts_near_the_identity() -> None:
    encoder = ResidualMLPEncoder(HALF_DIGIT, generator())
    view = torch.rand(7, 392, generator=generator(1))
    assert encoder.code_size == 392
    torch.testing.assert_close(encoder(view), view, rtol=0, atol=0.02)


def test_it_has_five_square_layers_of_small_weights() -> None:
    encoder = ResidualMLPEncoder(HALF_DIGIT, generator())
    weights = [each for each in encoder.parameters() if each.ndim == 2]
    assert [tuple(weight.shape) for weight in weights] == [(392, 392)] * 5
    for weight in weights:
        assert weight.abs().max() <= 2e-4
        assert weight.std().item() == pytest.approx(0.88e-4, rel=0.03)
    assert all((each == 0).all() for each in encoder.parameters() if each.ndim == 1)


def test_it_is_the_formula() -> None:
    encoder = ResidualMLPEncoder((1, 6, 1), generator()).double()
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator(parameter.ndim)))
    parameters = list(encoder.parameters())
    x = torch.randn(4, 6, generator=generator(2), dtype=torch.float64)
    expected = x
    for layer in range(5):
        weight, bias = parameters[2 * layer : 2 * layer + 2]
        change = expected @ weight.T + bias
        expected = expected + (change.relu() if layer < 4 else change)
    torch.testing.assert_close(encoder(x), expected)


def test_every_parameter_of_the_residual_network_gets_a_gradient() -> None:
    encoder = ResidualMLPEncoder(HALF_DIGIT, generator())
    view = torch.rand(9, 392, generator=generator(1))
    (encoder(view) * torch.randn(9, 392, generator=generator(2))).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
