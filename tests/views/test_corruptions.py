"""Items with noise as views."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.views import AdditiveNoise, Masking


def test_noise_has_the_deviation_and_is_another_in_each_view() -> None:
    items = torch.full((100, 300), 7.0)
    x, y = AdditiveNoise(0.5)(items, torch.Generator().manual_seed(0))
    of_x, of_y = (x - items).flatten(), (y - items).flatten()
    correlation = torch.corrcoef(torch.stack((of_x, of_y)))[0, 1].item()
    # Standard errors of 30000 draws: 0.003 of the mean, 0.002 of the deviation, 0.006 of this.
    assert of_x.mean().item() == pytest.approx(0, abs=0.015)
    assert of_x.std().item() == pytest.approx(0.5, abs=0.01)
    assert of_y.std().item() == pytest.approx(0.5, abs=0.01)
    assert correlation == pytest.approx(0, abs=0.03)


def test_shared_noise_makes_equal_views_that_do_not_share_memory() -> None:
    x, y = AdditiveNoise(2.0, shared=True)(
        torch.zeros(4, 3, 2, 1), torch.Generator().manual_seed(0)
    )
    assert torch.equal(x, y)
    assert x.std() > 0.5
    assert x.data_ptr() != y.data_ptr()


def test_no_noise_leaves_the_items() -> None:
    items = torch.arange(6.0).reshape(2, 3)
    x, y = AdditiveNoise(0.0)(items, torch.Generator())
    assert torch.equal(x, items)
    assert torch.equal(y, items)


@pytest.mark.parametrize("deviation", [-0.1, math.nan, math.inf])
def test_a_deviation_that_is_none_is_refused(deviation: float) -> None:
    with pytest.raises(UserError, match=f"deviation of the noise is {deviation}"):
        AdditiveNoise(deviation)


def hidden_patches(view: torch.Tensor, patch: int) -> torch.Tensor:
    """Return which patches of an image of ones are hidden, patch by patch."""
    height, width, _ = view.shape
    found = torch.zeros(height // patch, width // patch, dtype=torch.bool)
    for row in range(height // patch):
        for column in range(width // patch):
            values = view[
                row * patch : (row + 1) * patch, column * patch : (column + 1) * patch
            ].unique()
            assert len(values) == 1, "a patch is hidden in part"
            found[row, column] = values.item() == 0
    return found


@given(
    patch=st.integers(1, 3),
    grid=st.tuples(st.integers(1, 4), st.integers(2, 4)),
    channels=st.integers(1, 3),
    share=st.floats(0.3, 0.7),
    seed=st.integers(0, 100),
)
def test_just_the_share_of_whole_patches_is_hidden_with_all_channels(
    patch: int, grid: tuple[int, int], channels: int, share: float, seed: int
) -> None:
    rows, columns = grid
    items = torch.ones(3, rows * patch, columns * patch, channels)
    for view in Masking(share, patch)(items, torch.Generator().manual_seed(seed)):
        for image in view:
            hidden = hidden_patches(image, patch)
            assert hidden.sum() == round(share * rows * columns)


def test_stretches_of_series_and_single_features_are_hidden() -> None:
    generator = torch.Generator().manual_seed(0)
    series, _ = Masking(0.5, patch=5)(torch.ones(4, 20, 2), generator)
    stretches = series.reshape(4, 4, 10)
    assert torch.equal(stretches.amin(2), stretches.amax(2))
    assert stretches.amin(2).sum(1).tolist() == [2, 2, 2, 2]
    features, _ = Masking(0.75)(torch.ones(4, 8), generator)
    assert features.sum(1).tolist() == [2, 2, 2, 2]


def test_every_place_is_hidden_as_often_and_views_and_items_are_independent() -> None:
    number, indices, share = 4000, 8, 0.25
    x, y = Masking(share)(torch.ones(number, indices), torch.Generator().manual_seed(0))
    error = math.sqrt(share * (1 - share) / number)
    assert (1 - x).mean(0).sub(share).abs().max() < 5 * error
    # Were they dependent, a place would be hidden in both more or less often than this.
    both = ((x == 0) & (y == 0)).double().mean(0)
    assert both.sub(share**2).abs().max() < 5 * share / math.sqrt(number)
    in_turn = ((x[1:] == 0) & (x[:-1] == 0)).double().mean(0)
    assert in_turn.sub(share**2).abs().max() < 5 * share / math.sqrt(number)


def test_what_is_left_has_the_values_of_the_items() -> None:
    items = torch.randn(5, 4, 4, 2, generator=torch.Generator().manual_seed(1))
    x, _ = Masking(0.5, 2)(items, torch.Generator().manual_seed(0))
    assert torch.equal(x[x != 0], items[x != 0])
    assert all(torch.equal(view, items) for view in Masking().clean(items))


def test_a_value_that_is_not_finite_is_hidden_too() -> None:
    x, _ = Masking(0.5)(torch.full((1, 4), math.nan), torch.Generator().manual_seed(0))
    assert (x == 0).sum() == 2


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, math.nan])
def test_a_share_that_hides_none_or_all_is_refused(share: float) -> None:
    with pytest.raises(UserError, match=f"share to mask is {share}"):
        Masking(share)


@pytest.mark.parametrize(
    ("masking", "shape", "message"),
    [
        (Masking(0.5, 3), (28, 27, 1), "patches of 3 do not fill images of .* 28 and 27"),
        (Masking(0.5, 3), (28, 2), "patches of 3 do not fill series"),
        (Masking(0.5, 2), (8,), "one by one"),
        (Masking(0.1, 2), (4, 4, 1), "a share of 0.1 of 4 patches is 0"),
        (Masking(0.9), (4, 2), "a share of 0.9 of 4 stretches is 4"),
    ],
)
def test_patches_that_do_not_fit_are_refused(
    masking: Masking, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        masking.shapes(shape)


def test_a_patch_below_one_is_refused() -> None:
    with pytest.raises(UserError, match="patch to mask is 0"):
        Masking(patch=0)
