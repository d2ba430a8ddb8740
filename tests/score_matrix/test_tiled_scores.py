"""Sums over score matrices that are never built, beside those of matrices that are."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.errors import UserError
from infomax.score_matrix import DenseScores, TiledScores

IN_TILES = [name for name, bound in BOUNDS.items() if bound().computed_from == "tiles"]


def factors(number: int, size: int, seed: int, scale: float = 1.0) -> tuple[Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    u, v = (
        (scale * torch.randn(number, size, generator=drawn, dtype=torch.float64)).requires_grad_()
        for _ in "uv"
    )
    return u, v


def with_gradients(value: Callable[[Tensor, Tensor], Tensor], *of: Tensor) -> list[Tensor]:
    result = value(*of)
    return [result.detach(), *torch.autograd.grad(result, of)]


@given(
    name=st.sampled_from(IN_TILES),
    number=st.integers(2, 12),
    rows=st.integers(1, 12),
    size=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    scale=st.sampled_from([0.1, 1.0, 5.0]),
)
@settings(max_examples=150, deadline=None)
def test_bounds_in_tiles_have_the_values_and_gradients_of_the_whole(
    *, name: str, number: int, rows: int, size: int, seed: int, scale: float
) -> None:
    u, v = factors(number, size, seed, scale)
    tiled = with_gradients(
        lambda u, v: BOUNDS[name]().objective(TiledScores(u, v, rows_at_once=min(rows, number))),
        u,
        v,
    )
    dense = with_gradients(lambda u, v: BOUNDS[name]().objective(u @ v.T), u, v)
    for one, other in zip(tiled, dense, strict=True):
        assert float((one - other).norm()) <= 1e-10 * max(float(dense[0].abs()), 1.0)


@pytest.mark.parametrize("name", IN_TILES)
def test_in_float32_gradients_are_within_1e5_of_float64(name: str) -> None:
    u, v = factors(300, 16, 0, scale=0.5)
    expected = with_gradients(lambda u, v: BOUNDS[name]().objective(u @ v.T), u, v)
    small = [each.detach().float().requires_grad_() for each in (u, v)]
    got = with_gradients(
        lambda u, v: BOUNDS[name]().objective(TiledScores(u, v, rows_at_once=64)), *small
    )
    for one, other in zip(got[1:], expected[1:], strict=True):
        assert float((one.double() - other).norm() / other.norm()) < 1e-5


@pytest.mark.parametrize("name", ["infonce", "donsker-varadhan"])
def test_large_scores_overflow_nothing(name: str) -> None:
    u = torch.tensor([[300.0], [-300.0], [100.0]], requires_grad=True)
    v = torch.tensor([[300.0], [-300.0], [100.0]], requires_grad=True)
    value, *gradients = with_gradients(
        lambda u, v: BOUNDS[name]().estimate(TiledScores(u, v, rows_at_once=2)), u, v
    )
    torch.testing.assert_close(value, BOUNDS[name]().estimate((u @ v.T).detach()))
    assert all(each.isfinite().all() for each in gradients)


def test_nothing_is_kept_for_gradients_that_nobody_asks_for() -> None:
    u, v = factors(8, 2, 0)
    with torch.no_grad():
        value = TiledScores(u, v, rows_at_once=3).anchors_contrast()
    assert not value.requires_grad
    torch.testing.assert_close(value, DenseScores((u @ v.T).detach()).anchors_contrast())


def test_half_precision_is_summed_in_float32() -> None:
    u, v = (each.detach().bfloat16().requires_grad_() for each in factors(50, 8, 0))
    value, of_u, of_v = with_gradients(
        lambda u, v: TiledScores(u, v, rows_at_once=16).anchors_contrast(), u, v
    )
    whole = with_gradients(lambda u, v: DenseScores((u @ v.T).float()).log_partition(), u, v)
    in_tiles = with_gradients(lambda u, v: TiledScores(u, v, rows_at_once=16).log_partition(), u, v)
    for one, other in zip(in_tiles[1:], whole[1:], strict=True):
        assert float((one - other).float().norm() / other.float().norm()) < 0.05
    assert value.dtype == torch.float32
    assert of_u.dtype == of_v.dtype == torch.bfloat16
    dense = with_gradients(lambda u, v: DenseScores((u @ v.T).float()).anchors_contrast(), u, v)
    torch.testing.assert_close(value, dense[0], rtol=1e-2, atol=0)
    assert float((of_u - dense[1]).float().norm() / dense[1].float().norm()) < 0.05
    assert float((of_v - dense[2]).float().norm() / dense[2].float().norm()) < 0.05
    joint = TiledScores(u, v, rows_at_once=16).joint_mean()
    assert joint.dtype == torch.float32
    # Products and sums of what was rounded before, and not after.
    torch.testing.assert_close(joint, (u.float() * v.float()).sum() / 50)


def test_under_autocast_factors_are_multiplied_as_it_has_it() -> None:
    u, v = (each.detach().float() for each in factors(20, 8, 0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tiled = TiledScores(u, v, rows_at_once=8)
        dense = DenseScores((u @ v.T).float())
    torch.testing.assert_close(
        tiled.anchors_contrast(), dense.anchors_contrast(), rtol=1e-2, atol=1e-2
    )
    assert float((tiled.anchors_contrast() - DenseScores(u @ v.T).anchors_contrast()).abs()) > 0


@pytest.mark.parametrize("rows", [0, 9])
def test_a_tile_that_is_no_part_of_the_batch_is_refused(rows: int) -> None:
    u, v = factors(8, 2, 0)
    with pytest.raises(UserError, match=f"a tile of {rows} rows for a batch of 8"):
        TiledScores(u, v, rows_at_once=rows)


def test_sums_that_need_each_score_are_refused() -> None:
    scores = TiledScores(*factors(8, 2, 0), rows_at_once=4)
    with pytest.raises(UserError, match="tiles hold sums of exponentials alone"):
        scores.negatives_mean(torch.sigmoid)
    with pytest.raises(UserError, match="tiles hold sums of exponentials alone"):
        scores.log_partition(torch.sigmoid)
    with pytest.raises(UserError, match="tiles hold sums over whole rows alone"):
        scores.candidates_excess()


def test_the_mean_over_pairs_may_be_of_a_function_of_their_scores() -> None:
    u, v = (each.detach() for each in factors(8, 3, 0))
    tiled = TiledScores(u, v, rows_at_once=3).joint_mean(torch.square)
    torch.testing.assert_close(tiled, DenseScores(u @ v.T).joint_mean(torch.square))


def test_some_of_the_pairs_among_themselves_are_a_score_matrix() -> None:
    u, v = (each.detach() for each in factors(8, 3, 0))
    for chosen in ([6, 1, 3, 0, 7], [2, 5]):
        some = TiledScores(u, v, rows_at_once=3).among(torch.tensor(chosen))
        dense = DenseScores((u @ v.T)[chosen][:, chosen])
        assert some.size == len(chosen)
        torch.testing.assert_close(some.joint_mean(), dense.joint_mean())
        torch.testing.assert_close(some.log_partition(), dense.log_partition())
        torch.testing.assert_close(some.candidates_contrast(), dense.candidates_contrast())
