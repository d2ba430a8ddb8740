"""BYOL's and SimSiam's loss against cosines one by one."""

import pytest
import torch

from infomax.losses import LossInputs, find_loss, negative_cosine
from tests.losses.drawn_codes import cosine, drawn


def test_is_minus_the_cosine_of_each_prediction_with_its_target() -> None:
    prediction, target = drawn(0, 2, 5, 3)
    each = negative_cosine(prediction, target).joint.each
    expected = [-cosine(*pair) for pair in zip(prediction, target, strict=True)]
    assert each.tolist() == pytest.approx(expected)


def test_alone_it_is_least_where_all_codes_are_one() -> None:
    terms = negative_cosine(torch.ones(5, 3), torch.ones(5, 3))
    assert terms.total.item() == pytest.approx(-1)
    assert terms.marginal.value.item() == 0


def test_byol_predicts_the_targets_of_the_other_view() -> None:
    x, y, q_x, q_y, t_x, t_y = drawn(0, 6, 5, 3)
    loss = find_loss("byol")(LossInputs(x, y, predictor=(q_x, q_y), target=(t_x, t_y)))
    ways = [(q_x[i], t_y[i]) for i in range(5)] + [(q_y[i], t_x[i]) for i in range(5)]
    assert loss.item() == pytest.approx(-sum(cosine(*way) for way in ways) / 10)


def test_simsiam_predicts_the_other_codes_which_get_no_gradient() -> None:
    x, y, q_x, q_y = (each.clone().requires_grad_() for each in drawn(0, 4, 5, 3))
    loss = find_loss("simsiam")(LossInputs(x, y, predictor=(q_x, q_y)))
    loss.backward()
    ways = [(q_x[i], y[i]) for i in range(5)] + [(q_y[i], x[i]) for i in range(5)]
    assert loss.item() == pytest.approx(-sum(cosine(*way) for way in ways) / 10)
    assert x.grad is None
    assert y.grad is None
    assert q_x.grad is not None
