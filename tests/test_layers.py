"""Layers begin with the weights that their generator draws, and with nothing else."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from infomax.layers import convolution, dense, truncated_normal_dense, undrawn


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def layers(seed: int) -> list[nn.Module]:
    return [
        dense(3, 4, generator(seed)),
        dense(3, 4, generator(seed), bias=False),
        truncated_normal_dense(3, 4, generator(seed), std=0.1),
        convolution(3, 4, generator(seed), kernel_size=5, stride=2),
    ]


@pytest.mark.parametrize("place", range(4))
def test_weights_are_those_of_the_generator(place: int) -> None:
    first, again, other = (layers(seed)[place].state_dict() for seed in (0, 0, 1))
    assert first["weight"].abs().max() > 0
    assert torch.equal(first["weight"], again["weight"])
    assert not torch.equal(first["weight"], other["weight"])
    assert all((each == 0).all() for name, each in first.items() if name != "weight")


def test_nothing_is_drawn_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    layers(0)
    assert torch.equal(torch.get_rng_state(), before)


def test_glorot_weights_reach_their_limits_and_not_beyond() -> None:
    of_dense = dense(30, 20, generator()).weight.abs().max().item()
    assert 0.95 < of_dense / (6 / 50) ** 0.5 <= 1
    # A convolution's inputs and outputs count once for each place of its kernel.
    of_convolution = convolution(3, 4, generator(), kernel_size=5, stride=2).weight
    assert 0.95 < of_convolution.abs().max().item() / (6 / (7 * 25)) ** 0.5 <= 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_undrawn_layer_is_one_to_be_trained(dtype: torch.dtype) -> None:
    layer = undrawn(nn.Conv2d, 3, 4, 5, stride=2, padding=1, dtype=dtype)
    assert layer.stride == (2, 2)
    assert layer.padding == (1, 1)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    for parameter in layer.parameters():
        assert parameter.device.type == "cpu"
        assert parameter.dtype == dtype
        assert parameter.requires_grad
    assert undrawn(nn.Linear, 3, 2, bias=False).bias is None


def test_the_first_layer_of_a_process_imports_nothing_for_symbols() -> None:
    program = (
        "import sys, torch\n"
        "from infomax.layers import dense\n"
        "dense(3, 2, torch.Generator().manual_seed(0))\n"
        "print('sympy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
