"""Batches: what is drawn, in which order, and from where it goes on."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.distributions import DISTRIBUTIONS
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training import (
    Batches,
    NoisyBatches,
    SampledBatches,
    SeparateBatches,
    ShuffledBatches,
    generator_for,
    order_without_repeats,
)
from infomax.views import AdditiveNoise

ROWS = torch.arange(10.0).unsqueeze(1)


def shuffled(*seeds: int, batch_size: int = 4) -> ShuffledBatches:
    draw = [generator_for(seed, "batches") for seed in seeds]
    return ShuffledBatches(ROWS, 10 * ROWS, batch_size, draw)


def separate(*seeds: int, batch_size: int = 4) -> SeparateBatches:
    draw = [generator_for(seed, "batches") for seed in seeds]
    rows = torch.stack([100 * place + ROWS for place in range(len(seeds))])
    return SeparateBatches(rows, 10 * rows, batch_size, draw)


def noisy(*seeds: int, shared: bool) -> NoisyBatches:
    draw = [generator_for(seed, "noise") for seed in seeds]
    return NoisyBatches(shuffled(*seeds), AdditiveNoise(0.5, shared=shared), draw)


def sampled(*seeds: int) -> SampledBatches:
    draw = [generator_for(seed, "batches") for seed in seeds]
    return SampledBatches(DISTRIBUTIONS["gaussian-dependent"], 6, draw)


def test_rows_stay_together() -> None:
    x, y = shuffled(0, 1).draw()
    assert x.shape == (2, 4, 1)
    assert torch.equal(10 * x, y)


def test_each_pass_is_a_permutation_of_which_the_rest_is_left_out() -> None:
    batches = shuffled(0)
    passes = [[batches.draw()[0].flatten().tolist() for _ in range(2)] for _ in range(3)]
    seen = [first + second for first, second in passes]
    assert all(len(set(rows)) == 8 for rows in seen)
    assert len({tuple(rows) for rows in seen}) == 3


def test_each_model_has_the_batches_that_it_has_alone() -> None:
    together = shuffled(3, 7)
    alone = [shuffled(3), shuffled(7)]
    for _ in range(5):
        x, _ = together.draw()
        for place, each in enumerate(alone):
            assert torch.equal(x[place], each.draw()[0][0])


def test_labels_need_no_second_axis() -> None:
    labels = torch.arange(10)
    batches = ShuffledBatches(ROWS, labels, 4, [generator_for(0, "batches")])
    x, y = batches.draw()
    assert y.shape == (1, 4)
    assert torch.equal(x[0, :, 0].long(), y[0])


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(UserError, match=r"a batch of 11 is larger than the data \(10 pairs\)"):
        shuffled(0, batch_size=11)


def test_shared_noise_is_the_same_on_both_views_and_own_noise_is_not() -> None:
    for shared in (True, False):
        x, y = noisy(0, 1, shared=shared).draw()
        clean_x, clean_y = shuffled(0, 1).draw()
        of_x, of_y = x - clean_x, y - clean_y
        assert (of_x.abs() > 0).all()
        assert torch.allclose(of_x, of_y, atol=1e-5) is shared
        assert not torch.allclose(of_x[0], of_x[1])


def test_noise_has_the_deviation_asked_for() -> None:
    zeros = torch.zeros(4_000, 5)
    batches = ShuffledBatches(zeros, zeros, 4_000, [generator_for(0, "batches")])
    x, _ = NoisyBatches(batches, AdditiveNoise(0.05), [generator_for(0, "noise")]).draw()
    assert x.std().item() == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize("drawn_before", [0, 1, 2, 3, 7])
def test_it_goes_on_from_a_state(drawn_before: int) -> None:
    makers = (
        lambda: shuffled(0, 1),
        lambda: noisy(0, 1, shared=True),
        lambda: noisy(0, 1, shared=False),
        lambda: sampled(0, 1),
        lambda: separate(0, 1),
    )
    for make in makers:
        batches: Batches = make()
        for _ in range(drawn_before):
            batches.draw()
        state = {name: value.clone() for name, value in batches.state().items()}
        expected = [batches.draw() for _ in range(5)]
        other: Batches = make()
        other.draw()
        other.restore(state)
        for x, y in expected:
            again_x, again_y = other.draw()
            assert torch.equal(x, again_x)
            assert torch.equal(y, again_y)


def test_each_model_has_rows_of_its_own() -> None:
    batches = separate(0, 1, 2)
    for _ in range(7):
        x, y = batches.draw()
        assert x.shape == y.shape == (3, 4, 1)
        assert torch.equal(10 * x, y)
        for place in range(3):
            assert ((x[place] >= 100 * place) & (x[place] < 100 * place + 10)).all()


def test_each_row_of_a_model_is_drawn_once_in_a_pass() -> None:
    batches = separate(0, 1, batch_size=5)
    passes = []
    for _ in range(3):
        x = torch.cat([batches.draw()[0], batches.draw()[0]], dim=1)
        for place in range(2):
            assert sorted(x[place, :, 0].tolist()) == [100 * place + row for row in range(10)]
        passes.append(x[:, :, 0])
    # In an order that is another for each pass and each model.
    assert not torch.equal(passes[0], passes[1])
    assert not torch.equal(passes[0][0], passes[0][1] - 100)


def test_models_with_rows_of_their_own_draw_as_they_do_alone() -> None:
    together = separate(3, 7)
    alone = [shuffled(3), shuffled(7)]
    for _ in range(5):
        x, _ = together.draw()
        for place, each in enumerate(alone):
            assert torch.equal(x[place] - 100 * place, each.draw()[0][0])


def test_rows_of_several_axes_stay_as_they_are() -> None:
    x = torch.arange(2 * 6 * 3 * 2).reshape(2, 6, 3, 2)
    batches = SeparateBatches(x, x[..., 0], 6, [generator_for(seed, "batches") for seed in (0, 1)])
    of_x, of_y = batches.draw()
    assert of_x.shape == (2, 6, 3, 2)
    assert torch.equal(of_x[..., 0], of_y)
    assert torch.equal(of_x.sort(dim=1).values, x)


def test_a_batch_larger_than_the_rows_of_a_model_is_refused() -> None:
    with pytest.raises(UserError, match=r"a batch of 11 is larger than the data \(10 pairs\)"):
        separate(0, 1, batch_size=11)


def test_processes_take_rows_of_one_order_without_one_twice_or_left_out() -> None:
    def batches(processes: Processes | None) -> ShuffledBatches:
        draw = [generator_for(0, "batches")]
        return ShuffledBatches(ROWS, 10 * ROWS, 7, draw, processes=processes)

    alone, *parts = [batches(None), *(batches(Processes(rank, 3)) for rank in range(3))]
    for _ in range(5):
        for whole, shares in zip(
            alone.draw(), zip(*(each.draw() for each in parts), strict=True), strict=True
        ):
            assert [share.shape[1] for share in shares] == [3, 2, 2]
            assert torch.equal(torch.cat(shares, dim=1), whole)
    with pytest.raises(UserError, match="cannot be shared by 8 processes"):
        batches(Processes(0, 8))


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    batch_size=st.integers(1, 5),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None)
def test_without_repeats_there_are_as_many_batches_as_can_be_filled(
    sizes: list[int], batch_size: int, seed: int
) -> None:
    keys = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    draw = torch.Generator().manual_seed(seed)
    if len(sizes) < batch_size:
        said = f"^{len(sizes)} different items are fewer than a batch of {batch_size}, which is to"
        with pytest.raises(UserError, match=said):
            order_without_repeats(keys, batch_size, draw)
        return
    order = order_without_repeats(keys, batch_size, draw)
    assert len(set(order.tolist())) == len(order)
    batches = keys[order].split(batch_size)
    assert all(len(set(batch.tolist())) == batch_size for batch in batches)
    # Each of B batches takes one row of a key at most, so a key fills min(rows, B) of their places.
    fillable = [
        count
        for count in range(1, len(keys) + 1)
        if sum(min(size, count) for size in sizes) >= count * batch_size
    ]
    assert len(batches) == max(fillable)


def test_batches_without_repeats_hold_no_key_twice_and_pass_through_all_rows() -> None:
    keys = torch.arange(40).repeat_interleave(torch.arange(40) % 4 + 1)
    rows = torch.arange(len(keys))
    batches = ShuffledBatches(rows, rows, 16, [torch.Generator().manual_seed(0)], keys=keys)
    seen: set[int] = set()
    for _ in range(60):
        batch = batches.draw()[0].squeeze(0)
        assert len(keys[batch].unique()) == 16
        seen |= set(batch.tolist())
    assert seen == set(rows.tolist())
    kept = batches.state()
    following = batches.draw()[0]
    other = ShuffledBatches(rows, rows, 16, [torch.Generator()], keys=keys)
    other.restore(kept)
    assert torch.equal(other.draw()[0], following)
