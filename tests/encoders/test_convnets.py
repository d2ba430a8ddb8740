"""The convolutional network for series."""

import math

import pytest
import torch
from torch import Tensor, nn

from infomax.encoders import SeriesConvNetEncoder, ViewShape

SERIES = (21, 3)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(view_shape: ViewShape = SERIES) -> SeriesConvNetEncoder:
    encoder = SeriesConvNetEncoder(view_shape, generator(), width=6, code_size=5).double()
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.ndim == 1:
                parameter.copy_(torch.rand(parameter.shape, generator=generator(1)))
    return encoder


def series(number: int = 4, view_shape: ViewShape = SERIES) -> Tensor:
    return torch.randn(number, *view_shape, generator=generator(2), dtype=torch.float64)


def naive_convolution(values: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """Convolve ``(N, length, inputs)`` point by point, every second one, zeros at both ends."""
    number, length, inputs = values.shape
    ends = torch.zeros(number, 2, inputs, dtype=values.dtype)
    padded = torch.cat([ends, values, ends], dim=1)
    points = [
        torch.einsum("nki,oik->no", padded[:, start : start + 5], kernels) + bias
        for start in range(0, length, 2)
    ]
    return torch.stack(points, dim=1)


@pytest.mark.parametrize("view_shape", [SERIES, (16, 1), (1, 2), (18,)])
def test_it_is_the_network_of_the_docstring(view_shape: ViewShape) -> None:
    encoder = made(view_shape)
    weights = list(encoder.parameters())
    values = series(4, view_shape).reshape(4, view_shape[0], -1)
    for kernels, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        values = naive_convolution(values, kernels, bias).relu()
    assert [kernels.shape[0] for kernels in weights[:-2:2]] == [6, 6, 12, 12]
    expected = values.mean(dim=1) @ weights[-2].T + weights[-1]
    torch.testing.assert_close(encoder(series(4, view_shape)), expected)


def test_a_length_alone_is_one_channel() -> None:
    one, other = made((18,)), made((18, 1))
    assert torch.equal(one(series(4, (18,))), other(series(4, (18, 1))))


@pytest.mark.parametrize("view_shape", [SERIES, (1, 2), (300,)])
def test_every_parameter_gets_a_gradient(view_shape: ViewShape) -> None:
    encoder = made(view_shape)
    codes = encoder(series(6, view_shape))
    assert codes.shape == (6, encoder.code_size) == (6, 5)
    (codes * torch.randn(codes.shape, generator=generator(3))).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_the_last_convolution_sees_sixty_one_points() -> None:
    encoder = SeriesConvNetEncoder((200, 1), generator(), width=4).double()
    given = series(1, (200, 1)).requires_grad_()
    # Weights above zero let every point through the ReLU, to whatever it can reach.
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.abs_()
        given.abs_()
    last: Tensor = encoder.layers(given.mT)
    last[0, :, 6].sum().backward()
    assert given.grad is not None
    assert int((given.grad != 0).sum()) == 61


def test_how_large_a_series_is_is_kept() -> None:
    encoder, given = SeriesConvNetEncoder(SERIES, generator()).double(), series()
    torch.testing.assert_close(encoder(7 * given), 7 * encoder(given))


def test_weights_are_glorot_uniform_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = SeriesConvNetEncoder(SERIES, generator())
    torch.manual_seed(2)
    second = SeriesConvNetEncoder(SERIES, generator())
    for (name, one), other in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other), name
        if one.ndim > 1:
            receptive = math.prod(one.shape[2:])
            limit = math.sqrt(6 / ((one.shape[0] + one.shape[1]) * receptive))
            assert one.abs().max().item() == pytest.approx(limit, rel=0.02), name
        else:
            assert (one == 0).all(), name


def test_nothing_norms_over_the_batch() -> None:
    encoder, given = made(), series(6)
    torch.testing.assert_close(encoder(given)[0], encoder(given[:1])[0])
    assert not list(encoder.buffers())
    assert not [
        part for part in encoder.modules() if isinstance(part, nn.modules.batchnorm._NormBase)
    ]
