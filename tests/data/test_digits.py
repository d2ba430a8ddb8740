import numpy as np

from infomax.data.digits import load_digits


def test_every_digit_is_in_exactly_one_split() -> None:
    from sklearn.datasets import load_digits as load_original  # noqa: PLC0415

    digits = load_digits()
    together = np.concatenate([digits.train_images, digits.test_images]).reshape(-1, 64)
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    original = load_original()
    rows = sorted(map(tuple, np.column_stack([together, labels]).tolist()))
    expected = np.column_stack([original.data, original.target]).astype(int).tolist()
    assert rows == sorted(map(tuple, expected))


def test_the_split_is_stratified_and_the_same_every_time() -> None:
    first, second = load_digits(), load_digits()
    np.testing.assert_array_equal(first.test_images, second.test_images)
    shares = np.bincount(first.test_labels) / (
        np.bincount(first.train_labels) + np.bincount(first.test_labels)
    )
    np.testing.assert_allclose(shares, 0.25, atol=0.005)


def test_images_are_bytes_up_to_16() -> None:
    digits = load_digits()
    assert digits.train_images.dtype == np.uint8
    assert digits.brightest == digits.train_images.max() == 16
    assert digits.train_labels.dtype == np.int64
