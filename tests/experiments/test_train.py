"""Training on pairs from Python: data of every kind, ends of every kind, mistakes in one line."""

import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from infomax import InfoMax
from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic, InnerProductCritic
from infomax.data import RowSplit
from infomax.errors import UserError
from infomax.experiments.train import Trained, train
from infomax.training import (
    BatchPlan,
    CheckpointFolder,
    LossNotFiniteError,
    Objective,
    OptimizerConfig,
    PairModel,
    RandomState,
)
from infomax.warnings import (
    CodesCollapsedWarning,
    EvaluationModeWarning,
    LeftOutWarning,
    NearCeilingWarning,
    NothingHeldOutWarning,
    PartingWarning,
)


def arrays(number: int = 400, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return pairs that share two of four values but for some noise."""
    generator = np.random.default_rng(seed)
    shared = generator.standard_normal((number, 2))
    x, y = (
        np.hstack([shared, generator.standard_normal((number, 2))])
        + 0.3 * generator.standard_normal((number, 4))
        for _ in range(2)
    )
    return x.astype(np.float32), y.astype(np.float32)


def fresh_model(seed: int = 0, *, dropout: float = 0.0) -> PairModel:
    torch.manual_seed(seed)
    x_encoder, y_encoder = (
        nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 3))
        for _ in range(2)
    )
    critic = BilinearCritic(3, 3, torch.Generator().manual_seed(seed))
    return PairModel(x_encoder, y_encoder, critic)


def trained(pairs: Any = None, **settings: Any) -> Trained:
    settings = {"steps": 200, "batch_size": 20, **settings}
    return train(pairs if pairs is not None else arrays(), fresh_model(), **settings)


def values(result: Trained, split: str, metric: str) -> list[float]:
    history = result.history
    chosen = history[(history["split"] == split) & (history["metric"] == metric)]
    return [float(value) for value in chosen["value"]]


class Made(Dataset[tuple[NDArray[np.float32], NDArray[np.float32]]]):
    """The same pairs, one by one."""

    def __init__(self) -> None:
        self.x, self.y = arrays()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, place: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.x[place], self.y[place]


def test_the_bound_on_pairs_that_were_kept_apart_rises() -> None:
    result = trained()
    bounds = values(result, "test", "bound")
    assert len(bounds) == 21
    assert bounds[-1] > bounds[0] + 0.5
    assert result.validation_bound == max(bounds) < math.log(20)
    assert {"effective_rank", "uniformity", "alignment", "log_condition_number_p50"} <= set(
        result.history["metric"]
    )


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3)])
def test_what_a_fresh_seed_gave_is_given_again(random_state: RandomState) -> None:
    first = trained(steps=20, random_state=random_state)
    again = trained(steps=20, random_state=first.random_state)
    assert again.random_state == first.random_state
    assert again.history.equals(first.history)
    other = trained(steps=20, random_state=random_state)
    assert not other.history.equals(first.history)


def test_arrays_tensors_and_data_sets_of_the_same_pairs_train_to_the_same_weights() -> None:
    x, y = (torch.from_numpy(side) for side in arrays())
    results = [trained(given) for given in (arrays(), (x, y), Made(), TensorDataset(x, y))]
    first = results[0].model.x_encoder.state_dict()
    for result in results[1:]:
        assert all(
            torch.equal(first[key], value)
            for key, value in result.model.x_encoder.state_dict().items()
        )


@pytest.mark.parametrize(
    "plan",
    [BatchPlan(tile_size=7), BatchPlan(encode_at_once=6), BatchPlan(tile_size=7, encode_at_once=6)],
)
def test_batches_in_tiles_or_in_parts_train_and_are_looked_at_as_whole_ones(
    plan: BatchPlan,
) -> None:
    whole, cut = trained(), trained(plan=plan)
    for split in ("train", "test"):
        assert values(cut, split, "bound")[1:] == pytest.approx(
            values(whole, split, "bound")[1:], abs=1e-4
        )


def test_tensors_of_any_precision_are_trained_on() -> None:
    for kind in (torch.bfloat16, torch.float16, torch.float64):
        x, y = (torch.from_numpy(side).to(kind) for side in arrays())
        same = trained((x.float(), y.float()), steps=5)
        result = trained((x.requires_grad_(), y), steps=5)
        assert result.validation_bound == same.validation_bound


def test_a_loader_is_trained_on_as_its_batches_come() -> None:
    loader = DataLoader(Made(), batch_size=20, shuffle=True, generator=torch.Generator())
    result = trained(loader, validation=arrays(100, seed=1))
    bounds = values(result, "test", "bound")
    assert bounds[-1] > bounds[0] + 0.5
    assert values(trained(loader, validation=0), "test", "bound") == []
    with pytest.raises(UserError, match="of a DataLoader no part can be kept"):
        trained(loader, validation=0.2)


def test_whatever_draws_globally_is_seeded_and_left_as_it_was() -> None:
    models = [fresh_model(dropout=0.5) for _ in range(3)]

    def after(model: PairModel, before: int, random_state: int) -> Tensor:
        torch.manual_seed(before)
        np.random.seed(before)  # noqa: NPY002 - what code of other people draws from
        random.seed(before)
        states = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]  # noqa: NPY002
        train(arrays(), model, steps=20, batch_size=20, random_state=random_state)
        assert torch.equal(torch.get_rng_state(), states[0])
        assert np.random.get_state()[1].tolist() == states[1]  # type: ignore[index]  # noqa: NPY002
        assert random.getstate() == states[2]
        return nn.utils.parameters_to_vector(model.x_encoder.parameters())

    # What dropout draws depends on nothing but random_state.
    first, second, other = (
        after(model, before, random_state)
        for model, before, random_state in zip(models, (7, 8, 7), (0, 0, 1), strict=True)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("bound", ["infonce", "mine"])
def test_resumed_from_any_checkpoint_it_ends_with_the_same_bits(tmp_path: Path, bound: str) -> None:
    def run(folder: Path, steps: int) -> Trained:
        return train(
            arrays(),
            fresh_model(dropout=0.2),
            bound,
            steps=steps,
            batch_size=20,
            evaluate_every=7,
            optimizer=OptimizerConfig(1e-3, warm_up_steps=10, cosine_steps=90),
            checkpoints=CheckpointFolder(folder),
        )

    whole = run(tmp_path / "whole", 90)
    run(tmp_path / "parts", 30)
    (tmp_path / "parts" / "step-000000030.safetensors").unlink()  # As if killed at step 28.
    resumed = run(tmp_path / "parts", 90)
    first, second = whole.model.x_encoder.state_dict(), resumed.model.x_encoder.state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert whole.history.equals(resumed.history)


def test_a_random_state_of_numpy_draws_the_seed_and_none_draws_another() -> None:
    drawn = [
        trained(steps=2, random_state=random_state).history
        for random_state in (np.random.RandomState(3), np.random.RandomState(3), None, 5)
    ]
    assert drawn[0].equals(drawn[1])
    assert not any(drawn[0].equals(other) for other in drawn[2:])


def learnt_by_heart(**settings: Any) -> Trained:
    """Train wide encoders on few pairs of noise."""
    x, y = np.random.default_rng(0).standard_normal((2, 120, 30)).astype(np.float32)
    torch.manual_seed(0)
    x_encoder, y_encoder = (
        nn.Sequential(nn.Linear(30, 200), nn.ReLU(), nn.Linear(200, 20)) for _ in "xy"
    )
    critic = BilinearCritic(20, 20, torch.Generator().manual_seed(0))
    model = PairModel(x_encoder, y_encoder, critic)
    return train((x, y), model, batch_size=10, validation=0.5, **settings)


def test_it_stops_when_validation_stops_rising_and_takes_the_best() -> None:
    result = trained(steps=20_000, evaluate_every=50, patience=3)
    assert result.steps < 20_000
    assert "has not risen for 3 evaluations" in result.ending
    assert result.validation_bound == max(values(result, "test", "bound"))


def test_pairs_that_are_learnt_by_heart_are_warned_of() -> None:
    with pytest.warns(
        PartingWarning, match="by heart; the weights of the best evaluation are kept"
    ):
        result = learnt_by_heart(steps=400)
    assert values(result, "train", "bound")[-1] > 1
    assert values(result, "test", "bound")[-1] < 0


def test_it_stops_when_time_is_up() -> None:
    result = trained(steps=10**7, evaluate_every=10**6, time_limit=0.5)
    assert result.ending == "the time limit is reached"
    assert 0 < result.steps < 10**7
    assert result.history["step"].max() == result.steps


def test_pairs_of_a_group_are_all_trained_on_or_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.repeat(np.arange(40), 10)
    seen: list[NDArray[np.int64]] = []
    from infomax.experiments.pair_datasets import TensorPairDataset  # noqa: PLC0415

    batches = TensorPairDataset.batches

    def watched(
        self: TensorPairDataset, places: NDArray[np.int64], *args: Any, **kwargs: Any
    ) -> Any:
        seen.append(places)
        return batches(self, places, *args, **kwargs)

    monkeypatch.setattr(TensorPairDataset, "batches", watched)
    trained(groups=groups, steps=5, validation=0.2)
    kept = set(groups[seen[0]])
    assert sum(group in kept for group in groups) == len(seen[0])
    assert 0 < len(kept) < 40


def test_labels_without_pairs_to_validate_on_are_said_to_be_of_no_use() -> None:
    x, y = arrays()
    with pytest.warns(LeftOutWarning, match="labels are read by no probe while nothing is kept"):
        trained((x, y), labels=(x[:, 0] > 0).astype(int), validation=0, steps=2)


def test_labels_are_probed_and_not_trained_on() -> None:
    x, y = arrays()
    labels = (x[:, 0] > 0).astype(int)
    result = trained((x, y), labels=labels)
    assert values(result, "test", "probe_accuracy")[-1] > 0.8
    assert values(result, "test", "neighbours_accuracy")[-1] > 0.7
    plain = trained((x, y))
    assert all(
        torch.equal(one, other)
        for one, other in zip(
            result.model.x_encoder.parameters(), plain.model.x_encoder.parameters(), strict=True
        )
    )


def test_near_the_ceiling_it_warns() -> None:
    x = np.random.default_rng(0).standard_normal((400, 16)).astype(np.float32)
    with pytest.warns(NearCeilingWarning, match=r"cannot exceed log 4 = 1\.39"):
        train(
            (x, x),
            PairModel(nn.Identity(), nn.Identity(), BilinearCritic(16, 16, torch.Generator())),
            steps=400,
            batch_size=4,
            optimizer=OptimizerConfig(0.1),
        )


def test_collapsed_codes_are_warned_of() -> None:
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.code = nn.Parameter(torch.ones(8))

        def forward(self, view: Tensor) -> Tensor:
            return self.code + 0 * view.sum(dim=1, keepdim=True)

    encoder = Constant()
    model = PairModel(encoder, encoder, InnerProductCritic(8, 8, torch.Generator()))
    with pytest.warns(CodesCollapsedWarning, match="codes have collapsed"):
        train(arrays(), model, steps=2, batch_size=20)


def test_an_objective_may_hold_a_bound_at_a_target() -> None:
    result = trained(objective=Objective(BOUNDS["infonce"](), target=0.7), steps=400)
    assert values(result, "train", "bound")[-1] == pytest.approx(0.7, abs=0.1)


def test_a_loss_that_is_not_finite_ends_it_and_keeps_what_was_before(tmp_path: Path) -> None:
    checkpoints = CheckpointFolder(tmp_path)
    with pytest.raises(LossNotFiniteError, match="lower the learning rate"):
        trained(
            objective="nwj",
            optimizer=OptimizerConfig(1e6),
            checkpoints=checkpoints,
            evaluate_every=1,
            validation=0,
        )
    assert checkpoints.last() is not None


def three_by_two(view: Tensor) -> Tensor:
    return view[:, :3, None].expand(-1, 3, 2)


class Shaped(nn.Module):
    def forward(self, view: Tensor) -> Tensor:
        return three_by_two(view)


def mistakes() -> Iterator[tuple[str, dict[str, Any], str]]:
    x, y = arrays(60)
    missing = x.copy()
    missing[7, 1] = np.nan
    yield "lengths", {"pairs": (x, y[:50])}, "views of different lengths: 60 x and 50 y"
    yield (
        "nan",
        {"pairs": (missing, y)},
        r"view x has 1 value that is missing, infinite or too large, the first in row 7 \(counted ",
    )
    yield "text", {"pairs": (x, [["a"]] * 60)}, "view y is no array of numbers"
    yield "complex", {"pairs": (x, y.astype(np.complex64))}, "view y holds complex numbers"
    meta = torch.zeros(60, 4, device="meta")
    yield "meta", {"pairs": (meta, y)}, r"view x is no array of numbers \(Cannot copy out of meta"
    seconds = 1_700_000_000 + np.arange(240).reshape(60, 4)
    for whole in (seconds, torch.from_numpy(seconds)):
        told = "view x holds whole numbers that floating point cannot tell apart"
        yield f"seconds in {type(whole).__name__}", {"pairs": (whole, y)}, told
    yield "none", {"pairs": 3}, "int holds no pairs"
    yield (
        "batch",
        {"batch_size": 100, "validation": 0},
        "a batch of 100 is larger than the data",
    )
    yield "small batch", {"batch_size": 1}, "batch_size is 1: give a whole number of at least 2"
    yield "steps", {"steps": 0}, "steps is 0"
    yield "steps in text", {"steps": "9"}, "steps is '9': give a whole number of at least 1"
    yield "jacobians", {"jacobian_images": -1}, "jacobian_images is -1: .* of at least 0"
    yield "part of an image", {"jacobian_images": 2.5}, "jacobian_images is 2.5: give a whole"
    yield "share", {"validation": 1.5}, "validation is 1.5: give a share"
    yield "few kept", {"validation": 0.1}, "6 validation pairs are fewer than two batches of 12"
    yield "patience", {"validation": 0, "patience": 2}, "patience waits for the bound"
    yield "bound", {"objective": "infonec"}, "unknown bound 'infonec': did you mean 'infonce'"
    yield "codes", {"encoder": Shaped()}, r"\(2, 3, 2\).*expected"
    yield "views", {"encoder": nn.Linear(5, 3)}, r"does not take views of shape \(2, 4\)"
    yield (
        "critic",
        {"critic": BilinearCritic(5, 3, torch.Generator())},
        r"critic \(BilinearCritic\) does not take",
    )
    yield "scores", {"critic": _Summed()}, r"scores of shape \(2,\), expected \(2, 2\)"
    yield "no model", {"model": nn.Linear(4, 3)}, r"is a Linear: give PairModel\(x_encoder"
    yield "labels", {"labels": [1] * 60}, "the labels hold one class"
    yield (
        "labels of one each",
        {"labels": range(60), "batch_size": 10},
        "of which 0 have two rows",
    )
    yield "number of labels", {"labels": [1, 2]}, "2 labels for 60 pairs"
    yield "tile", {"plan": BatchPlan(tile_size=13)}, "tile_size is 13, a batch 12 pairs"
    yield "parts", {"plan": BatchPlan(encode_at_once=0)}, "encode_at_once is 0"
    yield "groups", {"groups": [1, 2]}, "2 groups for 60 items"


class _Summed(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return (x * y).sum(dim=-1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [pytest.param(changed, said, id=name) for name, changed, said in mistakes()],
)
def test_a_mistake_is_told_before_anything_is_trained(changed: dict[str, Any], said: str) -> None:
    model = fresh_model()
    encoder = changed.pop("encoder", None)
    model.x_encoder, model.y_encoder = encoder or model.x_encoder, encoder or model.y_encoder
    model.critic = critic = changed.pop("critic", model.critic)
    given: dict[str, Any] = {
        "pairs": arrays(60),
        "model": model,
        "steps": 5,
        "batch_size": 12,
        "validation": 0.4,
        **changed,
    }
    untouched = [each.clone() for each in critic.parameters()]
    with pytest.raises(UserError, match=said) as raised:
        train(**given)
    assert "\n" not in str(raised.value)
    assert all(
        torch.equal(one, other) for one, other in zip(untouched, critic.parameters(), strict=True)
    )


class Normed(nn.Module):
    """A backbone with batch norm and dropout below a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.5))
        self.top = nn.Linear(16, 3)

    def forward(self, view: Tensor) -> Tensor:
        codes: Tensor = self.top(self.backbone(view))
        return codes


def frozen() -> Normed:
    torch.manual_seed(0)
    encoder = Normed()
    encoder.backbone.requires_grad_(False).eval()
    return encoder


def bits(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same_bits(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_frozen_backbone_in_evaluation_is_the_same_to_the_bit(tmp_path: Path) -> None:
    encoder = frozen()
    backbone, top = bits(encoder.backbone), bits(encoder.top)
    checkpoints = CheckpointFolder(tmp_path)
    optimizer = OptimizerConfig(1e-2, weight_decay=0.5, gradient_norm=0.1)
    settings: dict[str, Any] = {"steps": 40, "batch_size": 20, "evaluate_every": 10}
    modes: list[tuple[bool, ...]] = []
    encoder.top.register_forward_hook(
        lambda *_: modes.append((encoder.training, encoder.backbone[1].training))
    )
    train(
        arrays(),
        PairModel(encoder, encoder, BilinearCritic(3, 3, torch.Generator().manual_seed(0))),
        optimizer=optimizer,
        checkpoints=checkpoints,
        **settings,
    )
    assert same_bits(bits(encoder.backbone), backbone)
    assert not same_bits(bits(encoder.top), top)
    assert {(True, False), (False, False)} == set(modes)
    assert not any(each.requires_grad for each in encoder.backbone.parameters())
    kept = checkpoints.last()
    assert kept is not None
    # Moments of the layer on top, for both views, and of the critic; none of the backbone.
    assert sum(name.endswith(".exp_avg") for name in kept.state) == 3


def test_an_encoder_that_a_training_has_left_in_evaluation_is_warned_of() -> None:
    encoder = Normed()
    model = PairModel(encoder, encoder, BilinearCritic(3, 3, torch.Generator()))
    train(arrays(), model, steps=2, batch_size=20)
    with pytest.warns(
        EvaluationModeWarning, match=r"encoder of x \(Normed\) is in evaluation mode"
    ):
        train(arrays(), model, steps=2, batch_size=20)
    encoder.train()
    train(arrays(), model, steps=2, batch_size=20)


def test_a_batch_norm_that_is_kept_in_evaluation_is_encoded_in_parts() -> None:
    encoder = frozen()
    before = bits(encoder.backbone)
    plan = BatchPlan(encode_at_once=7)
    critic = BilinearCritic(3, 3, torch.Generator().manual_seed(0))
    model = PairModel(encoder, encoder, critic)
    train(arrays(), model, steps=5, batch_size=20, plan=plan)
    assert same_bits(bits(encoder.backbone), before)
    encoder.train()
    with pytest.raises(UserError, match="is a batch norm"):
        train(arrays(), model, steps=5, batch_size=20, plan=plan)


def overtrained(
    checkpoints: CheckpointFolder | None = None, **settings: Any
) -> tuple[Trained, float]:
    """Train batch norms past their best, and read the bound that was returned again."""
    x, y = arrays(400)
    torch.manual_seed(0)
    encoders = Normed(), Normed()
    for encoder in encoders:
        encoder.backbone[2] = nn.Identity()
    split = RowSplit(np.arange(40), np.arange(40, 400))
    result = train(
        (x, y),
        PairModel(*encoders, BilinearCritic(3, 3, torch.Generator().manual_seed(0))),
        batch_size=20,
        evaluate_every=20,
        validation=split,
        optimizer=OptimizerConfig(3e-2),
        checkpoints=checkpoints,
        **settings,
    )
    # As the looks do: pairs in an order of their own, whole batches.
    generator = np.random.default_rng(0)
    generator.permutation(split.train)
    rows = torch.from_numpy(generator.permutation(split.validation))
    views = [torch.from_numpy(side)[rows].split(20) for side in (x, y)]
    model = result.model.eval()
    with torch.no_grad():
        bounds = [BOUNDS["infonce"]().estimate(model(*pair)) for pair in zip(*views, strict=True)]
    return result, float(torch.stack(bounds).double().mean())


@pytest.mark.filterwarnings("ignore::infomax.warnings.PartingWarning")
@pytest.mark.parametrize("patience", [None, 3])
def test_the_best_weights_are_taken_with_their_batch_norms(
    tmp_path: Path, patience: int | None
) -> None:
    result, read_again = overtrained(CheckpointFolder(tmp_path), steps=200, patience=patience)
    bounds = values(result, "test", "bound")
    assert result.weights_step == 20 * int(np.argmax(bounds)) < result.steps
    assert result.validation_bound == max(bounds) > bounds[-1] + 0.05
    assert read_again == pytest.approx(result.validation_bound, abs=1e-6)
    # The same from the checkpoints alone, once the training has ended.
    again, read_once_more = overtrained(CheckpointFolder(tmp_path), steps=200, patience=patience)
    assert (again.weights_step, read_once_more) == (result.weights_step, read_again)
    assert same_bits(bits(again.model.x_encoder), bits(result.model.x_encoder))


def test_under_a_target_the_best_look_is_the_nearest_to_it() -> None:
    objective = Objective(BOUNDS["infonce"](), target=0.3)
    result = trained(objective=objective, optimizer=OptimizerConfig(1e-2))
    bounds = values(result, "test", "bound")
    assert result.validation_bound == min(bounds, key=lambda bound: abs(bound - 0.3))
    assert result.validation_bound < max(bounds) - 0.05


def test_without_validation_pairs_the_weights_are_the_last() -> None:
    result = trained(validation=0, steps=30)
    assert result.weights_step == 30
    assert math.isnan(result.validation_bound)


class Noisy(Made):
    """Pairs to which each item adds noise, drawn from whichever generator is nearest."""

    def __getitem__(self, place: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        noise = torch.rand(4).numpy() + np.random.rand() + random.random()  # noqa: NPY002, S311
        return self.x[place] + noise.astype(np.float32), self.y[place]


def trained_on_noise(folder: Path, *, steps: int = 40, evaluate_every: int = 10) -> Trained:
    return train(
        Noisy(),
        fresh_model(dropout=0.5),
        steps=steps,
        batch_size=20,
        evaluate_every=evaluate_every,
        checkpoints=CheckpointFolder(folder),
        labels=(Made().x[:, 0] > 0).astype(int),
    )


def test_what_items_draw_is_drawn_from_the_seed_and_gone_on_with(tmp_path: Path) -> None:
    random.seed(1)
    first = trained_on_noise(tmp_path / "first")
    # What others draw does not depend on the training.
    after = random.random()  # noqa: S311
    assert after == random.Random(1).random()  # noqa: S311
    second = trained_on_noise(tmp_path / "second")
    assert first.history.equals(second.history)
    trained_on_noise(tmp_path / "parts", steps=20)
    resumed = trained_on_noise(tmp_path / "parts")
    assert first.history.equals(resumed.history)
    assert same_bits(bits(first.model.x_encoder), bits(resumed.model.x_encoder))


def test_looks_do_not_change_what_training_draws(tmp_path: Path) -> None:
    seldom, often = (
        trained_on_noise(tmp_path / str(every), evaluate_every=every) for every in (40, 5)
    )
    states = [CheckpointFolder(tmp_path / str(every)).last() for every in (40, 5)]
    assert seldom.steps == often.steps == 40
    one, other = (kept.state for kept in states if kept is not None)
    assert same_bits(one, other)


class InForm(Dataset[object]):
    """The same pairs in another form."""

    def __init__(self, form: Callable[[Any, Any, int], object]) -> None:
        self.made, self.form = Made(), form

    def __len__(self) -> int:
        return len(self.made)

    def __getitem__(self, place: int) -> object:
        return self.form(*self.made[place], place)


FORMS: dict[str, Callable[[Any, Any, int], object]] = {
    "views and label": lambda x, y, place: ((x, y), place % 3),
    "views, label and name": lambda x, y, place: ([x, y], place % 3, f"item {place}"),
    "label behind": lambda x, y, place: (x, y, place % 3),
    "keys x and y": lambda x, y, place: {"extra": x, "y": y, "x": x, "label": place},
    "two keys": lambda x, y, place: {"image": x, "text": y, "target": np.int64(place)},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore::infomax.warnings.NothingHeldOutWarning")
def test_common_forms_of_data_sets_and_loaders_train_as_pairs_do(form: str) -> None:
    plain = trained(Made(), steps=10)
    data = InForm(FORMS[form])
    with pytest.warns(LeftOutWarning, match="is not used: it is no view"):
        of_data = trained(data, steps=10)
    assert same_bits(bits(of_data.model.x_encoder), bits(plain.model.x_encoder))
    plain = trained(DataLoader(Made(), batch_size=20), steps=10)
    with pytest.warns(LeftOutWarning, match="is not used: it is no view"):
        of_loader = trained(DataLoader(data, batch_size=20), steps=10)
    assert same_bits(bits(of_loader.model.x_encoder), bits(plain.model.x_encoder))


def test_the_first_batch_of_a_loader_is_trained_on() -> None:
    seen: list[int] = []

    def noting(x: Any, y: Any, place: int) -> object:
        seen.append(place)
        return x, y

    trained(DataLoader(InForm(noting), batch_size=20), validation=0, steps=2)
    assert seen == list(range(40))


def test_a_loader_alone_is_trained_on_and_said_to_hold_nothing_out() -> None:
    with pytest.warns(NothingHeldOutWarning, match="nothing is held out of a DataLoader"):
        result = trained(DataLoader(Made(), batch_size=20), steps=20)
    assert (result.weights_step, values(result, "test", "bound")) == (20, [])


def test_a_loader_validates_in_batches_of_its_own_size() -> None:
    held_out = InForm(lambda x, y, place: ((x, y), place))
    result = trained(
        DataLoader(Made(), batch_size=8), validation=DataLoader(held_out), batch_size=128
    )
    assert 0.5 < result.validation_bound < math.log(8)


def refused_forms() -> Iterator[tuple[str, Callable[[Any, Any, int], object], str]]:
    yield "label", lambda x, _, place: (x, place), "second entry is one whole number for each item"
    yield "one view", lambda x, _, __: (x,), "gives one view of each item"
    yield "three views", lambda x, y, place: ((x, y, x), place), "first entry holds 3 views"
    yield "text", lambda x, _, place: (x, f"word {place}"), "second entry is text and no tensor"
    yield "number", lambda _, __, place: place, "gives a Tensor"
    yield "complex", lambda x, y, _: (x, y.astype(np.complex64)), "holds complex numbers"
    yield "three tensors", lambda x, y, _: {"a": x, "b": y, "c": y}, "'a', 'b', 'c', in which 3"
    yield "one tensor", lambda x, _, place: {"image": x, "label": place}, "in which 1 tensors"
    yield "other shapes", lambda x, y, place: (x[: 1 + place % 3], y), "cannot be put together"
    yield "no tensors", lambda x, _, __: (x, object()), "cannot be put together"


@pytest.mark.parametrize(
    ("form", "said"), [pytest.param(form, said, id=name) for name, form, said in refused_forms()]
)
def test_other_forms_are_refused_in_one_line(
    form: Callable[[Any, Any, int], object], said: str
) -> None:
    with pytest.raises(UserError, match=said) as raised:
        trained(InForm(form), steps=2)
    assert "\n" not in str(raised.value)


class Raises(nn.Module):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.layer = error, nn.Linear(4, 3)

    def forward(self, _view: Tensor) -> Tensor:
        raise self.error


class Cast(nn.Module):
    def __init__(self, kind: torch.dtype) -> None:
        super().__init__()
        self.kind, self.layer = kind, nn.Linear(4, 3)

    def forward(self, view: Tensor) -> Tensor:
        codes: Tensor = self.layer(view)
        return codes.to(self.kind)


class Cut(nn.Linear):
    def __init__(self) -> None:
        super().__init__(4, 3)

    def forward(self, view: Tensor) -> Tensor:
        return super().forward(view).detach()


def unfit_encoders() -> Iterator[tuple[nn.Module, str]]:
    size = AssertionError("Input height (4) doesn't match model (224).\nAnd more.")
    yield Raises(size), r"encoder of x \(Raises\).*AssertionError: Input height \(4\) doesn't match"
    yield Raises(KeyError("feat")), r"encoder of x \(Raises\) does not take.*KeyError: 'feat'"
    yield Raises(ImportError("no torchvision")), "ImportError: no torchvision"
    yield Cast(torch.complex64), "codes of type complex64, expected floating-point numbers"
    yield Cut(), "its codes carry none: something in it cuts them off"
    yield Cast(torch.int64), "codes of type int64, expected floating-point numbers"
    yield nn.Linear(4, 3).requires_grad_(False), "nothing can be trained: the encoders Linear"


@pytest.mark.parametrize(("encoder", "said"), list(unfit_encoders()))
def test_an_encoder_that_cannot_be_trained_is_one_line(encoder: nn.Module, said: str) -> None:
    critic = InnerProductCritic(3, 3, torch.Generator())
    for fitted in (
        lambda: train(arrays(), PairModel(encoder, encoder, critic), steps=2, batch_size=20),
        lambda: InfoMax(encoder, critic, batch_size=20, steps=2).fit(*arrays()),
    ):
        with pytest.raises(UserError) as raised:
            fitted()
        # InfoMax tries each encoder by itself, before there is an x and a y.
        assert re.search(said.replace(" of x", ".*"), str(raised.value))
        assert "\n" not in str(raised.value)


def test_a_maker_that_needs_what_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needy.py").write_text("def make(shape, generator):\n    import not_there_at_all\n")
    monkeypatch.chdir(tmp_path)
    said = "encoder needy:make cannot be made: ModuleNotFoundError: No module named 'not_there"
    with pytest.raises(UserError, match=said):
        InfoMax("needy:make").fit(*arrays())
