"""Both probes, nearest neighbours against a loop, and labels that nothing can be learnt from."""

from collections import Counter

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation import (
    accuracy_of,
    check_probed_labels,
    neighbours_accuracy,
    probe_classes,
)

Labels = NDArray[np.int64]


def drawn(number: int, seed: int) -> tuple[Tensor, Labels]:
    """Return noisy codes of three classes, of very different lengths."""
    generator = torch.Generator().manual_seed(seed)
    labels = np.arange(number) % 3
    codes = torch.randn(number, 4, generator=generator)
    codes[:, :3] += 1.5 * torch.nn.functional.one_hot(torch.as_tensor(labels), 3)
    return codes * 10 ** torch.randn(number, 1, generator=generator), labels


def naive_accuracy(
    train: tuple[Tensor, Labels], test: tuple[Tensor, Labels], neighbours: int
) -> float:
    train_codes, train_labels = train[0].double(), train[1]
    right = 0
    for code, label in zip(test[0].double(), test[1], strict=True):
        cosines = (train_codes @ code) / (train_codes.norm(dim=1) * code.norm())
        nearest = cosines.argsort(descending=True)[:neighbours]
        votes = Counter(int(train_labels[place]) for place in nearest)
        most = max(votes.values())
        right += min(each for each, number in votes.items() if number == most) == label
    return right / len(test[1])


@pytest.mark.parametrize("neighbours", [1, 2, 5, 20])
def test_equals_a_loop_over_codes(neighbours: int) -> None:
    train, test = drawn(150, 0), drawn(80, 1)
    accuracy = neighbours_accuracy(*train, *test, neighbours=neighbours)
    assert accuracy == pytest.approx(naive_accuracy(train, test, neighbours))
    assert 0.5 < accuracy < 1


def test_twenty_neighbours_vote_unless_told() -> None:
    train, test = drawn(150, 0), drawn(80, 1)
    assert neighbours_accuracy(*train, *test) == neighbours_accuracy(*train, *test, neighbours=20)
    assert neighbours_accuracy(*train, *test) != neighbours_accuracy(*train, *test, neighbours=1)


def test_the_lengths_of_codes_do_not_matter() -> None:
    (train_codes, train_labels), (codes, labels) = drawn(90, 0), drawn(60, 1)
    before = neighbours_accuracy(train_codes, train_labels, codes, labels)
    factors = torch.linspace(0.01, 100, 90).unsqueeze(1)
    assert neighbours_accuracy(factors * train_codes, train_labels, codes / 7, labels) == before


def test_with_fewer_training_codes_all_of_them_vote() -> None:
    train_codes, train_labels = drawn(6, 0)[0], np.array([0, 1, 1, 1, 1, 2])
    codes, labels = drawn(40, 1)[0], np.array([1] * 30 + [0] * 10)
    assert neighbours_accuracy(train_codes, train_labels, codes, labels) == 0.75


def test_of_labels_with_equally_many_votes_the_smallest_wins() -> None:
    train_codes = torch.tensor([[1.0, 0.1], [1.0, 0.0]])
    codes = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    for labels in ([7, 4], [4, 7]):
        accuracy = neighbours_accuracy(
            train_codes, np.array(labels), codes, np.array([4, 4]), neighbours=2
        )
        assert accuracy == 1.0


def test_classes_that_no_training_code_has_are_never_right() -> None:
    train, (codes, labels) = drawn(90, 0), drawn(60, 1)
    assert neighbours_accuracy(*train, codes, labels + 3) == 0.0


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_codes_may_be_of_any_precision_and_track_gradients(dtype: torch.dtype) -> None:
    (train_codes, train_labels), (codes, labels) = drawn(90, 0), drawn(60, 1)
    plain = neighbours_accuracy(train_codes, train_labels, codes, labels)
    other = neighbours_accuracy(
        train_codes.to(dtype).requires_grad_(), train_labels, codes.to(dtype), labels
    )
    assert other == pytest.approx(plain, abs=0.05)


def test_mistakes_are_named() -> None:
    train, test = drawn(9, 0), drawn(6, 1)
    with pytest.raises(UserError, match="9 training codes but 8 labels"):
        neighbours_accuracy(train[0], train[1][:8], *test)
    with pytest.raises(UserError, match="6 codes but 5 labels"):
        neighbours_accuracy(*train, test[0], test[1][:5])
    with pytest.raises(UserError, match="0 codes but 0 labels"):
        neighbours_accuracy(*train, test[0][:0], test[1][:0])
    with pytest.raises(UserError, match="one class"):
        neighbours_accuracy(train[0], np.zeros(9, np.int64), *test)
    with pytest.raises(UserError, match="neighbours is 0: give"):
        neighbours_accuracy(*train, *test, neighbours=0)
    test[0][2, 1] = torch.nan
    with pytest.raises(UserError, match=r"^codes hold values that are not finite"):
        neighbours_accuracy(*train, *test)


def test_collapsed_codes_are_at_the_share_of_the_commonest_class() -> None:
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    codes = torch.full((60, 4), 0.1)
    found = probe_classes(codes, labels, codes, labels, seed=0)
    assert found.linear.value == found.majority_share == 0.5
    assert found.linear.balanced == pytest.approx(1 / 3)
    assert found.linear.low < 0.5 < found.linear.high
    assert (found.linear_labels == 0).all()
    assert accuracy_of(found.neighbours_labels, labels) == found.neighbours


def test_classes_of_one_row_and_classes_never_seen_are_no_reason_to_refuse() -> None:
    codes, labels = torch.eye(4).repeat(4, 1)[:14], (np.arange(16) % 4)[:14]
    labels[-1] = 9
    found = probe_classes(codes, labels, torch.eye(4), np.array([0, 1, 2, 77]), seed=0)
    assert found.linear.value == 0.75


def test_fewer_than_two_classes_of_two_rows_are_refused() -> None:
    with pytest.raises(UserError, match="hold 4 classes, of which 1 have two rows"):
        check_probed_labels(np.array([0, 0, 1, 2, 3]))
    check_probed_labels(np.array([0, 0, 1, 1, 3]))
