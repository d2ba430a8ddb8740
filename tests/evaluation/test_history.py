"""What evaluations of a training measured, kept in order, and warned of once of each kind."""

import warnings
from dataclasses import dataclass
from typing import cast

from infomax.evaluation import Evaluation, EvaluationHistory
from infomax.records import Measurement
from infomax.training import Trainer
from infomax.warnings import NothingLearntWarning, PartingWarning, TrainingWarning


@dataclass
class _Processes:
    is_first: bool


@dataclass
class _Trainer:
    """As much of a trainer as the history asks."""

    processes: _Processes


def evaluation(step: int, value: float, *warned: TrainingWarning) -> Evaluation:
    measured = (Measurement("train", "bound", value), Measurement("test", "bound", -value))
    return Evaluation(step, measured, -value, warned)


def trainer(*, is_first: bool = True) -> Trainer:
    return cast(Trainer, _Trainer(_Processes(is_first)))


def test_all_that_was_measured_is_kept_in_order_and_taken_up_again() -> None:
    history = EvaluationHistory()
    assert history.last_step == 0
    for step, value in ((0, 0.5), (10, 1.5)):
        history.on_evaluation_end(trainer(), evaluation(step, value))
    again = EvaluationHistory()
    again.load_state_dict(history.state_dict())
    again.on_evaluation_end(trainer(), evaluation(20, 2.5))
    assert again.last_step == 20
    assert again.table.to_numpy().tolist() == [
        [step, split, "bound", sign * value]
        for step, value in ((0, 0.5), (10, 1.5), (20, 2.5))
        for split, sign in (("train", 1), ("test", -1))
    ]


def test_the_first_process_warns_once_of_each_kind() -> None:
    history = EvaluationHistory()
    parting, nothing = PartingWarning("parting"), NothingLearntWarning("nothing")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history.on_evaluation_end(trainer(), evaluation(0, 1.0, parting))
        history.on_evaluation_end(trainer(), evaluation(1, 1.0, parting, nothing))
        history.on_evaluation_end(trainer(), evaluation(2, 1.0, nothing, parting))
    assert [str(each.message) for each in caught] == ["parting", "nothing"]
    other = EvaluationHistory()
    other.on_evaluation_end(trainer(is_first=False), evaluation(0, 1.0, parting))
    assert len(other.table) == 2
