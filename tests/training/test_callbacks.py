"""Callbacks: each model is left with the weights of its best evaluation, and none is made worse.

The models are single numbers that gradient steps carry along; what is validated is written down.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.training import (
    BestWeights,
    Callback,
    Checkpoint,
    Checkpointing,
    EarlyStopping,
    Objective,
    OptimizerConfig,
    PairTraining,
    ScheduledEvaluation,
    SeparateBatches,
    State,
    TimeLimit,
    Trainer,
)

EVERY = 2


class Scale(nn.Module):
    """Scores pairs by their product, so many times: InfoNCE of related pairs makes it larger."""

    def __init__(self) -> None:
        super().__init__()
        self.times = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.times * x @ y.mT


def training_of(models: int) -> PairTraining[Scale]:
    x = torch.randn(models, 40, 1, generator=torch.Generator().manual_seed(0))
    generators = [torch.Generator().manual_seed(place) for place in range(models)]
    return PairTraining(
        [Scale() for _ in range(models)],
        SeparateBatches(x, x.clone(), 20, generators),
        Objective(BOUNDS["infonce"]()),
        optimizer=OptimizerConfig(0.01),
    )


class Script:
    """Validation values that are written down, and the weights that each evaluation found."""

    def __init__(self, training: PairTraining[Scale], *values: Sequence[float]) -> None:
        self._training = training
        self._values = values
        self.seen: list[list[float]] = []

    def __call__(self) -> Tensor:
        assert not torch.is_grad_enabled()
        self.seen.append(weights(self._training))
        evaluated = len(self.seen) - 1
        return torch.tensor(
            [float(values[min(evaluated, len(values) - 1)]) for values in self._values]
        )


def weights(training: PairTraining[Scale]) -> list[float]:
    return [module.times.item() for module in training.modules]


class Course(NamedTuple):
    """When was evaluated, which evaluation was each model's best, and whether training settled."""

    steps: list[int]
    best: list[int]
    settled: bool


def run(
    training: PairTraining[Scale],
    validate: Script,
    *,
    most_steps: int = 40,
    patience: int = 2,
    least_gain: float = 0.0,
) -> Course:
    best = BestWeights(lambda values: values.tolist())
    stopping = EarlyStopping(best, patience, least_gain=least_gain)
    evaluation = ScheduledEvaluation(
        lambda _step, _indices: validate(), {*range(0, most_steps, EVERY), most_steps}
    )
    Trainer(most_steps, [evaluation, best, stopping]).fit(training)
    steps = [step for step, _ in best.evaluations]
    positions = [steps.index(step) for step in best.weights_steps]
    return Course(steps, positions, stopping.is_due)


@pytest.mark.parametrize("models", [1, 3])
def test_each_model_gets_the_weights_of_its_own_best_evaluation(models: int) -> None:
    values = ([0, 1, 2, 1, 1], [0, 5, 4, 3, 2], [0, 1, 1, 1, 2, 3, 1, 1])[:models]
    training = training_of(models)
    script = Script(training, *values)
    course = run(training, script, patience=3)
    assert course.best == [2, 1, 5][:models]
    # All go on until the last has settled; the evaluations differ in every weight.
    assert len(script.seen) == len(course.steps) == (6 if models == 1 else 9)
    assert all(len(set(column)) == len(column) for column in zip(*script.seen, strict=True))
    assert weights(training) == [
        script.seen[evaluated][place] for place, evaluated in enumerate(course.best)
    ]
    assert course.settled


def test_a_gain_that_is_too_small_is_kept_and_not_waited_for() -> None:
    creeping = [0.0, 0.04, 0.08, 0.12, 0.16, 0.16, 0.16, 0.16]
    training = training_of(1)
    # What creeps up counts once it is far enough from where it last counted.
    waited = run(training, Script(training, creeping), patience=3, least_gain=0.1)
    assert len(waited.steps) == 7
    assert waited.best == [4]
    training = training_of(1)
    stopped = run(training, Script(training, creeping), patience=3, least_gain=0.15)
    assert len(stopped.steps) == 4
    assert stopped.best == [3]


def test_models_side_by_side_score_with_the_weights_they_are_left_with() -> None:
    training = training_of(2)
    script = Script(training, [0, 1, 0, 0], [0, 0, 0, 0])
    run(training, script)
    x = torch.ones(2, 3, 1)
    scores = training.scores(x, x)
    for place, expected in enumerate((script.seen[1][0], script.seen[0][1])):
        torch.testing.assert_close(scores[place], torch.full((3, 3), expected))
    # What is trained is what was put back, and not a copy beside it.
    training.update()
    assert weights(training)[1] != script.seen[0][1]


def test_what_training_only_makes_worse_stays_as_it_was() -> None:
    training = training_of(2)
    before = weights(training)
    course = run(training, Script(training, [3, 2, 1, 0], [1, 1, 1, 1]))
    assert weights(training) == before
    # A value that is as good is no better.
    assert course.best == [0, 0]
    assert course.steps == [0, 2, 4]
    assert course.settled


def test_a_model_that_rises_again_while_others_train_is_no_longer_settled() -> None:
    training = training_of(2)
    script = Script(training, [0, 1, 0, 0, 9, 0, 0], [0, 1, 2, 3, 3, 3])
    course = run(training, script)
    assert course.best == [4, 3]
    assert course.steps == [0, 2, 4, 6, 8, 10, 12]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_no_best(wrong: float) -> None:
    training = training_of(3)
    script = Script(training, [0, wrong, 1, wrong, wrong], [wrong, wrong, -5, -6, -6], [wrong] * 5)
    course = run(training, script)
    assert course.best == [2, 2, 0]
    assert weights(training) == [
        script.seen[evaluated][place] for place, evaluated in enumerate((2, 2, 0))
    ]
    assert course.settled


@pytest.mark.parametrize(
    ("most_steps", "steps"), [(6, [0, 2, 4, 6]), (5, [0, 2, 4, 5]), (1, [0, 1]), (0, [0])]
)
def test_ends_at_the_last_permitted_update_and_says_that_it_had_not_settled(
    most_steps: int, steps: list[int]
) -> None:
    training = training_of(2)
    rising = [float(evaluated) for evaluated in range(10)]
    course = run(training, Script(training, rising, [0.0]), most_steps=most_steps, patience=9)
    assert course.steps == steps
    assert not course.settled
    assert len(training.training_curve()) == most_steps
    assert course.best == [len(steps) - 1, 0]


def test_has_settled_if_it_has_at_the_last_permitted_update() -> None:
    training = training_of(1)
    course = run(training, Script(training, [1, 0, 0]), most_steps=2 * EVERY)
    assert course.steps == [0, 2, 4]
    assert course.settled


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_waits_as_many_evaluations_as_it_is_told(patience: int) -> None:
    training = training_of(1)
    course = run(training, Script(training, [0, 1, 0]), patience=patience)
    assert len(course.steps) - 1 - course.best[0] == patience


def test_under_a_target_the_nearest_evaluation_is_the_best() -> None:
    training = training_of(1)
    values = iter([0.0, 3.0, 1.5, 1.4])
    best = BestWeights(lambda value: [value], target=1.0)
    evaluation = ScheduledEvaluation(lambda _step, _indices: next(values), range(0, 8, EVERY))
    Trainer(6, [evaluation, best]).fit(training)
    assert best.weights_steps == [6]
    assert best.value_at(6) == 1.4
    assert math.isnan(best.value_at(5))


class Clock(Callback):
    """Lets a second pass with each update."""

    def on_updates_end(self, trainer: Trainer) -> None:
        trainer.clock = lambda: float(trainer.step)  # type: ignore[method-assign]

    def on_train_start(self, trainer: Trainer) -> None:
        self.on_updates_end(trainer)


def test_a_time_limit_ends_training_with_an_evaluation_where_it_is() -> None:
    evaluated: list[int] = []
    evaluation = ScheduledEvaluation(lambda step, _indices: evaluated.append(step), (0, 1000))
    trainer = Trainer(1000, [Clock(), TimeLimit(7.0), evaluation])
    trainer.fit(training_of(1))
    assert trainer.ending == "the time limit is reached"
    # In blocks, each at most twice as long as the one before.
    assert 7 <= trainer.step < 20
    assert evaluated == [0, trainer.step]


class Store:
    """Keeps checkpoints in memory."""

    def __init__(self) -> None:
        self.written: list[tuple[Checkpoint, bool]] = []

    def last(self) -> Checkpoint | None:
        return self.written[-1][0] if self.written else None

    def best(self) -> Checkpoint | None:
        return next((kept for kept, best in reversed(self.written) if best), None)

    def write(self, step: int, state: State, notes: Mapping[str, Any], *, best: bool) -> None:
        assert notes["step"] == step
        copied = {name: value.clone() for name, value in state.items()}
        # As a file has it, which is written as JSON.
        self.written.append((Checkpoint(copied, json.loads(json.dumps(notes))), best))


def fitted(store: Store, values: Sequence[float], steps: int) -> tuple[Trainer, BestWeights, float]:
    """Train with a checkpoint after each evaluation, whose values are given by their turn."""
    training = training_of(1)
    best = BestWeights(lambda value: [value], saved=store.best)
    evaluation = ScheduledEvaluation(
        lambda step, _indices: values[step // EVERY], range(0, 40, EVERY)
    )
    trainer = Trainer(steps, [evaluation, best, EarlyStopping(best, 3), Checkpointing(store, best)])
    trainer.fit(training)
    return trainer, best, weights(training)[0]


def test_resumed_it_stops_where_it_would_with_the_best_weights_of_before() -> None:
    values = [0.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    store = Store()
    whole, best, weight = fitted(Store(), values, 12)
    fitted(store, values, 4)
    resumed, again, same = fitted(store, values, 12)
    assert (whole.step, best.weights_steps) == (8, [2])
    assert (resumed.step, again.weights_steps) == (8, [2])
    assert same == weight
    assert resumed.resumed
    assert (
        resumed.ending
        == whole.ending
        == ("the value that is watched has not risen for 3 evaluations")
    )
    # What had ended is not trained on, and ends as before.
    once_more, again, same = fitted(store, values, 12)
    assert (once_more.step, again.weights_steps, same) == (8, [2], weight)
    assert [is_best for _, is_best in store.written] == [True, True, False, False, False]


def test_constructible_things_tell_their_settings() -> None:
    best = BestWeights(lambda values: values, target=0.5)
    callbacks = [TimeLimit(3.0), EarlyStopping(best, 2), ScheduledEvaluation(print, (3, 0))]
    assert repr(Trainer(9, callbacks)) == (
        "Trainer(steps=9, callbacks=[TimeLimit(seconds=3.0), "
        "EarlyStopping(BestWeights(target=0.5), patience=2), "
        "ScheduledEvaluation(steps=[0, 3], seed=None)])"
    )
    told = repr(training_of(2))
    batches = "SeparateBatches(ShuffledBatches(40 rows, batch_size=20))"
    assert told.startswith(f"PairTraining(StackedModels(2 x Scale), {batches}, Objective(bound=")
    assert "optimizer=OptimizerConfig(learning_rate=0.01, " in told
