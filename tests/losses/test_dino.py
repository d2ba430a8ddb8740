"""DINO's loss against a loop over pairs and prototypes, and its centre."""

import math

import pytest
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.losses import LossInputs, dino, find_loss, moved_centre
from infomax.losses.dino import Dino
from tests.losses.drawn_codes import drawn


def softmax(values: list[float]) -> list[float]:
    total = sum(math.exp(each) for each in values)
    return [math.exp(each) / total for each in values]


def naive_dino(student: Tensor, teacher: Tensor, centre: Tensor) -> float:
    """Return the cross-entropy of one pair, one way round."""
    assigned = softmax(((teacher - centre) / 0.04).tolist())
    told = softmax((student / 0.1).tolist())
    return -sum(p * math.log(q) for p, q in zip(assigned, told, strict=True))


def test_agrees_with_a_loop_over_pairs_and_prototypes() -> None:
    s_x, s_y, t_x, t_y = drawn(0, 4, 5, 6)
    centre = drawn(1, 6)
    terms = dino((s_x, s_y), (t_x, t_y), centre)
    for i in range(5):
        ways = naive_dino(s_x[i], t_y[i], centre) + naive_dino(s_y[i], t_x[i], centre)
        assert terms.joint.each[i].item() == pytest.approx(ways / 2)
    assert terms.marginal.value.item() == 0


def test_parts_of_items_tell_the_teachers_assignment_of_both_views() -> None:
    s_x, s_y, t_x, t_y, *local = drawn(0, 7, 5, 6)
    centre = drawn(1, 6)
    terms = dino((s_x, s_y), (t_x, t_y), centre, local=torch.stack(local))
    for i in range(5):
        ways = [naive_dino(s_x[i], t_y[i], centre), naive_dino(s_y[i], t_x[i], centre)]
        ways += [naive_dino(part[i], told[i], centre) for part in local for told in (t_x, t_y)]
        assert terms.joint.each[i].item() == pytest.approx(sum(ways) / 8)


def test_the_teacher_gets_no_gradient() -> None:
    student, teacher = drawn(0, 5, 6).requires_grad_(), drawn(1, 5, 6).requires_grad_()
    dino((student, student), (teacher, teacher), torch.zeros(6)).total.backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_the_centre_is_a_moving_average_that_is_restored() -> None:
    loss = find_loss("dino", {"centre_momentum": 0.5})
    assert isinstance(loss, Dino)
    x, y, t_x, t_y = drawn(0, 4, 5, 6)
    inputs = LossInputs(x, y, target=(t_x, t_y))
    before = loss.terms(inputs).total
    assert loss(inputs).item() == before.item()
    expected = (t_x.mean(dim=0) + t_y.mean(dim=0)) / 4
    torch.testing.assert_close(loss.centre, expected)
    assert loss(inputs).item() != before.item()
    again = Dino()
    again.load_state_dict(loss.state_dict())
    assert torch.equal(again.centre, loss.centre)


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(UserError, match=r"^teacher_temperature is 0\.0: give a number above 0$"):
        Dino(teacher_temperature=0.0)
    with pytest.raises(UserError, match=r"^centre_momentum is 1: give a number from 0 up to"):
        moved_centre(torch.zeros(2), (torch.zeros(1, 2), torch.zeros(1, 2)), momentum=1)
