"""Every kind of pairs gives the same pairs by their indices, in batches and one view at a time."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.critics import BilinearCritic
from infomax.data import ArraySource, ItemDataset
from infomax.encoders import MLPEncoder
from infomax.experiments.pair_datasets import ItemPairDataset, as_pair_dataset
from infomax.experiments.train import train
from infomax.processes import Processes
from infomax.training import PairDataset, PairModel, Pairs, WhichView
from infomax.views import FeatureGroups

CPU = torch.device("cpu")
ROWS = 60
X = np.random.default_rng(0).normal(size=(ROWS, 3)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(ROWS, 2)).astype(np.float32)
CHOSEN = np.array([7, 2, 59, 30, 31])


class OfRows(torch.utils.data.Dataset[object]):
    """The same pairs as a data set of PyTorch, with a label that is no view."""

    def __len__(self) -> int:
        return ROWS

    def __getitem__(self, index: int) -> object:
        return (X[index], Y[index]), index


class OfAnother(PairDataset):
    """The same pairs by a class from outside the package."""

    name, x_shape, y_shape = "another", (3,), (2,)

    def __len__(self) -> int:
        return ROWS

    def read(self, indices: Tensor) -> NDArray[np.int64]:
        return indices.numpy()

    def make_views(
        self,
        read: NDArray[np.int64],
        generator: torch.Generator,  # noqa: ARG002
    ) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(X[read]), torch.from_numpy(Y[read])

    def clean_views(
        self, indices: NDArray[np.int64], batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        return iter(torch.from_numpy((X if view == "x" else Y)[indices]).split(batch_size))


def of_items(*, made: bool) -> PairDataset:
    if made:
        both = ItemDataset(ArraySource(np.hstack([X, Y]), "both"))
        return ItemPairDataset(both, FeatureGroups(x=(0, 1, 2)), CPU)
    return ItemPairDataset(ItemDataset(ArraySource(X, "x"), ArraySource(Y, "y")), None, CPU)


KINDS = {
    "arrays": lambda: as_pair_dataset((X, Y), CPU),
    "tensors": lambda: as_pair_dataset(Pairs(torch.from_numpy(X), torch.from_numpy(Y)), CPU),
    "two views": lambda: of_items(made=False),
    "made views": lambda: of_items(made=True),
    "dataset": lambda: as_pair_dataset(OfRows(), CPU),
    "from outside": OfAnother,
}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_pairs_and_views_are_those_of_the_indices(kind: str) -> None:
    pairs = KINDS[kind]()
    assert (len(pairs), pairs.x_shape, pairs.y_shape) == (ROWS, (3,), (2,))
    read = list(pairs.pairs(CHOSEN, 2, torch.Generator()))
    assert [len(x) for x, _ in read] == [2, 2, 1]
    np.testing.assert_array_equal(torch.cat([x for x, _ in read]), X[CHOSEN])
    np.testing.assert_array_equal(torch.cat([y for _, y in read]), Y[CHOSEN])
    np.testing.assert_array_equal(torch.cat([*pairs.clean_views(CHOSEN, 2)]), X[CHOSEN])
    np.testing.assert_array_equal(torch.cat([*pairs.clean_views(CHOSEN, 2, "y")]), Y[CHOSEN])


@kinds
def test_batches_are_the_same_in_the_same_order(kind: str) -> None:
    drawn = []
    for pairs in (KINDS[kind](), KINDS["arrays"]()):
        batches = pairs.batches(
            CHOSEN,
            2,
            order=torch.Generator().manual_seed(3),
            views=torch.Generator().manual_seed(4),
            processes=Processes(),
        )
        drawn.append([batches.draw() for _ in range(5)])
    for (x, y), (expected_x, expected_y) in zip(*drawn, strict=True):
        torch.testing.assert_close(x, expected_x, rtol=0, atol=0)
        torch.testing.assert_close(y, expected_y, rtol=0, atol=0)


@kinds
def test_what_it_prints_as_tells_what_it_holds(kind: str) -> None:
    printed = repr(KINDS[kind]())
    assert f"{ROWS} pairs, x_shape=(3,), y_shape=(2,)" in printed


def test_what_stands_beside_views_is_told() -> None:
    assert KINDS["dataset"]().left_out == "what stands behind the first two"
    assert not KINDS["arrays"]().left_out


def test_pairs_of_another_class_are_trained_on() -> None:
    histories = []
    for pairs in (OfAnother(), (X, Y)):
        generator = torch.Generator().manual_seed(0)
        x_encoder, y_encoder = (MLPEncoder((size,), generator, layer_sizes=(4,)) for size in (3, 2))
        model = PairModel(x_encoder, y_encoder, BilinearCritic(4, 4, generator))
        histories.append(train(pairs, model, steps=6, batch_size=10, validation=0.4).history)
    assert histories[0].equals(histories[1])
