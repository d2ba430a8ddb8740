"""The loop: it learns, repeats itself to the bit, evaluates when told and stops at a bad loss."""

import math
from collections.abc import Collection

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS, Bound, infonce
from infomax.critics import CRITICS, BilinearCritic
from infomax.encoders import ENCODERS, Encoder, MLPEncoder
from infomax.training import NonFiniteLossError, Objective, PairModel, Pairs, generator_for, train

VIEW = (4, 8, 1)


class Watcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []

    def advance(self, step: int, bound: float) -> None:
        self.seen.append((step, bound))


def correlated_pairs(number: int = 512) -> Pairs:
    generator = torch.Generator().manual_seed(0)
    shared = torch.randn(number, 32, generator=generator)
    noise = torch.randn(2, number, 32, generator=generator)
    return Pairs(0.3 * shared + 0.03 * noise[0], 0.3 * shared + 0.03 * noise[1])


def mean_bound(model: PairModel, bound: Bound) -> float:
    batches = correlated_pairs().one_pass(64, generator_for(1, "look"))
    with torch.no_grad():
        return torch.stack([bound(model(x, y)) for x, y in batches]).mean().item()


def untrained(encoder: str = "mlp", critic: str = "bilinear", seed: int = 0) -> PairModel:
    x_encoder = ENCODERS[encoder](VIEW, generator_for(seed, "x-encoder"))
    y_encoder = ENCODERS[encoder](VIEW, generator_for(seed, "y-encoder"))
    return PairModel(x_encoder, y_encoder, CRITICS[critic](100, 100, generator_for(seed, "critic")))


def trained(
    model: PairModel,
    objective: Objective,
    *,
    steps: int,
    pairs: Pairs | None = None,
    learning_rate: float = 1e-3,
    evaluation_steps: Collection[int] = (),
) -> tuple[list[int], Watcher]:
    evaluated: list[int] = []
    watcher = Watcher()
    train(
        model,
        (pairs or correlated_pairs()).batches(64, generator_for(0, "batches")),
        objective,
        steps=steps,
        learning_rate=learning_rate,
        evaluation_steps=evaluation_steps,
        evaluate=evaluated.append,
        progress=watcher,
    )
    return evaluated, watcher


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("critic", CRITICS)
@pytest.mark.parametrize("bound", BOUNDS)
def test_any_encoder_critic_and_bound_learns(encoder: str, critic: str, bound: str) -> None:
    model = untrained(encoder, critic)
    before = mean_bound(model, BOUNDS[bound])
    trained(model, Objective(BOUNDS[bound]), steps=150)
    after = mean_bound(model, BOUNDS[bound])
    assert after > before + 0.5


def test_a_target_is_held_and_not_passed() -> None:
    model = untrained()
    trained(model, Objective(infonce, target=1.5), steps=300)
    assert mean_bound(model, infonce) == pytest.approx(1.5, abs=0.2)


def test_the_same_seed_gives_the_same_bits() -> None:
    models = [untrained(critic="concat") for _ in range(2)]
    seen = [trained(model, Objective(infonce), steps=60)[1].seen for model in models]
    assert seen[0] == seen[1]
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_evaluating_leaves_the_training_as_it_was() -> None:
    models = [untrained() for _ in range(2)]
    trained(models[0], Objective(infonce), steps=60)
    trained(models[1], Objective(infonce), steps=60, evaluation_steps=range(0, 61, 7))
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_evaluates_at_the_chosen_steps_in_order() -> None:
    evaluated, watcher = trained(
        untrained(), Objective(infonce), steps=70, evaluation_steps=(70, 0, 33)
    )
    assert evaluated == [0, 33, 70]
    assert watcher.seen[-1][0] == 70


def test_one_update_is_adam_on_the_loss() -> None:
    # In float64: where a gradient is zero but for rounding, Adam makes a full step of the rounding.
    model, reference = untrained().double(), untrained().double()
    single = correlated_pairs()
    pairs = Pairs(single.x.double(), single.y.double())
    trained(model, Objective(infonce), steps=3, pairs=pairs)
    batches = pairs.batches(64, generator_for(0, "batches"))
    optimiser = torch.optim.Adam(reference.parameters(), lr=1e-3, foreach=False, fused=False)
    for _ in range(3):
        optimiser.zero_grad()
        (-infonce(reference(*next(batches)))).backward()
        optimiser.step()
    for one, other in zip(model.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


class Exploding(Encoder):
    """Turns infinite at one step."""

    code_size = 2

    def __init__(self, at_step: int) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.calls_left = at_step

    def forward(self, view: Tensor) -> Tensor:
        self.calls_left -= 1
        codes = self.scale * view[:, :2]
        return codes * math.inf if self.calls_left < 0 else codes


@pytest.mark.parametrize("step", [0, 3, 49, 50, 57])
def test_a_loss_that_is_not_finite_stops_the_run_and_names_its_step(step: int) -> None:
    model = PairModel(
        Exploding(step), Exploding(10**9), BilinearCritic(2, 2, torch.Generator().manual_seed(0))
    )
    with pytest.raises(NonFiniteLossError, match=f"step {step} ") as raised:
        trained(model, Objective(infonce), steps=80)
    assert raised.value.step == step
    assert not math.isfinite(raised.value.loss)


def test_shared_weights_are_one_encoder() -> None:
    encoder = MLPEncoder(VIEW, torch.Generator().manual_seed(0), layer_sizes=(8, 4))
    critic = BilinearCritic(4, 4, torch.Generator().manual_seed(0))
    model = PairModel(encoder, encoder, critic)
    trained(model, Objective(infonce), steps=5)
    assert model.x_encoder is model.y_encoder
    assert len(list(model.parameters())) == 5
