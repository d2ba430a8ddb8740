"""Training on a loss of codes: its gradients, models side by side, labels, and what is refused."""

import copy
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS, CosineCritic
from infomax.errors import UserError
from infomax.losses import LossInputs, find_loss
from infomax.training import (
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    SampledBatches,
    ShuffledBatches,
    check_plan,
    generator_for,
)
from infomax.training.code_losses import check_loss, check_loss_on_codes

ROWS, BATCH = 23, 8
OF_CODES_ALONE = ["k-pair", "nt-xent", "jmi", "sdmi", "barlow-twins", "vicreg"]
OF_LABELS = ["supcon", "triplet", "contrastive-margin"]
LABELS = torch.arange(ROWS) % 3


def model(seed: int, critic: str = "cosine") -> PairModel:
    drawn = generator_for(seed, "model")
    encoders = [nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4)) for _ in "xy"]
    made = PairModel(encoders[0], encoders[1], CRITICS[critic](4, 4, drawn)).double()
    for each in made.parameters():
        each.data.copy_(torch.randn(each.shape, generator=drawn, dtype=torch.float64) / 2)
    return made


def data() -> tuple[Tensor, Tensor]:
    drawn = generator_for(0, "data")
    x = torch.randn(ROWS, 6, generator=drawn, dtype=torch.float64)
    return x, x + torch.randn(ROWS, 6, generator=drawn, dtype=torch.float64) / 4


def batches(seeds: Sequence[int]) -> ShuffledBatches:
    return ShuffledBatches(*data(), BATCH, [generator_for(seed, "batches") for seed in seeds])


def training_of(
    name: str, seeds: Sequence[int], *, plan: BatchPlan | None = None
) -> PairTraining[PairModel]:
    loss = find_loss(name)
    return PairTraining(
        [model(seed) for seed in seeds],
        batches(seeds),
        Objective(BOUNDS["infonce"](), loss=loss),
        optimizer=OptimizerConfig(1e-2),
        plan=plan,
        labels=LABELS if loss.needs else None,
    )


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
def test_an_update_has_the_gradient_of_the_loss_and_is_watched_by_the_bound(name: str) -> None:
    training, drawn, alone = training_of(name, [0]), batches([0]), model(0)
    made = training.update()
    x, y = (each.squeeze(0) for each in drawn.draw())
    codes = alone.x_encoder(x), alone.y_encoder(y)
    labels = LABELS[drawn.positions.squeeze(0)]
    loss = find_loss(name)(LossInputs(*codes, labels=labels))
    loss.backward()
    assert made.loss.item() == pytest.approx(loss.item(), rel=1e-12)
    read = BOUNDS["infonce"]().estimate(alone.critic(*codes))
    assert made.watched.item() == pytest.approx(read.item(), abs=1e-12)
    for trained, expected in zip(training.modules[0].parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(trained.grad, expected.grad)


@pytest.mark.parametrize("name", OF_CODES_ALONE)
def test_models_side_by_side_learn_what_they_learn_alone(name: str) -> None:
    together = training_of(name, [0, 1])
    alone = [training_of(name, [seed]) for seed in (0, 1)]
    for _ in range(3):
        made = together.update()
        each = [training.update() for training in alone]
        torch.testing.assert_close(made.loss, torch.cat([update.loss for update in each]))
    for index in (0, 1):
        weights = (together.weights(index), alone[index].weights())
        for key, value in weights[0].items():
            torch.testing.assert_close(value, weights[1][key], msg=key)


def test_models_side_by_side_are_each_read_by_their_own_critic() -> None:
    models = [model(0), model(1)]
    for each, temperature in zip(models, (0.1, 0.7), strict=True):
        each.critic = CosineCritic(4, 4, generator_for(0, "critic"), temperature=temperature)
    objective = Objective(BOUNDS["infonce"](), loss=find_loss("nt-xent"))
    optimizer = OptimizerConfig(1e-2)
    together = PairTraining(models, batches([0, 1]), objective, optimizer=optimizer)
    alone = [
        PairTraining([copy.deepcopy(each)], batches([seed]), objective, optimizer=optimizer)
        for seed, each in enumerate(models)
    ]
    read = torch.cat([training.update().watched for training in alone])
    torch.testing.assert_close(together.update().watched, read)


@pytest.mark.parametrize("name", [*OF_CODES_ALONE, *OF_LABELS])
def test_encoded_in_parts_it_is_the_loss_of_the_whole_batch(name: str) -> None:
    whole, in_parts = (
        training_of(name, [0]),
        training_of(name, [0], plan=BatchPlan(encode_at_once=3)),
    )
    for _ in range(2):
        torch.testing.assert_close(in_parts.update().loss, whole.update().loss)
    torch.testing.assert_close(in_parts.weights(), whole.weights())


@pytest.mark.parametrize("name", ["nt-xent", "supcon"])
def test_is_restored_to_the_bit(name: str) -> None:
    through, begun, again = (training_of(name, [0]) for _ in range(3))
    for _ in range(3):
        through.update()
        begun.update()
    again.restore(begun.state())
    for _ in range(3):
        assert torch.equal(through.update().loss, again.update().loss)
    for key, value in through.weights().items():
        assert torch.equal(value, again.weights()[key])


def test_labels_are_of_one_model_and_of_rows_that_are_known() -> None:
    objective = Objective(BOUNDS["infonce"](), loss=find_loss("supcon"))
    settings = {"optimizer": OptimizerConfig(1e-2), "labels": LABELS}
    with pytest.raises(UserError, match=r"^labels are for one model, on batches that are drawn"):
        PairTraining([model(0), model(1)], batches([0, 1]), objective, **settings)  # type: ignore[arg-type]
    sampled = SampledBatches(None, BATCH, [torch.Generator()])  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"^labels are for one model, on batches that are drawn"):
        PairTraining([model(0)], sampled, objective, **settings)  # type: ignore[arg-type]


def test_what_a_loss_lacks_is_refused_by_name() -> None:
    said = r"^the loss moco needs more than the model has, such as a target network of momentum .*"
    with pytest.raises(UserError, match=said + r" and a queue of 1024 codes: build the model with"):
        check_loss(find_loss("moco"), model(0), labels=True)
    with pytest.raises(UserError, match=r"^the loss supcon needs a label for each pair, and there"):
        check_loss(find_loss("supcon"), model(0), labels=False)
    check_loss(find_loss("supcon"), model(0), labels=True)


def test_codes_of_one_size_and_a_critic_without_weights_are_asked_for() -> None:
    loss, codes = find_loss("nt-xent"), torch.zeros(2, 4)
    with pytest.raises(UserError, match=r"^the loss nt-xent compares codes of one size, and those"):
        check_loss_on_codes(loss, model(0), codes, torch.zeros(2, 3))
    with pytest.raises(UserError, match=r"^the critic BilinearCritic has weights, which the loss"):
        check_loss_on_codes(loss, model(0, "bilinear"), codes, codes)
    learning = model(0)
    learning.critic = CosineCritic(4, 4, torch.Generator(), learn_temperature=True)
    with pytest.raises(UserError, match=r"leave it and its options out, .* that is not learnt$"):
        check_loss_on_codes(loss, learning, codes, codes)


def test_a_loss_has_no_target_and_no_tiles() -> None:
    bound, loss = BOUNDS["infonce"](), find_loss("nt-xent")
    with pytest.raises(UserError, match=r"^target is 2\.0, and the loss nt-xent is no information"):
        Objective(bound, 2.0, loss)
    with pytest.raises(UserError, match=r"^the loss nt-xent is not computed in tiles, which are"):
        check_plan(BatchPlan(tile_size=2), model(0), Objective(bound, loss=loss))
