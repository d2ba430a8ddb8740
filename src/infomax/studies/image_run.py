"""One run of an image study: train, evaluate at chosen steps, and record."""

import time
from dataclasses import dataclass
from itertools import islice

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.encoders import ENCODERS
from infomax.errors import unknown_name
from infomax.evaluation import bound_over_batches
from infomax.records import FAILED, Record, Split
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.measurement import Measurement, run_record
from infomax.studies.study import RunSettings
from infomax.training import (
    NonFiniteLossError,
    Objective,
    PairModel,
    Progress,
    generator_for,
    train,
)

__all__ = ["RunOutcome", "check_names", "perform"]


@dataclass(frozen=True)
class RunOutcome:
    """What a run leaves.

    Attributes:
        records: everything measured, in order.
        failure: why the run could not be finished; empty if it was.
        training_seconds: time spent on updates.
        evaluation_seconds: time spent on probes and bounds.
    """

    records: list[Record]
    failure: str
    training_seconds: float
    evaluation_seconds: float


def check_names(settings: RunSettings) -> None:
    """Check, before anything is run, that every part of a run exists.

    Raises:
        UserError: if the encoder, critic or estimator is unknown.
    """
    for kind, name, choices in (
        ("encoder", settings.encoder, list(ENCODERS)),
        ("critic", settings.critic, list(CRITICS)),
        ("estimator", settings.estimator, list(BOUNDS)),
    ):
        if name not in choices:
            raise unknown_name(kind, name, choices)


def perform(
    settings: RunSettings, images: ImagePairs, probe: ImageProbe, progress: Progress
) -> RunOutcome:
    """Train two encoders and a critic, and measure them at the chosen steps.

    A loss that is not finite ends the run: what was measured before it is kept, and the last record
    says at which step it failed.

    Args:
        settings: of the run.
        images: data to train and test on.
        probe: of the same data.
        progress: is told how far the run is.
    """
    model = _untrained_model(settings, images)
    records: list[Record] = []
    evaluation_seconds = 0.0
    failure = ""

    def evaluate(step: int) -> None:
        nonlocal evaluation_seconds
        began = time.perf_counter()
        measured = [
            *_bound_on("train", model, settings, images, step),
            *_bound_on("test", model, settings, images, step),
            *probe.codes(model.x_encoder, settings, step),
        ]
        records.extend(run_record(settings, images.dataset, step, each) for each in measured)
        evaluation_seconds += time.perf_counter() - began

    began = time.perf_counter()
    try:
        train(
            model,
            images.train.batches(settings.batch_size, generator_for(settings.seed, "batches")),
            Objective(BOUNDS[settings.estimator], settings.target),
            steps=settings.steps,
            learning_rate=settings.learning_rate,
            evaluation_steps=settings.evaluation_steps,
            evaluate=evaluate,
            progress=progress,
        )
    except NonFiniteLossError as error:
        failure = str(error)
        measured = Measurement("train", FAILED, error.loss)
        records.append(run_record(settings, images.dataset, error.step, measured))
    return RunOutcome(
        records=records,
        failure=failure,
        training_seconds=time.perf_counter() - began - evaluation_seconds,
        evaluation_seconds=evaluation_seconds,
    )


def _untrained_model(settings: RunSettings, images: ImagePairs) -> PairModel:
    make_encoder = ENCODERS[settings.encoder]
    x_encoder, y_encoder = (
        make_encoder(images.view_shape, generator_for(settings.seed, f"{side}-encoder"))
        for side in ("x", "y")
    )
    critic = CRITICS[settings.critic](
        x_encoder.code_size, y_encoder.code_size, generator_for(settings.seed, "critic")
    )
    return PairModel(x_encoder, y_encoder, critic).to(images.train.x.device)


def _bound_on(
    split: Split, model: PairModel, settings: RunSettings, images: ImagePairs, step: int
) -> list[Measurement]:
    """Evaluate the trained bound on as many fresh batches of each split as the test set has.

    With equal numbers of batches, the two intervals can be compared.
    """
    pairs = images.train if split == "train" else images.test
    draw = generator_for(settings.seed, f"{split} bound at step {step}")
    batches = pairs.one_pass(settings.batch_size, draw)
    number = min(len(images.train), len(images.test)) // settings.batch_size
    estimate = bound_over_batches(model, islice(batches, number), BOUNDS[settings.estimator])
    return [
        Measurement(split, "bound", estimate.mean),
        Measurement(split, "bound_low", estimate.low),
        Measurement(split, "bound_high", estimate.high),
    ]
