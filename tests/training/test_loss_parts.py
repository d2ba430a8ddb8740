"""Predictor, target network and queue: what each update makes of them, by a loop of one's own."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CosineCritic
from infomax.errors import UserError
from infomax.layers import dense
from infomax.losses import LossInputs, LossParts, find_loss
from infomax.training import (
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    generator_for,
)
from infomax.training.code_losses import check_local_crops, check_loss, give_parts, parts_of
from infomax.training.code_queue import CodeQueue
from infomax.training.target_network import TargetNetwork

ROWS, BATCH, STEPS = 23, 8, 6
OF_PARTS = ["byol", "simsiam", "moco", "dino"]
PARTS = LossParts(predictor=6, target_momentum=0.9, target_schedule="cosine", queue_size=11)


def head(drawn: torch.Generator) -> nn.Module:
    layers = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
    for each in layers.parameters():
        each.data.copy_(torch.randn(each.shape, generator=drawn) / 2)
    return layers


def model(loss: str, seed: int = 0, *, shared: bool = True, parts: LossParts = PARTS) -> PairModel:
    drawn = generator_for(seed, "model")
    encoders = [nn.Sequential(dense(6, 8, drawn), nn.Tanh()) for _ in "xy"]
    heads = [head(drawn) for _ in "xy"]
    if shared:
        encoders[1], heads[1] = encoders[0], heads[0]
    critic = CosineCritic(4, 4, drawn)
    made = PairModel(encoders[0], encoders[1], critic, heads=(heads[0], heads[1]))
    give_parts(made, parts.needed(find_loss(loss).needs), 4, seed=seed, steps=STEPS)
    return made.double()


def batches(seeds: Sequence[int] = (0,), dtype: torch.dtype = torch.float64) -> ShuffledBatches:
    drawn = generator_for(0, "data")
    x = torch.randn(ROWS, 6, generator=drawn, dtype=torch.float64)
    y = x + torch.randn(ROWS, 6, generator=drawn, dtype=torch.float64) / 4
    generators = [generator_for(seed, "batches") for seed in seeds]
    return ShuffledBatches(x.to(dtype), y.to(dtype), BATCH, generators)


def training_of(
    name: str,
    models: Sequence[PairModel],
    seeds: Sequence[int] = (0,),
    *,
    plan: BatchPlan | None = None,
    options: dict[str, Any] | None = None,
    mixed_precision: bool = False,
) -> PairTraining[PairModel]:
    objective = Objective(BOUNDS["infonce"](), loss=find_loss(name, options))
    optimizer = OptimizerConfig(1e-2, mixed_precision=mixed_precision)
    # Autocast leaves double precision as it is.
    drawn = batches(seeds, torch.float32 if mixed_precision else torch.float64)
    return PairTraining(models, drawn, objective, optimizer=optimizer, plan=plan)


def by_hand(name: str, made: PairModel, steps: int) -> list[float]:
    """Train as the papers write it, one thing after the other, with PyTorch's own optimiser."""
    loss, drawn = find_loss(name), batches()
    target = copy.deepcopy(nn.ModuleList([made.x_encoder, made.x_head]))
    trained = [each for each in made.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-2, weight_decay=0)
    queue = torch.empty(0, 4, dtype=torch.float64)
    losses = []
    step = 0
    while step < steps:
        x, y = (each.squeeze(0) for each in drawn.draw())
        with torch.no_grad():
            targets = target[1](target[0](x)), target[1](target[0](y))
        if name == "moco" and len(queue) < 11:
            queue = torch.cat([queue, targets[1]])[-11:]
            continue
        codes = made.x_head(made.x_encoder(x)), made.x_head(made.x_encoder(y))
        predictor = None
        if made.x_predictor is not None:
            predictor = made.x_predictor(codes[0]), made.x_predictor(codes[1])
        value = loss(LossInputs(*codes, predictor=predictor, target=targets, queue=queue))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        queue = torch.cat([queue, targets[1]])[-11:]
        momentum = 1 - 0.1 * (1 + math.cos(math.pi * step / STEPS)) / 2
        with torch.no_grad():
            online = nn.ModuleList([made.x_encoder, made.x_head]).parameters()
            for own, other in zip(target.parameters(), online, strict=True):
                own.copy_(momentum * own + (1 - momentum) * other)
        losses.append(value.item())
        step += 1
    return losses


@pytest.mark.parametrize("name", OF_PARTS)
def test_an_update_is_that_of_the_papers(name: str) -> None:
    training = training_of(name, [model(name)])
    losses = [training.update().loss.item() for _ in range(STEPS)]
    assert losses == pytest.approx(by_hand(name, model(name), STEPS), rel=1e-9)


@pytest.mark.parametrize("name", OF_PARTS)
@pytest.mark.parametrize("shared", [True, False])
def test_models_side_by_side_learn_what_they_learn_alone(name: str, shared: bool) -> None:
    together = training_of(name, [model(name, seed, shared=shared) for seed in (0, 1)], (0, 1))
    alone = [training_of(name, [model(name, each, shared=shared)], (each,)) for each in (0, 1)]
    for _ in range(3):
        made = together.update().loss
        torch.testing.assert_close(made, torch.cat([each.update().loss for each in alone]))
    for index in (0, 1):
        weights = alone[index].weights()
        for key, value in together.weights(index).items():
            torch.testing.assert_close(value, weights[key], msg=key)


@pytest.mark.parametrize("name", OF_PARTS)
@pytest.mark.parametrize("side_by_side", [False, True])
def test_is_restored_to_the_bit(name: str, side_by_side: bool) -> None:
    seeds = (0, 1) if side_by_side else (0,)
    through, begun, again = (
        training_of(name, [model(name, seed) for seed in seeds], seeds) for _ in range(3)
    )
    for _ in range(3):
        through.update()
        begun.update()
    again.restore({key: value.clone() for key, value in begun.state().items()})
    for _ in range(3):
        assert torch.equal(through.update().loss, again.update().loss)
    ended = again.state()
    for key, value in through.state().items():
        assert torch.equal(value, ended[key]), key


@pytest.mark.parametrize("name", OF_PARTS)
def test_encoded_in_parts_it_is_the_loss_of_the_whole_batch(name: str) -> None:
    # Heads and predictors have batch norms, which are applied to the codes of the whole batch.
    plan = BatchPlan(encode_at_once=3)
    whole, in_parts = training_of(name, [model(name)]), training_of(name, [model(name)], plan=plan)
    for _ in range(3):
        torch.testing.assert_close(in_parts.update().loss, whole.update().loss)
    torch.testing.assert_close(in_parts.weights(), whole.weights())


@pytest.mark.parametrize("name", OF_PARTS)
@pytest.mark.parametrize("plan", [None, BatchPlan(encode_at_once=3)])
def test_mixed_precision_is_near_single(name: str, plan: BatchPlan | None) -> None:
    mixed = training_of(name, [model(name).float()], plan=plan, mixed_precision=True)
    first = training_of(name, [model(name)]).update().loss.item()
    assert mixed.update().loss.item() == pytest.approx(first, rel=0.02)
    assert all(value.isfinite().all() for value in mixed.weights().values())


class BatchesOfParts:
    """Batches with two further views of each item."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self._batches, self.local = batches(seeds), torch.empty(0)

    def draw(self) -> tuple[Tensor, Tensor]:
        x, y = self._batches.draw()
        self.local = torch.stack([x / 2 + y, x - y], dim=1)
        return x, y

    def state(self) -> dict[str, Tensor]:
        return self._batches.state()

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self._batches.restore(state)


def training_of_parts(
    seeds: Sequence[int], plan: BatchPlan | None = None
) -> PairTraining[PairModel]:
    objective = Objective(BOUNDS["infonce"](), loss=find_loss("dino"))
    models = [model("dino", seed) for seed in seeds]
    optimizer = OptimizerConfig(1e-2)
    return PairTraining(models, BatchesOfParts(seeds), objective, optimizer=optimizer, plan=plan)


def test_parts_of_items_are_seen_by_the_student_alone() -> None:
    training, made, drawn = training_of_parts([0]), model("dino"), BatchesOfParts([0])
    x, y = (each.squeeze(0) for each in drawn.draw())
    student, target = nn.Sequential(made.x_encoder, made.x_head), made.target
    assert target is not None
    # A batch norm of the head sees the parts of one size together.
    local = student(torch.cat([x / 2 + y, x - y])).unflatten(0, (2, BATCH))
    inputs = LossInputs(student(x), student(y), target=target(x, y), local=local)
    update = training.update()
    assert update.loss.item() == pytest.approx(find_loss("dino")(inputs).item(), rel=1e-9)
    assert update.loss.item() != pytest.approx(
        find_loss("dino")(replace(inputs, local=None)).item(), rel=1e-3
    )


def test_parts_of_items_are_encoded_in_parts_and_side_by_side() -> None:
    whole, in_parts = training_of_parts([0]), training_of_parts([0], BatchPlan(encode_at_once=3))
    together, other = training_of_parts([0, 1]), training_of_parts([1])
    for _ in range(3):
        made = whole.update().loss
        torch.testing.assert_close(in_parts.update().loss, made)
        torch.testing.assert_close(together.update().loss, torch.cat([made, other.update().loss]))
    torch.testing.assert_close(in_parts.weights(), whole.weights())


def test_parts_of_items_are_for_one_encoder_and_a_loss_that_takes_them() -> None:
    bound, shared = BOUNDS["infonce"](), model("dino")
    check_local_crops(2, Objective(bound, loss=find_loss("dino")), shared)
    check_local_crops(0, Objective(bound), shared)
    with pytest.raises(UserError, match=r"^local_crops is 2, and the bound infonce takes no views"):
        check_local_crops(2, Objective(bound), shared)
    with pytest.raises(UserError, match=r"^local_crops is 2, and the loss byol takes no views"):
        check_local_crops(2, Objective(bound, loss=find_loss("byol")), shared)
    unshared = model("dino", shared=False)
    with pytest.raises(UserError, match=r"^local_crops is 2, and x and y have encoders of their"):
        check_local_crops(2, Objective(bound, loss=find_loss("dino")), unshared)


def test_at_momentum_0_byol_is_simsiam() -> None:
    byol = training_of("byol", [model("byol", parts=LossParts(6, 0.0))])
    simsiam = training_of("simsiam", [model("simsiam")])
    for _ in range(3):
        assert byol.update().loss.item() == pytest.approx(simsiam.update().loss.item(), rel=1e-9)


def test_a_target_follows_along_a_cosine_and_has_no_gradient() -> None:
    encoder, identity = nn.Linear(3, 2), nn.Identity()
    target = TargetNetwork((encoder, encoder), (identity, identity), momentum=0.8, cosine_steps=4)
    assert target.x_encoder is target.y_encoder is not encoder
    assert not any(each.requires_grad for each in target.parameters())
    before = encoder.weight.detach().clone()
    nn.init.zeros_(encoder.weight)
    followed = TargetNetwork.parameters_of((encoder, encoder), (identity, identity))
    target.follow(followed, 2)
    torch.testing.assert_close(target.x_encoder.weight, 0.9 * before)
    target.follow(followed, 4)
    torch.testing.assert_close(target.x_encoder.weight, 0.9 * before)
    for momentum in (-0.1, 1.5, math.nan):
        with pytest.raises(UserError, match=r"^target_momentum is .*: give a number from 0 to 1$"):
            TargetNetwork((encoder, encoder), (identity, identity), momentum=momentum)


@pytest.mark.parametrize("size", [1, 5, 7, 16, 20])
def test_a_queue_holds_the_last_codes(size: int) -> None:
    queue, pushed = CodeQueue(size, 1), torch.empty(0, 1)
    assert not queue.is_full
    for batch in torch.arange(32.0).unsqueeze(1).split(7):
        queue.push(batch)
        pushed = torch.cat([pushed, batch])
        assert queue.is_full == (len(pushed) >= size)
        held: Tensor = queue.codes.flatten().sort().values
        last = pushed[-size:].flatten()
        assert held[-len(last) :].tolist() == last.tolist()
    with pytest.raises(UserError, match=r"^queue_size is 0: give a whole number of at least 1$"):
        CodeQueue(0, 1)


def test_what_a_model_has_and_its_loss_does_not_take_is_refused() -> None:
    with pytest.raises(UserError, match=r"^predictor is 6, and the loss nt-xent needs no predicto"):
        check_loss(find_loss("nt-xent"), model("byol"), labels=False)
    with pytest.raises(UserError, match=r"^queue_size is 11, and 10 pairs are trained on: the que"):
        check_loss(find_loss("moco"), model("moco"), labels=False, pairs=10)
    check_loss(find_loss("moco"), model("moco"), labels=False, pairs=11)
    assert parts_of(model("byol")) == LossParts(6, 0.9, target_schedule="cosine")


def test_a_momentum_of_one_does_not_rise() -> None:
    said = LossParts(target_momentum=1.0, target_schedule="cosine").sentence
    assert said == "a target network of momentum 1.0"


@pytest.mark.parametrize("side_by_side", [False, True])
def test_sides_that_are_moved_in_turn_rest_while_the_other_is_moved(side_by_side: bool) -> None:
    seeds = (0, 1) if side_by_side else (0,)
    models = [model("sdmi", seed, shared=False) for seed in seeds]
    training = training_of("sdmi", models, seeds, options={"moved": "turns"})
    # Adam would go on moving what has a gradient of 0.
    for moving in "xyxy":
        before = {name: each.clone() for name, each in models[-1].named_parameters()}
        training.update()
        moved = {
            name[0]
            for name, each in models[-1].named_parameters()
            if not torch.equal(each, before[name])
        }
        assert moved == {moving}


def test_sdmi_holds_still_the_codes_of_a_target() -> None:
    x, y, t_x, t_y = (torch.randn(6, 4, generator=generator_for(0, name)) for name in "abcd")
    of_target = find_loss("sdmi", {"target": True})
    assert of_target.needs == ("target",)
    got = of_target(LossInputs(x.requires_grad_(), y, target=(t_x.requires_grad_(), t_y)))
    jmi = find_loss("jmi")
    expected = (jmi(LossInputs(x, t_y)) + jmi(LossInputs(t_x.detach(), y))) / 2
    assert got.item() == pytest.approx(expected.item())
    of_x, of_target_codes = torch.autograd.grad(got, (x, t_x), allow_unused=True)
    torch.testing.assert_close(of_x, torch.autograd.grad(expected, x)[0])
    assert of_target_codes is None


@pytest.mark.parametrize(
    ("options", "needs"),
    [
        ({}, ("predictor",)),
        ({"predictor": False}, ()),
        ({"stop_gradient": False}, ("predictor",)),
        ({"predictor": False, "stop_gradient": False}, ()),
    ],
)
def test_what_simsiam_leaves_out_is_not_there(
    options: dict[str, bool], needs: tuple[str, ...]
) -> None:
    loss = find_loss("simsiam", options)
    assert loss.needs == needs
    x, y = (torch.randn(6, 4, generator=generator_for(0, name)) for name in "xy")
    told = (2 * x + 1, 3 * y)
    codes, told = (x.requires_grad_(), y.requires_grad_()), (told[0].requires_grad_(), told[1])
    value = loss(LossInputs(*codes, predictor=told))
    cosine = torch.nn.functional.cosine_similarity
    q_x, q_y = told if "predictor" in needs else codes
    still = [each.detach() if options.get("stop_gradient", True) else each for each in codes]
    expected = -(cosine(q_x, still[1]).mean() + cosine(q_y, still[0]).mean()) / 2
    assert value.item() == pytest.approx(expected.item())
    for got, wanted in zip(
        torch.autograd.grad(value, codes, retain_graph=True, allow_unused=True),
        torch.autograd.grad(expected, codes, allow_unused=True),
        strict=True,
    ):
        assert (got is None) == (wanted is None)
        if got is not None:
            torch.testing.assert_close(got, wanted)
