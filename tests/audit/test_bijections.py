"""Every re-coding can be undone, and changes neither side's information."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from infomax.audit.bijections import (
    MOST_INVERSE_ERROR,
    RECODINGS,
    Recoding,
    coupling_layers,
    inverse_error,
)
from infomax.training import generator_for


def normal(rows: int, size: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, size, dtype=torch.float64, generator=generator_for(seed, "test"))


@pytest.mark.parametrize("recoding", RECODINGS, ids=lambda each: each.name)
@settings(max_examples=15, deadline=None)
@given(size=st.integers(2, 40), seed=st.integers(0, 1_000))
def test_codes_come_back_from_single_precision(recoding: Recoding, size: int, seed: int) -> None:
    codes = normal(50, size, seed)
    bijection = recoding.make(size, seed)
    assert inverse_error(bijection, codes) < MOST_INVERSE_ERROR
    assert (bijection.forward(codes) - codes).abs().max() > 1e-2


def test_couplings_keep_volume() -> None:
    bijection = coupling_layers(5, 0, strength=1.5)
    jacobian = torch.autograd.functional.jacobian(
        lambda code: bijection.forward(code[None])[0], normal(1, 5, 0)[0]
    )
    assert torch.linalg.det(jacobian).item() == pytest.approx(1.0)


def test_seeds_draw_other_maps() -> None:
    codes = normal(4, 6, 0)
    for recoding in RECODINGS:
        one, again, other = (recoding.make(6, seed).forward(codes) for seed in (0, 0, 1))
        assert torch.equal(one, again)
        assert torch.equal(one, other) != recoding.drawn
