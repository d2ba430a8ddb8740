"""The projection head: its formula, its layers, and batch norm over the batch."""

import math

import pytest
import torch
from torch import nn

from infomax.encoders import ProjectionHead
from infomax.errors import UserError
from infomax.layers import BatchNorm


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear_of(head: ProjectionHead) -> list[nn.Linear]:
    return [each for each in head.layers if isinstance(each, nn.Linear)]


def test_it_is_the_formula_whatever_the_leading_sizes() -> None:
    head = ProjectionHead(4, generator(), hidden_sizes=(7,), output_size=3).double()
    first, second = linear_of(head)
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
    assert shapes["layers.0.weight"] == (9, 9)
    assert shapes["layers.2.weight"] == (128, 9)
    assert head.output_size == 128


def test_batch_norm_without_a_hidden_layer_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"^batch_norm normalises the hidden layers .* has none: give"
    ):
        ProjectionHead(9, generator(), hidden_sizes=(), batch_norm=True)
    assert len(ProjectionHead(9, generator(), hidden_sizes=()).layers) == 1


def test_weights_are_glorot_uniform_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = ProjectionHead(100, generator(), hidden_sizes=(80,))
    torch.manual_seed(2)
    second = ProjectionHead(100, generator(), hidden_sizes=(80,))
    for (name, one), other in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other), name
        if one.ndim > 1:
            limit = math.sqrt(6 / sum(one.shape))
            assert one.abs().max().item() == pytest.approx(limit, rel=0.02), name
        else:
            assert (one == 0).all(), name


@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_parameter_of_a_head_gets_a_gradient(*, batch_norm: bool) -> None:
    head = ProjectionHead(6, generator(), hidden_sizes=(9, 7), batch_norm=batch_norm)
    head(torch.randn(8, 6, generator=generator(1))).square().sum().backward()
    for name, parameter in head.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("training", [True, False])
def test_with_batch_norm_each_hidden_value_is_normalised_before_its_relu(*, training: bool) -> None:
    head = ProjectionHead(4, generator(), hidden_sizes=(7, 5), output_size=3, batch_norm=True)
    head.double().train(training)
    with torch.no_grad():
        for seed, each in enumerate(head.parameters()):
            each.add_(torch.rand(each.shape, generator=generator(seed)))
        for value in head.buffers():
            if value.is_floating_point():
                value.add_(torch.rand(value.shape, generator=generator(9)))
    codes = torch.randn(6, 4, generator=generator(2), dtype=torch.float64)
    expected = codes
    for first in (0, 3):
        dense, norm = head.layers[first], head.layers[first + 1]
        assert isinstance(dense, nn.Linear)
        assert isinstance(norm, BatchNorm)
        assert dense.bias is None
        expected = expected @ dense.weight.T
        mean, variance = (
            (expected.mean(dim=0), expected.var(dim=0, correction=0))
            if training
            else (norm.running_mean, norm.running_var)
        )
        expected = (expected - mean) / (variance + 1e-5).sqrt() * norm.weight + norm.bias
        expected = expected.clamp(min=0)
    last = linear_of(head)[-1]
    torch.testing.assert_close(head(codes), expected @ last.weight.T + last.bias)


def test_without_hidden_layers_a_head_is_linear() -> None:
    head = ProjectionHead(4, generator(), hidden_sizes=(), output_size=3)
    assert [tuple(each.shape) for each in head.parameters()] == [(3, 4), (3,)]


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(UserError, match="4 inputs and 0 outputs: sizes must be at least 1"):
        ProjectionHead(4, generator(), hidden_sizes=(0,))
