"""Retrieval against loops over all orders of ties, chance, and PyTorch Metric Learning."""

from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from infomax.critics import BilinearCritic, ConcatCritic
from infomax.errors import UserError
from infomax.evaluation import retrieval
from infomax.evaluation.retrieval import Retrieval, retrieve_classes, retrieve_pairs

METRICS = ("recalls_at_1", "recalls_at_5", "average_precisions", "reciprocal_ranks")


def over_all_orders(scores: list[float], relevant: list[bool]) -> NDArray[np.float64]:
    """Return R@1, R@5, MAP@R and reciprocal rank, as means over all orders that scores allow."""
    found, wanted = [], sum(relevant)
    for order in permutations(range(len(scores))):
        if any(scores[one] < scores[other] for one, other in pairwise(order)):
            continue
        hits = [relevant[each] for each in order]
        first = hits.index(True)
        precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(wanted) if hits[i]]
        found.append((first < 1, first < 5, sum(precisions) / wanted, 1 / (first + 1)))
    means: NDArray[np.float64] = np.array(found, dtype=np.float64).mean(axis=0)
    return means


def values_of(found: Retrieval) -> NDArray[np.float64]:
    return np.stack([getattr(found, metric) for metric in METRICS], axis=1)


# Few directions, so that many candidates have one cosine.
corners = st.lists(st.sampled_from([(1, 0), (0, 1), (1, 1), (-1, 0)]), min_size=3, max_size=6)


@given(corners, st.data())
@settings(max_examples=30)
def test_partners_stand_where_they_stand_on_average_over_all_orders(
    x: list[tuple[int, int]], data: st.DataObject
) -> None:
    y = data.draw(st.permutations(x))
    of_x, of_y = (torch.tensor(each, dtype=torch.float64) for each in (x, y))
    cosines = torch.nn.functional.cosine_similarity(of_x[:, None], of_y, dim=-1)
    cosines = cosines.round(decimals=9)
    found = retrieve_pairs(of_x, of_y)
    for way, scores in ((found.x_to_y, cosines), (found.y_to_x, cosines.T)):
        for query, row in enumerate(scores.tolist()):
            expected = over_all_orders(row, [each == query for each in range(len(x))])
            np.testing.assert_allclose(values_of(way)[query], expected, atol=1e-12)


@given(corners, st.data())
@settings(max_examples=30)
def test_classes_stand_where_they_stand_on_average_over_all_orders(
    points: list[tuple[int, int]], data: st.DataObject
) -> None:
    labels = np.array([0, 0, *data.draw(st.permutations([0, 0, 1, 2]))][: len(points)])
    codes = torch.tensor(points, dtype=torch.float64)
    cosines = torch.nn.functional.cosine_similarity(codes[:, None], codes, dim=-1)
    found = retrieve_classes(codes, labels)
    queries = [each for each in range(len(points)) if (labels == labels[each]).sum() > 1]
    assert (found.queries, found.left_out) == (len(queries), len(points) - len(queries))
    for place, query in enumerate(queries):
        others = [each for each in range(len(points)) if each != query]
        scores = cosines[query, others].round(decimals=9).tolist()
        expected = over_all_orders(scores, [labels[each] == labels[query] for each in others])
        np.testing.assert_allclose(values_of(found)[place], expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_codes_that_are_all_alike_score_as_chance_does(dtype: torch.dtype) -> None:
    codes = torch.rand(1, 33, generator=torch.Generator().manual_seed(0)).to(dtype).expand(60, 33)
    critic = BilinearCritic(33, 33, torch.Generator().manual_seed(1)).to(dtype)
    ranks = np.mean(1 / np.arange(1, 61))
    for scores in (None, critic):
        found = retrieve_pairs(codes, codes, scores)
        for way in (found.x_to_y, found.y_to_x):
            assert way.recall_at_1.value == pytest.approx(1 / 60) == pytest.approx(way.chance)
            assert way.recall_at_5.value == pytest.approx(5 / 60)
            assert way.mrr.value == pytest.approx(ranks)
    labels = np.arange(60) % 3
    assert retrieve_classes(codes, labels).recall_at_1.value == pytest.approx(19 / 59)
    assert retrieve_classes(codes, labels).chance == pytest.approx(19 / 59)


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_in_tiles_it_is_what_it_is_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x = drawn(0, 41, 3)
    y, labels = x + drawn(1, 41, 3), np.arange(41) % 4
    concat = ConcatCritic(3, 3, torch.Generator().manual_seed(2))

    def critic(x: Tensor, y: Tensor) -> Tensor:
        assert len(x) == len(y)  # As anyone's critic may ask.
        scores: Tensor = concat(x, y)
        return scores

    whole = [retrieve_pairs(x, y), retrieve_pairs(x, y, critic)]
    classes = retrieve_classes(x, labels)
    monkeypatch.setattr(retrieval, "_SCORES_AT_ONCE", 41 * 7)
    monkeypatch.setattr(retrieval, "_PAIRS_AT_ONCE", 7)
    for before, scores in zip(whole, (None, critic), strict=True):
        after = retrieve_pairs(x, y, scores)
        assert np.array_equal(values_of(after.x_to_y), values_of(before.x_to_y))
        assert np.array_equal(values_of(after.y_to_x), values_of(before.y_to_x))
    assert np.array_equal(values_of(retrieve_classes(x, labels)), values_of(classes))


def test_by_a_critic_rows_are_x_and_columns_are_y() -> None:
    x, y = drawn(0, 30, 3), drawn(1, 30, 5)
    critic = BilinearCritic(3, 5, torch.Generator().manual_seed(2))
    scores = critic(x, y).detach()
    found = retrieve_pairs(x, y, critic)
    best = scores.argmax(dim=1) == torch.arange(30)
    assert found.x_to_y.recalls_at_1.tolist() == best.double().tolist()
    best = scores.argmax(dim=0) == torch.arange(30)
    assert found.y_to_x.recalls_at_1.tolist() == best.double().tolist()


def test_pytorch_metric_learning_finds_the_same() -> None:
    pytest.importorskip("pytorch_metric_learning")
    from pytorch_metric_learning.distances import CosineSimilarity  # noqa: PLC0415
    from pytorch_metric_learning.utils.accuracy_calculator import (  # noqa: PLC0415
        AccuracyCalculator,
    )
    from pytorch_metric_learning.utils.inference import CustomKNN  # noqa: PLC0415

    labels = np.arange(120) % 4
    codes = drawn(0, 120, 6) + 1.5 * drawn(1, 4, 6)[labels]
    included = ("precision_at_1", "mean_average_precision_at_r", "mean_reciprocal_rank")
    calculator = AccuracyCalculator(
        include=included, k=119, knn_func=CustomKNN(CosineSimilarity(), batch_size=50)
    )
    theirs = calculator.get_accuracy(codes.double(), torch.from_numpy(labels))
    found = retrieve_classes(codes, labels)
    ours = (found.recall_at_1, found.map_at_r, found.mrr)
    for name, mine in zip(included, ours, strict=True):
        # Theirs are single precision in part.
        assert mine.value == pytest.approx(theirs[name], abs=1e-7), name
    assert 0.3 < found.map_at_r.value < 0.9


def test_intervals_hold_the_mean_of_many_queries_and_do_not_close() -> None:
    x = drawn(0, 400, 4)
    found = retrieve_pairs(x, x + 0.3 * drawn(1, 400, 4)).x_to_y
    for each in (found.recall_at_1, found.recall_at_5, found.mrr, found.map_at_r):
        assert 0 <= each.low < each.value < each.high <= 1
        assert each.high - each.low < 0.15
    perfect = retrieve_pairs(x, x).x_to_y
    for each in (perfect.recall_at_1, perfect.mrr):
        assert each.value == each.high == 1.0
        assert 0.98 < each.low < 1


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(UserError, match=r"^scores are not finite"):
        retrieve_pairs(torch.ones(3, 2), torch.ones(3, 2), lambda x, y: (x @ y.mT) * torch.inf)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (torch.ones(3, 2), torch.ones(4, 2), "3 codes of x and 4 of y: retrieval needs as many"),
        (torch.ones(1, 2), torch.ones(1, 2), "at least two pairs"),
        (torch.ones(3, 2), torch.ones(3, 4), "codes of x have 2 values and those of y 4: their"),
        (torch.full((3, 2), torch.nan), torch.ones(3, 2), "3 of 3 codes hold values that are not"),
    ],
)
def test_codes_that_cannot_be_ranked_are_refused(x: Tensor, y: Tensor, said: str) -> None:
    with pytest.raises(UserError, match=said):
        retrieve_pairs(x, y)


def test_labels_that_cannot_be_looked_for_are_refused() -> None:
    with pytest.raises(UserError, match="3 codes but 2 labels"):
        retrieve_classes(torch.ones(3, 2), np.array([0, 1]))
    with pytest.raises(UserError, match="each of 3 classes has a single code: retrieval needs"):
        retrieve_classes(torch.ones(3, 2), np.array([0, 1, 2]))
