"""Chance, the least and the most of each loss, beside the losses computed in loops."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.audit import LOSS_CONVENTIONS, LossSettings, read_loss
from infomax.bounds import find_bound
from infomax.errors import UserError

CONTRASTIVE: dict[str, dict[str, Any]] = {
    "infonce": {"batch_size": 5},
    "clip": {"batch_size": 5},
    "k-pair": {"batch_size": 5},
    "n-pair": {"batch_size": 5},
    "nt-xent": {"batch_size": 5},
    "supcon": {"batch_size": 5, "temperature": 0.5, "base_temperature": 0.07},
    "moco": {"queue_size": 7},
    "moco-v3": {"batch_size": 5, "temperature": 0.5},
}


def cross_entropy(scores: list[float], positive: int) -> float:
    """Return the cross-entropy of one candidate, in the plainest way."""
    return -math.log(math.exp(scores[positive]) / sum(math.exp(score) for score in scores))


def naive(loss: str, x: np.ndarray, y: np.ndarray, queue: np.ndarray, temperature: float) -> float:
    """Return the loss as its code would log it, in loops over anchors and candidates."""
    size = len(x)

    def rows(of: np.ndarray, others: np.ndarray) -> float:
        scores = [[float(a @ b) / temperature for b in others] for a in of]
        return sum(cross_entropy(row, index) for index, row in enumerate(scores)) / size

    if loss == "infonce":
        return rows(x, y)
    if loss == "clip":
        return (rows(x, y) + rows(y, x)) / 2
    if loss in {"k-pair", "n-pair"}:
        total = 0.0
        for i in range(size):
            positive = float(x[i] @ y[i]) / temperature
            total += math.log(
                1
                + sum(
                    math.exp(float(x[i] @ y[j]) / temperature - positive)
                    for j in range(size)
                    if j != i
                )
            )
        return total / size
    if loss == "moco":
        return (
            sum(
                cross_entropy([float(a @ each) / temperature for each in (b, *queue)], 0)
                for a, b in zip(x, y, strict=True)
            )
            / size
        )
    if loss == "moco-v3":
        return 2 * temperature * (rows(x, y) + rows(y, x))
    views, total = np.concatenate([x, y]), 0.0
    for i, anchor in enumerate(views):
        others = [j for j in range(2 * size) if j != i]
        scores = [float(anchor @ views[j]) / temperature for j in others]
        total += cross_entropy(scores, others.index((i + size) % (2 * size)))
    mean = total / (2 * size)
    return mean * temperature / 0.07 if loss == "supcon" else mean


def unit(codes: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(codes, axis=1, keepdims=True)
    return np.asarray(codes / lengths)


@pytest.mark.parametrize("loss", CONTRASTIVE)
def test_codes_all_alike_give_chance_in_every_convention(loss: str) -> None:
    alike = np.ones((5, 3)) / math.sqrt(3)
    logged = naive(loss, alike, alike, np.tile(alike[0], (7, 1)), 0.5)
    reading = read_loss(logged, loss=loss, **CONTRASTIVE[loss])
    assert reading.nats == pytest.approx(0, abs=1e-12)
    assert reading.loss_nats == pytest.approx(reading.scale.chance)


@given(seed=st.integers(0, 10_000), noise=st.floats(0, 2), temperature=st.floats(0.2, 2))
@pytest.mark.parametrize("loss", CONTRASTIVE)
def test_no_codes_have_a_loss_beyond_what_is_called_possible(
    loss: str, seed: int, noise: float, temperature: float
) -> None:
    draws = np.random.default_rng(seed)
    x = unit(draws.normal(size=(5, 3)))
    y, queue = unit(x + noise * draws.normal(size=(5, 3))), unit(draws.normal(size=(7, 3)))
    logged = naive(loss, x, y if seed % 2 else -y, queue, temperature)
    reading = read_loss(logged, loss=loss, **{**CONTRASTIVE[loss], "temperature": temperature})
    assert reading.scale.least <= reading.loss_nats <= reading.scale.most


def test_the_most_and_the_least_are_reached() -> None:
    point = np.array([[1.0, 0.0]])
    for sign, limit in ((1, "least"), (-1, "most")):
        logged = naive("moco", point, sign * point, -sign * np.tile(point, (7, 1)), 0.5)
        scale = read_loss(logged, loss="moco", queue_size=7, temperature=0.5).scale
        assert logged == pytest.approx(getattr(scale, limit))


@pytest.mark.parametrize(("positives", "candidates"), [(1, 5), (3, 5), (4, 5), (5, 5)])
def test_a_mean_over_positives_stays_within_its_limits(positives: int, candidates: int) -> None:
    settings: dict[str, Any] = {"batch_size": candidates + 1, "views": 1, "positives": positives}
    scale = read_loss(1.0, loss="supcon", temperature=0.5, **settings).scale
    # A convex function is largest at a corner of the cube.
    corners = [
        [2.0 if corner >> place & 1 else -2.0 for place in range(candidates)]
        for corner in range(2**candidates)
    ]
    losses = [
        sum(cross_entropy(corner, positive) for positive in range(positives)) / positives
        for corner in corners
    ]
    assert scale.candidates == candidates
    assert max(losses) == pytest.approx(scale.most)
    assert min(losses) == pytest.approx(scale.least)
    assert scale.chance == pytest.approx(math.log(candidates))


@pytest.mark.parametrize("loss", ["infonce", "donsker-varadhan", "nwj"])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 3.0])
def test_the_ceiling_is_that_of_the_bound(loss: str, temperature: float) -> None:
    reading = read_loss(0.1, loss=loss, batch_size=64, temperature=temperature)
    expected = find_bound(loss).ceiling(64, largest_score=1 / temperature)
    assert reading.scale.ceiling == pytest.approx(expected)


def test_codes_of_all_processes_are_candidates_and_a_logit_scale_is_a_temperature() -> None:
    one = read_loss(2.0, loss="clip", batch_size=64, processes=4, logit_scale=20.0)
    assert one == read_loss(2.0, loss="clip", batch_size=64, processes=4, temperature=0.05)
    assert one.scale.candidates == 256


@pytest.mark.parametrize("loss", LOSS_CONVENTIONS)
def test_every_convention_says_what_it_is_and_whence(loss: str) -> None:
    convention = LOSS_CONVENTIONS[loss]
    assert convention.name == loss
    assert convention.meaning
    assert "(" in convention.source
    needed = dict.fromkeys(convention.needs, 2)
    assert convention.scale(LossSettings(**needed)).formula


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"loss": "infonse"}, "unknown loss 'infonse': did you mean 'infonce'?"),
        ({"loss": "supcon"}, "the value of supcon depends on its temperature: give temperature="),
        ({"loss": "nt-xent", "queue_size": 9}, "queue_size has no part in nt-xent"),
        ({"batch_size": 0}, "batch_size is 0: give a whole number of at least 1"),
        ({"batch_size": 1.5}, "batch_size is 1.5: give a whole number"),
        ({"temperature": 0.0}, "temperature is 0.0: give a number above 0"),
        ({"temperature": 0.1, "logit_scale": 10}, "logit_scale is 1 / temperature: give one"),
        ({"logit_scale": -1.0}, "logit_scale is -1.0: give a number above 0"),
        ({"batch_size": 4, "distinct": 5}, "distinct is 5, and a batch has 4 items"),
        ({"logged": "bound"}, "logged is 'bound': give 'loss' or 'estimate'"),
        (
            {"loss": "supcon", "temperature": 1.0, "batch_size": 2, "positives": 4},
            "positives is 4, and an anchor has 3 others",
        ),
        (
            {"loss": "supcon", "temperature": 1.0, "batch_size": 1, "views": 1},
            "a batch of one view has no candidates",
        ),
    ],
)
def test_a_mistake_is_one_line(settings: dict[str, object], told: str) -> None:
    with pytest.raises(UserError, match="^" + told.replace("?", r"\?")) as raised:
        read_loss(1.0, **settings)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
