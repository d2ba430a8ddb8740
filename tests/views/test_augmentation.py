"""Augmented images as views."""

import math
import sys
from typing import Any

import pytest
import torch

from infomax.errors import UserError
from infomax.views import Augmentation

ONLY_MIRRORED = Augmentation(crop=(1, 1), colour=0, grey=0)


def some_images(number: int, channels: int = 3) -> torch.Tensor:
    return torch.rand(number, 8, 6, channels, generator=torch.Generator().manual_seed(9))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_an_image_is_augmented_alike_whatever_is_beside_it() -> None:
    images = some_images(6)
    others = images.clone()
    others[3:] = 0
    for view, of_others in zip(
        Augmentation()(images, seeded()), Augmentation()(others, seeded()), strict=True
    ):
        assert torch.equal(view[:3], of_others[:3])


def test_half_of_the_images_are_mirrored_in_each_view_independently() -> None:
    images = torch.zeros(2000, 2, 2, 1)
    images[:, :, 1] = 1
    x, y = ((view[:, 0, 0, 0] > 0.5).double() for view in ONLY_MIRRORED(images, seeded()))
    assert x.mean().item() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(2000))
    assert (x * y).mean().item() == pytest.approx(0.25, abs=5 * 0.433 / math.sqrt(2000))


def test_nothing_is_mirrored_if_it_is_not_asked_for() -> None:
    images = some_images(50)
    x, y = Augmentation(crop=(1, 1), flip=False, colour=0, grey=0)(images, seeded())
    torch.testing.assert_close(x, images, atol=1e-5, rtol=0)
    torch.testing.assert_close(y, images, atol=1e-5, rtol=0)


def test_the_share_of_grey_images_is_as_asked_for() -> None:
    x, _ = Augmentation(crop=(1, 1), colour=0, grey=0.2)(some_images(2000), seeded())
    grey = (x.amax(-1) == x.amin(-1)).flatten(1).all(1).double().mean().item()
    assert grey == pytest.approx(0.2, abs=5 * 0.4 / math.sqrt(2000))


def test_colours_of_four_in_five_images_are_changed() -> None:
    images = torch.full((2000, 2, 2, 3), 0.5)
    x, _ = Augmentation(colour=0.5, grey=0)(images, seeded())
    changed = ((x - 0.5).abs().flatten(1).amax(1) > 1e-4).double().mean().item()
    assert changed == pytest.approx(0.8, abs=5 * 0.4 / math.sqrt(2000))


def test_images_of_one_channel_keep_their_values() -> None:
    images = torch.full((20, 8, 8, 1), 0.3)
    x, y = Augmentation()(images, seeded())
    torch.testing.assert_close(x, images)
    torch.testing.assert_close(y, images)


def test_a_crop_shows_a_part_of_the_image() -> None:
    ramp = torch.linspace(0, 1, 32)[None, None, :, None].expand(200, 32, 32, 1)
    x, _ = Augmentation(crop=(0.25, 0.25), flip=False)(ramp, seeded())
    spans = x.flatten(1).amax(1) - x.flatten(1).amin(1)
    # A quarter of the area, at ratios of 3/4 to 4/3, is between 0.433 and 0.578 of the width.
    assert 0.40 < spans.min() < spans.max() < 0.60
    torch.testing.assert_close(x[:, :1].expand_as(x), x, atol=1e-5, rtol=0)


def test_small_parts_are_made_beside_the_views_and_change_nothing_of_them() -> None:
    ramp = torch.linspace(0, 1, 32)[None, None, :, None].expand(200, 32, 32, 1)
    plain = Augmentation(flip=False)
    parted = Augmentation(flip=False, local_crops=3, local_crop=(0.04, 0.04))
    drawn = seeded()
    assert all(map(torch.equal, plain(ramp, seeded()), parted(ramp, drawn)))
    parts = parted.local_views(ramp, drawn)
    assert parts.shape == (3, *ramp.shape)
    # A part of 0.04 of the area has 0.173 to 0.231 of the width.
    spans = parts.flatten(2).amax(2) - parts.flatten(2).amin(2)
    assert 0.13 < spans.min() < spans.max() < 0.26
    assert not torch.equal(parts[0], parts[1])


def test_channels_that_are_no_colours_are_refused_unless_colours_are_left() -> None:
    with pytest.raises(UserError, match="images have 4 channels, colours 3: give 0 for colour"):
        Augmentation().shapes((8, 8, 4))
    x, _ = Augmentation(colour=0, grey=0)(some_images(2, channels=4), seeded())
    assert x.shape == (2, 8, 6, 4)


@pytest.mark.parametrize(("shape", "kind"), [((8,), "features"), ((8, 3), "series")])
def test_items_that_are_no_images_are_refused(shape: tuple[int, ...], kind: str) -> None:
    with pytest.raises(UserError, match=f"augmented views are of images: {kind}"):
        Augmentation().shapes(shape)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"crop": (0.0, 1.0)}, "areas to crop are 0.0 to 1.0"),
        ({"crop": (0.6, 0.5)}, "areas to crop are 0.6 to 0.5"),
        ({"crop": (0.5, 1.1)}, "areas to crop are 0.5 to 1.1"),
        ({"local_crop": (0.5, 0.1)}, "areas to crop are 0.5 to 0.1"),
        (
            {"local_crop": (0.1, 0.2)},
            r"local_crop is \(0.1, 0.2\), .* give their number as local_crops",
        ),
        ({"local_crops": -1}, "local_crops is -1: give the number of further views"),
        ({"colour": -1.0}, "strength of colour is -1.0"),
        ({"colour": math.nan}, "strength of colour is nan"),
        ({"grey": 1.5}, "share of grey is 1.5"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Augmentation(**settings)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kornia", None)
    with pytest.raises(UserError, match=r"augmented views needs.*infomax\[augment\]"):
        Augmentation().shapes((8, 8, 3))


def test_the_clean_view_is_the_image() -> None:
    images = some_images(2)
    assert all(torch.equal(view, images) for view in Augmentation().clean(images))
