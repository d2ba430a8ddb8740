"""Random parts of images."""

import colorsys
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from kornia.enhance import adjust_hue

from infomax.views.image_transforms import (
    Boxes,
    boxes_of,
    greyed,
    hue_turned,
    jittered,
    resized_crop,
)


def uniform(number: int) -> torch.Tensor:
    return torch.rand(4, number, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_boxes_have_the_areas_asked_for_and_lie_in_the_image() -> None:
    drawn = uniform(5000)
    boxes = boxes_of(drawn, (0.2, 1.0))
    areas = boxes.width * boxes.height
    torch.testing.assert_close(areas, 0.2 + 0.8 * drawn[0])
    ratios = boxes.width / boxes.height
    assert 0.75 - 1e-9 <= ratios.min() < 0.76
    assert 1.32 < ratios.max() <= 4 / 3 + 1e-9
    for edge, size in ((boxes.left, boxes.width), (boxes.top, boxes.height)):
        assert edge.min() >= 0
        assert (edge + size).max() <= 1 + 1e-9


def test_ratios_of_small_boxes_are_log_uniform() -> None:
    boxes = boxes_of(uniform(5000), (0.1, 0.3))
    logs = ((boxes.width / boxes.height).log() / math.log(4 / 3)).sort().values
    expected = torch.linspace(-1, 1, 5000, dtype=torch.float64)
    # Kolmogorov's statistic: 1.63 / sqrt(N) is passed by chance once in a hundred.
    assert (logs - expected).abs().max() / 2 < 1.63 / math.sqrt(5000)


def interpolated(image: torch.Tensor, row: float, column: float) -> float:
    """Return the bilinear value at a place, centres of pixels at whole numbers."""
    height, width = image.shape
    row, column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
    top, left = math.floor(row), math.floor(column)
    value = 0.0
    for near_row, weight in ((top, 1 - row + top), (top + 1, row - top)):
        for near_column, share in ((left, 1 - column + left), (left + 1, column - left)):
            inside = image[min(near_row, height - 1), min(near_column, width - 1)].item()
            value += weight * share * inside
    return value


@given(
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    mirrored=st.booleans(),
    area=st.floats(0.1, 1),
    seed=st.integers(0, 50),
)
def test_a_crop_is_what_a_loop_over_pixels_makes_of_its_box(
    height: int, width: int, mirrored: bool, area: float, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)
    boxes = boxes_of(torch.rand(4, 1, generator=generator, dtype=torch.float64), (area, area))
    found = resized_crop(image, boxes, torch.tensor([mirrored]))[0, 0]
    left, top, wide, high = (edge.item() for edge in boxes)
    expected = torch.empty(height, width, dtype=torch.float64)
    for row in range(height):
        for column in range(width):
            # Half a pixel lies between the edge of an image and the centre of its first pixel.
            down = (top + high * (row + 0.5) / height) * height - 0.5
            across = (left + wide * (column + 0.5) / width) * width - 0.5
            place = width - 1 - column if mirrored else column
            expected[row, place] = interpolated(image[0, 0], down, across)
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=0)


def test_the_whole_image_is_left_as_it_is_or_mirrored() -> None:
    images = torch.rand(2, 3, 7, 6, generator=torch.Generator().manual_seed(0))
    nothing, whole = torch.zeros(2), torch.ones(2)
    boxes = Boxes(nothing, nothing, whole, whole)
    kept, mirrored = resized_crop(images, boxes, torch.tensor([False, True]))
    torch.testing.assert_close(kept, images[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(mirrored, images[1].flip(-1), atol=1e-5, rtol=0)


def test_a_crop_has_the_type_of_its_images() -> None:
    boxes = boxes_of(torch.full((4, 1), 0.5), (0.5, 0.5))
    images = torch.ones(1, 1, 4, 4, dtype=torch.float64)
    assert resized_crop(images, boxes, torch.tensor([False])).dtype == torch.float64
    assert resized_crop(images, boxes, torch.tensor([False])).mean().item() == pytest.approx(1)


HALF = 0.5
"""A draw that changes nothing: factors of 1, and no turn."""


def pixel(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([red, green, blue], dtype=torch.float64).reshape(1, 3, 1, 1)


def some_images(number: int = 6) -> torch.Tensor:
    return torch.rand(number, 3, 5, 4, generator=torch.Generator().manual_seed(0))


channel = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0])


@given(channel, channel, channel, st.floats(-0.5, 0.5))
def test_hue_is_turned_as_the_standard_library_does(
    red: float, green: float, blue: float, turn: float
) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    expected = colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)
    found = hue_turned(pixel(red, green, blue), torch.tensor([turn], dtype=torch.float64))
    assert found.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_hue_is_turned_as_kornia_does() -> None:
    images, turns = some_images(), torch.linspace(-0.5, 0.5, 6)
    expected = adjust_hue(images, 2 * math.pi * turns)
    torch.testing.assert_close(hue_turned(images, turns), expected, atol=1e-5, rtol=0)


def test_draws_of_a_half_change_nothing() -> None:
    images = some_images()
    same = jittered(images, 0.5, torch.full((4, 6), HALF))
    torch.testing.assert_close(same, images, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("draw", "factor"), [(0.0, 0.6), (0.75, 1.2), (1.0, 1.4)])
def test_brightness_contrast_and_saturation_are_multiplied(draw: float, factor: float) -> None:
    image = torch.full((1, 3, 2, 1), 0.4, dtype=torch.float64)
    image[:, 0, 0] = 0.6
    grey = 0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:]
    expected = (
        (image * factor).clamp(0, 1),
        (grey.mean() + factor * (image - grey.mean())).clamp(0, 1),
        (grey + factor * (image - grey)).clamp(0, 1),
    )
    for place, of_one in enumerate(expected):
        draws = torch.full((4, 1), HALF, dtype=torch.float64)
        draws[place] = draw
        torch.testing.assert_close(jittered(image, 0.5, draws), of_one, atol=1e-6, rtol=0)


@given(strength=st.floats(0, 2.5), seed=st.integers(0, 100))
def test_colours_stay_in_range(strength: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    changed = jittered(some_images(), strength, torch.rand(4, 6, generator=generator))
    assert changed.shape == (6, 3, 5, 4)
    assert 0 <= changed.min() <= changed.max() <= 1


def test_grey_images_have_the_brightness_of_broadcast_television() -> None:
    images = some_images()
    red, green, blue = images.unbind(1)
    expected = (0.299 * red + 0.587 * green + 0.114 * blue)[:, None].expand_as(images)
    torch.testing.assert_close(greyed(images), expected)
