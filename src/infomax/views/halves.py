"""Two halves of an image."""

import numpy as np
from numpy.typing import NDArray

from infomax.errors import UserError

__all__ = ["top_and_bottom"]


def top_and_bottom(
    images: NDArray[np.uint8], *, brightest: int = 255
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Split images into the view X (upper rows) and the view Y (lower rows).

    Source: Tschannen et al. (2020), section 3: X and Y are the top and bottom half.

    Args:
        images: ``(N, height, width, channels)``, unsigned bytes.
        brightest: the pixel value that becomes 1.0.

    Returns:
        X and Y, each ``(N, height / 2 x width x channels)``, flattened row by row, values in
        [0, 1].

    Raises:
        UserError: if the images have an odd number of rows.

    Example:
        >>> x, y = top_and_bottom(np.arange(8, dtype=np.uint8).reshape(1, 4, 2, 1), brightest=1)
        >>> x.tolist(), y.tolist()
        ([[0.0, 1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0, 7.0]])
    """
    height = images.shape[1]
    if height % 2:
        raise UserError(f"images have {height} rows: halves need an even number")
    upper, lower = np.split(images, 2, axis=1)
    return _scaled(upper, brightest), _scaled(lower, brightest)


def _scaled(half: NDArray[np.uint8], brightest: int) -> NDArray[np.float32]:
    return np.divide(half.reshape(len(half), -1), np.float32(brightest), dtype=np.float32)
