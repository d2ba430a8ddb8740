"""Jacobian spectra, against numpy on small networks and where the answer is known, and inverses."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax.encoders import (
    ENCODERS,
    AdditiveRealNVPEncoder,
    AffineRealNVPEncoder,
    Encoder,
    Flow,
    MLPEncoder,
    ResidualMLPEncoder,
)
from infomax.evaluation import (
    jacobian_operations,
    jacobian_singular_values,
    log_condition_numbers,
    log_condition_percentiles,
    reconstruction_error,
)

# Not those of text, whose views are ids of tokens.
OF_VALUES = [name for name, make in ENCODERS.items() if not getattr(make, "reads_tokens", False)]


class Linear(Encoder):
    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.code_size = len(weight)
        self.weight = nn.Parameter(weight)

    def forward(self, view: Tensor) -> Tensor:
        return view @ self.weight.T


def small() -> MLPEncoder:
    return MLPEncoder((1, 6, 1), torch.Generator().manual_seed(0), layer_sizes=(9, 4)).double()


def views(size: int = 6) -> Tensor:
    return torch.randn(5, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_spectra_are_numpys_of_the_jacobian_by_finite_differences() -> None:
    encoder, points, step = small(), views(), 1e-6
    found = jacobian_singular_values(encoder, points).numpy()
    for point, values in zip(points, found, strict=True):
        moves = step * torch.eye(6, dtype=torch.float64)
        columns = (encoder(point + moves) - encoder(point - moves)) / (2 * step)
        jacobian = columns.T.detach().numpy()
        assert jacobian.shape == (4, 6)
        np.testing.assert_allclose(
            values, np.linalg.svd(jacobian, compute_uv=False), rtol=1e-6, atol=1e-8
        )


@pytest.mark.parametrize("limit", [1, 2_000, 2**30])
def test_the_memory_limit_changes_nothing_but_the_memory(limit: int) -> None:
    whole = jacobian_singular_values(small(), views())
    chunked = jacobian_singular_values(small(), views(), memory_limit_bytes=limit)
    torch.testing.assert_close(chunked, whole)


def test_a_small_singular_value_is_not_lost_in_rounding() -> None:
    orthogonal = torch.linalg.qr(views(5)).Q
    values = torch.tensor([1.0, 1e-1, 1e-2, 1e-3, 1e-6], dtype=torch.float64)
    encoder = Linear(orthogonal * values @ orthogonal.T)
    found = jacobian_singular_values(encoder, views(5))
    torch.testing.assert_close(found, values.expand(5, 5), rtol=1e-6, atol=0)
    expected = torch.full((5,), math.log(1e6), dtype=torch.float64)
    torch.testing.assert_close(log_condition_numbers(found), expected)


def test_what_cannot_be_inverted_has_an_infinite_condition_number() -> None:
    singular = Linear(torch.diag(torch.tensor([1.0, 0.0])))
    numbers = log_condition_numbers(jacobian_singular_values(singular, torch.zeros(3, 2)))
    assert numbers.tolist() == [math.inf] * 3
    nothing = Linear(torch.zeros(2, 2))
    numbers = log_condition_numbers(jacobian_singular_values(nothing, torch.zeros(3, 2)))
    assert numbers.tolist() == [math.inf] * 3


def test_the_residual_encoder_starts_well_conditioned() -> None:
    encoder = ResidualMLPEncoder((4, 8, 1), torch.Generator().manual_seed(0))
    numbers = log_condition_numbers(jacobian_singular_values(encoder, torch.rand(6, 32)))
    assert (numbers >= 0).all()
    assert (numbers < 0.02).all()


def test_what_is_not_finite_has_no_spectrum() -> None:
    weight = torch.eye(3)
    weight[1, 1] = math.nan
    values = jacobian_singular_values(Linear(weight), torch.zeros(2, 3))
    assert values.isnan().all()
    assert log_condition_numbers(values).isnan().all()


def test_operations_are_those_of_a_pass_for_each_value_of_the_code() -> None:
    encoder = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Flatten(), nn.Linear(256, 5))
    of_pass = 2 * 64 * 9 * 4 + 2 * 256 * 5
    assert jacobian_operations(encoder, torch.zeros(2, 1, 8, 8)) == 5 * of_pass


@pytest.mark.parametrize("name", OF_VALUES)
def test_every_encoder_has_a_spectrum(name: str) -> None:
    view_shape = (16, 1) if name == "series-convnet" else (4, 4, 1)
    encoder = ENCODERS[name](view_shape, torch.Generator().manual_seed(0))
    values = jacobian_singular_values(encoder, torch.rand(3, 16))
    assert values.shape == (3, min(16, encoder.code_size))
    assert (values.diff(dim=1) <= 0).all()


def test_percentiles_are_those_of_the_figure() -> None:
    values = torch.arange(101.0).flip(0)
    assert log_condition_percentiles(values) == {
        "min": 0.0,
        "p20": 20.0,
        "p40": 40.0,
        "p50": 50.0,
        "p60": 60.0,
        "p80": 80.0,
        "max": 100.0,
    }
    assert log_condition_percentiles(torch.tensor([1.0, 2.0, math.inf]))["max"] == math.inf


VIEW = (2, 3, 1)


class Forgetful(Flow):
    """Its inverse is wrong by 0.25 in one value of one view."""

    code_size = 4

    def forward(self, view: Tensor) -> Tensor:
        return 2 * view

    def inverse(self, code: Tensor) -> Tensor:
        view = code / 2
        view[1, 2] -= 0.25
        return view


def test_the_largest_error_of_any_value_is_found() -> None:
    assert reconstruction_error(Forgetful(), torch.rand(3, 4)) == 0.25


def test_twice_the_precision_shows_that_the_error_is_rounding() -> None:
    for encoder in (AdditiveRealNVPEncoder, AffineRealNVPEncoder):
        flow = encoder(VIEW, torch.Generator().manual_seed(0))
        views = torch.rand(20, 6, generator=torch.Generator().manual_seed(1))
        single = reconstruction_error(flow, views)
        double = reconstruction_error(flow, views, dtype=torch.float64)
        assert double < 1e-12
        assert single < 1e-4
        assert next(flow.parameters()).dtype == torch.float32, "the flow itself is not changed"
