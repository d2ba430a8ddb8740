"""A critic on samples of known information: figure 4c."""

import torch
from scipy.ndimage import gaussian_filter1d

from infomax.bounds import find_bound
from infomax.distributions import DISTRIBUTIONS
from infomax.evaluation import means_over_batches
from infomax.records import Measurement
from infomax.studies.experiment import Experiment, interval_of, pair_training
from infomax.studies.jobs import TrainingJob
from infomax.studies.study import SampleStudy
from infomax.training import PairModel, PairTraining, SampledBatches, generator_for

__all__ = ["SampleExperiment"]

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
        if step == 0:
            truth = self._distribution.mutual_information
            measured.append(Measurement("test", "true_information", truth))
        return measured

    def conclude(self, index: int) -> list[tuple[int, Measurement]]:
        """Smooth the training curve as the paper's notebook does."""
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
