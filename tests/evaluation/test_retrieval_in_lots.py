"""Retrieval among lots: ranks as a loop counts them, and intervals that hold."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation import retrieve_in_lots
from infomax.evaluation.retrieval_in_lots import _mean_over_groups


def test_ranks_are_those_that_a_loop_counts_in_the_same_lots() -> None:
    table = torch.from_numpy(np.random.default_rng(0).integers(0, 4, (23, 23)).astype(float))
    rows = torch.arange(23.0)[:, None]
    lots: list[list[int]] = []

    def scores(x: Tensor, y: Tensor) -> Tensor:
        assert torch.equal(x, y)
        lots.append(x[:, 0].long().tolist())
        return table[x[:, 0].long()][:, y[:, 0].long()]

    found = retrieve_in_lots(rows, rows, scores, candidates=5, seed=3)
    assert len({each for lot in lots for each in lot}) == found.queries == 20
    at_1, reciprocal = [], []
    for lot in {tuple(lot) for lot in lots}:
        for i in lot:
            others = [table[i, j].item() for j in lot if j != i]
            above = sum(each > table[i, i] for each in others)
            tied = sum(each == table[i, i] for each in others) + 1
            at_1.append(0.0 if above else 1 / tied)
            reciprocal.append(np.mean([1 / (above + place) for place in range(1, tied + 1)]))
    assert found.recall_at_1.value == pytest.approx(np.mean(at_1))
    assert found.mrr.value == pytest.approx(np.mean(reciprocal))


def test_codes_that_are_all_alike_find_what_chance_finds() -> None:
    found = retrieve_in_lots(torch.ones(300, 2), torch.ones(300, 2))
    assert found.recall_at_1.value == pytest.approx(0.01)
    assert found.mrr.value == pytest.approx((1 / np.arange(1, 101)).mean())
    assert (found.queries, found.candidates) == (300, 100)


def test_intervals_cover_as_often_as_they_say_though_pairs_of_a_group_go_together() -> None:
    generator = np.random.default_rng(1)
    groups = np.repeat(np.arange(200), 3)
    covered = wider = 0
    for _ in range(300):
        values = np.repeat(generator.random(200) < 0.3, 3).astype(float)
        found = _mean_over_groups(values, groups)
        covered += found.low <= 0.3 <= found.high
        wider += found.high > _mean_over_groups(values, np.arange(600)).high
    # Fewer would be found once in 10,000 times of intervals of 95 %.
    assert covered >= stats.binom(300, 0.95).ppf(1e-4)
    assert wider == 300


def test_independent_pairs_have_students_interval() -> None:
    values = np.random.default_rng(2).random(60)
    found = _mean_over_groups(values, np.arange(60))
    half = stats.t.ppf(0.975, 59) * stats.sem(values)
    assert found.low == pytest.approx(values.mean() - half)
    assert found.high == pytest.approx(values.mean() + half)


def test_what_cannot_be_ranked_is_refused() -> None:
    codes = torch.eye(7)
    with pytest.raises(UserError, match="100 candidates of 7 pairs"):
        retrieve_in_lots(codes, codes)
    with pytest.raises(UserError, match="at least two groups"):
        retrieve_in_lots(codes, codes, candidates=3, groups=np.zeros(7))
