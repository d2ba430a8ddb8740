"""What an evaluation of a training says: warnings that are due, and none that are not."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic, CosineCritic
from infomax.data.split import RowSplit
from infomax.errors import UserError
from infomax.evaluation import (
    Evaluation,
    Evaluator,
    alignment,
    effective_rank,
    encode,
    jacobian_operations,
    retrieve_pairs,
    uniformity,
)
from infomax.experiments.pair_datasets import TensorPairDataset
from infomax.experiments.train import Trained, train
from infomax.training import LossNotFiniteError, PairModel, Pairs
from infomax.warnings import (
    BelowChanceWarning,
    CodesCollapsedWarning,
    JacobianSkippedWarning,
    NearCeilingWarning,
    NoBoundWarning,
    NothingLearntWarning,
    PartingWarning,
    RepeatedItemsWarning,
    TrainingWarning,
)

Array = NDArray[np.float32]


def pairs(number: int = 200) -> tuple[Array, Array]:
    x, noise = np.random.default_rng(0).standard_normal((2, number, 6)).astype(np.float32)
    return x, x + noise


def trained(
    x: Array, y: Array, critic: nn.Module | None = None, bound: str = "infonce", **settings: Any
) -> tuple[Trained, dict[type[Warning], str]]:
    """Return a short training, and what it warned of."""
    torch.manual_seed(0)
    encoders = nn.Linear(6, 8), nn.Linear(6, 8)
    critic = critic or BilinearCritic(8, 8, torch.Generator().manual_seed(0))
    settings = {"steps": 25, "batch_size": 20, "validation": 0.3, "evaluate_every": 25, **settings}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x_encoder, y_encoder = settings.pop("encoders", encoders)
        model = PairModel(x_encoder, y_encoder, critic)
        result = train((x, y), model, bound, **settings)
    return result, {each.category: str(each.message) for each in caught}


def evaluated(
    encoder: nn.Module, *, training_bound: float = 0.5, step: int = 0, **settings: Any
) -> Evaluation:
    """Evaluate two encoders that are alike, with two batches of validation pairs."""
    x, y = settings.pop("views", None) or map(torch.from_numpy, pairs(80))
    model = PairModel(encoder, encoder, settings.pop("critic", _Inner()))
    labels = settings.pop("labels", None)
    split = RowSplit(np.arange(40), np.arange(40, 80))
    evaluator = Evaluator(TensorPairDataset(Pairs(x, y)), split, 20, labels=labels, **settings)
    estimates = torch.full((25,), training_bound)
    return evaluator.evaluate(model.eval(), BOUNDS["infonce"](), step=step, estimates=estimates)


class _Inner(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x @ y.mT


class _Same(nn.Module):
    """One code whatever the view."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, view: Tensor) -> Tensor:
        return torch.full((len(view), 8), self.value, device=view.device)


class _Squares(nn.Module):
    def forward(self, view: Tensor) -> Tensor:
        return view.square()


class Linear(nn.Module):
    def __init__(self, size: float, generator: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(size * torch.randn(8, 6, generator=generator))

    def forward(self, view: Tensor) -> Tensor:
        return view @ self.weight.T


def kinds(evaluation: Evaluation) -> set[type[TrainingWarning]]:
    return {type(each) for each in evaluation.warnings}


def values(evaluation: Evaluation) -> dict[str, float]:
    return {each.metric: each.value for each in evaluation.measurements if each.split == "test"}


def test_a_training_that_goes_well_is_not_warned_of() -> None:
    _, warned = trained(*pairs(), steps=50)
    assert not warned


@pytest.mark.parametrize("validated", [True, False])
def test_what_is_measured_is_of_the_view_and_the_pairs_it_is_said_of(validated: bool) -> None:
    x, y = map(torch.from_numpy, pairs(80))
    generator = torch.Generator().manual_seed(0)
    encoders = Linear(1.0, generator), Linear(3.0, generator)
    model = PairModel(encoders[0], encoders[1], _Inner()).eval()
    chosen = np.arange(40, 80) if validated else np.arange(40)
    split = RowSplit(np.arange(40), chosen if validated else np.arange(0))
    evaluator = Evaluator(TensorPairDataset(Pairs(x, y)), split, 20)
    found = evaluator.evaluate(model, BOUNDS["infonce"](), step=3, estimates=torch.ones(2))
    of_codes = {
        each.metric: each.value
        for each in found.measurements
        if each.split == ("test" if validated else "train")
        and not each.metric.startswith(("bound", "partner", "retrieval"))
    }
    codes = encode(encoders[0], x[chosen]), encode(encoders[1], y[chosen])
    # Of a linear encoder every Jacobian is its matrix.
    spectrum = torch.linalg.svdvals(encoders[0].weight.detach().double())
    assert of_codes == pytest.approx(
        {
            "uniformity": uniformity(codes[0]),
            "effective_rank": effective_rank(codes[0]),
            "alignment": alignment(*codes),
            "log_condition_number_p50": math.log(spectrum[0] / spectrum[-1]),
        },
        rel=1e-4,
    )
    assert math.isfinite(found.validation_bound) == validated
    partners = {each.metric: each for each in found.measurements if "partner" in each.metric}
    by_cosine = retrieve_pairs(*codes)
    by_critic = retrieve_pairs(*codes, model.critic)
    expected = {
        "partner_recall_at_5_x_to_y": by_critic.x_to_y.recall_at_5,
        "partner_mrr_y_to_x": by_critic.y_to_x.mrr,
        "partner_cosine_recall_at_1_y_to_x": by_cosine.y_to_x.recall_at_1,
    }
    for name, share in expected.items() if validated else ():
        assert partners[name].value == pytest.approx(share.value)
        # Pairs are evaluated in another order, in which others are resampled.
        assert partners[f"{name}_low"].value == pytest.approx(share.low, abs=0.005)
    assert bool(partners) == validated


def test_views_that_are_random_are_the_same_at_every_evaluation() -> None:
    x, y = map(torch.from_numpy, pairs(80))
    split = RowSplit(np.arange(40), np.arange(40, 80))
    model = PairModel(nn.Identity(), nn.Identity(), _Inner())
    evaluators = [Evaluator(_Noisy(Pairs(x, y)), split, 20, seed=seed) for seed in (3, 3, 4)]
    first, again, same, other = (
        each.evaluate(model, BOUNDS["infonce"](), step=0, estimates=torch.ones(1)).measurements
        for each in (evaluators[0], *evaluators)
    )
    assert first == again == same
    assert first != other


class _Noisy(TensorPairDataset):
    """Pairs to whose views noise is added whenever they are made."""

    def make_views(self, read: Pairs, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        x, y = (each + torch.randn(each.shape, generator=generator) for each in (read.x, read.y))
        return x, y


@pytest.mark.parametrize("number", [1, 39])
def test_fewer_validation_pairs_than_two_batches_are_refused(number: int) -> None:
    dataset = TensorPairDataset(Pairs(*map(torch.from_numpy, pairs(80))))
    with pytest.raises(UserError, match=f"^{number} validation pairs are fewer than two batches"):
        Evaluator(dataset, RowSplit(np.arange(40), np.arange(40, 40 + number)), 20)


def test_an_interval_of_the_bound_ends_at_its_ceiling() -> None:
    # Some pairs are told from all others, some not: without the ceiling the interval ends above.
    x = 3 * torch.eye(80)
    x[::40] = 0
    found = values(evaluated(nn.Identity(), views=(x, x)))
    assert found["bound"] < found["bound_high"] == pytest.approx(math.log(20))


def test_two_batches_of_validation_pairs_are_enough_to_see_training_part() -> None:
    evaluation = evaluated(nn.Identity(), training_bound=2.4, step=25)
    found = values(evaluation)
    assert found["bound_high"] < 2.1
    assert found["bound_high"] - found["bound_low"] < 2
    assert PartingWarning in kinds(evaluation)
    inside = evaluated(nn.Identity(), training_bound=found["bound_high"] + 0.1, step=25)
    assert PartingWarning not in kinds(inside)


@pytest.mark.parametrize("value", [0.1, 7.77, -2.3, 12345.6])
def test_codes_that_collapse_are_probed_at_chance_and_warned_of(value: float) -> None:
    evaluation = evaluated(_Same(value), labels=np.arange(80) % 4)
    assert CodesCollapsedWarning in kinds(evaluation)
    found = values(evaluation)
    assert found["probe_accuracy"] == found["majority_share"] == 0.25
    assert found["probe_accuracy_low"] < 0.25 < found["probe_accuracy_high"]
    assert found["probe_balanced_accuracy"] == 0.25


@pytest.mark.parametrize("labels", [None, np.minimum(np.arange(200) % 5, 3)])
def test_a_training_on_constant_views_ends_at_chance_and_says_why(labels: Any) -> None:
    x = np.full((200, 6), 0.1, dtype=np.float32)
    result, warned = trained(x, x, labels=labels)
    assert result.steps == 25
    assert "of view x, all 60 codes are alike" in warned[CodesCollapsedWarning]
    if labels is not None:
        looks = result.history.query("step == 25 and split == 'test'")
        last = looks.set_index("metric")["value"]
        assert last["probe_accuracy"] == last["majority_share"] == pytest.approx(0.4, abs=0.1)
        assert last["probe_balanced_accuracy"] == 0.25


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("labels", [None, np.arange(80) % 4])
def test_codes_that_are_not_finite_are_warned_of(value: float, labels: Any) -> None:
    (warning,) = [
        each
        for each in evaluated(_Same(value), labels=labels).warnings
        if isinstance(each, CodesCollapsedWarning)
    ]
    assert "40 of 40 codes hold values that are not finite" in str(warning)


@pytest.mark.parametrize("broken", [0, 79], ids=["fitted", "held out"])
def test_codes_of_one_side_that_are_not_finite_are_not_probed(broken: int) -> None:
    x, y = map(torch.from_numpy, pairs(80))
    x[broken] = 1e30
    found = evaluated(_Squares(), views=(x, y), labels=np.arange(80) % 4)
    assert not any("accuracy" in each.metric for each in found.measurements)


def test_classes_of_few_rows_are_probed_in_training() -> None:
    # Of 20 classes, 10 have a single row to fit on and the others three; all validate with two.
    fitted = np.concatenate([np.arange(10), np.repeat(np.arange(10, 20), 3)])
    labels = np.concatenate([fitted, np.repeat(np.arange(20), 2)])
    noise = 0.1 * torch.randn(80, 20, generator=torch.Generator().manual_seed(0))
    view = nn.functional.one_hot(torch.from_numpy(labels), 20) + noise
    found = values(evaluated(nn.Identity(), views=(view, view), labels=labels))
    assert found["probe_accuracy"] == found["probe_balanced_accuracy"] == 1
    # Twenty neighbours reach beyond a class of three.
    assert found["neighbours_accuracy_high"] < 1
    assert found["majority_share"] == 0.05
    # Of codes that do not tell them it is as good as guessing.
    of_noise = values(evaluated(nn.Identity(), labels=labels))
    assert of_noise["probe_accuracy_low"] < 0.05 < of_noise["probe_accuracy_high"] < 0.3


@pytest.mark.parametrize(
    ("change", "settings", "kind", "said"),
    [
        (
            lambda x, y: (x, np.ones_like(y)),
            {},
            CodesCollapsedWarning,
            "of view y, all 60 codes are alike",
        ),
        (
            lambda x, y: (x * 1e-30, y * 1e-30),
            {},
            CodesCollapsedWarning,
            "e-31: divide them by their standard deviation",
        ),
        (
            lambda x, y: (x, y),
            {"critic": CosineCritic(8, 8, torch.Generator(), temperature=100.0)},
            NearCeilingWarning,
            "a temperature t = 100 tells no pair from others by more than 2 / t = 0.02",
        ),
        (
            lambda x, y: (x * 130, y * 130),
            {"bound": "mine", "steps": 40},
            BelowChanceWarning,
            "e+02: divide them by their standard deviation",
        ),
        (
            lambda x, y: (x, y[::-1].copy()),
            {"steps": 200, "evaluate_every": 200},
            NothingLearntWarning,
            "rows of x and y do not belong together",
        ),
    ],
    ids=["y constant", "tiny", "temperature 100", "mine on raw values", "rows mixed up"],
)
def test_a_training_that_is_stuck_or_absurd_says_why(
    change: Callable[[Array, Array], tuple[Array, Array]],
    settings: dict[str, Any],
    kind: type[Warning],
    said: str,
) -> None:
    x, y = change(*pairs())
    if kind is NothingLearntWarning:
        # A critic so weak that pairs cannot be learnt by heart.
        settings = {**settings, "critic": CosineCritic(8, 8, torch.Generator(), temperature=4.0)}
    _, warned = trained(x, y, **settings)
    assert said in warned[kind]


def test_a_view_of_zeros_is_not_to_be_divided_by_its_standard_deviation() -> None:
    x, y = pairs()
    _, warned = trained(x, np.zeros_like(y))
    assert "divide" not in warned[CodesCollapsedWarning]
    said = warned[RepeatedItemsWarning]
    assert said.startswith("view y is the same in all 60 pairs")
    assert "without-repeats" not in said


def test_a_loss_that_is_not_finite_at_once_advises_to_look_at_the_data() -> None:
    with pytest.raises(LossNotFiniteError, match="before any update: look for NaN") as raised:
        trained(*pairs(), encoders=(_Scaled(math.nan),) * 2)
    assert "learning rate" not in str(raised.value)


class _Scaled(nn.Module):
    def __init__(self, scale: float) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 8)
        self.scale = scale

    def forward(self, view: Tensor) -> Tensor:
        codes: Tensor = self.scale * self.layer(view)
        return codes


class _Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(6, 8, batch_first=True)

    def forward(self, view: Tensor) -> Tensor:
        codes: Tensor = self.layer(view[:, None])[0][:, -1]
        return codes


def test_jacobians_are_of_as_many_images_as_were_asked_for_or_cost_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "log_condition_number_p50" in values(evaluated(nn.Linear(6, 8)))
    assert "log_condition_number_p50" not in values(evaluated(nn.Linear(6, 8), jacobian_images=0))
    # One takes 8 x 2 x 6 x 8 operations.
    monkeypatch.setattr("infomax.evaluation.evaluator._MOST_OPERATIONS", 3 * 768)
    some = evaluated(nn.Linear(6, 8))
    (warning,) = [each for each in some.warnings if isinstance(each, JacobianSkippedWarning)]
    assert "is taken of 3 images, not 8: each takes about 7.7e+02" in str(warning)
    monkeypatch.setattr("infomax.evaluation.evaluator._MOST_OPERATIONS", 767)
    none = evaluated(nn.Linear(6, 8))
    assert "log_condition_number_p50" not in values(none)
    assert JacobianSkippedWarning in kinds(none)
    asked = evaluated(nn.Linear(6, 8), jacobian_images=2)
    assert "log_condition_number_p50" in values(asked)
    assert JacobianSkippedWarning not in kinds(asked)


class _BasicBlock(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, out, 3, out // channels, 1, bias=False)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.shortcut = (
            nn.Identity() if channels == out else nn.Conv2d(channels, out, 1, 2, bias=False)
        )

    def forward(self, view: Tensor) -> Tensor:
        inner: Tensor = self.second(self.first(view).relu())
        codes: Tensor = inner + self.shortcut(view)
        return codes.relu()


class _ResNet18(nn.Sequential):
    """The layout of He et al. (2016), table 1, but for its norms and its last layer."""

    def __init__(self) -> None:
        stages = [(64, 64), (64, 64), (64, 128), (128, 128)]
        stages += [(128, 256), (256, 256), (256, 512), (512, 512)]
        super().__init__(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False),
            nn.MaxPool2d(3, 2, 1),
            *(_BasicBlock(*each) for each in stages),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )


def test_of_a_residual_network_for_photographs_no_jacobian_is_taken_unasked() -> None:
    encoder = _ResNet18()
    photographs = torch.rand(80, 3, 112, 112)
    # 485 million multiplications and as many sums for each of 512 values of a code: 29.5 in the
    # first layer, then 115.6, 102.8, 102.8 and 134.2 in the stages, of 28, 14, 7 and 4 rows.
    of_one = jacobian_operations(encoder, photographs)
    assert of_one == pytest.approx(512 * 2 * 484.9e6, rel=1e-3)
    evaluation = evaluated(encoder, views=(photographs, photographs))
    (warning,) = [each for each in evaluation.warnings if isinstance(each, JacobianSkippedWarning)]
    assert f"of 0 images, not 8: each takes about {of_one:.1e} floating" in str(warning)
    assert "log_condition_number_p50" not in values(evaluation)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_an_encoder_whose_jacobian_cannot_be_taken_trains_without() -> None:
    evaluation = evaluated(_Recurrent())
    assert JacobianSkippedWarning in kinds(evaluation)
    assert "effective_rank" in values(evaluation)


def test_a_jacobian_that_fails_without_a_word_is_left_out_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_: object) -> Tensor:
        raise NotImplementedError

    monkeypatch.setattr("infomax.evaluation.evaluator.jacobian_singular_values", silent)
    (warning,) = evaluated(nn.Linear(6, 8)).warnings
    assert "PyTorch cannot take its Jacobian (NotImplementedError)" in str(warning)


def test_repeats_are_told_with_their_ceiling_and_can_be_trained_without() -> None:
    x, y = pairs(20)
    copies = np.repeat(np.arange(20), 100)
    _, warned = trained(x[copies], y[copies], batch_size=128, steps=2, evaluate_every=1)
    said = warned[RepeatedItemsWarning]
    ceiling = float(said.partition("cannot exceed about ")[2].partition(" ")[0])
    # Of m of 128 rows, the mean of log m over the rows of an item, m binomial.
    assert ceiling == pytest.approx(2.92, abs=0.06)
    assert ceiling < math.log(20)
    # No batch of 128 is without repeats of 20, which is what is then advised.
    assert said.endswith("without-repeats train on batches without, of 20 pairs at most")
    without: dict[str, Any] = {"negatives": "without-repeats", "steps": 2}
    _, warned = trained(x[copies], y[copies], batch_size=16, **without)
    # Evaluations draw as they ever do, so that their bound is one.
    assert {RepeatedItemsWarning, NoBoundWarning} <= set(warned)
    with pytest.raises(UserError, match="20 different items are fewer than a batch of 128"):
        trained(x[copies], y[copies], batch_size=128, **without)
