"""A study is a grid of settings: frozen, typed, printable, and readable back."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AdversarialStudy",
    "AnyStudy",
    "Configuration",
    "ImageViews",
    "LossStudy",
    "Noise",
    "PairStudy",
    "Recipe",
    "Run",
    "SampleStudy",
    "Settings",
    "Study",
]

_Names = Annotated[tuple[str, ...], Field(min_length=1)]
_AtLeastOne = Annotated[int, Field(ge=1)]
_Positive = Annotated[float, Field(gt=0)]

Noise: TypeAlias = Literal["shared", "own"]
"""Whether both views of a pair get the same noise, or each its own."""


class Settings(BaseModel):
    """A frozen value that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Configuration(Settings):
    """One cell of a study's grid: what its runs have in common, besides the study's own settings.

    Attributes:
        study: name of the study.
        dataset: name or path of the data set, or name of a distribution.
        encoder: name of the encoder of both views, e.g. ``mlp``; each has weights of its own.
        critic: from codes to scores; empty where there is none.
        bound: the bound that is trained and reported; empty where there is none.
        target: nats to hold the bound at; ``None`` maximises it.
        loss: the loss of codes that is trained in the bound's place; empty where there is none.
        negatives: how the negatives of a pair are drawn; empty takes the others of its batch.
    """

    study: str
    dataset: str
    encoder: str
    critic: str
    bound: str
    target: float | None
    loss: str = ""
    negatives: str = ""

    @property
    def label(self) -> str:
        """One line that tells the configuration from the others of its reproduction."""
        parts = [f"{self.encoder} encoder"]
        parts += [f"{self.critic} critic"] if self.critic else []
        matched = "" if self.target is None else f" at {self.target:g} nats"
        parts += [f"{self.bound}{matched}"] if self.bound else []
        parts += [f"{self.loss} loss"] if self.loss else []
        parts += [f"{self.negatives} negatives"] if self.negatives else []
        return f"{self.study} on {self.dataset}: {', '.join(parts)}"


class Run(NamedTuple):
    """One training: a configuration and the seed that all its randomness comes from."""

    configuration: Configuration
    seed: int

    @property
    def label(self) -> str:
        """One line that tells the run from the others."""
        return f"{self.configuration.label}, seed {self.seed}"


class ImageViews(NamedTuple):
    """Images, and how two views are made of each.

    Attributes:
        dataset: name or path of the images.
        views: name of what makes the views.
        options: options of it, with their names.
    """

    dataset: str
    views: str = "halves"
    options: tuple[tuple[str, "ViewOption"], ...] = ()


ViewOption: TypeAlias = bool | float | tuple[float, ...]


class Study(Settings):
    """A figure of the paper as a grid of runs.

    Attributes:
        axes: what the grid crosses: of each part of a configuration, the setting with its levels,
            of which the last varies fastest.
        name: short name of the study.
        figure: name of the paper's figure.
        title: one line for people.
        question: what the study is to answer.
        datasets: names or paths of data sets, or names of distributions, to cross.
        encoders: names of encoders to cross.
        encoder_options: what the encoders are made with in place of their defaults.
        critics: names of critics to cross.
        bounds: names of bounds to cross.
        targets: nats to hold the bound at, to cross; ``None`` maximises it.
        seeds: seeds to cross.
        steps: updates of each run.
        batch_size: pairs in a batch.
        learning_rate: Adam's step size, e.g. 1e-4.
        evaluate_every: updates between evaluations; the last update is always followed by one.
        paper_datasets: names of the data sets on which the paper shows studies of this kind, as
            records and people call them.
        watched: what is watched of their training, as people call it.
    """

    axes: ClassVar[Mapping[str, str]] = {
        "dataset": "datasets",
        "encoder": "encoders",
        "critic": "critics",
        "bound": "bounds",
        "target": "targets",
    }
    paper_datasets: ClassVar[Mapping[str, str]] = {}
    watched: ClassVar[str] = "bound"

    name: str
    figure: str
    title: str
    question: str
    datasets: _Names
    encoders: _Names
    critics: _Names
    bounds: _Names
    targets: Annotated[tuple[float | None, ...], Field(min_length=1)] = (None,)
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = tuple(range(20))
    steps: _AtLeastOne = 21_000
    batch_size: Annotated[int, Field(ge=2)] = 128
    learning_rate: _Positive = 1e-4
    evaluate_every: _AtLeastOne = 1_000
    encoder_options: Mapping[str, int | tuple[int, ...]] = Field(default={})

    @property
    def evaluation_steps(self) -> tuple[int, ...]:
        """Numbers of updates after which to evaluate, from 0 to ``steps``."""
        return (*range(0, self.steps, self.evaluate_every), self.steps)

    def step_before(self, step: int) -> int:
        """Return after how many updates the evaluation before that at ``step`` was made, or 0."""
        return max((each for each in self.evaluation_steps if each < step), default=0)

    def image_views(self, dataset: str) -> ImageViews:
        """Return what encoders see of a data set of images: the two halves of each."""
        return ImageViews(dataset)

    def configurations(self) -> Iterator[Configuration]:
        """Yield every cell of the grid."""
        for levels in product(*(getattr(self, setting) for setting in self.axes.values())):
            yield Configuration(study=self.name, **dict(zip(self.axes, levels, strict=True)))

    def runs(self) -> Iterator[Run]:
        """Yield every run."""
        for configuration in self.configurations():
            for seed in self.seeds:
                yield Run(configuration, seed)


class PairStudy(Study):
    """Encoders of the two halves of images, trained on a bound and then probed.

    Attributes:
        noise_deviation: standard deviation of the Gaussian noise on both views, in units of the
            brightest pixel; 0 adds none.
        noise: whether both views of a pair get the same noise, or each its own.
        probed_images: random training images that the probes are fitted on; ``None`` takes all.
        held_out_batches: batches of each split in each evaluation of the bound; ``None`` takes as
            many as the test set fills.
        negatives: names of how negatives are drawn in training, to cross; empty takes the others of
            the batch.
        also_measured: ``"inverse"`` the error of reconstructing views from codes, ``"jacobian"``
            the condition numbers of the encoder's Jacobians, ``"retrieval"`` how high partners and
            classes stand among held-out codes, ``"information"`` after the last update an
            independent estimate of what codes of held-out pairs share.
    """

    axes: ClassVar[Mapping[str, str]] = {**Study.axes, "negatives": "negatives"}
    paper_datasets: ClassVar[Mapping[str, str]] = {"mnist": "MNIST", "cifar10": "CIFAR-10"}

    kind: Literal["pairs"] = "pairs"
    negatives: _Names = ("",)
    datasets: _Names = ("mnist",)
    noise_deviation: Annotated[float, Field(ge=0)] = 0.0
    noise: Noise = "shared"
    probed_images: Annotated[int | None, Field(ge=1)] = None
    held_out_batches: Annotated[int | None, Field(ge=2)] = None
    also_measured: tuple[Literal["inverse", "jacobian", "retrieval", "information"], ...] = ()

    @property
    def noise_on_views(self) -> tuple[float, Noise]:
        """How the views are changed before anything sees them: deviation and kind of noise."""
        return self.noise_deviation, self.noise


class AdversarialStudy(Study):
    """An encoder trained to blind a linear classifier of its codes, which is trained against it.

    Attributes:
        classifier_learning_rate: step size of the classifier's Adam; ``learning_rate`` is the
            encoder's.
        warm_up_steps: updates of the classifier before the first of the encoder.
        classifier_steps: updates of the classifier before each of the encoder.
        probed_images: random training images that the probes are fitted on; ``None`` takes all.
    """

    paper_datasets: ClassVar[Mapping[str, str]] = {"mnist": "MNIST"}
    watched: ClassVar[str] = "cross-entropy of the classifier"

    kind: Literal["adversarial"] = "adversarial"
    datasets: _Names = ("mnist",)
    critics: _Names = ("",)
    bounds: _Names = ("",)
    classifier_learning_rate: _Positive = 1e-3
    warm_up_steps: Annotated[int, Field(ge=0)] = 1_000
    classifier_steps: _AtLeastOne = 10
    probed_images: Annotated[int | None, Field(ge=1)] = None

    @property
    def noise_on_views(self) -> tuple[float, Noise]:
        """No noise."""
        return 0.0, "shared"


class Recipe(Settings):
    """How codes are trained under one name of a study's losses.

    Attributes:
        loss: name of a loss of codes; empty trains a critic and the Donsker-Varadhan value.
        options: options of the loss, or of the critic where there is no loss.
        critic: name of the critic that is trained where there is no loss.
        shared_encoder: whether one encoder, and one head, is for both views.
        predictor: hidden units of the predictor; ``None`` for as many as the loss has.
        target_momentum: share of its own values that the target network keeps in each update;
            ``None`` for that of the loss.
        target_schedule: whether that share stays or rises to 1 along a cosine; ``None`` for what
            the loss has.
        queue_size: codes in the queue; ``None`` for as many as the loss has.
    """

    loss: str = ""
    options: Mapping[str, bool | float | str] = Field(default={})
    critic: str = ""
    shared_encoder: bool = True
    predictor: int | None = None
    target_momentum: float | None = None
    target_schedule: Literal["constant", "cosine"] | None = None
    queue_size: int | None = None


LossMeasurement: TypeAlias = Literal["information", "gradients", "retrieval"]
"""What is measured of codes beside what their loss, a probe and their spread say."""


class LossStudy(Study):
    """Encoders trained on losses of codes, whose information is measured by what is no loss.

    Attributes:
        losses: names to cross: of ``recipes``, or of losses of codes with the parts that they need.
        recipes: what is trained by each name that is not that of a loss itself.
        views: how two views are made of an image: ``augment`` (two random parts of it, changed in
            colour where it has any), or ``halves``.
        crop: least and greatest area of a part, as shares of the image's.
        flip: whether parts are mirrored in half of the cases.
        head_sizes: hidden units of the head between codes and loss, which has batch norm.
        projection: values in what the head gives, of which the loss is computed.
        temperature: what cosines are divided by where the Donsker-Varadhan value of codes is read.
        probed_images: random training images that the probes are fitted on; ``None`` takes all.
        held_out_pairs: pairs of views of test images that information is estimated on.
        read_pairs: most pairs of test images that the Donsker-Varadhan value is read on at once.
        also_measured: ``"information"`` three estimates of the information of held-out pairs,
            ``"gradients"`` how far gradients agree with those of the Donsker-Varadhan value,
            ``"retrieval"`` how high the partner stands among codes behind the head, and items of
            the class among codes.
    """

    axes: ClassVar[Mapping[str, str]] = {**Study.axes, "loss": "losses"}
    watched: ClassVar[str] = "Donsker-Varadhan value"

    kind: Literal["losses"] = "losses"
    datasets: _Names = ("mnist",)
    encoders: _Names = ("convnet",)
    critics: _Names = ("",)
    bounds: _Names = ("",)
    losses: _Names
    recipes: Mapping[str, Recipe] = Field(default={})
    views: Literal["augment", "halves"] = "augment"
    crop: tuple[float, float] = (0.3, 1.0)
    flip: bool = False
    head_sizes: tuple[_AtLeastOne, ...] = (512, 512)
    projection: _AtLeastOne = 128
    temperature: _Positive = 0.2
    probed_images: Annotated[int | None, Field(ge=1)] = None
    held_out_pairs: Annotated[int, Field(ge=100)] = 2_000
    read_pairs: Annotated[int, Field(ge=100)] = 4_096
    also_measured: tuple[LossMeasurement, ...] = ("information", "gradients", "retrieval")

    @property
    def noise_on_views(self) -> tuple[float, Noise]:
        """No noise."""
        return 0.0, "shared"

    def image_views(self, dataset: str) -> ImageViews:
        """Return what its encoders see of a data set."""
        options = (("crop", self.crop), ("flip", self.flip))
        return ImageViews(dataset, self.views, options if self.views == "augment" else ())

    def recipe(self, name: str) -> Recipe:
        """Return what is trained by a name in ``losses``."""
        return self.recipes.get(name, Recipe(loss=name))


class SampleStudy(Study):
    """A critic on samples of distributions whose information is known; there is nothing to encode.

    Attributes:
        smoothing_steps: standard deviation, in updates, of the Gaussian that smooths the training
            curve.
        held_out_batches: fresh batches in each evaluation of the bound.
        negatives: names of how negatives are chosen in training, to cross; empty takes the others
            of the batch.
    """

    axes: ClassVar[Mapping[str, str]] = {**Study.axes, "negatives": "negatives"}
    paper_datasets: ClassVar[Mapping[str, str]] = {
        "gaussian-iid": "i.i.d. pairs",
        "gaussian-dependent": "dependent pairs",
    }

    kind: Literal["samples"] = "samples"
    negatives: _Names = ("",)
    encoders: _Names = ("identity",)
    smoothing_steps: _Positive = 100.0
    held_out_batches: Annotated[int, Field(ge=2)] = 1_000


AnyStudy: TypeAlias = Annotated[
    PairStudy | AdversarialStudy | SampleStudy | LossStudy, Field(discriminator="kind")
]
"""A study of any kind, told apart by ``kind`` where it is read back."""
