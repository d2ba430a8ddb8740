"""The two-player schedule, against the same written out naively."""

import pytest
import torch
from torch import Tensor, nn

from infomax.encoders import AffineRealNVPEncoder, MLPEncoder
from infomax.training import (
    AdversarialTraining,
    BlindedClassifier,
    ShuffledBatches,
    generator_for,
)

VIEW = (2, 4, 1)
CLASSES = 3


def data() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    labels = torch.randint(CLASSES, (300,), generator=draw)
    centres = torch.randn(CLASSES, 8, generator=draw, dtype=torch.float64)
    noise = torch.randn(300, 8, generator=draw, dtype=torch.float64)
    return centres[labels] + 0.3 * noise, labels


def model(seed: int) -> BlindedClassifier:
    encoder = MLPEncoder(VIEW, generator_for(seed, "encoder"), layer_sizes=(16, 8))
    classifier = nn.Linear(8, CLASSES)
    with torch.no_grad():
        classifier.weight.copy_(torch.randn(CLASSES, 8, generator=generator_for(seed, "w")))
        classifier.bias.zero_()
    return BlindedClassifier(encoder, classifier).double()


def training(*seeds: int, models: list[BlindedClassifier] | None = None) -> AdversarialTraining:
    views, labels = data()
    return AdversarialTraining(
        models or [model(seed) for seed in seeds],
        ShuffledBatches(views, labels, 32, [generator_for(seed, "batches") for seed in seeds]),
        encoder_learning_rate=1e-3,
        classifier_learning_rate=1e-2,
        classifier_steps=3,
    )


def naive(seed: int, *, warm_up: int, steps: int) -> BlindedClassifier:
    played = model(seed)
    views, labels = data()
    batches = ShuffledBatches(views, labels, 32, [generator_for(seed, "batches")])
    of_classifier = torch.optim.Adam(played.classifier.parameters(), lr=1e-2)
    of_encoder = torch.optim.Adam(played.encoder.parameters(), lr=1e-3)

    def classifier_step() -> None:
        x, y = batches.draw()
        loss = nn.functional.cross_entropy(played.classifier(played.encoder(x[0])), y[0])
        played.zero_grad()
        loss.backward()
        of_classifier.step()

    for _ in range(warm_up):
        classifier_step()
    for _ in range(steps):
        for _ in range(3):
            classifier_step()
        x, _ = batches.draw()
        logits = played.classifier(played.encoder(x[0]))
        uniform = torch.full_like(logits, 1 / CLASSES)
        loss = nn.functional.cross_entropy(logits, uniform)
        played.zero_grad()
        loss.backward()
        of_encoder.step()
    return played


@pytest.mark.parametrize("warm_up", [0, 7])
def test_it_plays_as_written_out_naively(warm_up: int) -> None:
    played = training(0, 1)
    played.warm_up(warm_up)
    for _ in range(5):
        played.update()
    for place, seed in enumerate((0, 1)):
        expected = naive(seed, warm_up=warm_up, steps=5)
        for one, other in zip(
            played.modules[place].parameters(), expected.parameters(), strict=True
        ):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_the_encoder_wins_against_its_classifier() -> None:
    played = training(0)
    played.warm_up(200)
    warmed = played.update().watched.item()
    assert warmed < 0.3
    for _ in range(400):
        loss, watched = played.update()
    # The cross-entropy to the uniform distribution is never below log C.
    assert loss.item() < 1.1 * torch.log(torch.tensor(float(CLASSES))).item()
    assert watched.item() > 3 * warmed


def test_a_flow_keeps_its_inverse_while_it_plays() -> None:
    encoder = AffineRealNVPEncoder(VIEW, generator_for(0, "encoder"))
    classifier = nn.Linear(8, CLASSES)
    played = training(0, models=[BlindedClassifier(encoder, classifier).double()])
    for _ in range(10):
        played.update()
    views, _ = data()
    with torch.no_grad():
        torch.testing.assert_close(encoder.inverse(encoder(views)), views, rtol=0, atol=1e-6)


def test_taken_up_again_it_goes_on_with_the_same_bits() -> None:
    whole = training(0, 1)
    whole.warm_up(5)
    for _ in range(3):
        whole.update()
    state = {name: value.clone() for name, value in whole.state().items()}
    resumed = training(0, 1)
    resumed.restore(state)
    for _ in range(4):
        assert torch.equal(whole.update().loss, resumed.update().loss)
    for one, other in zip(whole.modules, resumed.modules, strict=True):
        first, second = one.state_dict(), other.state_dict()
        assert all(torch.equal(first[key], second[key]) for key in first)
