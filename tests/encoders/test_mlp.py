"""The residual encoder: near the identity at its start, five square layers."""

import math

import pytest
import torch

from infomax.encoders import ProjectionHead, ResidualMLPEncoder

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


def test_it_is_the_formula_whatever_the_leading_sizes() -> None:
    head = ProjectionHead(4, generator(), hidden_size=7, output_size=3).double()
    first, second = head.hidden, head.output
    with torch.no_grad():
        for bias in (first.bias, second.bias):
            bias.copy_(torch.rand(bias.shape, generator=generator(1)))
    codes = torch.randn(2, 5, 4, generator=generator(2), dtype=torch.float64)
    hidden = (codes @ first.weight.T + first.bias).clamp(min=0)
    expected = hidden @ second.weight.T + second.bias
    torch.testing.assert_close(head(codes), expected)


def test_the_hidden_layer_is_as_wide_as_the_code_unless_told() -> None:
    head = ProjectionHead(9, generator())
    shapes = {name: tuple(parameter.shape) for name, parameter in head.named_parameters()}
    assert shapes["hidden.weight"] == (9, 9)
    assert shapes["output.weight"] == (128, 9)
    assert head.output_size == 128


def test_weights_are_glorot_uniform_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = ProjectionHead(100, generator(), hidden_size=80)
    torch.manual_seed(2)
    second = ProjectionHead(100, generator(), hidden_size=80)
    for (name, one), other in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other), name
        if one.ndim > 1:
            limit = math.sqrt(6 / sum(one.shape))
            assert one.abs().max().item() == pytest.approx(limit, rel=0.02), name
        else:
            assert (one == 0).all(), name


def test_every_parameter_of_a_head_gets_a_gradient() -> None:
    head = ProjectionHead(6, generator())
    head(torch.randn(8, 6, generator=generator(1))).square().sum().backward()
    for name, parameter in head.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
