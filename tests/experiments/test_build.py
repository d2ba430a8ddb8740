"""A model is built whole, of names or of modules, and refused where its parts do not fit."""

from typing import Any

import pytest
import torch
from torch import nn

from infomax.bounds import find_bound
from infomax.critics import CosineCritic
from infomax.errors import UserError
from infomax.experiments.build import ModelConfig, build_model, build_objective
from infomax.experiments.config import RunConfig
from infomax.training import Objective

SHAPES = ((4,), (6,))
SMALL = {"layer_sizes": [5, 3]}


def weights(module: nn.Module) -> list[torch.Tensor]:
    return [each.detach() for each in module.parameters()]


def same(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(weights(one), weights(other), strict=True)
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


def test_settings_of_a_run_build_the_model_that_a_config_of_the_same_names_builds() -> None:
    named: dict[str, Any] = {"encoder_options": SMALL, "projection": 2, "seed": 7}
    of_run = build_model(RunConfig.checked({"data": "digits", **named}), SHAPES)
    assert same(of_run, build_model(ModelConfig(**named), SHAPES))
    assert of_run.code_size == 3
    assert of_run(torch.zeros(5, 4), torch.zeros(5, 6)).shape == (5, 5)


def test_models_that_have_an_encoder_in_common_have_the_same_one_in_each_seed() -> None:
    bilinear = build_model(ModelConfig(encoder_options=SMALL, seed=1), SHAPES)
    cosine = build_model(ModelConfig(critic="cosine", encoder_options=SMALL, seed=1), SHAPES)
    other = build_model(ModelConfig(encoder_options=SMALL, seed=2), SHAPES)
    assert same(bilinear.x_encoder, cosine.x_encoder)
    assert not same(bilinear.x_encoder, other.x_encoder)


def test_a_module_for_both_views_is_shared_or_copied() -> None:
    encoder = nn.Linear(4, 3)
    shapes = ((4,), (4,))
    shared = build_model(ModelConfig(encoder, "cosine", shared_encoder=True), shapes)
    assert shared.y_encoder is shared.x_encoder is encoder
    copied = build_model(ModelConfig(encoder, "cosine"), shapes)
    assert copied.x_encoder is encoder
    assert copied.y_encoder is not encoder
    assert same(copied.y_encoder, encoder)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (ModelConfig("mpl"), "unknown encoder 'mpl': did you mean 'mlp'"),
        (ModelConfig(critic="cosin"), "unknown critic 'cosin': did you mean 'cosine'"),
        (ModelConfig(shared_encoder=True), r"cannot be shared by views of shapes \(4,\) and \(6,"),
        (
            ModelConfig(nn.Linear(4, 3), encoder_options=SMALL),
            "options are for an encoder that is made by its name",
        ),
        (
            ModelConfig(
                critic=CosineCritic(3, 3, torch.Generator()), critic_options={"temperature": 1.0}
            ),
            "options are for a critic that is made by its name",
        ),
        (
            ModelConfig((nn.Linear(4, 3), nn.Linear(4, 3)), "cosine"),
            r"the encoder of y \(Linear\) does not take views of shape \(2, 6\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(config: ModelConfig, said: str) -> None:
    with pytest.raises(UserError, match=said):
        build_model(config, SHAPES)


def test_an_objective_is_made_of_whatever_names_one() -> None:
    nwj = find_bound("nwj")
    assert build_objective("nwj", 2.0).target == 2.0
    assert build_objective(nwj) == Objective(nwj)
    objective = Objective(nwj, 1.0)
    assert build_objective(objective) is objective
    with pytest.raises(UserError, match="unknown bound 'infonec': did you mean 'infonce'"):
        build_objective("infonec")
