"""The experiment of a study of losses: encoders that are trained on losses of codes."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from infomax.bounds import find_bound
from infomax.encoders import ViewShape
from infomax.evaluation import encode
from infomax.experiments.build import ModelConfig, build_model
from infomax.losses import Loss, LossParts, find_loss
from infomax.records import Measurement
from infomax.studies.experiment import Experiment
from infomax.studies.image_measurements import ImageProbe
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob
from infomax.studies.loss_gradients import measure_gradients
from infomax.studies.loss_measurements import (
    HeldOutCodes,
    measure_codes,
    measure_information,
    measure_retrieval,
    measure_terms,
)
from infomax.studies.study import LossStudy, Recipe
from infomax.training import (
    Batches,
    Objective,
    OptimizerConfig,
    PairModel,
    Pairs,
    PairTraining,
    ShuffledBatches,
    State,
    generator_for,
)

__all__ = ["LossExperiment", "check_recipes"]

_READ_BY = "donsker-varadhan"


class LossExperiment(Experiment):
    """The runs of one job of a ``LossStudy``.

    Args:
        study: the study that the job belongs to.
        job: the runs to train.
        images: data to train and test on.
        probe: remembers what was measured on untrained encoders.
    """

    training: PairTraining[PairModel]

    def __init__(
        self, study: LossStudy, job: TrainingJob, images: ImagePairs, probe: ImageProbe
    ) -> None:
        super().__init__(job, images.dataset)
        self._study, self._images, self._probe = study, images, probe
        self._recipe = study.recipe(job.configuration.loss)
        self._loss = _loss_of(self._recipe)
        self.training = PairTraining(
            [self._untrained(seed) for seed in job.seeds],
            self._batches(),
            Objective(find_bound(_READ_BY), None, self._loss),
            optimizer=OptimizerConfig(study.learning_rate),
        )

    def evaluate(self, index: int, step: int) -> list[Measurement]:
        """Measure the codes of one run: probe, information, spread, and gradients."""
        model, seed = self.training.modules[index], self.job.seeds[index]
        study, held_out = self._study, self._held_out(seed)
        codes = HeldOutCodes.by(model, held_out)
        measured = [
            *self._probed(model, seed, step),
            *measure_codes(
                codes,
                batch_size=study.batch_size,
                temperature=study.temperature,
                most_pairs=study.read_pairs,
            ),
        ]
        if "information" in study.also_measured:
            measured += measure_information(codes.first(study.held_out_pairs), seed)
        if "retrieval" in study.also_measured:
            items, labels = self._images.test.x, self._images.test_labels
            measured += measure_retrieval(
                codes.first(study.held_out_pairs),
                encode(model.x_encoder, items[: study.held_out_pairs]),
                labels[: study.held_out_pairs],
            )
        return measured + self._of_loss(model, held_out)

    def _of_loss(self, model: PairModel, held_out: Pairs) -> list[Measurement]:
        """Measure what the loss itself says of a batch of held-out pairs."""
        study, loss = self._study, self._loss
        if loss is None:
            return []
        batch = Pairs(held_out.x[: study.batch_size], held_out.y[: study.batch_size])
        measured = []
        # What a loss remembers of several models side by side is of no one of them.
        if len(self.job.seeds) == 1 or not isinstance(loss, nn.Module):
            measured += measure_terms(loss, model, batch)
        if "gradients" in study.also_measured:
            measured += measure_gradients(model, loss, batch, temperature=study.temperature)
        return measured

    def _untrained(self, seed: int) -> PairModel:
        shape = self._images.view_shape
        return _build(self._study, self._recipe, self.job.configuration.encoder, shape, seed).to(
            self._images.device
        )

    def _batches(self) -> Batches:
        pairs, seeds = self._images.train, self.job.seeds
        orders = [generator_for(seed, "batches") for seed in seeds]
        batches = ShuffledBatches(pairs.x, pairs.y, self._study.batch_size, orders)
        if self._images.augmentation is None:
            return batches
        draws = [generator_for(seed, "training views", self._images.device) for seed in seeds]
        return _SeenBatches(batches, self._images, draws)

    def _held_out(self, seed: int) -> Pairs:
        """Return pairs of views of test images, the same at every evaluation of a run."""
        draw = generator_for(seed, "held-out views", self._images.device)
        order = generator_for(seed, "held-out pairs")
        test = self._images.test
        most = max(self._study.read_pairs, self._study.held_out_pairs)
        rows = torch.randperm(len(test), generator=order)[:most].to(self._images.device)
        return self._images.seen(Pairs(test.x[rows], test.y[rows]), draw)

    def _probed(self, model: PairModel, seed: int, step: int) -> list[Measurement]:
        study = self._study

        def measure() -> list[Measurement]:
            probed = self._images.some_to_probe(study.probed_images, seed)
            return self._probe.codes(model.x_encoder, probed, seed, notebook=False)

        if step:
            return measure()
        # Runs of one seed and one architecture start from the same encoder.
        encoder, options = self.job.configuration.encoder, tuple(study.encoder_options.items())
        views = study.image_views(self.job.dataset)
        return self._probe.once((views, encoder, options, study.probed_images, seed), measure)


class _SeenBatches:
    """Batches of images, of which two views are made at random each time they are drawn."""

    def __init__(
        self, batches: ShuffledBatches, images: ImagePairs, generators: Sequence[torch.Generator]
    ) -> None:
        self._batches, self._images, self._generators = batches, images, generators

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of each model."""
        drawn = zip(*self._batches.draw(), self._generators, strict=True)
        seen = [self._images.seen(Pairs(x, y), draw) for x, y, draw in drawn]
        return torch.stack([each.x for each in seen]), torch.stack([each.y for each in seen])

    def state(self) -> State:
        """Return the state of the batches and of the generators of views."""
        views = {f"views.{index}": each.get_state() for index, each in enumerate(self._generators)}
        return {**self._batches.state(), **views}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._batches.restore(state)
        for index, generator in enumerate(self._generators):
            generator.set_state(state[f"views.{index}"])


def check_recipes(study: LossStudy, view_shape: ViewShape) -> None:
    """Build what each name of a study's losses trains, which refuses what does not fit.

    Raises:
        UserError: if a loss is unknown, or an option or a part is not one that it takes.
    """
    for name in study.losses:
        recipe = study.recipe(name)
        _loss_of(recipe)
        _build(study, recipe, study.encoders[0], view_shape, seed=0)


def _loss_of(recipe: Recipe) -> Loss | None:
    return find_loss(recipe.loss, recipe.options) if recipe.loss else None


def _parts_of(recipe: Recipe) -> LossParts:
    """Return predictor, target network and queue: those of the recipe, else those of the loss."""
    loss = _loss_of(recipe)
    if loss is None:
        return LossParts()
    return loss.parts(
        LossParts(
            recipe.predictor, recipe.target_momentum, recipe.target_schedule, recipe.queue_size
        )
    )


def _build(
    study: LossStudy, recipe: Recipe, encoder: str, view_shape: ViewShape, seed: int
) -> PairModel:
    """Build the model that a recipe trains; a loss is read by the cosine of its codes."""
    learnt = not recipe.loss
    config = ModelConfig(
        encoder,
        recipe.critic if learnt else "cosine",
        encoder_options=study.encoder_options,
        critic_options=recipe.options if learnt else {"temperature": study.temperature},
        shared_encoder=recipe.shared_encoder,
        projection=study.projection,
        head_options={"hidden_sizes": study.head_sizes, "batch_norm": True},
        parts=_parts_of(recipe),
        steps=study.steps,
        seed=seed,
    )
    return build_model(config, (view_shape, view_shape))
