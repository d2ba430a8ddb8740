"""The registry: every loss is what it says it is, and says what it lacks."""

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS, DENSITY_BOUNDS
from infomax.critics import CRITICS
from infomax.errors import UserError
from infomax.losses import LOSSES, Loss, LossInputs, LossTerms, Term, find_loss
from tests.losses.drawn_codes import drawn

every_loss = pytest.mark.parametrize("name", LOSSES)
OF_CODES_ALONE = [name for name in LOSSES if not find_loss(name).needs]
OF_LABELS = [name for name in LOSSES if find_loss(name).needs == ("labels",)]


def inputs(*leading: int, number: int = 8, size: int = 5) -> LossInputs:
    """Return all that any loss needs."""
    x, y, q_x, q_y, t_x, t_y = drawn(0, 6, *leading, number, size)
    return LossInputs(
        x.requires_grad_(),
        y.requires_grad_(),
        labels=torch.arange(number) % 3,
        queue=drawn(1, 11, size),
        predictor=(x @ torch.eye(size, dtype=x.dtype) + 0.1 * q_x, y + 0.1 * q_y),
        target=(t_x, t_y),
    )


@every_loss
def test_has_the_name_it_is_registered_by_and_a_line_that_says_what_it_is(name: str) -> None:
    loss = find_loss(name)
    assert loss.name == name
    assert loss.summary().endswith(".")


@every_loss
def test_is_near_a_bound_that_is_there_and_scored_by_a_critic_without_weights(name: str) -> None:
    loss = find_loss(name)
    assert loss.nearest_bound in {*BOUNDS, *DENSITY_BOUNDS}
    critic = CRITICS[loss.critic](5, 5, torch.Generator(), **loss.critic_options)
    assert not list(critic.parameters())


@every_loss
def test_is_the_sum_of_its_terms(name: str) -> None:
    given = inputs()
    terms = find_loss(name).terms(given)
    loss = find_loss(name)(given)
    assert loss.shape == ()
    assert loss.item() == pytest.approx(terms.joint.value.item() + terms.marginal.value.item())
    of_loss = torch.autograd.grad(loss, given.x, retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(terms.total, given.x), of_loss)


@every_loss
def test_a_loss_without_a_marginal_term_says_what_is_in_its_place(name: str) -> None:
    loss, given = find_loss(name), inputs()
    assert loss.has_marginal == bool(loss.terms(given).marginal.value)


@pytest.mark.parametrize("name", [name for name in LOSSES if find_loss(name).has_marginal])
def test_the_joint_term_pulls_partners_together(name: str) -> None:
    # Codes that are one have the least joint term that the loss can have there.
    given = inputs()
    together = replace(given, x=given.x.detach(), y=given.x.detach(), labels=torch.arange(8))
    apart = replace(together, y=-given.x.detach())
    if "target" in find_loss(name).needs:
        together = replace(together, target=(together.x, together.y))
        apart = replace(together, target=(apart.x, apart.y))
    joint = [find_loss(name).terms(each).joint.value.item() for each in (together, apart)]
    assert joint[0] < joint[1]


@every_loss
def test_what_is_missing_is_named(name: str) -> None:
    loss = find_loss(name)
    for need in loss.needs:
        nothing: dict[str, Any] = {need: None}
        with pytest.raises(UserError, match=rf"^the loss {name} needs .*\({need}=\): give it$"):
            loss(replace(inputs(), **nothing))


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
def test_leading_sizes_are_models_side_by_side(name: str) -> None:
    given = inputs(3)
    together = find_loss(name)(given)
    assert together.shape == (3,)
    for index in range(3):
        alone = replace(given, x=given.x[index], y=given.y[index])
        assert together[index].item() == pytest.approx(find_loss(name)(alone).item())


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
def test_the_order_of_the_pairs_changes_nothing(name: str) -> None:
    given = inputs()
    order = torch.randperm(8, generator=torch.Generator().manual_seed(0))
    assert given.labels is not None
    other = replace(given, x=given.x[order], y=given.y[order], labels=given.labels[order])
    assert find_loss(name)(other).item() == pytest.approx(find_loss(name)(given).item())


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
def test_single_precision_is_near_double(name: str) -> None:
    given = inputs()
    single = replace(given, x=given.x.detach().float(), y=given.y.detach().float())
    assert find_loss(name)(single).item() == pytest.approx(find_loss(name)(given).item(), rel=1e-4)


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_codes_that_are_all_one_give_finite_gradients(name: str, value: float) -> None:
    codes = torch.full((6, 4), value, requires_grad=True)
    loss = find_loss(name)(LossInputs(codes, codes * 1.0, labels=torch.arange(6) % 2))
    loss.backward()
    assert loss.isfinite()
    assert codes.grad is not None
    assert codes.grad.isfinite().all()


@dataclass(frozen=True)
class Nearness(Loss):
    """Squared distance of partners."""

    name, nearest_bound = "nearness", "infonce"
    weight: float = 1.0

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        joint = self.weight * (inputs.x - inputs.y).square().sum(dim=-1)
        return LossTerms(Term(joint), Term(torch.zeros_like(joint)))


def test_a_loss_of_ones_own_has_a_default_for_all_but_name_bound_and_terms() -> None:
    loss = find_loss("nearness", {"weight": "2"}, {"nearness": Nearness})
    assert loss(LossInputs(torch.ones(3, 2), torch.zeros(3, 2))).item() == 4
    assert (loss.needs, loss.has_marginal, loss.critic, loss.critic_options) == (
        (),
        True,
        "cosine",
        {},
    )
    assert loss.summary() == "Squared distance of partners."


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nt-xnt", {}, r"^unknown loss 'nt-xnt': did you mean 'nt-xent'"),
        (
            "nt-xent",
            {"tau": 1},
            r"^unknown loss nt-xent option 'tau': choose one of temperature, learn_temperature$",
        ),
        ("k-pair", {"tau": 1}, r"^loss k-pair takes no options: leave out 'tau'$"),
        ("nt-xent", {"temperature": "warm"}, r"^loss nt-xent option temperature is 'warm': "),
        ("nt-xent", {"temperature": 0}, r"^temperature is 0.*: give a number above 0$"),
    ],
)
def test_unknown_names_and_options_are_refused(
    name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        find_loss(name, options)


def no_loss() -> Any:
    return Tensor()


def test_what_is_no_loss_is_refused() -> None:
    with pytest.raises(UserError, match=r"^the loss ours is a Tensor: derive it from infomax"):
        find_loss("ours", losses={"ours": no_loss})


def test_a_term_is_a_mean_a_sum_or_what_its_elements_are_divided_by() -> None:
    each = torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]])
    assert Term(each).value.tolist() == [3, 1]
    assert Term(each, divisor=1).value.tolist() == [9, 3]
    assert Term(each, divisor=torch.tensor([9, 1])).value.tolist() == [1, 3]
    assert math.isclose(LossTerms(Term(each[0]), Term(-each[0])).total.item(), 0)
