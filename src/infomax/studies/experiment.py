"""What the experiments of all kinds of studies share, and that of samples: figure 4c.

An experiment is the runs of one job, ready to be trained.
"""

from abc import ABC, abstractmethod

import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from infomax.bounds import Bound, find_bound
from infomax.distributions import DISTRIBUTIONS
from infomax.encoders import ViewShape
from infomax.evaluation import BatchMean, means_over_batches
from infomax.evaluation.on_negatives import read_on_negatives
from infomax.experiments.build import ModelConfig, build_model
from infomax.records import Measurement, Split
from infomax.studies.jobs import TrainingJob
from infomax.studies.study import SampleStudy
from infomax.training import (
    Batches,
    Negatives,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    SampledBatches,
    Training,
    find_negatives,
    generator_for,
)

__all__ = [
    "Experiment",
    "SampleExperiment",
    "interval_of",
    "negatives_of",
    "on_negatives",
    "pair_training",
]


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


def negatives_of(job: TrainingJob) -> Negatives:
    """Return how negatives are drawn in the training of a job."""
    return find_negatives(job.configuration.negatives or "in-batch")


def on_negatives(training: PairTraining[PairModel], index: int, since: int) -> list[Measurement]:
    """Return what a run read in training on negatives that are not those of evaluations.

    Args:
        training: of all runs of a job.
        index: of the run, from 0.
        since: updates made before the first that is read.
    """
    estimates = training.training_curve()[since:, index]
    counted = training.negatives_curve()[since:, index]
    if not len(estimates):
        return []
    return list(read_on_negatives(training.negatives, estimates, counted).measurements)


def pair_training(
    job: TrainingJob,
    view_shape: ViewShape,
    batches: Batches,
    bound: Bound,
    device: torch.device,
    *,
    labels: Tensor | None = None,
) -> PairTraining[PairModel]:
    """Return the training of a job's models from their beginning, on a bound.

    Args:
        job: the runs to train.
        view_shape: height, width and channels of each view.
        batches: what they are trained on, a batch for each run at a time.
        bound: what is maximised.
        device: where the models are trained, e.g. ``cuda:0``.
        labels: class of each row that batches are drawn from, for negatives that need them.
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
        labels=labels,
        negatives=negatives_of(job),
    )


def interval_of(bound: BatchMean, split: Split) -> list[Measurement]:
    """Return the measurements of an evaluated bound: its mean and the ends of its interval."""
    return [
        Measurement(split, "bound", bound.mean),
        Measurement(split, "bound_low", bound.low),
        Measurement(split, "bound_high", bound.high),
    ]


_STEPS_BETWEEN_SMOOTHED = 100


class SampleExperiment(Experiment):
    """The runs of one job of a ``SampleStudy``.

    Args:
        study: the study that the job belongs to.
        job: the runs to train.
        device: where the models are trained, e.g. ``cuda:0``.
    """

    training: PairTraining[PairModel]

    def __init__(self, study: SampleStudy, job: TrainingJob, device: torch.device) -> None:
        configuration = job.configuration
        super().__init__(job, configuration.dataset)
        self._study = study
        self._device = device
        self._distribution = DISTRIBUTIONS[configuration.dataset]
        self._bound = find_bound(configuration.bound)
        draw = [generator_for(seed, "batches", device) for seed in job.seeds]
        batches = SampledBatches(self._distribution, study.batch_size, draw)
        shape = (1, 1, self._distribution.x_size)
        self.training = pair_training(job, shape, batches, self._bound, device)

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Evaluate the bound of one run on fresh batches of the sampling it is trained on."""
        model, seed = self.training.modules[index], self.job.seeds[index]
        draw = generator_for(seed, f"test bound at step {step}", self._device)
        batches = (
            self._distribution.sample(self._study.batch_size, draw)
            for _ in range(self._study.held_out_batches)
        )
        bound = means_over_batches(model, batches, {"bound": self._bound.estimate})["bound"]
        measured = interval_of(bound, "test")
        if self.job.configuration.negatives:
            measured += on_negatives(self.training, index, self._study.step_before(step))
        if step == 0:
            truth = self._distribution.mutual_information
            measured.append(Measurement("test", "true_information", truth))
        return measured

    def conclude(self, index: int) -> list[tuple[int, Measurement]]:
        """Smooth the training curve as the paper's notebook does, where it is one of a bound."""
        if self.job.configuration.negatives:
            return []
        curve = self.training.training_curve()[:, index].double().numpy()
        smoothed = gaussian_filter1d(curve, self._study.smoothing_steps)
        shown = [*range(0, len(curve), _STEPS_BETWEEN_SMOOTHED)]
        return [
            *(
                (step, Measurement("train", "bound_smoothed", float(smoothed[step])))
                for step in shown
            ),
            (len(curve), Measurement("train", "bound_smoothed", float(smoothed[-1]))),
        ]
