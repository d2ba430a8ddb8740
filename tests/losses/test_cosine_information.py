"""JMI and SDMI: Donsker-Varadhan of the cosine, and what a stop-gradient changes of it."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from infomax.bounds import donsker_varadhan
from infomax.errors import UserError
from infomax.losses import find_loss, jmi, sdmi
from tests.losses.drawn_codes import cosine, drawn


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 6), temperature=st.floats(0.1, 2))
def test_is_minus_the_donsker_varadhan_value_of_the_cosine(
    seed: int, number: int, temperature: float
) -> None:
    x, y = drawn(seed, 2, number, 3)
    scores = torch.tensor(
        [[cosine(x[i], y[j]) / temperature for j in range(number)] for i in range(number)],
        dtype=torch.float64,
    )
    for loss in (jmi, sdmi):
        terms = loss(x, y, temperature=temperature)
        assert terms.total.item() == pytest.approx(-donsker_varadhan(scores).item(), abs=1e-12)
        assert terms.joint.each.tolist() == pytest.approx((-scores.diagonal()).tolist())
        assert abs(terms.total.item()) <= 2 / temperature + 1e-9


def gradients_of(encoder: nn.Module, loss: Tensor) -> Tensor:
    return torch.cat(
        [each.flatten() for each in torch.autograd.grad(loss, list(encoder.parameters()))]
    )


@pytest.mark.parametrize("seed", range(3))
def test_with_tied_encoders_the_gradient_of_jmi_is_twice_that_of_the_halves(seed: int) -> None:
    # A stop-gradient changes nothing while nothing else is asymmetric.
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8)).double()
    x, y = drawn(seed, 2, 32, 5)
    f_x, f_y = encoder(x), encoder(y)
    together = gradients_of(encoder, jmi(f_x, f_y).total)
    f_x, f_y = encoder(x), encoder(y)
    halves = gradients_of(encoder, sdmi(f_x, f_y).total)
    assert together.norm() > 1e-3
    assert (together - 2 * halves).abs().max().item() == pytest.approx(0.0, abs=1e-15)


def test_moved_alone_each_side_gets_what_jmi_gives_it() -> None:
    x, y = (each.clone().requires_grad_() for each in drawn(0, 2, 6, 3))
    of_both = torch.autograd.grad(jmi(x, y).total, (x, y))
    (of_x,) = torch.autograd.grad(sdmi(x, y, moved="x").total, x)
    (of_y,) = torch.autograd.grad(sdmi(x, y, moved="y").total, y)
    torch.testing.assert_close((of_x, of_y), of_both)
    assert torch.autograd.grad(sdmi(x, y, moved="x").total, y, allow_unused=True) == (None,)


def test_steps_in_turn_of_two_encoders_are_another_method() -> None:
    torch.manual_seed(0)
    encoders = nn.ModuleList([nn.Linear(5, 4), nn.Linear(5, 4)]).double()
    x, y = drawn(0, 2, 16, 5)

    def trained(moves: list[str]) -> Tensor:
        made = copy.deepcopy(encoders)
        optimizer = torch.optim.SGD(made.parameters(), lr=0.5)
        for moved in moves:
            optimizer.zero_grad()
            sdmi(made[0](x), made[1](y), moved=moved).total.backward()  # type: ignore[arg-type]
            optimizer.step()
        return torch.cat([each.flatten() for each in made.parameters()])

    in_turn, others = trained(["x", "y"]), trained(["y", "x"])
    assert (in_turn - others).abs().max() > 1e-3


def test_what_is_moved_is_x_y_or_both() -> None:
    with pytest.raises(UserError, match=r"^moved is 'z': give both, x or y$"):
        sdmi(torch.ones(2, 2), torch.ones(2, 2), moved="z")  # type: ignore[arg-type]


def test_all_ways_of_moving_are_named_where_one_is_not_there() -> None:
    with pytest.raises(UserError, match=r"moved is 'turn': .*'both', 'x', 'y' or 'turns'$"):
        find_loss("sdmi", {"moved": "turn"})
