"""Batches of pairs, read ahead too: the same as if they were not, and resumed to the same bits."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.data import Indices
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training import IndexedBatches, PairDataset, Pairs, WhichView


@given(number=st.integers(2, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 2**31))
def test_a_pass_holds_every_pair_at_most_once_and_keeps_partners(
    number: int, batch_size: int, seed: int
) -> None:
    batch_size = min(batch_size, number)
    rows = torch.arange(number, dtype=torch.float32).unsqueeze(1)
    pairs = Pairs(rows, -rows)
    batches = list(pairs.one_pass(batch_size, torch.Generator().manual_seed(seed)))
    assert len(batches) == number // batch_size
    seen = torch.cat([x for x, _ in batches]).flatten().tolist()
    assert len(seen) == len(set(seen)) == number // batch_size * batch_size
    for x, y in batches:
        assert torch.equal(x, -y)


def test_views_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="3 x and 2 y"):
        Pairs(torch.zeros(3, 1), torch.zeros(2, 1))


def test_a_batch_larger_than_the_data_is_refused() -> None:
    pairs = Pairs(torch.zeros(3, 1), torch.zeros(3, 1))
    with pytest.raises(UserError, match="batch of 4 is larger than the data"):
        next(pairs.one_pass(4, torch.Generator()))


ITEMS = torch.arange(40.0).reshape(20, 2)
PLACES = torch.arange(3, 20)


def batches_of(
    read: object = None, size: int = 5, processes: Processes | None = None
) -> IndexedBatches[Tensor]:
    def noisy(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return items + torch.randn(items.shape, generator=generator), -items

    return IndexedBatches(
        PLACES,
        read or (lambda places: ITEMS[places]),  # type: ignore[arg-type]
        noisy,
        size,
        order=torch.Generator().manual_seed(1),
        views=torch.Generator().manual_seed(2),
        processes=processes,
    )


def test_each_pass_gives_every_item_at_most_once_and_views_of_the_same_items() -> None:
    batches = batches_of()
    for _ in range(2):  # 17 places make three batches of five in a pass
        seen = torch.cat([batches.draw()[1].squeeze(0) for _ in range(3)])
        assert len({tuple(row) for row in seen.tolist()}) == 15
        assert (-seen >= ITEMS[3]).all()


def test_a_slow_reader_changes_nothing() -> None:
    def slowly(places: Tensor) -> Tensor:
        time.sleep(0.01)
        return ITEMS[places]

    quick, slow = batches_of(), batches_of(slowly)
    for _ in range(7):
        for one, other in zip(quick.draw(), slow.draw(), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize("drawn", [0, 1, 3, 4])
def test_restored_it_draws_what_would_have_come(drawn: int) -> None:
    whole = batches_of()
    for _ in range(drawn):
        whole.draw()
    state = {key: value.clone() for key, value in whole.state().items()}
    resumed = batches_of()
    resumed.draw()  # It may have been read ahead before it is put where the other was.
    resumed.restore(state)
    for _ in range(6):
        for one, other in zip(whole.draw(), resumed.draw(), strict=True):
            assert torch.equal(one, other)


def test_an_error_of_the_reader_reaches_whoever_draws() -> None:
    def fails(places: Tensor) -> Tensor:
        raise UserError(f"cannot read {len(places)} items")

    with pytest.raises(UserError, match="cannot read 5 items"):
        batches_of(fails).draw()


def test_batches_larger_than_the_data_are_refused() -> None:
    with pytest.raises(UserError, match="a batch of 18 is larger than the data"):
        batches_of(size=18)


def test_processes_read_parts_of_one_order_and_view_them_by_draws_of_their_own() -> None:
    alone = batches_of()
    parts = [batches_of(processes=Processes(rank, 2)) for rank in range(2)]
    for _ in range(7):
        _, whole = alone.draw()
        drawn = [each.draw() for each in parts]
        assert torch.equal(torch.cat([y for _, y in drawn], dim=1), whole)
        noise = [x + y for x, y in drawn]
        assert not torch.equal(noise[0][:, :2], noise[1])
    # So that the checkpoint of one tells how all of them go on, and any other number.
    states = [each.state() for each in parts]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert states[0].keys() == alone.state().keys()


def test_processes_resume_to_the_same_views() -> None:
    whole, resumed = (batches_of(processes=Processes(1, 2)) for _ in range(2))
    whole.draw()
    resumed.restore({key: value.clone() for key, value in whole.state().items()})
    for one, other in zip(whole.draw(), resumed.draw(), strict=True):
        assert torch.equal(one, other)


class Noisy(PairDataset):
    """Items, and the items with noise; in memory or read ahead."""

    def __init__(self, *, resident: bool) -> None:
        self.name, self.x_shape, self.y_shape, self.resident = "noisy", (2,), (2,), resident

    def __len__(self) -> int:
        return len(ITEMS)

    def is_resident(self, count: int) -> bool:
        return self.resident and count > 0

    def read(self, indices: Tensor) -> Tensor:
        return ITEMS[indices]

    def make_views(self, read: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return read, read + 0.1 * torch.rand(read.shape, generator=generator)

    def clean_views(
        self, indices: Indices, batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        raise NotImplementedError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("resident", [True, False], ids=["in memory", "read ahead"])
def test_batches_of_a_data_set_are_of_the_chosen_pairs_without_repeats_and_shared(
    resident: bool,
) -> None:
    dataset, indices = Noisy(resident=resident), np.arange(8, 20)
    keys = torch.arange(12) // 2

    def drawn(processes: Processes, views: int = 2) -> list[tuple[Tensor, Tensor]]:
        batches = dataset.batches(
            indices, 6, order=seeded(1), views=seeded(views), processes=processes, keys=keys
        )
        return [batches.draw() for _ in range(4)]

    whole = drawn(Processes())
    for x, y in whole:
        assert x.shape == y.shape == (1, 6, 2)
        rows = (x[0, :, 0] / 2).long()
        assert set(rows.tolist()) <= set(indices.tolist())
        # Items of one key never come together.
        assert len(set((rows // 2).tolist())) == 6
        assert ((y - x) >= 0).all()
        assert ((y - x) < 0.1 + 1e-5).all()
    parts = [drawn(Processes(rank, 2)) for rank in range(2)]
    for step, (x, _) in enumerate(whole):
        assert torch.equal(torch.cat([each[step][0] for each in parts], dim=1), x)
    again, other = drawn(Processes()), drawn(Processes(), views=3)
    for (_, y), (_, same), (_, moved) in zip(whole, again, other, strict=True):
        assert torch.equal(y, same)
        assert not torch.equal(y, moved)


def test_all_pairs_in_memory_are_those_that_come_a_batch_at_a_time() -> None:
    dataset = Noisy(resident=False)
    kept = dataset.in_memory(6, seeded(3))
    x, y = zip(*dataset.pairs(np.arange(20), 6, seeded(3)), strict=True)
    assert [len(each) for each in x] == [6, 6, 6, 2]
    assert torch.equal(kept.x, torch.cat(x))
    assert torch.equal(kept.y, torch.cat(y))


def test_positions_are_those_of_the_batch_that_was_drawn_and_not_of_the_one_read_ahead() -> None:
    batches = batches_of()
    for _ in range(8):
        _, y = batches.draw()
        assert torch.equal(-y.squeeze(0), ITEMS[PLACES[batches.positions.squeeze(0)]])
