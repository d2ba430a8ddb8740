"""An encoder against a linear classifier of its codes: figure 1c."""

import torch

from infomax.encoders import ENCODERS, Flow
from infomax.layers import dense
from infomax.records import Measurement
from infomax.studies.experiment import Experiment
from infomax.studies.image_measurements import ImageProbe, measure_inverse
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob
from infomax.studies.study import AdversarialStudy
from infomax.training import (
    AdversarialTraining,
    BlindedClassifier,
    ShuffledBatches,
    generator_for,
)

__all__ = ["AdversarialExperiment"]

_VIEWS_OF_LOSSES = 2_000


class AdversarialExperiment(Experiment):
    """The runs of one job of an ``AdversarialStudy``.

    Args:
        study: the study that the job belongs to.
        job: the runs to train.
        images: data to train and test on.
        probe: both probes.
    """

    training: AdversarialTraining

    def __init__(
        self, study: AdversarialStudy, job: TrainingJob, images: ImagePairs, probe: ImageProbe
    ) -> None:
        super().__init__(job, images.dataset)
        self._study = study
        self._images = images
        self._probe = probe
        labels = torch.from_numpy(images.train_labels).to(images.device)
        orders = [generator_for(seed, "batches") for seed in job.seeds]
        self.training = AdversarialTraining(
            [self._untrained(seed) for seed in job.seeds],
            ShuffledBatches(images.train.x, labels, study.batch_size, orders),
            encoder_learning_rate=study.learning_rate,
            classifier_learning_rate=study.classifier_learning_rate,
            classifier_steps=study.classifier_steps,
        )

    def begin(self) -> None:
        """Train the classifiers on the codes of untrained encoders."""
        self.training.warm_up(self._study.warm_up_steps)

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Probe the codes of one run, measure both losses, and reconstruct the views."""
        model, seed = self.training.modules[index], self.job.seeds[index]
        encoder = model.encoder
        measured = [
            *self._probe.codes(
                encoder, self._images.some_to_probe(self._study.probed_images, seed), seed
            ),
            *self._losses(model, seed, step),
        ]
        if isinstance(encoder, Flow):
            measured += measure_inverse(encoder, self._images.test.x)
        return measured

    def _untrained(self, seed: int) -> BlindedClassifier:
        encoder = ENCODERS[self.job.configuration.encoder](
            self._images.view_shape,
            generator_for(seed, "x-encoder"),
            **self._study.encoder_options,
        )
        classes = int(self._images.train_labels.max()) + 1
        classifier = dense(encoder.code_size, classes, generator_for(seed, "classifier"))
        return BlindedClassifier(encoder, classifier).to(self._images.device)

    def _losses(self, model: BlindedClassifier, seed: int, step: int) -> list[Measurement]:
        """Measure both losses on random training views."""
        draw = generator_for(seed, f"losses at step {step}")
        rows = torch.randperm(len(self._images.train), generator=draw)[:_VIEWS_OF_LOSSES]
        views = self._images.train.x[rows.to(self._images.device)]
        labels = torch.from_numpy(self._images.train_labels)[rows].to(views.device)
        log_probabilities = model.classifier(model.encoder(views)).log_softmax(dim=-1)
        likelihoods = log_probabilities.gather(-1, labels.unsqueeze(-1))
        return [
            Measurement("train", "classifier_cross_entropy", -float(likelihoods.mean())),
            Measurement("train", "encoder_loss", -float(log_probabilities.mean())),
        ]
