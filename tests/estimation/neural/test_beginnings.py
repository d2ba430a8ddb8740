"""What a critic may begin as: each family where it is true, and nothing where none helps."""

from typing import Any

import numpy as np
import pytest
import torch

from infomax.bounds import find_bound
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.arrays import Array
from infomax.estimation.neural import beginnings
from infomax.estimation.neural.beginnings import best_beginning, in_batches, try_beginnings
from infomax.estimation.split import split_rows

from ..conftest import NormalPairs
from .test_flows import bent_pairs, straightened


def clusters(size: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    centres = generator.normal(0, 2.5, (2, 5, 12))
    of_x = generator.integers(5, size=size)
    of_y = np.where(generator.random(size) < 0.8, of_x, generator.integers(5, size=size))
    noise = generator.standard_normal((2, size, 12))
    return centres[0][of_x] + noise[0], centres[1][of_y] + noise[1]


def signs(size: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, size, 2))
    return x, np.where(generator.random((size, 1)) < 0.5, x, -x) + 0.2 * noise


@pytest.mark.parametrize(
    ("pairs", "family"),
    [(clusters(1200), "latent classes"), (signs(1200), "mixture of Gaussians")],
    ids=["clusters", "signs"],
)
def test_a_family_is_chosen_where_the_pairs_are_of_it(
    pairs: tuple[np.ndarray, np.ndarray], family: str
) -> None:
    x, y = pairs
    refits = split_rows(1200, np.random.default_rng(0)).refits
    found = {each.name: each for each in try_beginnings(x, y, refits, 0)}
    assert best_beginning(list(found.values())).name == family
    assert found[family].value > found["elliptical copula"].value + 0.2
    # What stands there is the bound of the scores that stand there.
    bound = find_bound("infonce-symmetric")
    chosen = found[family]
    of_refits = []
    for refit, part in zip(refits, chosen.parts, strict=True):
        rows = torch.from_numpy(refit.validation)
        scores = part.critic(in_batches(part.x[rows]), in_batches(part.y[rows]))
        of_refits.append(float(bound.estimate(scores).mean()))
    assert chosen.value == pytest.approx(np.mean(of_refits), abs=1e-5)


def test_pairs_that_share_nothing_begin_as_nothing_or_as_little(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 600, correlation=0.0)
    wide_x, wide_y = np.random.default_rng(1).standard_normal((2, 600, 8))
    refits = split_rows(600, np.random.default_rng(0)).refits
    for of_x, of_y in ((x, y), (wide_x, wide_y)):
        nothing, copula, *_ = beginnings = try_beginnings(of_x, of_y, refits, 0)
        assert nothing.value == 0
        assert nothing.parts == ()
        assert copula.name == "elliptical copula"
        assert best_beginning(beginnings).value < 0.02


def test_normal_pairs_begin_as_a_copula_or_as_one_that_says_as_much() -> None:
    x, y = DISTRIBUTIONS["multinormal-dense-3-3-0.5"].sample(1500, torch.Generator().manual_seed(0))
    refits = split_rows(1500, np.random.default_rng(0)).refits
    found = try_beginnings(x.double().numpy(), y.double().numpy(), refits, 0)
    assert best_beginning(found).value - found[1].value < 0.03


def test_flows_begin_where_a_short_trial_finds_much_more(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = bent_pairs(1800, 3.0)
    tried: list[int] = []

    def sides(*arguments: Any, most_steps: int) -> list[tuple[Array, Array]]:
        tried.append(most_steps)
        return [(straightened(x), straightened(y))] * len(arguments[2])

    monkeypatch.setattr(beginnings, "flow_sides", sides)
    refits = split_rows(len(x), np.random.default_rng(0)).refits
    best = best_beginning(try_beginnings(x, y, refits, 0))
    assert best.name == "elliptical copula behind flows"
    assert best.value == pytest.approx(3.0, abs=0.3)
    assert tried == [100, 1000]
    # Not where values repeat, as those of levels do, and not of increasing maps alone.
    for values in ((np.round(x), y), (x[:, :1], y[:, :1])):
        assert not any("flows" in each.name for each in try_beginnings(*values, refits, 0))
    assert tried == [100, 1000]
