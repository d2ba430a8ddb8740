"""What the experiments of all kinds of studies share: the runs of one job, ready to be trained."""

from abc import ABC, abstractmethod

import torch

from infomax.bounds import Bound
from infomax.encoders import ViewShape
from infomax.evaluation import BatchMean
from infomax.experiments.build import ModelConfig, build_model
from infomax.records import Measurement, Split
from infomax.studies.jobs import TrainingJob
from infomax.training import (
    Batches,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    Training,
)

__all__ = ["Experiment", "interval_of", "pair_training"]


class Experiment(ABC):
    """The runs of one job, ready to be trained: what a kind of study adds to the training loop.

    Args:
        job: the runs to train.
        dataset: what their records call the data set.

    Attributes:
        training: of all of them side by side.
    """

    training: Training

    def __init__(self, job: TrainingJob, dataset: str) -> None:
        self.job, self.dataset = job, dataset

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.job.label!r}, {self.dataset!r})"

    def begin(self) -> None:  # noqa: B027 - most have nothing to do
        """Do what comes before the first update and is not to be done again on resuming."""

    @abstractmethod
    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Measure the run of an index, from 0, after ``step`` updates."""

    def conclude(self, index: int) -> list[tuple[int, Measurement]]:  # noqa: ARG002
        """Measure what only the whole run shows: steps and values."""
        return []


def pair_training(
    job: TrainingJob, view_shape: ViewShape, batches: Batches, bound: Bound, device: torch.device
) -> PairTraining[PairModel]:
    """Return the training of a job's models from their beginning, on a bound.

    Args:
        job: the runs to train.
        view_shape: height, width and channels of each view.
        batches: what they are trained on, a batch for each run at a time.
        bound: what is maximised.
        device: where the models are trained, e.g. ``cuda:0``.
    """
    named, study = job.configuration, job.study
    configs = [
        ModelConfig(named.encoder, named.critic, encoder_options=study.encoder_options, seed=seed)
        for seed in job.seeds
    ]
    return PairTraining(
        [build_model(config, (view_shape, view_shape)).to(device) for config in configs],
        batches,
        Objective(bound, named.target),
        optimizer=OptimizerConfig(study.learning_rate),
    )


def interval_of(bound: BatchMean, split: Split) -> list[Measurement]:
    """Return the measurements of an evaluated bound: its mean and the ends of its interval."""
    return [
        Measurement(split, "bound", bound.mean),
        Measurement(split, "bound_low", bound.low),
        Measurement(split, "bound_high", bound.high),
    ]
