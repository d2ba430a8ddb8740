"""Every critic: shape, orientation, gradients, and the sums it stands for."""

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from infomax.critics import (
    CRITICS,
    ConcatCritic,
    Critic,
    DeepConcatCritic,
    FactoredCritic,
    InnerProductCritic,
)
from infomax.errors import UserError

NUMBER, X_SIZE, Y_SIZE = 5, 4, 3


def y_size_of(name: str) -> int:
    """Return a size other than that of x, unless the critic refuses it."""
    try:
        CRITICS[name](X_SIZE, Y_SIZE, torch.Generator())
    except UserError:
        return X_SIZE
    return Y_SIZE


def made(name: str, seed: int = 0) -> Critic:
    return CRITICS[name](X_SIZE, y_size_of(name), torch.Generator().manual_seed(seed)).double()


def codes(name: str, *leading: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(*leading, NUMBER, X_SIZE, generator=generator, dtype=torch.float64)
    y = torch.randn(*leading, NUMBER, y_size_of(name), generator=generator, dtype=torch.float64)
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


@pytest.mark.parametrize("name", [name for name in CRITICS if list(made(name).parameters())])
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


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)], ids=str)
@pytest.mark.parametrize("name", CRITICS)
def test_critics_stacked_by_vmap_are_each_critic_alone(name: str, leading: tuple[int, ...]) -> None:
    critics = [made(name, seed) for seed in range(3)]
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in nn.ModuleList(critics).parameters():
            parameter.add_(torch.rand(parameter.shape, generator=generator, dtype=torch.float64))
    together = [code.requires_grad_() for code in codes(name, 3, *leading)]
    apart = [code.requires_grad_() for code in codes(name, 3, *leading)]
    parameters, buffers = stack_module_state([*critics])

    def scored(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        scores: Tensor = functional_call(critics[0], (parameters, buffers), (x, y))
        return scores

    scores = vmap(scored)(parameters, *together)
    expected = torch.stack([critic(x, y) for critic, x, y in zip(critics, *apart, strict=True)])
    torch.testing.assert_close(scores, expected)

    weights = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    (scores * weights).sum().backward()
    (expected * weights).sum().backward()
    for stacked, alone in zip(together, apart, strict=True):
        torch.testing.assert_close(stacked.grad, alone.grad)
    for parameter_name, parameter in parameters.items():
        of_each = [critic.get_parameter(parameter_name).grad for critic in critics]
        torch.testing.assert_close(
            parameter.grad, torch.stack([g for g in of_each if g is not None])
        )


@pytest.mark.parametrize("name", CRITICS)
def test_one_critic_takes_codes_stacked_by_vmap_along_any_dimension(name: str) -> None:
    critic = made(name)
    x, y = codes(name, 2)
    expected = critic(x, y)
    torch.testing.assert_close(vmap(critic)(x, y), expected)
    torch.testing.assert_close(
        vmap(critic, in_dims=(1, 2))(x.movedim(0, 1), y.movedim(0, 2)), expected
    )
    torch.testing.assert_close(vmap(critic, in_dims=(0, None))(x, y[1])[1], expected[1])


def shifted_biases(critic: Critic) -> None:
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in critic.named_parameters():
            if name.endswith("bias"):
                parameter.uniform_(-1, 1, generator=generator)


def assert_is_the_network_on_all_pairs(critic: Critic, network: nn.Module, *leading: int) -> None:
    """Compare values and all gradients with those of the network on pairs put side by side."""
    split_inputs = [code.requires_grad_() for code in codes("concat", *leading)]
    naive_inputs = [code.requires_grad_() for code in codes("concat", *leading)]
    x, y = naive_inputs
    everywhere = (*leading, NUMBER, NUMBER, -1)
    pairs = torch.cat(
        [x.unsqueeze(-2).expand(everywhere), y.unsqueeze(-3).expand(everywhere)], dim=-1
    )
    naive = network(pairs).squeeze(-1)
    split = critic(*split_inputs)
    torch.testing.assert_close(split, naive)

    weights = torch.randn(split.shape, dtype=torch.float64)
    parameters = list(critic.parameters())
    of_split = torch.autograd.grad((split * weights).sum(), [*split_inputs, *parameters])
    of_naive = torch.autograd.grad((naive * weights).sum(), [*naive_inputs, *parameters])
    torch.testing.assert_close(of_split, of_naive)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)], ids=str)
def test_concat_equals_the_network_on_all_pairs_side_by_side(leading: tuple[int, ...]) -> None:
    critic = ConcatCritic(X_SIZE, Y_SIZE, torch.Generator().manual_seed(0), hidden_size=6).double()
    shifted_biases(critic)
    network = nn.Sequential(critic.hidden, nn.ReLU(), critic.output)
    assert_is_the_network_on_all_pairs(critic, network, *leading)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)], ids=str)
@pytest.mark.parametrize("hidden_sizes", [(7,), (10, 10, 10, 10, 10), (4, 6)], ids=str)
def test_deep_concat_equals_the_network_on_all_pairs_side_by_side(
    hidden_sizes: tuple[int, ...], leading: tuple[int, ...]
) -> None:
    critic = DeepConcatCritic(
        X_SIZE, Y_SIZE, torch.Generator().manual_seed(0), hidden_sizes=hidden_sizes
    ).double()
    shifted_biases(critic)
    relus = (part for layer in critic.hidden for part in (layer, nn.ReLU()))
    network = nn.Sequential(critic.first, nn.ReLU(), *relus, critic.output)
    assert_is_the_network_on_all_pairs(critic, network, *leading)


def test_deep_concat_is_the_papers_network_unless_told() -> None:
    critic = made("deep-concat")
    sizes = {name: tuple(parameter.shape) for name, parameter in critic.named_parameters()}
    assert sizes["first.weight"] == (10, X_SIZE + Y_SIZE)
    assert [sizes[f"hidden.{layer}.weight"] for layer in range(4)] == [(10, 10)] * 4
    assert sizes["output.weight"] == (1, 10)
    assert len(sizes) == 12


def test_deep_concat_refuses_to_be_without_hidden_layers() -> None:
    with pytest.raises(UserError, match="at least one size"):
        DeepConcatCritic(1, 1, torch.Generator(), hidden_sizes=())


def test_concat_in_float64_agrees_with_finite_differences_over_several_blocks() -> None:
    critic = ConcatCritic(2, 2, torch.Generator().manual_seed(0), hidden_size=3).double()
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(2, 2, 19, 2, generator=generator, dtype=torch.float64, requires_grad=True)
    weights = dict(critic.named_parameters())

    def scored(x: Tensor, y: Tensor, *of_layers: Tensor) -> Tensor:
        given = dict(zip(weights, of_layers, strict=True))
        scores: Tensor = functional_call(critic, given, (x, y))
        return scores

    assert torch.autograd.gradcheck(scored, (x, y, *weights.values()))


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


def test_bilinear_is_one_matrix_between_the_codes() -> None:
    critic = made("bilinear")
    assert [name for name, _ in critic.named_parameters()] == ["product.weight"]
    x, y = codes("bilinear")
    expected = torch.einsum("id,de,je->ij", x, critic.get_parameter("product.weight"), y)
    torch.testing.assert_close(critic(x, y), expected)


def test_separable_is_an_inner_product_of_two_networks_of_one_hidden_layer() -> None:
    critic = made("separable")
    shifted_biases(critic)
    x, y = codes("separable")
    sides = []
    for name, code in (("x_network", x), ("y_network", y)):
        first, last = (
            (critic.get_parameter(f"{name}.{layer}.weight"), f"{name}.{layer}.bias")
            for layer in (0, 2)
        )
        hidden = (code @ first[0].T + critic.get_parameter(first[1])).clamp(min=0)
        sides.append(hidden @ last[0].T + critic.get_parameter(last[1]))
    torch.testing.assert_close(critic(x, y), sides[0] @ sides[1].T)


def test_critics_are_as_wide_as_those_of_the_paper_unless_told() -> None:
    separable, concat = made("separable"), made("concat")
    assert separable.get_parameter("x_network.0.weight").shape == (100, X_SIZE)
    assert separable.get_parameter("y_network.2.weight").shape == (100, 100)
    assert concat.get_parameter("hidden.weight").shape == (200, X_SIZE + Y_SIZE)


class WithoutForward(Critic):
    pass


class WithoutFactors(FactoredCritic):
    pass


@pytest.mark.parametrize(
    ("critic", "lacking"),
    [
        (WithoutForward(), r"the critic WithoutForward lacks forward: give it one that scores"),
        (WithoutFactors(), r"the critic WithoutFactors lacks factors: give it one that returns"),
    ],
)
def test_a_critic_says_what_it_lacks(critic: Critic, lacking: str) -> None:
    with pytest.raises(UserError, match=f"^{lacking}"):
        critic(*codes("bilinear"))


@pytest.mark.parametrize("name", ["bilinear", "separable", "concat", "deep-concat"])
def test_critics_that_are_learned_take_codes_of_two_sizes(name: str) -> None:
    assert y_size_of(name) == Y_SIZE
    assert list(made(name).parameters())


def test_inner_product_refuses_codes_of_two_sizes() -> None:
    with pytest.raises(UserError, match="one size, not 4 and 3"):
        InnerProductCritic(4, 3, torch.Generator())
