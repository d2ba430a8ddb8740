"""The images of a study: what encoders see and what probes are fitted on."""

import numpy as np
import pytest
import torch

from infomax.data import load_dataset
from infomax.errors import UserError
from infomax.studies.image_pairs import ImagePairs

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits() -> ImagePairs:
    return ImagePairs.open("digits", CPU)


def test_views_are_the_halves_of_the_images_bit_for_bit(digits: ImagePairs) -> None:
    images = load_dataset("digits")
    assert (digits.dataset, digits.view_shape) == ("digits", (4, 8, 1))
    for split, pairs, labels in (
        ("train", digits.train, digits.train_labels),
        ("test", digits.test, digits.test_labels),
    ):
        pixels = getattr(images, f"{split}_images").reshape(-1, 64) / np.float32(16)
        np.testing.assert_array_equal(pairs.x, pixels[:, :32])
        np.testing.assert_array_equal(pairs.y, pixels[:, 32:])
        np.testing.assert_array_equal(labels, getattr(images, f"{split}_labels"))
        assert pairs.x.dtype == torch.float32
        assert pairs.x.max() == 1.0


def test_no_noise_changes_nothing(digits: ImagePairs) -> None:
    assert digits.with_noise(0.0, "shared", 0) is digits


def test_shared_noise_is_one_and_own_noise_two(digits: ImagePairs) -> None:
    shared = digits.with_noise(0.05, "shared", 0)
    own = digits.with_noise(0.05, "own", 0)
    for split in ("train", "test"):
        clean, with_shared, with_own = (getattr(each, split) for each in (digits, shared, own))
        of_x, of_y = with_shared.x - clean.x, with_shared.y - clean.y
        torch.testing.assert_close(of_x, of_y, rtol=0, atol=1e-6)
        assert of_x.std().item() == pytest.approx(0.05, rel=0.05)
        assert not torch.allclose(with_own.x - clean.x, with_own.y - clean.y, atol=1e-3)


def test_noise_is_the_seeds_and_differs_between_splits(digits: ImagePairs) -> None:
    first, again, other = (digits.with_noise(0.05, "shared", seed) for seed in (0, 0, 1))
    assert torch.equal(first.train.x, again.train.x)
    assert not torch.equal(first.train.x, other.train.x)
    rows = min(len(digits.train), len(digits.test))
    of_train = (first.train.x - digits.train.x)[:rows]
    of_test = (first.test.x - digits.test.x)[:rows]
    assert not torch.allclose(of_train, of_test, atol=1e-3)


def test_some_images_to_probe_keep_their_labels(digits: ImagePairs) -> None:
    some = digits.some_to_probe(100, 0)
    assert len(some.train) == len(some.train_labels) == 100
    assert some.test is digits.test
    for view, label in zip(some.train.x[:10], some.train_labels[:10], strict=True):
        same = (digits.train.x == view).all(dim=1).nonzero().flatten().tolist()
        assert label in {int(digits.train_labels[row]) for row in same}
    # Drawn at random: data sets that are ordered by class would otherwise lose most classes.
    assert len(np.unique(some.train_labels)) == 10


@pytest.mark.parametrize("count", [None, 10**6])
def test_all_images_are_left_as_they_are(digits: ImagePairs, count: int | None) -> None:
    assert digits.some_to_probe(count, 0) is digits


def test_a_batch_that_fills_no_two_is_refused(digits: ImagePairs) -> None:
    with pytest.raises(UserError, match="450 test images: batches of 300 need at least 600"):
        digits.check_batch_size(300)
