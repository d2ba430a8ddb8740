"""One job: what is recorded of it, whether or not a run fails or the job is interrupted."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from infomax.records import FAILED, Measurement, Record
from infomax.studies.catalogue import STUDIES
from infomax.studies.experiment import Experiment
from infomax.studies.jobs import TrainingJob
from infomax.studies.run_job import run_job
from infomax.training import NoProgress, State, Update

STUDY = STUDIES["critics"].full.model_copy(update={"steps": 120, "evaluate_every": 60})
JOB = TrainingJob(STUDY, next(STUDY.configurations()), (3, 4, 5))


class CountingTraining:
    """Its only weight counts the updates; one place can fail at one of them."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.modules = tuple(nn.Linear(1, 1) for _ in JOB.seeds)
        self.made = 0
        self._fails_at = fails_at

    def update(self) -> Update:
        loss = torch.full((3,), float(self.made))
        if self._fails_at is not None and self.made >= self._fails_at:
            loss[1] = math.nan
        self.made += 1
        return Update(loss, loss)

    def state(self) -> State:
        return {"made": torch.tensor(self.made)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self.made = int(state["made"])


class CountingExperiment(Experiment):
    """Measures how many updates were made, and can be interrupted when it does so."""

    training: CountingTraining

    def __init__(self, *, fails_at: int | None = None, stops_at: int | None = None) -> None:
        super().__init__(JOB, "made-up")
        self.training = CountingTraining(fails_at)
        self.begun = 0
        self._stops_at = stops_at

    def begin(self) -> None:
        self.begun += 1

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        if step == self._stops_at:
            raise KeyboardInterrupt
        return [Measurement("test", "made", self.training.made + index / 10)]

    def conclude(self, index: int) -> list[tuple[int, Measurement]]:
        return [(self.training.made, Measurement("train", "concluded", float(index)))]


def of_seed(records: list[Record], seed: int) -> list[tuple[int, str, float]]:
    return [
        (each["step"], each["metric"], each["value"]) for each in records if each["seed"] == seed
    ]


def test_every_run_is_measured_and_concluded(tmp_path: Path) -> None:
    experiment = CountingExperiment()
    outcome = run_job(JOB, experiment, tmp_path / "checkpoint", NoProgress())
    assert experiment.begun == 1
    assert outcome.failures == {}
    assert of_seed(outcome.records, 4) == [
        (0, "made", 0.1),
        (60, "made", 60.1),
        (120, "made", 120.1),
        (120, "concluded", 1.0),
    ]
    assert {each["dataset"] for each in outcome.records} == {"made-up"}


def test_a_run_that_fails_is_recorded_with_its_step_and_the_others_go_on(tmp_path: Path) -> None:
    experiment = CountingExperiment(fails_at=67)
    outcome = run_job(JOB, experiment, tmp_path / "checkpoint", NoProgress())
    assert outcome.failures == {4: "the loss at step 67 is nan"}
    *before, (step, metric, value) = of_seed(outcome.records, 4)
    assert before == [(0, "made", 0.1), (60, "made", 60.1)]
    assert (step, metric) == (67, FAILED)
    assert math.isnan(value)
    assert of_seed(outcome.records, 5)[-1] == (120, "concluded", 2.0)


@pytest.mark.parametrize("fails_at", [None, 7])
@pytest.mark.parametrize("stops_at", [60, 120])
def test_interrupted_it_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int | None, stops_at: int
) -> None:
    monkeypatch.setattr("infomax.training.callbacks._SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    whole = run_job(JOB, CountingExperiment(fails_at=fails_at), tmp_path / "one", NoProgress())
    path = tmp_path / "two"
    interrupted = CountingExperiment(fails_at=fails_at, stops_at=stops_at)
    with pytest.raises(KeyboardInterrupt):
        run_job(JOB, interrupted, path, NoProgress())
    resumed = CountingExperiment(fails_at=fails_at)
    outcome = run_job(JOB, resumed, path, NoProgress())
    assert resumed.begun == 0
    # As text, since the loss of a failed run is not equal to itself.
    assert repr(outcome.records) == repr(whole.records)
    assert outcome.failures == whole.failures


def test_the_checkpoint_of_another_job_is_not_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infomax.training.callbacks._SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run_job(JOB, CountingExperiment(stops_at=60), tmp_path / "checkpoint", NoProgress())
    other = JOB._replace(seeds=(6, 7, 8))
    experiment = CountingExperiment()
    outcome = run_job(other, experiment, tmp_path / "checkpoint", NoProgress())
    assert experiment.begun == 1
    assert len(of_seed(outcome.records, 6)) == 4
