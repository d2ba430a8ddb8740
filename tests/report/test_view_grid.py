"""Pairs drawn side by side."""

import math
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from infomax.errors import UserError
from infomax.report.view_grid import SeriesCells, StripCells, draw_view_grid, shown_images

Array = NDArray[np.float64]


def pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def values(*shape: int) -> Array:
    return np.random.default_rng(0).normal(size=shape)


def axes() -> Any:
    return Figure().subplots()


def test_images_stand_beside_each_other_in_their_own_colours(tmp_path: Path) -> None:
    red, green = np.zeros((2, 3, 3, 3)), np.zeros((2, 3, 3, 3))
    red[..., 0] = 1
    green[..., 1] = 7.5  # Clipped to 1.
    draw_view_grid(red, green, tmp_path / "pairs.png")
    picture = pixels(tmp_path / "pairs.png")
    reds = np.argwhere((picture == (255, 0, 0)).all(-1))
    greens = np.argwhere((picture == (0, 255, 0)).all(-1))
    # Two pairs across: x, y, x, y from left to right, all of one size.
    assert len(reds) == pytest.approx(len(greens), rel=0.02)
    assert reds[:, 1].min() < greens[:, 1].min() < reds[:, 1].max() < greens[:, 1].max()
    # 1.2 inches at 160 pixels each, less the frame.
    assert np.ptp(reds[:, 0]) == pytest.approx(192, abs=4)


def test_grey_images_are_black_at_nought_and_white_at_one(tmp_path: Path) -> None:
    half = np.full((1, 4, 4, 1), 0.5)
    draw_view_grid(np.zeros((1, 4, 4, 1)), half, tmp_path / "pairs.png")
    picture = pixels(tmp_path / "pairs.png")
    middle = picture[picture.shape[0] // 2 + 10]
    assert (middle == 0).all(-1).sum() == pytest.approx(192, abs=4)
    assert (np.abs(middle.astype(int) - 128) <= 1).all(-1).sum() == pytest.approx(192, abs=4)


def test_channels_that_are_no_colours_stand_side_by_side() -> None:
    images = np.random.default_rng(0).uniform(size=(2, 4, 5, 2))
    shown = shown_images(images)
    np.testing.assert_array_equal(shown[:, :, :5], images[..., 0])
    np.testing.assert_array_equal(shown[:, :, 5:], images[..., 1])


def test_values_that_cannot_be_shown_are_clipped() -> None:
    image = np.array([math.nan, math.inf, -math.inf, 0.25]).reshape(1, 2, 2, 1)
    assert shown_images(image).ravel().tolist() == [0.0, 1.0, 0.0, 0.25]


def test_series_have_a_line_for_each_channel_on_one_axis() -> None:
    series = values(3, 20, 2)
    cells = SeriesCells(series)
    limits = set()
    for place in range(3):
        drawn = axes()
        cells.draw(drawn, place)
        lines = [line.get_ydata() for line in drawn.lines]
        np.testing.assert_array_equal(np.stack(lines, axis=1), series[place])
        assert len({line.get_color() for line in drawn.lines}) == 2
        limits.add(drawn.get_ylim())
    ((low, high),) = limits
    assert low < series.min() < series.max() < high


def test_strips_of_both_views_share_their_colours() -> None:
    cells = StripCells(values(2, 6), largest=3.0)
    drawn = axes()
    cells.draw(drawn, 1)
    (image,) = drawn.images
    np.testing.assert_array_equal(image.get_array(), values(2, 6)[1:])
    assert image.get_clim() == (-3.0, 3.0)


@pytest.mark.parametrize(
    ("x_shape", "y_shape"),
    [
        ((4, 4, 1), (2, 8, 3)),
        ((9, 2), (9, 2)),
        ((1, 1), (5, 1)),
        ((7,), (3,)),
        ((1,), (1,)),
        ((4, 4, 1), (7,)),
        ((9, 2), (7,)),
    ],
)
@pytest.mark.parametrize("ending", ["png", "SVG"])
def test_views_of_all_kinds_are_drawn_within_the_figure(
    tmp_path: Path, x_shape: tuple[int, ...], y_shape: tuple[int, ...], ending: str
) -> None:
    path = tmp_path / "new" / f"pairs.{ending}"
    draw_view_grid(values(2, *x_shape), values(2, *y_shape), path)
    if ending == "png":
        picture = pixels(path)
        # Nothing reaches the edge, where it might be cut off.
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert (edge == 255).all()
    else:
        text = path.read_text()
        assert ">x</text>" in text
        assert ">y</text>" in text


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    for kind in ("png", "svg"):
        for name in ("a", "b"):
            draw_view_grid(values(2, 9, 1), values(2, 4), tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@settings(max_examples=8, deadline=None)
@given(pairs=st.integers(1, 10))
def test_pairs_are_four_across_and_as_many_down_as_it_takes(
    pairs: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("grid") / "pairs.png"
    draw_view_grid(np.zeros((pairs, 2, 2, 1)), np.zeros((pairs, 2, 2, 1)), path)
    black = (pixels(path) == 0).all(-1)
    across, down = min(pairs, 4), math.ceil(pairs / 4)
    # Fifty pixels within the first image, which is larger: past its title.
    first_row = black[np.flatnonzero(black.sum(1) > 100)[50]]
    first_column = black[:, np.flatnonzero(black.sum(0) > 100)[50]]
    assert np.count_nonzero(np.diff(first_row.astype(int)) == 1) == 2 * across
    assert np.count_nonzero(np.diff(first_column.astype(int)) == 1) == down


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (values(2, 3), values(3, 3), "2 views x and 3 views y"),
        (values(0, 3), values(0, 3), "0 views x and 0 views y"),
        (values(2), values(2, 3), r"views x are of shape \(\)"),
        (values(2, 3), values(2, 0), r"views y are of shape \(0,\)"),
        (values(2, 3), values(2, 1, 1, 1, 1), r"views y are of shape \(1, 1, 1, 1\)"),
    ],
)
def test_what_is_no_pair_of_views_is_refused(
    tmp_path: Path, x: Array, y: Array, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        draw_view_grid(x, y, tmp_path / "pairs.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["pairs.jpg", "pairs"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=rf"\.png or \.svg: '{name}'"):
        draw_view_grid(values(1, 3), values(1, 3), tmp_path / name)


def test_settings_of_matplotlib_are_left_as_they_were(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw_view_grid(values(1, 3), values(1, 3), tmp_path / "pairs.png")
    assert dict(matplotlib.rcParams) == before
