"""scikit-learn's digits: 1,797 images of 8x8 pixels, which need no file at all."""

from typing import Final

import numpy as np

from infomax.data.dataset import ImageDataset

__all__ = ["load_digits"]

TEST_SHARE: Final = 0.25
SPLIT_SEED: Final = 0
BRIGHTEST: Final = 16


def load_digits() -> ImageDataset:
    """Load the digits, split into 1,347 training and 450 test images of shape ``(8, 8, 1)``.

    scikit-learn publishes no split, so this one is fixed here: a quarter is test, drawn with equal
    shares of every class by ``train_test_split(test_size=0.25, random_state=0, stratify=labels)``.

    Example:
        >>> digits = load_digits()
        >>> digits.train_images.shape, digits.test_images.shape, digits.brightest
        ((1347, 8, 8, 1), (450, 8, 8, 1), 16)
    """
    # Here, because importing scikit-learn takes a second that no other data set needs.
    from sklearn.datasets import load_digits as load_sklearn_digits  # noqa: PLC0415
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    bunch = load_sklearn_digits()
    images = bunch.images.astype(np.uint8)[..., np.newaxis]
    labels = bunch.target.astype(np.int64)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=TEST_SHARE, random_state=SPLIT_SEED, stratify=labels
    )
    return ImageDataset(
        name="digits",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        brightest=BRIGHTEST,
    )
