"""Ways of drawing negatives: what they choose, what they refuse, and that training resumes."""

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from infomax import train
from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic, CosineCritic
from infomax.errors import UserError
from infomax.losses import find_loss
from infomax.training import (
    NEGATIVES,
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ScoredBatch,
    ShuffledBatches,
    check_plan,
    find_negatives,
    generator_for,
)
from infomax.training.negatives import check_negatives
from infomax.warnings import AnchorsWithoutNegativesWarning, NoBoundWarning, NotCompiledWarning

ROWS, BATCH = 40, 8
LABELS = torch.arange(ROWS) % 4
OPTIONS: Mapping[str, dict[str, Any]] = {"uniform": {"count": 5}, "hard": {"count": 3}}
CHOOSING = [name for name in NEGATIVES if not find_negatives(name).takes_batch]


def looped(way: str, scores: Tensor, labels: Tensor, size: int) -> list[set[int]]:
    """Return which candidates are negatives of each anchor, one score after the other."""
    chosen: list[set[int]] = []
    for i in range(size):
        others = {j for j in range(size) if j != i}
        if way == "uniform":
            others = set(range(size, scores.shape[1]))
        elif way == "other-classes":
            others = {j for j in others if labels[j] != labels[i]}
        elif way == "hard":
            others = set(sorted(others, key=scores[i].tolist().__getitem__, reverse=True)[:3])
        elif way == "semi-hard":
            own = float(scores[i, i])
            others = {j for j in others if own - 1 < float(scores[i, j]) < own}
        chosen.append(others)
    return chosen


@pytest.mark.parametrize("way", CHOOSING)
def test_bounds_read_what_a_loop_over_the_chosen_negatives_gives(way: str) -> None:
    negatives = find_negatives(way, OPTIONS.get(way))
    draw = torch.Generator().manual_seed(1)
    scores = torch.randn(BATCH, BATCH + negatives.drawn, generator=draw, dtype=torch.float64)
    labels, lowest = LABELS[:BATCH], torch.tensor(-10.0)
    matrix = negatives.of(ScoredBatch(scores, BATCH, labels=labels, lowest_score=lowest))
    terms = []
    for i, others in enumerate(looped(way, scores, labels, BATCH)):
        own, total = math.exp(scores[i, i]), sum(math.exp(scores[i, j]) for j in others)
        if way == "debiased":
            total = max((total - 0.1 * len(others) * own) / 0.9, len(others) * math.exp(-10))
        terms.append(math.log((1 + len(others)) * own / (own + total)))
    read = BOUNDS["infonce"]().estimate(matrix)
    assert float(read) == pytest.approx(sum(terms) / BATCH, rel=1e-10)


def model(seed: int, critic: str = "cosine") -> PairModel:
    draw = generator_for(seed, "model")
    layers = nn.Linear(6, 4), nn.Linear(6, 4)
    for layer in layers:
        for each in layer.parameters():
            each.data.copy_(torch.randn(each.shape, generator=draw) / 2)
    made = CosineCritic(4, 4, draw) if critic == "cosine" else BilinearCritic(4, 4, draw)
    return PairModel(*layers, made)


def training(way: str, *seeds: int, **settings: Any) -> PairTraining[PairModel]:
    draw = torch.Generator().manual_seed(5)
    x = torch.randn(ROWS, 6, generator=draw)
    y = x + torch.randn(ROWS, 6, generator=draw) / 2
    negatives = find_negatives(way, OPTIONS.get(way))
    orders = [generator_for(seed, "batches") for seed in seeds]
    return PairTraining(
        [model(seed) for seed in seeds],
        ShuffledBatches(x, y, BATCH, orders, drawn=negatives.drawn),
        Objective(BOUNDS["infonce"]()),
        optimizer=OptimizerConfig(1e-2),
        labels=LABELS,
        negatives=negatives,
        **settings,
    )


@pytest.mark.parametrize("way", CHOOSING)
def test_training_resumes_to_the_bit(way: str) -> None:
    whole, begun, resumed = training(way, 0), training(way, 0), training(way, 0)
    for _ in range(9):
        whole.update()
    # In the middle of a pass of five batches.
    for _ in range(7):
        begun.update()
    resumed.restore({name: each.clone() for name, each in begun.state().items()})
    for _ in range(2):
        resumed.update()
    expected = whole.state()
    assert expected.keys() == resumed.state().keys()
    for name, each in resumed.state().items():
        assert torch.equal(each, expected[name]), name
    assert whole.negatives_curve().shape == (9, 1, 2)


@pytest.mark.parametrize("way", CHOOSING)
def test_seeds_side_by_side_come_to_what_each_comes_to_alone(way: str) -> None:
    together, alone = training(way, 0, 1), [training(way, seed) for seed in (0, 1)]
    for _ in range(6):
        losses = together.update().loss
        each_alone = torch.cat([each.update().loss for each in alone])
        torch.testing.assert_close(losses, each_alone, rtol=1e-4, atol=1e-5)
    counted = torch.cat([each.negatives_curve() for each in alone], dim=1)
    torch.testing.assert_close(together.negatives_curve(), counted)


def test_uniform_negatives_are_drawn_from_all_rows_and_not_from_the_batch() -> None:
    rows = torch.arange(ROWS).float().unsqueeze(1)
    batches = ShuffledBatches(rows, rows, BATCH, [generator_for(0, "batches")], drawn=200)
    x, y = batches.draw()
    assert torch.equal(x, y[:, :BATCH])
    beside = y[0, BATCH:, 0]
    # With replacement: 200 of 40 rows, each of them about five times.
    assert len(beside.unique()) == ROWS
    assert not torch.equal(beside, batches.draw()[1][0, BATCH:, 0])
    again = ShuffledBatches(rows, rows, BATCH, [generator_for(0, "batches")])
    assert torch.equal(again.draw()[0], x)


def test_negatives_that_are_chosen_are_not_compiled_and_say_so() -> None:
    with pytest.warns(NotCompiledWarning, match=r"negatives are chosen \(hard\)"):
        training("hard", 0, compile=True)


@pytest.mark.parametrize(
    ("way", "options", "message"),
    [
        ("uniform", {"count": 0}, "count of negatives is 0: give at least 1"),
        ("hard", {"count": -1}, "count of negatives is -1"),
        ("semi-hard", {"margin": 0}, "margin of semi-hard negatives is 0"),
        ("debiased", {"tau_plus": 1.0}, "from 0 to under 1"),
        ("debiased", {"tau_plus": -0.1}, "from 0 to under 1"),
        ("in-batch", {"count": 3}, "count"),
        ("hardest", {}, "did you mean 'hard'"),
    ],
)
def test_options_that_cannot_be_are_refused(
    way: str, options: Mapping[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        find_negatives(way, options)


@pytest.mark.parametrize(
    ("way", "bound", "critic", "message"),
    [
        ("debiased", "infonce", "bilinear", "choose the cosine critic"),
        ("debiased", "jensen-shannon", "cosine", "correct sums of exponentials alone"),
        ("hard", "infonce-symmetric", "cosine", "for each anchor by itself"),
        ("uniform", "infonce-columns", "cosine", "for each anchor by itself"),
        ("hard", "infonce-anchor", "cosine", "computed from whole matrices"),
    ],
)
def test_bounds_and_critics_that_do_not_go_with_negatives_are_refused(
    way: str, bound: str, critic: str, message: str
) -> None:
    objective = Objective(BOUNDS[bound]())
    with pytest.raises(UserError, match=message):
        check_negatives(
            find_negatives(way, OPTIONS.get(way)),
            objective,
            model(0, critic),
            rows=ROWS,
            batch_size=BATCH,
            labels=True,
        )


def test_what_is_missing_or_too_large_for_negatives_is_refused() -> None:
    infonce = Objective(BOUNDS["infonce"]())

    def check(
        way: str, objective: Objective = infonce, *, labels: bool = True, batch_size: int = 32
    ) -> None:
        check_negatives(
            find_negatives(way),
            objective,
            model(0),
            rows=ROWS,
            batch_size=batch_size,
            labels=labels,
        )

    check("hard", batch_size=18)
    with pytest.raises(UserError, match=r"16 hard negatives .* 16 other pairs .* at most 15"):
        check("hard", batch_size=17)

    with pytest.raises(UserError, match="other-classes negatives need a label for each pair"):
        check("other-classes", labels=False)
    with pytest.raises(UserError, match="127 negatives are to be drawn from 40 training pairs"):
        check("uniform")
    with pytest.raises(UserError, match="the loss nt-xent takes its own"):
        check("hard", Objective(BOUNDS["infonce"](), loss=find_loss("nt-xent")))
    with pytest.raises(UserError, match=r"on semi-hard negatives it is none"):
        check("semi-hard", Objective(BOUNDS["infonce"](), target=2.0))
    with pytest.raises(UserError, match="hard negatives are chosen from scores that tiles do not"):
        check_plan(BatchPlan(tile_size=4), model(0), infonce, find_negatives("hard"))
    for way in NEGATIVES:
        if way != "uniform":
            check(way)


@pytest.mark.parametrize("way", NEGATIVES)
def test_what_a_training_reads_is_called_a_bound_only_where_it_is_one(way: str) -> None:
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(120, 6, generator=draw)
    # One class holds nine rows in ten, so that some batches are of it alone.
    labels = (np.arange(120) % 10 == 0).astype(int)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trained = train(
            (x, x + torch.randn(120, 6, generator=draw) / 2),
            model(0),
            negatives=find_negatives(way, OPTIONS.get(way)),
            labels=labels,
            steps=10,
            batch_size=BATCH,
            jacobian_images=0,
        )
    kinds = {each.category for each in caught}
    assert (NoBoundWarning in kinds) == (way not in {"in-batch", "uniform"})
    of_training = trained.history[trained.history["split"] == "train"]
    assert ("bound" in set(of_training["metric"])) == (way == "in-batch")
    assert ("estimate_on_negatives" in set(of_training["metric"])) == (way != "in-batch")
    without = of_training[of_training["metric"] == "anchors_without_negatives"]["value"]
    assert (AnchorsWithoutNegativesWarning in kinds) == bool((without > 0).any())
    if way == "other-classes":
        assert (without > 0).any()
