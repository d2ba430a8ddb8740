"""Jacobian: condition numbers and lost directions of encoders, beside those of known matrices."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks.jacobian import check_jacobian
from infomax.encoders import AdditiveRealNVPEncoder
from infomax.experiments.pair_datasets import as_pair_dataset
from infomax.training import generator_for
from tests.audit.planted import read, sound


def by(x_encoder: nn.Module, y_encoder: nn.Module, *, size: int = 6) -> AuditedCodes:
    x, y = torch.randn(2, 80, size, generator=generator_for(0, "views"))
    encoders = AuditedEncoders(x_encoder, y_encoder, as_pair_dataset((x, y), torch.device("cpu")))
    return encode_pairs("mine", encoders, np.arange(80), seed=0)


def linear(values: list[float], size: int = 6) -> nn.Linear:
    """Return a map whose singular values are known."""
    draw = generator_for(1, "weights")
    left = torch.linalg.qr(torch.randn(len(values), len(values), generator=draw))[0]
    right = torch.linalg.qr(torch.randn(size, size, generator=draw))[0][: len(values)]
    layer = nn.Linear(size, len(values))
    layer.weight.data = (left * torch.tensor(values)) @ right
    return layer


def test_known_singular_values_are_read() -> None:
    finding = check_jacobian(by(linear([8.0, 4.0, 1.0]), linear([2.0, 1.0, 1.0, 1.0])))
    assert (finding.status, finding.stance) == ("sound", "not against")
    of_x = finding.measured["log_condition_number_x_nats"]
    np.testing.assert_allclose(np.exp(of_x), 8, rtol=1e-4)
    assert finding.measured["directions_y"] == 4
    assert finding.measured["share_lost_x"] == 0
    drawn = finding.figures[0].table
    np.testing.assert_allclose(drawn["value"], [1, 0.5, 0.125, 1, 0.5, 0.5, 0.5], rtol=1e-4)


def test_lost_directions_are_a_caution_and_name_their_side() -> None:
    sharp = linear([1.0, 0.5, 1e-4, 1e-5, 1e-5])
    finding = check_jacobian(by(linear([1.0, 1.0]), sharp))
    assert finding.status == "caution"
    assert finding.stance == "not against"
    assert "the encoder of y loses 60 % of the 5 directions" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.low == pytest.approx(0.6)
    assert finding.interval_of.endswith("encoder of y loses")


def test_jacobians_agree_with_those_of_autograd() -> None:
    encoder = nn.Sequential(linear([3.0] * 6), nn.Tanh(), linear([1.0, 2.0, 3.0, 4.0]))
    codes = by(encoder, encoder)
    finding = check_jacobian(codes)
    assert codes.raw is not None
    for row, log in enumerate(finding.measured["log_condition_number_x_nats"]):
        view = codes.raw[0][codes.held_out[row]]
        jacobian = torch.autograd.functional.jacobian(encoder, view)
        assert log == pytest.approx(float(torch.linalg.cond(jacobian.double()).log()), rel=1e-3)


def test_a_bijection_loses_nothing() -> None:
    flow = AdditiveRealNVPEncoder((6,), generator_for(0, "flow"), hidden_sizes=(8,))
    finding = check_jacobian(by(flow, flow))
    assert finding.status == "sound"
    assert finding.measured["share_lost_x"] == finding.measured["share_lost_y"] == 0


class Detached(nn.Linear):
    def forward(self, view: Tensor) -> Tensor:
        return super().forward(view).detach()


class Counting(nn.Linear):
    def forward(self, view: Tensor) -> Tensor:
        return super().forward(view) * (1 if view.sum().item() > 0 else 2)


@pytest.mark.parametrize(
    ("encoder", "told"),
    [(Detached(6, 3), "has no derivatives"), (Counting(6, 3), "cannot be differentiated")],
)
def test_an_encoder_that_cannot_be_differentiated_is_no_obstacle(
    encoder: nn.Module, told: str
) -> None:
    finding = check_jacobian(by(linear([1.0, 1.0]), encoder))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert f"the encoder of y {told}" in finding.sentence


def test_codes_alone_have_no_jacobian_and_it_says_how_to_have_one() -> None:
    finding = check_jacobian(read(sound(0)))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert "audit the encoder itself" in finding.next_step
    of_module = by(linear([1.0, 1.0]), linear([1.0, 1.0]))
    assert check_jacobian(dataclasses.replace(of_module, raw=None)).status == "not run"
