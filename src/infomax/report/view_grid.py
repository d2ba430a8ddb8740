"""Pictures of pairs: both views of some items, side by side."""

from pathlib import Path
from typing import Any, Protocol, TypeAlias

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from infomax.errors import UserError
from infomax.report.drawing import PICTURES, STYLE, save_picture
from infomax.report.layout import colours_of

__all__ = [
    "Cells",
    "ImageCells",
    "SeriesCells",
    "StripCells",
    "ViewArray",
    "draw_view_grid",
    "shown_images",
]

ViewArray: TypeAlias = NDArray[Any]
"""Views of one side of the pairs: ``(N, *view_shape)``."""

_COLOURS = 3
_LONGEST_IMAGE_INCHES, _PLOT_INCHES = 1.2, 3.2


class Cells(Protocol):
    """Draws one view of each pair.

    Attributes:
        width: width of a cell, in inches, without its numbers.
        height: height of a cell, in inches.
        numbers: room for numbers at its left, in inches.
        numbered: whether numbers stand below the lowest cell.
    """

    width: float
    height: float
    numbers: float
    numbered: bool

    def draw(self, axes: Axes, index: int) -> None:
        """Draw the view of one pair."""


class ImageCells:
    """Images in grey or in colour, with square pixels.

    Args:
        images: ``(N, height, width)`` or ``(N, height, width, 3)``, in [0, 1].
        pixels: how many are as long as the longest image of both views.
    """

    numbers = 0.0
    numbered = False

    def __init__(self, images: ViewArray, pixels: int) -> None:
        self._images = images
        scale = _LONGEST_IMAGE_INCHES / pixels
        self.height, self.width = scale * images.shape[1], scale * images.shape[2]

    def draw(self, axes: Axes, index: int) -> None:
        """Draw one image."""
        # In SVG, "none" keeps pixels as they are and "nearest" resamples them.
        axes.imshow(
            self._images[index], cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="none"
        )
        axes.set(xticks=[], yticks=[])
        # Without a frame, an image that is white at its edge has none.
        axes.spines[:].set(visible=True, color="#cccccc", linewidth=0.6)


class SeriesCells:
    """Series as lines over time steps, a colour for each channel, on one vertical axis.

    Args:
        series: ``(N, length, channels)``.
    """

    width, height = _PLOT_INCHES, 1.0
    numbers = 0.5
    numbered = True

    def __init__(self, series: ViewArray) -> None:
        self._series = series
        finite = series[np.isfinite(series)]
        low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
        room = 0.05 * (high - low) or 1.0
        self._limits = float(low - room), float(high + room)
        self._colours = colours_of(f"channel {index}" for index in range(series.shape[2]))

    def draw(self, axes: Axes, index: int) -> None:
        """Draw one series."""
        for values, colour in zip(self._series[index].T, self._colours.values(), strict=True):
            # One time step has no line.
            axes.plot(values, color=colour, linewidth=1.0, marker="" if len(values) > 1 else "o")
        axes.set_ylim(*self._limits)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


class StripCells:
    """Features as a strip of colour each: red above 0, blue below, white at 0.

    Args:
        features: ``(N, features)``.
        largest: size of a value that has the darkest colour.
    """

    width, height = _PLOT_INCHES, 0.28
    numbers = 0.0
    numbered = True

    def __init__(self, features: ViewArray, largest: float) -> None:
        self._features = features
        self._scale = Normalize(-largest, largest)
        self.colours = ScalarMappable(self._scale, "RdBu_r")

    def draw(self, axes: Axes, index: int) -> None:
        """Draw the features of one view."""
        strip = self._features[index][None]
        axes.imshow(
            strip, norm=self._scale, cmap=self.colours.cmap, aspect="auto", interpolation="none"
        )
        axes.grid(visible=False)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def shown_images(images: ViewArray) -> ViewArray:
    """Return images as they are drawn: values in [0, 1], and one or three channels.

    Args:
        images: ``(N, height, width, channels)``.

    Returns:
        ``(N, height, width, 3)`` of three channels; otherwise ``(N, height, width)``, where the
        channels stand side by side.

    Example:
        >>> shown_images(np.zeros((1, 4, 5, 2))).shape
        (1, 4, 10)
    """
    clipped = np.nan_to_num(images.astype(np.float64)).clip(0, 1)
    if images.shape[-1] == _COLOURS:
        return clipped
    return np.concatenate(list(np.moveaxis(clipped, -1, 0)), axis=2)


_FEATURES, _SERIES, _IMAGES = 2, 3, 4
_MOST_PAIRS_ACROSS = 4
# In inches, so that a view is as large in a figure of two pairs as in one of twenty.
_EDGE, _TITLE, _NUMBERS, _SCALE, _SCALE_WIDTH = 0.1, 0.35, 0.3, 0.7, 0.1
_IN_A_PAIR, _BETWEEN_PAIRS, _BETWEEN_ROWS = 0.08, 0.3, 0.1


def draw_view_grid(x: ViewArray, y: ViewArray, path: Path) -> None:
    """Draw pairs: images side by side, series as lines, plain features as strips of colour.

    Values of images are clipped to [0, 1]; one channel is grey and three are a colour, others stand
    side by side in grey. All series of a view share their vertical axis, and all strips of both
    views their colours.

    Args:
        x: ``(N, *x_shape)``, of ``(features,)``, ``(length, channels)`` or
            ``(height, width, channels)``.
        y: ``(N, *y_shape)``; row i belongs to row i of x.
        path: a PNG or SVG file, by its ending; its folder is made if it is not there.

    Raises:
        UserError: if the file has another ending, views another shape, or there is no pair or half
            of one.
    """
    if path.suffix.lower() not in PICTURES:
        raise UserError(f"pairs are drawn as .png or .svg: {path.name!r} ends in neither")
    _check(x, y)
    with matplotlib.rc_context(STYLE):
        figure = _drawn(_cells(x, y), _cells(y, x), len(x))
        path.parent.mkdir(parents=True, exist_ok=True)
        save_picture(figure, path)


def _check(x: ViewArray, y: ViewArray) -> None:
    for name, views in (("x", x), ("y", y)):
        if not _FEATURES <= views.ndim <= _IMAGES or 0 in views.shape[1:]:
            raise UserError(
                f"views {name} are of shape {views.shape[1:]}: (features,), (length, channels) or "
                "(height, width, channels) can be drawn"
            )
    if len(x) != len(y) or not len(x):
        raise UserError(f"{len(x)} views x and {len(y)} views y: give pairs, at least one")


def _cells(views: ViewArray, others: ViewArray) -> Cells:
    """Return the cells of one view, drawn to one scale with the other if that is alike."""
    both = [views, others] if views.ndim == others.ndim else [views]
    if views.ndim == _IMAGES:
        shown = [shown_images(each) for each in both]
        return ImageCells(shown[0], max(side for each in shown for side in each.shape[1:3]))
    if views.ndim == _SERIES:
        return SeriesCells(views)
    sizes = [np.abs(each[np.isfinite(each)]).max(initial=0) for each in both]
    return StripCells(views, float(max(sizes)) or 1.0)


def _drawn(x: Cells, y: Cells, pairs: int) -> Figure:
    pictures = isinstance(x, ImageCells) and isinstance(y, ImageCells)
    across = min(pairs, _MOST_PAIRS_ACROSS) if pictures else 1
    down = -(-pairs // across)
    strips = [side for side in (x, y) if isinstance(side, StripCells)]
    pair = sum(side.numbers + side.width for side in (x, y)) + _IN_A_PAIR
    tall = max(x.height, y.height)
    below = _NUMBERS if x.numbered or y.numbered else _EDGE
    width = 2 * _EDGE + across * pair + (across - 1) * _BETWEEN_PAIRS + _SCALE * len(strips[:1])
    height = _TITLE + down * tall + (down - 1) * _BETWEEN_ROWS + below
    figure = Figure(figsize=(width, height))

    def axes_at(left: float, top: float, wide: float, high: float) -> Axes:
        return figure.add_axes(
            (left / width, 1 - (top + high) / height, wide / width, high / height)
        )

    for index in range(pairs):
        row, column = divmod(index, across)
        left = _EDGE + column * (pair + _BETWEEN_PAIRS)
        top = _TITLE + row * (tall + _BETWEEN_ROWS)
        for name, side in (("x", x), ("y", y)):
            left += side.numbers
            axes = axes_at(left, top + (tall - side.height) / 2, side.width, side.height)
            side.draw(axes, index)
            lowest = index + across >= pairs
            axes.tick_params(axis="x", bottom=lowest, labelbottom=lowest)
            if row == 0:
                axes.set_title(name, fontweight="bold")
            left += side.width + _IN_A_PAIR
    if strips:
        high = down * tall + (down - 1) * _BETWEEN_ROWS
        scale = axes_at(width - _SCALE, _TITLE, _SCALE_WIDTH, high)
        colours = strips[0].colours
        figure.colorbar(colours, cax=scale, ticks=list(colours.get_clim()), format="{x:.3g}")
    return figure
