"""The encoders: sizes as in the paper, padding as in TensorFlow, gradients, initial weights."""

import math

import pytest
import torch

from infomax.encoders import ENCODERS, ConvNetEncoder, MLPEncoder

HALF_DIGIT, HALF_PICTURE = (14, 28, 1), (16, 32, 3)


@pytest.mark.parametrize("name", ["mlp", "convnet"])
@pytest.mark.parametrize("view_shape", [HALF_DIGIT, HALF_PICTURE, (4, 8, 1)])
def test_every_parameter_gets_a_gradient(name: str, view_shape: tuple[int, int, int]) -> None:
    encoder = ENCODERS[name](view_shape, torch.Generator().manual_seed(0))
    view = torch.rand(6, math.prod(view_shape), generator=torch.Generator().manual_seed(1))
    code = encoder(view)
    assert code.shape == (6, encoder.code_size) == (6, 100)
    (code * torch.randn(code.shape, generator=torch.Generator().manual_seed(2))).sum().backward()
    for parameter_name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize("name", ["mlp", "convnet"])
def test_weights_are_glorot_uniform_from_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    first = ENCODERS[name](HALF_DIGIT, torch.Generator().manual_seed(0))
    torch.manual_seed(2)
    second = ENCODERS[name](HALF_DIGIT, torch.Generator().manual_seed(0))
    for (key, one), other in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other), key
        if one.ndim > 1 and "norm" not in key:
            receptive = math.prod(one.shape[2:])
            limit = math.sqrt(6 / ((one.shape[0] + one.shape[1]) * receptive))
            assert one.abs().max().item() == pytest.approx(limit, rel=0.02), key
        elif "bias" in key:
            assert (one == 0).all(), key


def test_mlp_has_the_layers_of_the_paper() -> None:
    encoder = MLPEncoder(HALF_DIGIT, torch.Generator().manual_seed(0))
    shapes = [tuple(p.shape) for p in encoder.parameters() if p.ndim == 2]
    assert shapes == [(300, 392), (300, 300), (100, 300)]
    # ReLU between the layers and not after the last: codes take both signs.
    assert (encoder(torch.rand(50, 392)) < 0).any()


def test_convnet_reads_the_view_row_by_row_with_its_channels_last() -> None:
    encoder = ConvNetEncoder(HALF_PICTURE, torch.Generator().manual_seed(0)).double()
    pictures = torch.rand(2, *HALF_PICTURE, dtype=torch.float64)
    # 16 x 32 by a 5 x 5 kernel with stride 2: 8 x 16 positions, 3 of padding, the extra one last.
    padded = torch.nn.functional.pad(pictures.permute(0, 3, 1, 2), (1, 2, 1, 2))
    hidden = torch.nn.functional.conv2d(padded, encoder.first.weight, stride=2).relu()
    assert hidden.shape[-2:] == (8, 16)
    padded = torch.nn.functional.pad(hidden, (1, 2, 1, 2))
    hidden = torch.nn.functional.conv2d(padded, encoder.second.weight, stride=2).relu()
    assert hidden.shape[-2:] == (4, 8)
    mean = hidden.mean(dim=(1, 2, 3), keepdim=True)
    variance = hidden.var(dim=(1, 2, 3), keepdim=True, correction=0)
    pooled = ((hidden - mean) / (variance + 1e-5).sqrt()).mean(dim=(2, 3))
    expected = pooled @ encoder.output.weight.T
    torch.testing.assert_close(encoder(pictures.flatten(1)), expected)


def test_convnet_pads_an_odd_number_of_positions_as_tensorflow_does() -> None:
    # 7 rows by a 5 x 5 kernel with stride 2: 4 positions, 4 of padding, two on each side.
    encoder = ConvNetEncoder((14, 28, 1), torch.Generator().manual_seed(0)).double()
    view = torch.zeros(1, 14, 28, 1, dtype=torch.float64)
    view[0, -1, -1, 0] = 1.0
    corner = torch.zeros(1, 14, 28, 1, dtype=torch.float64)
    hidden = torch.nn.functional.conv2d(
        torch.nn.functional.pad(view.permute(0, 3, 1, 2), (1, 2, 1, 2)),
        encoder.first.weight,
        stride=2,
    ).relu()
    assert hidden.shape[-2:] == (7, 14)
    after = torch.nn.functional.conv2d(
        torch.nn.functional.pad(hidden, (1, 2, 2, 2)), encoder.second.weight, stride=2
    )
    assert after.shape[-2:] == (4, 7)
    assert not torch.equal(encoder(view.flatten(1)), encoder(corner.flatten(1)))
