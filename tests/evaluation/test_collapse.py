"""Signs of collapse: seen where it is, and not in encoders that merely have not been trained."""

import math

import pytest
import torch
from torch import Tensor

from infomax.data import load_dataset
from infomax.encoders import ENCODERS
from infomax.errors import UserError
from infomax.evaluation import collapse_sign, encode
from infomax.views import Halves

# Not those of text, whose views are ids of tokens.
OF_VALUES = [name for name, make in ENCODERS.items() if not getattr(make, "reads_tokens", False)]


def drawn(number: int, size: int, seed: int = 0) -> Tensor:
    return torch.randn(number, size, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def halves() -> tuple[Tensor, Tensor]:
    images = torch.from_numpy(load_dataset("mnist").test_images[:500]) / 255
    x, y = Halves()(images, torch.Generator())
    return x.flatten(1), y.flatten(1)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", OF_VALUES)
def test_no_untrained_encoder_has_collapsed(
    name: str, seed: int, halves: tuple[Tensor, Tensor]
) -> None:
    view_shape = (14, 28) if name == "series-convnet" else (14, 28, 1)
    encoder = ENCODERS[name](view_shape, torch.Generator().manual_seed(seed))
    for half in halves:
        assert collapse_sign(encode(encoder, half)) is None


@pytest.mark.parametrize("size", [1, 8, 128])
def test_codes_that_are_all_alike_are_seen(size: int) -> None:
    centre = drawn(1, size, seed=1)
    noise = drawn(500, size) / size**0.5
    length = float(centre.norm())
    sign = collapse_sign(centre + 2e-4 * length * noise)
    assert sign is not None
    assert sign.startswith("all 500 codes are alike: they lie 2.0e-04 of their length")
    further_apart = collapse_sign(centre + 2e-3 * length * noise)
    assert further_apart is None or "alike" not in further_apart
    assert collapse_sign(centre + length * noise) is None


def test_codes_that_are_all_zero_are_seen() -> None:
    assert collapse_sign(torch.zeros(1_000, 4)) == "all 1,000 codes are zero"


def test_codes_on_a_line_are_seen_where_they_have_eight_values() -> None:
    line = drawn(300, 1) @ drawn(1, 8)
    assert collapse_sign(line) == "codes of 8 values fill 1.00 directions (effective rank)"
    assert collapse_sign(line + 1e-3 * drawn(300, 8, seed=2)) is not None
    assert collapse_sign(line + drawn(300, 8, seed=2)) is None
    assert collapse_sign(line[:, :7]) is None
    assert collapse_sign(line[:7]) is None


def test_the_scale_of_codes_does_not_matter() -> None:
    line = drawn(300, 1) @ drawn(1, 8)
    for scale in (1e-20, 1e20):
        assert collapse_sign(scale * drawn(300, 8)) is None
        assert collapse_sign(scale * line) == collapse_sign(line)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_codes_that_are_not_finite_are_counted(value: float) -> None:
    codes = drawn(2_000, 8)
    codes[3:6, 2] = value
    assert collapse_sign(codes) == "3 of 2,000 codes hold values that are not finite"


def test_codes_a_rounding_apart_far_from_zero_are_alike() -> None:
    codes = 1e6 + drawn(100, 8)
    assert (collapse_sign(codes) or "").startswith("all 100 codes are alike")


def test_one_code_is_refused() -> None:
    with pytest.raises(UserError, match=r"1 code\(s\)"):
        collapse_sign(torch.ones(1, 8))
