"""One view of each pair as a small picture, by what the views are: images, series or features."""

from typing import Any, Protocol, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from infomax.report.palette import colours_of

__all__ = ["Cells", "ImageCells", "SeriesCells", "StripCells", "ViewArray", "shown_images"]

ViewArray: TypeAlias = NDArray[Any]
"""Views of one side of the pairs: ``(N, *view_shape)``."""

_COLOURS = 3
_LONGEST_IMAGE_INCHES, _PLOT_INCHES = 1.2, 3.2


class Cells(Protocol):
    """Draws one view of each pair.

    Attributes:
        width: of a cell, in inches, without its numbers.
        height: of a cell, in inches.
        numbers: room for numbers at its left, in inches.
        numbered: whether numbers stand below the lowest cell.
    """

    width: float
    height: float
    numbers: float
    numbered: bool

    def draw(self, axes: Axes, place: int) -> None:
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

    def draw(self, axes: Axes, place: int) -> None:
        """Draw one image."""
        # In SVG, "none" keeps pixels as they are and "nearest" resamples them.
        axes.imshow(
            self._images[place], cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="none"
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
        self._colours = colours_of(f"channel {place}" for place in range(series.shape[2]))

    def draw(self, axes: Axes, place: int) -> None:
        """Draw one series."""
        for values, colour in zip(self._series[place].T, self._colours.values(), strict=True):
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

    def draw(self, axes: Axes, place: int) -> None:
        """Draw the features of one view."""
        strip = self._features[place][None]
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
