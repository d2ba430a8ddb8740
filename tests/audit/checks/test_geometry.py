"""Geometry: collapse of either side and few directions are found, beside naive measurements."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks.geometry import check_geometry
from infomax.experiments.pair_datasets import as_pair_dataset
from tests.audit.planted import read, sound


@pytest.mark.parametrize("side", [0, 1])
def test_a_collapsed_side_is_found_and_named(side: int) -> None:
    x, y, labels = sound(0)
    sides = [x, y]
    sides[side] = 1e-5 * sides[side] + 1.0
    finding = check_geometry(read((sides[0], sides[1], labels)))
    assert (finding.status, finding.stance) == ("broken", "undecided")
    assert f"of {'xy'[side]}, all 600 codes are alike" in finding.sentence


def test_few_directions_are_a_caution() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((600, 4)) @ generator.standard_normal((4, 64))
    finding = check_geometry(read((x, x, np.arange(600) % 2)))
    assert finding.status == "caution"
    assert finding.interval is not None
    assert finding.interval.high < 0.1


def test_sound_codes_are_measured_as_a_naive_reading_does() -> None:
    x, y, labels = sound(0)
    codes = read((x, y, labels))
    finding = check_geometry(codes)
    assert finding.status == "sound"
    centred = codes.x.numpy() - codes.x.numpy().mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)
    shares = values / values.sum()
    rank = np.exp(-(shares * np.log(shares)).sum())
    assert finding.measured["effective_rank_x"] == pytest.approx(rank)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (x, y)]
    apart = np.square(unit[0] - unit[1]).sum(axis=1).mean()
    assert finding.measured["alignment"] == pytest.approx(apart)
    low, high = finding.measured["alignment_interval"]
    assert low < apart < high
    assert finding.measured["alignment_of_shifted_pairs"] > high
    drawn = finding.figures[0].table
    of_x = drawn[drawn["series"] == "x"]
    np.testing.assert_allclose(of_x["value"], values / values[0])
    assert list(of_x["at"]) == list(range(1, 9))
    assert "Of 600 pairs" in finding.method


def test_sides_of_two_sizes_have_no_alignment_and_say_so() -> None:
    x, y, labels = sound(0)
    finding = check_geometry(read((x, y[:, :5], labels)))
    assert finding.status == "sound"
    assert "differ in size" in finding.measured["alignment"]


class Enlarged(nn.Module):
    """The first column, a million times as large, beside the others: a bijection or nearly one."""

    def __init__(self, missed: float) -> None:
        super().__init__()
        self.missed = missed

    def forward(self, view: Tensor) -> Tensor:
        return torch.cat([1e6 * view[:, :1], view[:, 1:]], dim=1)

    def inverse(self, code: Tensor) -> Tensor:
        return torch.cat([1e-6 * code[:, :1], code[:, 1:] + self.missed], dim=1)


def by(encoder: nn.Module) -> AuditedCodes:
    x, y, labels = sound(0)
    pairs = as_pair_dataset((x, y), torch.device("cpu"))
    encoders = AuditedEncoders(encoder, nn.Identity(), pairs)
    return encode_pairs("mine", encoders, np.arange(len(x)), seed=0, labels=labels)


def test_a_bijection_that_looks_collapsed_is_a_caution_and_says_why() -> None:
    codes = by(Enlarged(0.0))
    finding = check_geometry(codes)
    assert (finding.status, finding.stance) == ("caution", "not against")
    assert "of x, codes of 8 values fill 1.00 directions" in finding.sentence
    assert "nothing is lost, and directions are of very unequal size" in finding.sentence
    assert "inverted in single precision" in finding.sentence
    assert finding.measured["collapse"] == []
    # The same codes are broken where nobody knows their encoder, or where it misses views.
    for unknown in (dataclasses.replace(codes, encoders=None), by(Enlarged(0.01))):
        assert check_geometry(unknown).status == "broken"


def test_a_side_that_is_no_bijection_is_broken_beside_one_that_is() -> None:
    codes = by(Enlarged(0.0))
    finding = check_geometry(dataclasses.replace(codes, y=0 * codes.y))
    assert finding.status == "broken"
    assert finding.sentence == "Codes have collapsed: of y, all 600 codes are zero."
