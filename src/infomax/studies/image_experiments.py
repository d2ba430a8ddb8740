"""The experiments on images.

- Encoders of the two halves of images, trained on a bound: figures 1ab, 2, 3 and 4ab.
- An encoder against a linear classifier of its codes: figure 1c.
"""

from itertools import islice

import torch
from torch import Tensor

from infomax.bounds import find_bound
from infomax.encoders import ENCODERS, Flow
from infomax.evaluation import (
    ScoreFunction,
    jacobian_singular_values,
    log_condition_numbers,
    log_condition_percentiles,
    means_over_batches,
)
from infomax.layers import dense
from infomax.losses import SCORE_LOSSES
from infomax.records import Measurement, Split
from infomax.studies.experiment import (
    Experiment,
    interval_of,
    negatives_of,
    on_negatives,
    pair_training,
)
from infomax.studies.image_measurements import (
    ImageProbe,
    measure_information,
    measure_inverse,
    measure_retrieval,
)
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob
from infomax.studies.study import AdversarialStudy, PairStudy
from infomax.training import (
    AdversarialTraining,
    Batches,
    BlindedClassifier,
    NoisyBatches,
    PairModel,
    PairTraining,
    ShuffledBatches,
    generator_for,
)
from infomax.views import AdditiveNoise

__all__ = [
    "AdversarialExperiment",
    "PairExperiment",
]


class PairExperiment(Experiment):
    """The runs of one job of a ``PairStudy``.

    Args:
        study: the study that the job belongs to.
        job: the runs to train.
        images: data to train and test on.
        probe: remembers what was measured on untrained encoders.
    """

    training: PairTraining[PairModel]

    def __init__(
        self, study: PairStudy, job: TrainingJob, images: ImagePairs, probe: ImageProbe
    ) -> None:
        super().__init__(job, images.dataset)
        self._study = study
        self._images = images
        self._probe = probe
        self._bound = find_bound(job.configuration.bound)
        self.training = pair_training(
            job,
            images.view_shape,
            self._batches(),
            self._bound,
            images.device,
            labels=self._labels(),
        )

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Measure bounds, probes and whatever else the study wants to know of one run."""
        model, seed = self.training.modules[index], self.job.seeds[index]
        images = self._seen(seed)
        measured = [
            *self._bounds_on("train", model, images, seed, step),
            *self._bounds_on("test", model, images, seed, step),
            *self._probed(model, images, seed, step),
        ]
        if self.job.configuration.negatives:
            measured += on_negatives(self.training, index, self._study.step_before(step))
        if "inverse" in self._study.also_measured and isinstance(model.x_encoder, Flow):
            measured += measure_inverse(model.x_encoder, images.test.x)
        if "jacobian" in self._study.also_measured:
            measured += self._condition_numbers(model, images, seed)
        if "retrieval" in self._study.also_measured:
            measured += measure_retrieval(model, images)
        if "information" in self._study.also_measured and step == self._study.steps:
            measured += measure_information(model, images.test, seed)
        return measured

    def _labels(self) -> Tensor | None:
        """Return the classes of the training images where negatives are chosen by them."""
        if not negatives_of(self.job).needs_labels:
            return None
        return torch.from_numpy(self._images.train_labels).to(self._images.device)

    def _batches(self) -> Batches:
        pairs, seeds = self._images.train, self.job.seeds
        orders = [generator_for(seed, "batches") for seed in seeds]
        drawn = negatives_of(self.job).drawn
        batches = ShuffledBatches(pairs.x, pairs.y, self._study.batch_size, orders, drawn=drawn)
        if not self._study.noise_deviation:
            return batches
        noise = AdditiveNoise(self._study.noise_deviation, shared=self._study.noise == "shared")
        draws = [generator_for(seed, "training noise", self._images.device) for seed in seeds]
        return NoisyBatches(batches, noise, draws)

    def _seen(self, seed: int) -> ImagePairs:
        """Return the images as the encoders of a run see them, the same at every evaluation."""
        return self._images.with_noise(*self._study.noise_on_views, seed)

    def _bounds_on(
        self, split: Split, model: PairModel, images: ImagePairs, seed: int, step: int
    ) -> list[Measurement]:
        """Evaluate the trained bound on as many fresh batches of one split as of the other.

        With equal numbers of batches, the two intervals can be compared.
        """
        size = self._study.batch_size
        pairs = images.train if split == "train" else images.test
        batches = pairs.one_pass(size, generator_for(seed, f"{split} bound at step {step}"))
        fitting = min(len(images.train), len(images.test)) // size
        count = min(self._study.held_out_batches or fitting, fitting)
        functions: dict[str, ScoreFunction] = {"bound": self._bound.estimate}
        # The identity with the loss is a claim of the paper.
        if equal := self._bound.equal_loss:
            functions[equal] = SCORE_LOSSES[equal]
        means = means_over_batches(model, islice(batches, count), functions)
        measured = interval_of(means["bound"], split)
        if equal:
            measured.append(Measurement(split, equal, means[equal].mean))
        if self._bound.capped:
            measured.append(Measurement(split, "log_batch_size", self._bound.ceiling(size)))
        return measured

    def _probed(
        self, model: PairModel, images: ImagePairs, seed: int, step: int
    ) -> list[Measurement]:
        def measure() -> list[Measurement]:
            probed = images.some_to_probe(self._study.probed_images, seed)
            return self._probe.codes(model.x_encoder, probed, seed)

        if step:
            return measure()
        # Runs of one seed and one architecture start from the same encoder.
        encoder, seen = self.job.configuration.encoder, self._study.noise_on_views
        options = tuple(self._study.encoder_options.items())
        start = (self.dataset, encoder, options, *seen, self._study.probed_images, seed)
        return self._probe.once(start, measure)

    def _condition_numbers(
        self, model: PairModel, images: ImagePairs, seed: int
    ) -> list[Measurement]:
        points = self._points(images, seed)
        values = log_condition_numbers(jacobian_singular_values(model.x_encoder, points))
        return [
            Measurement("train", f"log_condition_number_{name}", value)
            for name, value in log_condition_percentiles(values).items()
        ]

    def _points(self, images: ImagePairs, seed: int) -> Tensor:
        """Return one batch of views, the same at every evaluation of a run."""
        draw: torch.Generator = generator_for(seed, "jacobian points")
        x, _ = next(images.train.one_pass(self._study.batch_size, draw))
        return x


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
