"""Trivial features of items, beside loops that say what they are."""

import numpy as np
import pytest
import torch

from infomax.audit.trivial_features import trivial_features


@pytest.mark.parametrize("shape", [(5, 6, 7), (5, 6, 7, 3), (5, 3, 6, 7)])
def test_images_are_read_whatever_axis_channels_are(shape: tuple[int, ...]) -> None:
    items = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    names, values = trivial_features(items)
    images = items.numpy().astype(np.float64)
    images = images[..., None] if len(shape) == 3 else images
    images = np.moveaxis(images, 1, -1) if shape[1] == 3 else images
    found = dict(zip(names, values.T, strict=True))
    for row, image in enumerate(images):
        for channel in range(image.shape[-1]):
            of_channel = image[..., channel]
            assert found[f"mean of channel {channel}"][row] == pytest.approx(of_channel.mean())
            spread = found[f"standard deviation of channel {channel}"][row]
            assert spread == pytest.approx(of_channel.std())
        grey = image.mean(axis=-1)
        border = [grey[i, j] for i in range(6) for j in range(7) if i in (0, 5) or j in (0, 6)]
        assert found["mean of the border"][row] == pytest.approx(np.mean(border))
        weights = grey - images.mean(axis=-1).min()
        down = sum(i * weights[i].sum() for i in range(6)) / weights.sum()
        assert found["centre of mass, down"][row] == pytest.approx(down)
        shares = [found[f"share of pixels in eighth {k + 1} of brightness"][row] for k in range(8)]
        assert sum(shares) == pytest.approx(1)
    assert np.isfinite(values).all()


def test_rows_of_numbers_tell_their_scale_and_their_length() -> None:
    rows = torch.tensor([[1.0, -2.0, 0.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    names, values = trivial_features(rows)
    first = dict(zip(names, values[0], strict=True))
    assert first["number of zeros"] == 2
    assert first["root mean square"] == pytest.approx(np.sqrt(5 / 4))
    assert (first["least"], first["largest"]) == (-2.0, 1.0)
    assert values[1].tolist() == [3.0, 0.0, 3.0, 3.0, 3.0, 0.0]


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 9, 8, 7), (3, 2, 2, 2, 2)])
def test_any_shape_is_read(shape: tuple[int, ...]) -> None:
    assert np.isfinite(trivial_features(torch.ones(shape))[1]).all()
