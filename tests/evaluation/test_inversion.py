"""The largest error of reconstruction."""

import torch
from torch import Tensor

from infomax.encoders import AdditiveRealNVPEncoder, AffineRealNVPEncoder, Flow
from infomax.evaluation import reconstruction_error

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
