"""The residual network for images: its layers, its norm, and sizes that it takes."""

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from infomax.encoders import ResNetEncoder, ViewShape
from infomax.errors import UserError

PICTURE = (9, 8, 3)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(view_shape: ViewShape = PICTURE) -> ResNetEncoder:
    """Return a narrow network in float64 whose norms are far from their start."""
    encoder = ResNetEncoder(view_shape, generator(), width=16, code_size=5).double()
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator(1)))
    return encoder


def pictures(number: int = 4, view_shape: ViewShape = PICTURE) -> Tensor:
    return torch.rand(number, *view_shape, generator=generator(2), dtype=torch.float64)


def naive_norm(hidden: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Norm each image's groups of 16 channels, one after another."""
    normed = torch.empty_like(hidden)
    for row in range(len(hidden)):
        for start in range(0, hidden.shape[1], 16):
            group = hidden[row, start : start + 16]
            deviation = (group.var(correction=0) + 1e-5).sqrt()
            normed[row, start : start + 16] = (group - group.mean()) / deviation
    return normed * scale[:, None, None] + shift[:, None, None]


def test_it_is_the_network_of_the_docstring() -> None:
    encoder = made()
    weights: Iterator[Tensor] = iter(encoder.parameters())

    def normed_convolution(image: Tensor, stride: int = 1) -> Tensor:
        kernels, scale, shift = next(weights), next(weights), next(weights)
        padding = kernels.shape[-1] // 2
        convolved = nn.functional.conv2d(image, kernels, stride=stride, padding=padding)
        return naive_norm(convolved, scale, shift)

    hidden = normed_convolution(pictures().permute(0, 3, 1, 2)).relu()
    sizes = []
    for stage in range(3):
        for block in range(2):
            shrinks = stage > 0 and block == 0
            change = normed_convolution(hidden, 2 if shrinks else 1).relu()
            change = normed_convolution(change)
            shortcut = normed_convolution(hidden, 2) if shrinks else hidden
            hidden = (shortcut + change).relu()
        sizes.append(tuple(hidden.shape[1:]))
    assert sizes == [(16, 9, 8), (32, 5, 4), (64, 3, 2)]
    expected = hidden.mean(dim=(2, 3)) @ next(weights).T + next(weights)
    assert next(weights, None) is None
    torch.testing.assert_close(encoder(pictures()), expected)


@pytest.mark.parametrize("view_shape", [(4, 4, 1), (5, 11, 2), (14, 28, 1), (16, 32, 3)])
def test_every_parameter_gets_a_gradient(view_shape: ViewShape) -> None:
    encoder = made(view_shape)
    codes = encoder(pictures(6, view_shape))
    assert codes.shape == (6, encoder.code_size) == (6, 5)
    (codes * torch.randn(codes.shape, generator=generator(3))).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_a_code_does_not_depend_on_the_other_views() -> None:
    encoder, given = made(), pictures(6)
    changed = given.clone()
    changed[1:] = 100 * given[1:].flip(0)
    torch.testing.assert_close(encoder(given)[0], encoder(changed)[0])
    torch.testing.assert_close(encoder(given)[0], encoder(given[:1])[0])


def test_evaluation_is_training_and_nothing_is_kept_between_batches() -> None:
    encoder, given = made(), pictures()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    trained = encoder.train()(given)
    assert torch.equal(encoder.eval()(given), trained)
    assert not list(encoder.buffers())
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_weights_are_glorot_uniform_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = ResNetEncoder(PICTURE, generator())
    torch.manual_seed(2)
    second = ResNetEncoder(PICTURE, generator())
    for (name, one), other in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other), name
        if one.ndim > 1:
            receptive = math.prod(one.shape[2:])
            limit = math.sqrt(6 / ((one.shape[0] + one.shape[1]) * receptive))
            assert one.abs().max().item() == pytest.approx(limit, rel=0.02), name
        else:
            assert (one == float(name.endswith("weight"))).all(), name
    third = ResNetEncoder(PICTURE, generator(1))
    assert not torch.equal(first.output.weight, third.output.weight)


def test_the_factor_of_a_view_is_lost_as_the_docstring_says() -> None:
    encoder = ResNetEncoder(PICTURE, generator(), width=16).double()
    torch.testing.assert_close(encoder(1e3 * pictures()), encoder(1e4 * pictures()))


def test_a_blank_view_has_a_finite_code_and_gradient() -> None:
    encoder = made()
    codes = encoder(torch.zeros(2, *PICTURE, dtype=torch.float64))
    codes.square().sum().backward()
    assert codes.isfinite().all()
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all()
        for parameter in encoder.parameters()
    )


@pytest.mark.parametrize("view_shape", [(3, 8, 1), (8, 3, 1)])
def test_views_that_are_too_small_are_refused(view_shape: ViewShape) -> None:
    height, width, _ = view_shape
    with pytest.raises(UserError, match=f"{height} x {width} are too small .* 4 x 4: choose conv"):
        ResNetEncoder(view_shape, generator())


@pytest.mark.parametrize("width", [0, -16, 8, 24])
def test_a_width_that_is_no_multiple_of_the_groups_is_refused(width: int) -> None:
    with pytest.raises(UserError, match=f"is {width}: give a multiple of 16"):
        ResNetEncoder(PICTURE, generator(), width=width)
