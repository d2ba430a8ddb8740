"""Pairs that were split and checked before are trained on as those that are given as they are."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from infomax.bounds import find_bound
from infomax.critics import BilinearCritic, ConcatCritic
from infomax.errors import UserError
from infomax.experiments.train import train
from infomax.experiments.training_pairs import TrainingPairs
from infomax.training import BatchPlan, Objective, PairModel


def views() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    x, noise = np.random.default_rng(0).standard_normal((2, 90, 3)).astype(np.float32)
    return x, x + noise


def model() -> PairModel:
    torch.manual_seed(0)
    critic = BilinearCritic(2, 2, torch.Generator().manual_seed(0))
    return PairModel(nn.Linear(3, 2), nn.Linear(3, 2), critic)


def test_pairs_that_were_split_before_are_trained_on_as_those_that_are_given() -> None:
    settings: dict[str, Any] = {"batch_size": 9, "plan": BatchPlan(tile_size=4)}
    groups = np.arange(90) // 3
    given = train(views(), model(), steps=6, groups=groups, random_state=2, **settings)
    pairs = TrainingPairs(views(), groups=groups, seed=2, **settings)
    prepared = train(pairs, model(), steps=6, random_state=2)
    assert prepared.history.equals(given.history)
    assert not set(groups[pairs.split.train]) & set(groups[pairs.split.validation])


def test_pairs_tell_how_they_are_split() -> None:
    pairs = TrainingPairs(views(), 0.2, batch_size=9)
    assert repr(pairs).endswith("72 trained on, 18 held out, batch_size=9)")
    assert pairs.evaluator is not None
    assert "18 validation pairs" in repr(pairs.evaluator)


def test_a_critic_whose_scores_cannot_be_cut_as_planned_is_named() -> None:
    pairs = TrainingPairs(views(), batch_size=9, plan=BatchPlan(tile_size=4))
    whole = model()
    whole.critic = ConcatCritic(2, 2, torch.Generator())
    with pytest.raises(UserError, match="scores of ConcatCritic cannot be made in tiles"):
        pairs.check(whole, Objective(find_bound("infonce")))
