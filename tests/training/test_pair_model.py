"""Parts that do not fit are refused; what the objective makes small, watches and remembers."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from infomax import InfoMax
from infomax.bounds import BOUNDS, JensenShannon, Mine, PlainBound, infonce
from infomax.errors import UserError
from infomax.training import Objective, PairModel


class Normed(nn.Module):
    """A critic over codes that a frozen batch norm brings to a scale that is known."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size)
        self.norm.requires_grad_(False).eval()
        self.weights = nn.Parameter(torch.eye(size))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        scores: Tensor = self.norm(x) @ self.weights @ self.norm(y).T
        return scores


def test_each_part_keeps_its_mode_when_a_model_is_made_and_checked() -> None:
    critic = Normed(2)
    modes = set()
    # What is trained is a copy, with its hooks: they are told which module it is.
    critic.register_forward_hook(
        lambda module, *_: modes.add((module.training, module.norm.training))
    )
    x = torch.randn(120, 3, generator=torch.Generator().manual_seed(0)).numpy()
    InfoMax(
        encoder_options={"layer_sizes": [2]}, critic=critic, steps=2, batch_size=8, random_state=0
    ).fit(x, x)
    assert modes == {(True, False), (False, False)}


class NoScores(nn.Module):
    """Forgets to return."""

    def forward(self, x: Tensor, y: Tensor) -> None:
        x @ y.T


def test_a_critic_that_gives_no_tensor_is_named() -> None:
    model = PairModel(nn.Linear(3, 2), nn.Linear(3, 2), NoScores())
    with pytest.raises(UserError, match=r"critic \(NoScores\) gives scores no tensor"):
        model.check(torch.zeros(2, 3), torch.zeros(2, 3))
    assert model.training


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def gradient(of: Callable[[Tensor], Tensor], scores: Tensor) -> Tensor:
    leaf = scores.clone().requires_grad_()
    (found,) = torch.autograd.grad(of(leaf).sum(), leaf)
    return found


@pytest.mark.parametrize("name", BOUNDS)
def test_without_a_target_makes_larger_what_is_trained_and_watches_what_is_read(name: str) -> None:
    scores, bound = drawn(3, 5, 5), BOUNDS[name]()
    loss, watched = Objective(BOUNDS[name]())(scores)
    assert torch.equal(loss, -bound.objective(scores))
    assert torch.equal(watched, bound.estimate(scores))
    of_loss = gradient(lambda leaf: Objective(BOUNDS[name]())(leaf).loss, scores)
    assert torch.equal(of_loss, -gradient(BOUNDS[name]().objective, scores))


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("target", [-5.0, 5.0])
def test_a_target_is_a_distance_of_what_is_read_with_the_gradient_of_what_is_trained(
    name: str, target: float
) -> None:
    scores = drawn(3, 5, 5)
    estimates = BOUNDS[name]().estimate(scores)
    loss, watched = Objective(BOUNDS[name](), target=target)(scores)
    torch.testing.assert_close(loss, (estimates - target).abs(), rtol=1e-12, atol=0)
    assert torch.equal(watched, estimates)
    of_loss = gradient(lambda leaf: Objective(BOUNDS[name](), target=target)(leaf).loss, scores)
    up = -1 if target > 0 else 1
    torch.testing.assert_close(of_loss, up * gradient(BOUNDS[name]().objective, scores))


def test_what_is_watched_has_no_gradient() -> None:
    scores = drawn(3, 5, 5).requires_grad_()
    for bound in (BOUNDS["infonce"](), JensenShannon()):
        assert not Objective(bound)(scores).watched.requires_grad


def test_a_value_that_is_both_trained_and_read_is_computed_once() -> None:
    calls = []

    def counted(scores: Tensor) -> Tensor:
        calls.append(scores)
        return infonce(scores)

    Objective(PlainBound("counted", "lower bound", counted))(drawn(2, 4, 4))
    assert len(calls) == 1


def test_goes_on_from_what_the_bound_remembers() -> None:
    first, second = Objective(Mine()), Objective(Mine())
    for seed in range(3):
        first(drawn(2, 4, 4, seed=seed))
    second.restore(first.state())
    later = drawn(2, 4, 4, seed=9)
    expected = gradient(lambda leaf: first(leaf).loss, later)
    assert torch.equal(gradient(lambda leaf: second(leaf).loss, later), expected)
    assert Objective(BOUNDS["infonce"]()).state() == {}
