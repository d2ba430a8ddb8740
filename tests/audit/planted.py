"""Codes with a fault that is planted, and sound ones."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from infomax.audit.audited_codes import AuditedCodes, read_codes
from infomax.audit.pair_columns import read_labels

Codes: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]

RawViews: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]


def sound(seed: int, rows: int = 600, size: int = 8) -> Codes:
    """Three classes far apart in all columns, in pairs that share about 3 nats beside their class.

    Of classes that lie as far apart in 3 columns alone the others are noise of the same size once
    columns are scaled, and couplings do move their accuracy: that is no sound case.
    """
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, rows)
    turned = np.linalg.qr(generator.standard_normal((size, size)))[0]
    signal = generator.standard_normal((rows, size)) + 9 * turned[labels]
    return signal, signal + generator.standard_normal((rows, size)), labels


def on_a_line(seed: int, rows: int = 600, size: int = 8) -> Codes:
    """Two classes on either side of a plane through one cloud, told by a line alone."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((rows, size))
    return x, x + generator.standard_normal((rows, size)), (x.sum(axis=1) > 0).astype(np.int64)


def repeated_items(seed: int, rows: int = 600, size: int = 8, items: int = 40) -> Codes:
    """Pairs of which y is one of a few items, such as captions that several images share."""
    generator = np.random.default_rng(seed)
    y = generator.standard_normal((items, size))[generator.integers(0, items, rows)]
    labels = generator.integers(0, 3, rows)
    return y + 0.1 * generator.standard_normal((rows, size)), y, labels


def classes_alone(
    seed: int, rows: int = 600, size: int = 8, classes: int = 10, noise: float = 0.3
) -> Codes:
    """Codes of both sides that hold the class of a pair and nothing else that they share."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, rows)
    centres = 2 * generator.standard_normal((classes, size))[labels]
    x, y = centres + noise * generator.standard_normal((2, rows, size))
    return x, y, labels


def told_by_a_product(seed: int, rows: int = 600, size: int = 8) -> Codes:
    """Two classes that the product of two columns tells, and no line does."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((rows, size))
    return x, x + generator.standard_normal((rows, size)), (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def frozen_features(seed: int, rows: int = 1_500, size: int = 128) -> Codes:
    """Ten classes in small positive features of noisy items, as a frozen network gives them."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, rows)
    items = 0.6 * generator.standard_normal((10, 64))[labels]
    items += generator.standard_normal((rows, 64))
    weights = generator.standard_normal((64, size)) / 8
    x, y = (
        0.05 * np.maximum((items + 0.3 * generator.standard_normal(items.shape)) @ weights, 0)
        for _ in range(2)
    )
    return x, y, labels


def turned(seed: int, rows: int = 600, size: int = 8) -> Codes:
    """Sound codes of which y has been turned, so that no cosine of both knows anything."""
    x, y, labels = sound(seed, rows, size)
    axes = np.linalg.qr(np.random.default_rng(100 + seed).standard_normal((size, size)))[0]
    return x, y @ axes, labels


def squared(seed: int, rows: int = 2_000, size: int = 4) -> Codes:
    """Codes of which y follows the squares of x, which no linear critic knows anything of."""
    generator = np.random.default_rng(seed)
    x, noise = generator.standard_normal((2, rows, size))
    return x, x**2 - 1 + 0.3 * noise, (x[:, 0] > 0).astype(np.int64)


def in_order_of_time(seed: int, rows: int = 600, size: int = 8) -> Codes:
    """Two classes in pairs that follow each other slowly, as frames of a video do."""
    generator = np.random.default_rng(seed)
    steps = generator.standard_normal((rows, size))
    x = np.empty_like(steps)
    x[0] = steps[0]
    for row in range(1, rows):
        x[row] = 0.9 * x[row - 1] + np.sqrt(1 - 0.9**2) * steps[row]
    labels = generator.integers(0, 2, rows)
    return x + 9 * labels[:, None], x + generator.standard_normal((rows, size)), labels


def learnt_by_heart(seed: int) -> tuple[Codes, NDArray[np.bool_]]:
    """Codes of a linear encoder of 400 pixels that met 300 of 600 pairs which share nothing."""
    generator = np.random.default_rng(seed)
    pixels, y = generator.standard_normal((600, 400)), generator.standard_normal((600, 8))
    trained_on = np.arange(600) < 300
    encoder = np.linalg.lstsq(pixels[trained_on], y[trained_on])[0]
    x = pixels @ encoder
    return (x, y + 0.1 * generator.standard_normal(y.shape), np.arange(600) % 2), trained_on


def no_better_than_pca(seed: int, rows: int = 1_500) -> AuditedCodes:
    """Codes that share much and tell classes no better than PCA of what they were made of."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, rows)
    raw = generator.standard_normal((2, rows, 40))
    raw[:, :, :4] = 6 * generator.standard_normal((rows, 4)) + 30 * np.eye(3, 4)[labels]
    raw[:, :, :4] += 6 * generator.standard_normal((2, rows, 4))
    # What is hidden in directions of small variance is shared, and nothing to do with classes.
    hidden = generator.standard_normal((rows, 4))
    raw[:, :, 36:] = 0.5 * (hidden + 0.1 * generator.standard_normal((2, rows, 4)))
    codes = np.concatenate([raw[:, :, :1], raw[:, :, 1:4], 12 * raw[:, :, 36:]], axis=2)
    return read((codes[0], codes[1], labels), raw=(raw[0], raw[1]))


def better_than_raw(seed: int, rows: int = 600) -> AuditedCodes:
    """Codes of as many columns as raw views, which hold classes in a form that no line tells."""
    x, y, labels = told_by_a_product(seed, rows)
    codes = [np.concatenate([each[:, :1] * each[:, 1:2], each[:, 1:]], axis=1) for each in (x, y)]
    return read((codes[0], codes[1], labels), raw=(x, y))


def better_than_baselines(seed: int, rows: int = 1_200) -> AuditedCodes:
    """Codes that keep the few columns of raw views that tell classes, among many that do not."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, rows)
    signal = generator.standard_normal((rows, 4)) + 4 * np.eye(3, 4)[labels]
    x, y = signal + 0.5 * generator.standard_normal((2, rows, 4))
    noise = 3 * generator.standard_normal((2, rows, 200))
    raw = [np.concatenate([side, other], axis=1) for side, other in zip((x, y), noise, strict=True)]
    return read((x, y, labels), raw=(raw[0], raw[1]))


def read(
    codes: Codes, *, seed: int = 0, with_labels: bool = True, raw: RawViews | None = None
) -> AuditedCodes:
    x, y, labels = codes
    told = read_labels(labels) if with_labels else None
    return read_codes("mine", x, y, told, seed=seed, raw=raw)
