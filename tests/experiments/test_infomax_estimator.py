"""InfoMax as scikit-learn's users use an estimator, on real digits."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from torch import nn

from infomax import InfoMax
from infomax.critics import CosineCritic
from infomax.errors import UserError
from infomax.losses import LossParts
from infomax.training import RandomState

IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = IMAGES / 16
UPPER, LOWER = IMAGES[:, :32], IMAGES[:, 32:]
QUICK: dict[str, Any] = {"steps": 60, "batch_size": 64, "random_state": 0}


def test_two_given_views_are_trained_on_and_encoded() -> None:
    model = InfoMax(**QUICK).fit(UPPER, LOWER)
    codes = model.transform(UPPER)
    assert codes.shape == (1797, 100)
    assert codes.dtype == np.float32
    assert model.n_features_in_ == 32
    assert model.n_iter_ == 60
    assert 0 < model.validation_bound_ < math.log(64)
    assert list(model.get_feature_names_out()[:2]) == ["infomax0", "infomax1"]
    assert model.score(UPPER, LOWER) > 0.5


def test_the_same_seed_gives_the_same_codes() -> None:
    first, second = (InfoMax(**QUICK).fit(UPPER, LOWER).transform(UPPER) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = InfoMax(**{**QUICK, "random_state": 1}).fit(UPPER, LOWER).transform(UPPER)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3)])
def test_what_a_fresh_seed_gave_is_given_again(random_state: RandomState) -> None:
    first = InfoMax(**{**QUICK, "steps": 5, "random_state": random_state}).fit(UPPER, LOWER)
    again = InfoMax(**{**QUICK, "steps": 5, "random_state": first.random_state_}).fit(UPPER, LOWER)
    np.testing.assert_array_equal(first.transform(UPPER), again.transform(UPPER))
    assert again.random_state_ == first.random_state_


def test_tensors_of_any_precision_and_graph_are_taken() -> None:
    half = torch.from_numpy(UPPER).bfloat16()
    expected = InfoMax(**QUICK).fit(half.float().numpy(), LOWER).transform(UPPER)
    model = InfoMax(**QUICK).fit(half.requires_grad_(), torch.from_numpy(LOWER))
    np.testing.assert_array_equal(model.transform(UPPER), expected)


def test_views_made_of_items_are_those_that_were_given() -> None:
    pictures = IMAGES.reshape(-1, 8, 8, 1)
    made = InfoMax(views="halves", **QUICK).fit(pictures).transform(pictures)
    given = InfoMax(**QUICK).fit(UPPER, LOWER).transform(UPPER)
    np.testing.assert_allclose(made, given, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore::infomax.warnings.PartingWarning")
def test_codes_of_a_trained_encoder_beat_half_an_image() -> None:
    parts = train_test_split(UPPER, LOWER, LABELS, random_state=0, stratify=LABELS)
    x, x_test, y, _, labels, labels_test = parts
    model = InfoMax(
        encoder_options={"layer_sizes": (512, 256)},
        critic="cosine",
        temperature=0.5,
        projection=64,
        steps=500,
        random_state=0,
    ).fit(x, y)
    for probe in (KNeighborsClassifier(), LogisticRegression(max_iter=5000)):
        of_codes, of_pixels = (
            clone(probe).fit(before, labels).score(after, labels_test)
            for before, after in ((model.transform(x), model.transform(x_test)), (x, x_test))
        )
        assert of_codes > of_pixels


@pytest.mark.filterwarnings("ignore::infomax.warnings.PartingWarning")
def test_more_updates_than_the_pairs_can_bear_do_no_harm() -> None:
    x, x_test, y, y_test = train_test_split(UPPER, LOWER, train_size=1257, random_state=0)
    model = InfoMax(steps=1_000, random_state=0).fit(x, y)
    history = model.history_
    looks = history[(history["split"] == "test") & (history["metric"] == "bound")]
    bounds = looks["value"].to_numpy()
    # The last weights are worse by more than a nat, and would be by more after 2,000 updates.
    assert bounds[-1] < bounds.max() - 1
    assert model.validation_bound_ == bounds.max()
    assert model.weights_step_ == looks["step"].to_numpy()[bounds.argmax()]
    # Of pairs that neither trained nor chose: near the best of the run, not its end.
    assert model.score(x_test, y_test) > bounds.max() - 0.3


def test_it_stands_in_a_pipeline_whose_last_step_has_labels() -> None:
    pipeline = make_pipeline(
        InfoMax(views="halves", **QUICK), LogisticRegression(max_iter=500)
    ).fit(IMAGES, LABELS)
    assert pipeline.score(IMAGES, LABELS) > 0.6


@pytest.mark.filterwarnings(
    "ignore::infomax.warnings.PartingWarning",
    "ignore::infomax.warnings.NearCeilingWarning",
)
def test_the_temperature_is_searched_by_held_out_bound() -> None:
    search = GridSearchCV(
        InfoMax(critic="cosine", **QUICK), {"temperature": [0.05, 0.2, 5.0]}, cv=3
    ).fit(UPPER, LOWER)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert search.best_params_["temperature"] in {0.05, 0.2}
    # A cosine over 5 spans 0.4: it cannot tell a pair from the 63 others.
    assert scores[2] < 0.5 < scores.max()


def test_modules_and_bounds_of_ones_own_are_copied() -> None:
    layer = nn.Linear(32, 8)
    encoder = nn.Sequential(layer, nn.Tanh())
    before = layer.weight.clone()
    model = InfoMax(encoder=encoder, **QUICK).fit(UPPER, LOWER)
    assert torch.equal(layer.weight, before)
    assert not torch.equal(next(model.encoder_.parameters()), before)
    assert model.transform(UPPER).shape == (1797, 8)


@pytest.mark.parametrize(
    ("settings", "x", "y", "said"),
    [
        ({}, UPPER, None, "there is one view: give the other as y"),
        ({}, UPPER, LOWER[:5], "views of different lengths"),
        (
            {},
            torch.from_numpy(UPPER).to("meta"),
            LOWER,
            r"X is no array .*\(Cannot copy out",
        ),
        ({}, UPPER, LOWER.astype(np.complex64), "y holds complex numbers: give real and imaginary"),
        (
            {},
            1_700_000_000 + np.arange(99),
            LOWER[:99],
            "X holds whole numbers that floating",
        ),
        ({"encoder": "mpl"}, UPPER, LOWER, "unknown encoder 'mpl': did you mean 'mlp'"),
        ({"views": "halfs"}, IMAGES, None, "unknown view.* 'halfs': did you mean 'halves'"),
        ({"temperature": 0.1}, UPPER, LOWER, "critic bilinear takes no options"),
        (
            {"encoder_options": {"layers": 3}},
            UPPER,
            LOWER,
            "unknown encoder mlp option 'layers'",
        ),
        ({"shared_encoder": True}, UPPER, IMAGES, "one encoder cannot be shared"),
        ({"encoder": "no.such:thing"}, UPPER, LOWER, "no.such"),
        ({"encoder": "resnet"}, UPPER, LOWER, "resnet"),
        ({"batch_size": 2000}, UPPER, LOWER, "1797 pairs are too few to keep two batches of 2000"),
    ],
)
def test_a_mistake_is_one_line(
    settings: dict[str, Any], x: NDArray[Any], y: NDArray[Any] | None, said: str
) -> None:
    with pytest.raises(UserError, match=said) as raised:
        InfoMax(**{**QUICK, **settings}).fit(x, y)
    assert "\n" not in str(raised.value)


def test_items_of_another_shape_are_refused_after_fit() -> None:
    model = InfoMax(**QUICK).fit(UPPER, LOWER)
    with pytest.raises(UserError, match=r"shape \(64,\), expected \(32,\)"):
        model.transform(IMAGES)
    with pytest.raises(UserError, match="fewer than two batches"):
        model.score(UPPER[:100], LOWER[:100])


@pytest.mark.parametrize(
    ("loss", "parts"),
    [("nt-xent", None), ("byol", LossParts(predictor=8)), ("moco", LossParts(queue_size=40))],
)
@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_a_loss_is_trained_on_with_what_it_needs(loss: str, parts: LossParts | None) -> None:
    settings = {**QUICK, "steps": 10, "loss": loss, "loss_parts": parts, "projection": 8}
    fitted = InfoMax(**settings).fit(UPPER, LOWER)
    assert isinstance(fitted.critic_, CosineCritic)
    assert {"loss_joint", "bound"} <= set(fitted.history_["metric"])
    again = InfoMax(**settings).fit(UPPER, LOWER)
    assert fitted.history_.equals(again.history_)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "nt-xent", "loss_parts": LossParts(predictor=3)}, "predictor is 3, and the loss"),
        ({"loss_options": {"temperature": 1}}, "loss_options are options of a loss that is named"),
        ({"loss": "supcon"}, "the loss supcon needs a label for each pair"),
        ({"loss": "nt-xent", "critic": "bilinear"}, "the critic BilinearCritic has weights, which"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        InfoMax(**{**QUICK, **settings}).fit(UPPER, LOWER)


@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_labels_of_items_are_trained_on_by_a_loss_that_needs_them() -> None:
    views = {"views": "noise", "view_options": {"deviation": 0.1}}
    settings = {**QUICK, "steps": 10, "loss": "supcon", **views}
    fitted = InfoMax(**settings).fit(IMAGES, LABELS)
    assert "loss_marginal" in set(fitted.history_["metric"])
