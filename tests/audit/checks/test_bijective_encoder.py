"""Bijective encoder: accuracy that moves at equal information, and where it is not asked."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks.bijective_encoder import check_bijective_encoder
from infomax.experiments.pair_datasets import as_pair_dataset
from tests.audit.planted import on_a_line, read


class Bent(nn.Module):
    """A shear of the first column by a wave of the others: its own inverse is known."""

    def __init__(self, strength: float, missing: float = 0.0) -> None:
        super().__init__()
        self.strength, self.missing = strength, missing

    def _wave(self, rest: Tensor) -> Tensor:
        return self.strength * torch.sin(5 * rest).sum(dim=1)

    def forward(self, view: Tensor) -> Tensor:
        return torch.cat([view[:, :1] + self._wave(view[:, 1:])[:, None], view[:, 1:]], dim=1)

    def inverse(self, code: Tensor) -> Tensor:
        first = code[:, :1] - self._wave(code[:, 1:])[:, None] + self.missing
        return torch.cat([first, code[:, 1:]], dim=1)


def by(encoder: nn.Module) -> AuditedCodes:
    x, y, _ = on_a_line(0, rows=800, size=3)
    # Classes that the first column tells apart: the one that is bent.
    labels = (x[:, 0] > 0).astype(np.int64)
    pairs = as_pair_dataset((x, y), torch.device("cpu"))
    encoders = AuditedEncoders(encoder, encoder, pairs)
    return encode_pairs("mine", encoders, np.arange(800), seed=0, labels=labels)


def test_accuracy_that_moves_under_a_bijection_speaks_against_information() -> None:
    codes = by(Bent(10.0))
    finding = check_bijective_encoder(codes)
    assert (finding.status, finding.stance) == ("caution", "against")
    assert "at equal information: it is geometry" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.high < -0.02
    assert codes.labels is not None
    # By hand: a line through the first column is right of views, and near chance of codes.
    assert finding.measured["accuracy_of_views"] > 0.97
    assert finding.measured["accuracy"] < 0.7
    drawn = finding.figures[0].table.set_index(["series", "label"])["value"]
    assert {probe for probe, _ in drawn.index} == {"linear probe", "notebook's probe"}
    assert drawn["linear probe", "views"] - drawn["linear probe", "codes"] == pytest.approx(
        -(finding.measured["accuracy"] - finding.measured["accuracy_of_views"])
    )


def test_accuracy_that_rises_against_untrained_codes_does_so_too() -> None:
    codes = by(Bent(0.0))
    bent = by(Bent(10.0))
    finding = check_bijective_encoder(dataclasses.replace(codes, untrained=(bent.x, bent.y)))
    assert finding.stance == "against"
    assert "(the untrained codes) to" in finding.sentence
    assert finding.interval is not None
    assert finding.interval.low > 0.02


def test_accuracy_that_stays_is_sound() -> None:
    finding = check_bijective_encoder(by(Bent(0.0)))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "not shown to have moved" in finding.sentence


class Stretched(nn.Module):
    """Columns of very unequal size, turned: the smallest is lost in single precision."""

    weight: Tensor

    def __init__(self, least: float) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randn(3, 3, dtype=torch.float64, generator=generator)
        sizes = torch.tensor([1.0, 1.0, least], dtype=torch.float64)
        weight = torch.linalg.qr(drawn).Q * sizes @ torch.linalg.qr(drawn.mT).Q
        self.register_buffer("weight", weight.float())

    def forward(self, view: Tensor) -> Tensor:
        return view @ self.weight

    def inverse(self, code: Tensor) -> Tensor:
        found: Tensor = torch.linalg.solve(self.weight.mT, code.mT)
        return found.mT


class Projected(nn.Module):
    """Holds nothing of the last column, in any precision."""

    def forward(self, view: Tensor) -> Tensor:
        return torch.cat([view[:, :-1], 0 * view[:, -1:]], dim=1)

    def inverse(self, code: Tensor) -> Tensor:
        return code


def test_what_single_precision_loses_is_brought_back_in_double() -> None:
    mild, harsh = (check_bijective_encoder(by(Stretched(least))) for least in (1e-1, 1e-6))
    assert (mild.measured["precision_of_inverse"], harsh.measured["precision_of_inverse"]) == (
        "single",
        "double",
    )
    assert harsh.measured["inverse_error"] < 1e-6
    assert "in double precision" in harsh.sentence
    # By hand: single precision misses them by more than is let pass.
    encoder, views = Stretched(1e-6), torch.from_numpy(on_a_line(0, rows=800, size=3)[0]).float()
    missed = (encoder.inverse(encoder(views)) - views).abs().max() / views.std()
    assert float(missed) > 1e-3


def test_the_encoder_itself_stays_in_single_precision() -> None:
    encoder = Stretched(1e-6)
    check_bijective_encoder(by(encoder))
    assert encoder.weight.dtype == torch.float32


def test_what_is_no_bijection_is_not_asked() -> None:
    for codes, told in (
        (read(on_a_line(0)), "no encoder with an inverse"),
        (by(nn.Linear(3, 3)), "no encoder with an inverse"),
        (by(Bent(1.0, missing=0.5)), "its inverse misses views by"),
        (by(Projected()), "its inverse misses views by"),
        (dataclasses.replace(by(Bent(1.0)), labels=None), "there are no labels"),
    ):
        finding = check_bijective_encoder(codes)
        assert (finding.status, finding.stance) == ("not run", "not against")
        assert told in finding.sentence
