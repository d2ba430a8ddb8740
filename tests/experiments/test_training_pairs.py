"""Pairs that were split before are checked and trained on as those that are given as they are."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from infomax.bounds import find_bound
from infomax.critics import BilinearCritic, ConcatCritic, CosineCritic
from infomax.errors import UserError
from infomax.experiments.train import train
from infomax.experiments.training_pairs import TrainingPairs
from infomax.losses import LossParts, find_loss
from infomax.training import BatchPlan, Objective, PairModel, give_parts
from infomax.warnings import DefaultPartsWarning, OwnEncodersWarning


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


class Shaken(nn.Linear):
    """Draws from the global generator, in evaluation too."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x + torch.randn_like(x))


class OfSmallValues(nn.Linear):
    """Takes zeros, as a model is built with, and not what views hold."""

    def forward(self, x: Tensor) -> Tensor:
        if x.abs().max() > 1e-6:
            raise ValueError("values are too large")
        return super().forward(x)


def test_what_modules_draw_is_the_same_on_pairs_that_were_split_before() -> None:
    settings: dict[str, Any] = {"batch_size": 9, "jacobian_images": 0}
    first, second = model(), model()
    first.x_encoder, second.x_encoder = Shaken(3, 2), Shaken(3, 2)
    second.load_state_dict(first.state_dict())
    given = train(views(), first, steps=6, random_state=2, **settings)
    prepared = train(TrainingPairs(views(), seed=2, **settings), second, steps=6, random_state=2)
    assert prepared.history.equals(given.history)


def test_modules_are_tried_on_pairs_that_were_split_before() -> None:
    unfit = model()
    unfit.x_encoder = OfSmallValues(3, 2)
    unfit.check(torch.zeros(2, 3), torch.zeros(2, 3))
    said = r"encoder of x \(OfSmallValues\) does not take views of shape \(2, 3\): .* too large"
    with pytest.raises(UserError, match=said):
        train(TrainingPairs(views(), batch_size=9), unfit, steps=6)


def of_cosines(*, shared: bool = True) -> PairModel:
    made = model()
    y_encoder = made.x_encoder if shared else made.y_encoder
    return PairModel(made.x_encoder, y_encoder, CosineCritic(2, 2, torch.Generator()))


def test_a_model_is_given_what_its_loss_needs_and_it_lacks() -> None:
    objective = Objective(find_bound("infonce"), loss=find_loss("byol"))
    settings: dict[str, Any] = {"steps": 4, "batch_size": 9, "jacobian_images": 0}
    bare = of_cosines()
    said = "byol needs a predictor of 64 hidden units and a target network of momentum 0.99, rising"
    with pytest.warns(DefaultPartsWarning, match=said):
        given = train(views(), bare, objective, **settings)
    complete = of_cosines()
    give_parts(complete, objective.loss.parts(), 2, seed=0, steps=4)  # type: ignore[union-attr]
    own = train(views(), complete, objective, **settings)
    assert own.history.equals(given.history)
    assert bare.target is not None
    assert {"loss_joint"} < set(given.history["metric"])


def test_codes_of_two_encoders_that_predictions_alone_compare_are_warned_of() -> None:
    objective = Objective(find_bound("infonce"), loss=find_loss("simsiam"))
    apart = of_cosines(shared=False)
    give_parts(apart, LossParts(predictor=3), 2, seed=0, steps=4)
    with pytest.warns(OwnEncodersWarning, match="simsiam compares predictions with codes, and x"):
        train(views(), apart, objective, steps=4, batch_size=9, jacobian_images=0)


@pytest.mark.filterwarnings("ignore::infomax.warnings.NothingHeldOutWarning")
def test_a_queue_is_filled_of_a_loader_and_no_larger_than_its_data() -> None:
    x, y = map(torch.from_numpy, views())
    loader = DataLoader(TensorDataset(x, y), batch_size=9)
    objective = Objective(find_bound("infonce"), loss=find_loss("moco"))
    for size in (90, 91):
        queued = of_cosines()
        give_parts(queued, LossParts(target_momentum=0.9, queue_size=size), 2, seed=0, steps=4)
        if size > len(x):
            with pytest.raises(UserError, match=r"^queue_size is 91, and 90 pairs are trained on"):
                train(loader, queued, objective, steps=4)
            continue
        train(loader, queued, objective, steps=4)
        assert queued.queue is not None
        assert queued.queue.pushed.item() == 90 + 4 * 9


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
