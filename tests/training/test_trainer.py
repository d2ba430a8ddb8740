"""The trainer: models learn, repeatable to the bit, and are left behind at a bad loss."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS, Bound, infonce
from infomax.critics import CRITICS, BilinearCritic
from infomax.encoders import ENCODERS, Encoder, MLPEncoder
from infomax.training import (
    Callback,
    Checkpoint,
    Failure,
    Objective,
    OptimizerConfig,
    PairModel,
    Pairs,
    PairTraining,
    ProgressReporter,
    ScheduledEvaluation,
    ShuffledBatches,
    Trainer,
    generator_for,
)

VIEW = (4, 8, 1)
SHAPES = {"series-convnet": (16, 2)}
# A flow learns these pairs in a few updates; averaged over time, white noise has little to show.
STEPS = {"realnvp-additive": 30, "realnvp-affine": 30, "series-convnet": 500}
INFONCE = BOUNDS["infonce"]()
OF_THE_PAPER = ("infonce", "nwj")
# The affine flow begins by shrinking its codes to nothing; nothing trains it on a bound.
TRAINED_ENCODERS = [
    name
    for name, maker in ENCODERS.items()
    if name not in {"identity", "realnvp-affine"} and not getattr(maker, "reads_tokens", False)
]


class Watcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []

    def begin(self, step: int) -> None:
        self.began = step

    def advance(self, step: int, value: float) -> None:
        self.seen.append((step, value))


def correlated_pairs(number: int = 512) -> Pairs:
    generator = torch.Generator().manual_seed(0)
    shared = torch.randn(number, 32, generator=generator)
    noise = torch.randn(2, number, 32, generator=generator)
    return Pairs(0.3 * shared + 0.03 * noise[0], 0.3 * shared + 0.03 * noise[1])


def mean_bound(model: PairModel, bound: Bound) -> float:
    batches = correlated_pairs().one_pass(64, generator_for(1, "look"))
    with torch.no_grad():
        return torch.stack([bound.estimate(model(x, y)) for x, y in batches]).mean().item()


def untrained(encoder: str = "mlp", critic: str = "bilinear", seed: int = 0) -> PairModel:
    shape = SHAPES.get(encoder, VIEW)
    x_encoder = ENCODERS[encoder](shape, generator_for(seed, "x-encoder"))
    y_encoder = ENCODERS[encoder](shape, generator_for(seed, "y-encoder"))
    sizes = x_encoder.code_size, y_encoder.code_size
    return PairModel(x_encoder, y_encoder, CRITICS[critic](*sizes, generator_for(seed, "critic")))


def training_of(
    models: Sequence[PairModel],
    objective: Objective,
    *,
    pairs: Pairs | None = None,
    learning_rate: float = 1e-3,
) -> PairTraining[PairModel]:
    data = pairs or correlated_pairs()
    orders = [generator_for(seed, "batches") for seed in range(len(models))]
    batches = ShuffledBatches(data.x, data.y, 64, orders)
    return PairTraining(models, batches, objective, optimizer=OptimizerConfig(learning_rate))


def trained(
    training: PairTraining[PairModel], *, steps: int, evaluation_steps: Collection[int] = ()
) -> tuple[list[int], Watcher, dict[int, Failure]]:
    evaluated: list[int] = []
    watcher = Watcher()
    evaluation = ScheduledEvaluation(
        lambda step, _indices: evaluated.append(step), evaluation_steps
    )
    trainer = Trainer(steps, [ProgressReporter(watcher), evaluation])
    trainer.fit(training)
    return evaluated, watcher, trainer.failures


class Keeper(Callback):
    """Begins with a checkpoint, and keeps one of every moment that has one."""

    def __init__(self, first: Checkpoint | None = None) -> None:
        self.first = first
        self.checkpoints: dict[int, Checkpoint] = {}

    def on_fit_start(self, trainer: Trainer) -> None:
        if self.first is not None:
            trainer.restore(self.first)

    def on_save_point(self, trainer: Trainer) -> None:
        state, notes = trainer.checkpoint()
        state = {name: value.clone() for name, value in state.items()}
        self.checkpoints[trainer.step] = Checkpoint(state, notes)


# The parts do not know of each other: every one is here, but not every pairing.
LEARNING = [
    *((encoder, "bilinear", bound) for encoder in TRAINED_ENCODERS for bound in OF_THE_PAPER),
    *(("mlp", critic, bound) for critic in CRITICS for bound in OF_THE_PAPER),
    *(("mlp", "bilinear", bound) for bound in BOUNDS),
]


@pytest.mark.parametrize(("encoder", "critic", "bound"), dict.fromkeys(LEARNING))
def test_any_encoder_critic_and_bound_learns(encoder: str, critic: str, bound: str) -> None:
    model, trained_on = untrained(encoder, critic), BOUNDS[bound]()
    before = mean_bound(model, trained_on)
    steps = STEPS.get(encoder, 150)
    trained(training_of([model], Objective(trained_on)), steps=steps)
    after = mean_bound(model, trained_on)
    assert after > before + 0.5


def test_a_target_is_held_and_not_passed() -> None:
    training = training_of([untrained()], Objective(INFONCE, target=1.5), learning_rate=1e-4)
    trained(training, steps=400)
    # From batch to batch it goes to and fro, since Adam's step does not shrink at the target.
    assert training.training_curve()[-200:].mean().item() == pytest.approx(1.5, abs=0.1)


def test_the_same_seed_gives_the_same_bits() -> None:
    models = [untrained(critic="concat") for _ in range(2)]
    seen = [trained(training_of([model], Objective(INFONCE)), steps=60)[1].seen for model in models]
    assert seen[0] == seen[1]
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_evaluating_leaves_the_training_as_it_was() -> None:
    models = [untrained() for _ in range(2)]
    first, second = (training_of([model], Objective(INFONCE)) for model in models)
    trained(first, steps=60)
    trained(second, steps=60, evaluation_steps=range(0, 61, 7))
    weights, others = (model.state_dict() for model in models)
    assert all(torch.equal(weights[key], others[key]) for key in weights)


def test_evaluates_at_the_chosen_steps_in_order() -> None:
    evaluated, watcher, _ = trained(
        training_of([untrained()], Objective(INFONCE)), steps=70, evaluation_steps=(70, 0, 33)
    )
    assert evaluated == [0, 33, 70]
    assert watcher.seen[-1][0] == 70


def test_models_are_in_evaluation_mode_while_evaluated_and_only_then() -> None:
    training = training_of([untrained(), untrained(seed=1)], Objective(INFONCE))
    modes: list[bool] = []

    def evaluate(_step: int, _indices: Sequence[int]) -> None:
        modes.extend(module.training for module in training.modules)
        modes.append(torch.is_grad_enabled())

    Trainer(3, [ScheduledEvaluation(evaluate, (0,))]).fit(training)
    assert modes == [False, False, False]
    assert all(module.training for module in training.modules)


def test_one_update_is_adam_on_the_loss() -> None:
    # In float64: where a gradient is zero but for rounding, Adam makes a full step of the rounding.
    model, reference = untrained().double(), untrained().double()
    single = correlated_pairs()
    pairs = Pairs(single.x.double(), single.y.double())
    trained(training_of([model], Objective(INFONCE), pairs=pairs), steps=3)
    batches = pairs.one_pass(64, generator_for(0, "batches"))
    optimiser = torch.optim.Adam(reference.parameters(), lr=1e-3, foreach=False, fused=False)
    for _ in range(3):
        optimiser.zero_grad()
        (-infonce(reference(*next(batches)))).backward()
        optimiser.step()
    for one, other in zip(model.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


class Exploding(Encoder):
    """Turns infinite after so many updates, as counted by a weight that only they change."""

    code_size = 2

    def __init__(self, at_step: int) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(2))
        self.register_buffer("calls_left", torch.tensor([float(at_step)]))

    def forward(self, view: Tensor) -> Tensor:
        left = self.get_buffer("calls_left")
        codes = self.scale * view[..., :2]
        exploded = codes / (left > 0)
        left -= 1
        return exploded


@pytest.mark.parametrize("step", [0, 3, 49, 50, 57])
def test_a_loss_that_is_not_finite_stops_the_run_and_names_its_step(step: int) -> None:
    model = PairModel(
        Exploding(step), Exploding(10**9), BilinearCritic(2, 2, torch.Generator().manual_seed(0))
    )
    evaluated, watcher, failures = trained(
        training_of([model], Objective(INFONCE)), steps=180, evaluation_steps=(0, 180)
    )
    assert failures[0].step == step
    assert not math.isfinite(failures[0].loss)
    assert f"step {step} " in failures[0].reason
    assert evaluated == [0]
    assert watcher.seen[-1][0] <= step + 50


def test_a_model_that_fails_leaves_the_others_as_they_are_without_it() -> None:
    def model(at_step: int) -> PairModel:
        return PairModel(
            Exploding(at_step), Exploding(10**9), BilinearCritic(2, 2, generator_for(0, "critic"))
        )

    sound = [model(10**6), model(10**6)]
    broken = [model(10**6), model(7)]
    trained(training_of(sound, Objective(INFONCE)), steps=30)
    evaluated: list[list[int]] = []
    evaluation = ScheduledEvaluation(
        lambda _step, indices: evaluated.append(list(indices)), (0, 30)
    )
    trainer = Trainer(30, [evaluation])
    trainer.fit(training_of(broken, Objective(INFONCE)))
    assert list(trainer.failures) == [1]
    assert trainer.failures[1].step == 7
    assert evaluated == [[0, 1], [0]]
    resumed = Trainer(30)
    resumed.training = training_of(broken, Objective(INFONCE))
    resumed.restore(trainer.checkpoint())
    assert resumed.failures == trainer.failures
    assert resumed.step == trainer.step
    for one, other in zip(sound[0].parameters(), broken[0].parameters(), strict=True):
        assert torch.equal(one, other)


def test_shared_weights_are_one_encoder() -> None:
    encoder = MLPEncoder(VIEW, torch.Generator().manual_seed(0), layer_sizes=(8, 4))
    critic = BilinearCritic(4, 4, torch.Generator().manual_seed(0))
    model = PairModel(encoder, encoder, critic)
    trained(training_of([model], Objective(INFONCE)), steps=5)
    assert model.x_encoder is model.y_encoder
    assert len(list(model.parameters())) == 5


@pytest.mark.parametrize(
    ("bound", "kept_after"),
    # MINE remembers a moving average.
    [("infonce", 0), ("infonce", 20), ("infonce", 50), ("infonce", 100), ("mine", 0), ("mine", 50)],
)
def test_taken_up_again_it_ends_with_the_same_bits(bound: str, kept_after: int) -> None:
    whole = training_of([untrained(), untrained(seed=1)], Objective(BOUNDS[bound]()))
    evaluation_steps = (0, 20, 120)
    seen: list[int] = []
    keeper = Keeper()
    evaluation = ScheduledEvaluation(lambda step, _indices: seen.append(step), evaluation_steps)
    Trainer(130, [evaluation, keeper]).fit(whole)
    kept = keeper.checkpoints
    assert set(kept) >= {0, 20, 120, 130}
    assert len(kept) > 6
    step = max(each for each in kept if each <= kept_after)
    resumed = training_of([untrained(seed=5), untrained(seed=6)], Objective(BOUNDS[bound]()))
    seen_again: list[int] = []
    evaluation = ScheduledEvaluation(
        lambda step, _indices: seen_again.append(step), evaluation_steps
    )
    Trainer(130, [evaluation, Keeper(kept[step])]).fit(resumed)
    assert seen_again == [each for each in seen if each > step]
    for one, other in zip(whole.modules, resumed.modules, strict=True):
        first, second = one.state_dict(), other.state_dict()
        assert all(torch.equal(first[key], second[key]) for key in first)
    assert torch.equal(whole.training_curve(), resumed.training_curve())
    assert len(whole.training_curve()) == 130


class Counting(Callback):
    """Counts updates from a number of its own."""

    def __init__(self, count: int) -> None:
        self.count = count

    def on_updates_end(self, trainer: Trainer) -> None:  # noqa: ARG002
        self.count += 1

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.count = state["count"]


def test_each_of_several_callbacks_of_a_class_goes_on_from_its_own_state() -> None:
    counting = [Counting(10), Counting(20)]
    keeper = Keeper()
    Trainer(4, [*counting, keeper]).fit(training_of([untrained()], Objective(INFONCE)))
    resumed = [Counting(0), Counting(0)]
    keeper = Keeper(keeper.checkpoints[4])
    Trainer(4, [ProgressReporter(Watcher()), *resumed, keeper]).fit(
        training_of([untrained()], Objective(INFONCE))
    )
    assert [each.count for each in resumed] == [each.count for each in counting]
    assert resumed[1].count - resumed[0].count == 10
