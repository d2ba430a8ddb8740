"""Every critic: shape, orientation, gradients, and the sums it stands for."""

import pytest
import torch
from torch import Tensor, nn

from infomax.critics import CRITICS, ConcatCritic, InnerProductCritic
from infomax.errors import UserError

NUMBER, X_SIZE, Y_SIZE = 5, 4, 3


def made(name: str, x_size: int = X_SIZE, y_size: int = Y_SIZE) -> nn.Module:
    if name == "inner-product":
        y_size = x_size
    return CRITICS[name](x_size, y_size, torch.Generator().manual_seed(0)).double()


def codes(name: str, *leading: int) -> tuple[Tensor, Tensor]:
    y_size = X_SIZE if name == "inner-product" else Y_SIZE
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(*leading, NUMBER, X_SIZE, generator=generator, dtype=torch.float64)
    y = torch.randn(*leading, NUMBER, y_size, generator=generator, dtype=torch.float64)
    return x, y


@pytest.mark.parametrize("name", CRITICS)
def test_rows_are_x_and_columns_are_y(name: str) -> None:
    critic = made(name)
    x, y = codes(name)
    scores = critic(x, y)
    assert scores.shape == (NUMBER, NUMBER)
    changed = x.clone()
    changed[2] += 1
    differs = (critic(changed, y) != scores).any(dim=1)
    assert differs.tolist() == [False, False, True, False, False]
    changed = y.clone()
    changed[3] += 1
    differs = (critic(x, changed) != scores).any(dim=0)
    assert differs.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("name", CRITICS)
def test_scores_one_pair_as_it_scores_it_among_others(name: str) -> None:
    critic = made(name)
    x, y = codes(name)
    scores = critic(x, y)
    for i in range(NUMBER):
        for j in range(NUMBER):
            alone = critic(x[i : i + 1], y[j : j + 1])
            torch.testing.assert_close(scores[i, j], alone[0, 0])


@pytest.mark.parametrize("name", CRITICS)
def test_leading_sizes_are_a_batch(name: str) -> None:
    critic = made(name)
    x, y = codes(name, 2)
    torch.testing.assert_close(critic(x, y), torch.stack([critic(x[0], y[0]), critic(x[1], y[1])]))


@pytest.mark.parametrize("name", [name for name in CRITICS if name != "inner-product"])
def test_every_parameter_gets_a_gradient(name: str) -> None:
    critic = made(name)
    weights = torch.randn(NUMBER, NUMBER, dtype=torch.float64)
    (critic(*codes(name)) * weights).sum().backward()
    for parameter_name, parameter in critic.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize("name", CRITICS)
def test_weights_come_from_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    first = made(name).state_dict()
    torch.manual_seed(2)
    second = made(name).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_concat_equals_the_network_on_all_pairs_side_by_side() -> None:
    critic = ConcatCritic(X_SIZE, Y_SIZE, torch.Generator().manual_seed(0), hidden_size=6).double()
    with torch.no_grad():
        critic.hidden.bias.uniform_(-1, 1)
        critic.output.bias.fill_(0.3)
    split_inputs = [code.requires_grad_() for code in codes("concat")]
    naive_inputs = [code.requires_grad_() for code in codes("concat")]
    x, y = naive_inputs
    pairs = torch.cat(
        [x.unsqueeze(1).expand(-1, NUMBER, -1), y.unsqueeze(0).expand(NUMBER, -1, -1)], dim=-1
    )
    naive = critic.output(critic.hidden(pairs).relu()).squeeze(-1)
    split = critic(*split_inputs)
    torch.testing.assert_close(split, naive)

    weights = torch.randn(NUMBER, NUMBER, dtype=torch.float64)
    parameters = list(critic.parameters())
    of_split = torch.autograd.grad((split * weights).sum(), [*split_inputs, *parameters])
    of_naive = torch.autograd.grad((naive * weights).sum(), [*naive_inputs, *parameters])
    torch.testing.assert_close(of_split, of_naive)


def test_concat_in_float64_agrees_with_finite_differences_over_several_blocks() -> None:
    critic = ConcatCritic(2, 2, torch.Generator().manual_seed(0), hidden_size=3).double()
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(2, 2, 19, 2, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(critic, (x, y))


def test_concat_keeps_nothing_that_grows_with_the_square_of_the_batch() -> None:
    critic = ConcatCritic(50, 50, torch.Generator().manual_seed(0), hidden_size=20)
    kept: list[int] = []

    def note(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, note):
        critic(torch.randn(300, 50), torch.randn(300, 50))
    assert kept
    assert max(kept) <= 300 * 50


def test_inner_product_refuses_codes_of_two_sizes() -> None:
    with pytest.raises(UserError, match="one size, not 4 and 3"):
        InnerProductCritic(4, 3, torch.Generator())
