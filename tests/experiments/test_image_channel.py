"""Images of known information."""

import math

import numpy as np
import pytest
import torch

from infomax.data import DATASETS
from infomax.errors import UserError
from infomax.experiments import image_channel
from infomax.experiments.image_channel import (
    IMAGE_TASKS,
    ImageChannel,
    WideImageEncoder,
    measure_images,
)


def test_the_crossover_leaves_the_bits_that_are_asked_for() -> None:
    for bits in (0.5, 2.0, 9.5, 10.0):
        channel = ImageChannel("example", bits)
        turned = channel.crossover
        lost = sum(-p * math.log2(p) for p in (turned, 1 - turned) if p)
        assert 10 * (1 - lost) == pytest.approx(bits, abs=1e-9)
        assert channel.mutual_information == pytest.approx(bits * math.log(2))
    assert [task.bits for task in IMAGE_TASKS.values()] == [2, 4, 6, 8, 10]


def test_an_image_shows_digits_of_its_classes_side_by_side() -> None:
    mnist = DATASETS["mnist-14"]()
    channel = ImageChannel("example", 2.0, sources=3)
    x, y = channel.draw(mnist, "test", 2_000, torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (2_000, 14, 42)
    classes = {
        image.tobytes(): label
        for image, label in zip(mnist.test_images, mnist.test_labels, strict=True)
        if label < 2
    }

    def read(images: torch.Tensor) -> np.ndarray:
        bytes_ = (images * 255).round().to(torch.uint8).numpy()
        digits = [[each[:, 14 * i : 14 * i + 14].tobytes() for i in range(3)] for each in bytes_]
        return np.array([[classes[digit] for digit in of_image] for of_image in digits])

    of_x, of_y = read(x), read(y)
    assert np.abs(of_x.mean(axis=0) - 0.5).max() < 0.05
    assert (of_x != of_y).mean() == pytest.approx(channel.crossover, abs=0.03)
    assert abs(np.corrcoef(of_x[:, 0], of_x[:, 1])[0, 1]) < 0.1
    assert (x != y).any()


@pytest.mark.parametrize("bits", [0.0, 10.5, math.nan])
def test_refuses_bits_that_the_sources_cannot_hold(bits: float) -> None:
    with pytest.raises(UserError, match="in 10 sources: give a positive number"):
        ImageChannel("wrong", bits)


def test_a_code_tells_where_a_digit_stands() -> None:
    encoder = WideImageEncoder((14, 28), torch.Generator().manual_seed(0))
    digit = torch.rand(14, 14, generator=torch.Generator().manual_seed(1))
    images = torch.zeros(2, 14, 28)
    images[0, :, :14] = images[1, :, 14:] = digit
    left, right = encoder(images)
    assert (left - right).abs().max() > 0.1


def test_a_short_training_says_at_least_what_is_there_and_the_same_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(image_channel, "_READ_SIZE", 1024)
    first, second = (measure_images("images-10-bits", samples=2_560) for _ in range(2))
    assert first.at_least
    assert first.is_true
    assert 0 < first.estimate < first.truth
    assert (first.low, first.estimate, first.high) == (second.low, second.estimate, second.high)


def test_refuses_less_than_a_batch() -> None:
    with pytest.raises(UserError, match="255 pairs to train on: give at least 256"):
        measure_images("images-2-bits", samples=255)
