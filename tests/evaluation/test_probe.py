"""The probe against scikit-learn, and against codes that fool the notebook's."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from infomax.encoders import MLPEncoder
from infomax.errors import UserError
from infomax.evaluation import encode, fit_probe, notebook_probe_accuracy
from infomax.evaluation.probe import _split
from infomax.studies.image_pairs import ImagePairs

Labels = NDArray[np.int64]


@pytest.fixture(scope="module")
def digits() -> ImagePairs:
    return ImagePairs.open("digits", torch.device("cpu"))


@pytest.fixture(scope="module")
def mnist() -> ImagePairs:
    return ImagePairs.open("mnist", torch.device("cpu"))


def objective(
    weights: NDArray[np.float64], biases: NDArray[np.float64], codes: Tensor, labels: Labels
) -> float:
    log_probabilities = log_softmax(codes.double().numpy() @ weights + biases, axis=1)
    return -float(log_probabilities[np.arange(len(labels)), labels].mean())


@pytest.mark.parametrize("penalty", [1e-2, 1e-4])
def test_agrees_with_scikit_learn_on_digits(digits: ImagePairs, penalty: float) -> None:
    # Features of unit spread, so that both minimise the same thing.
    x, test_x = digits.train.x, digits.test.x
    varies = x.std(dim=0) > 0
    mean, spread = x[:, varies].mean(dim=0), x[:, varies].std(dim=0)
    codes, test_codes = (x[:, varies] - mean) / spread, (test_x[:, varies] - mean) / spread
    spreads = codes.std(dim=0)
    assert spreads.min() > 0.99
    reference = LogisticRegression(C=1 / (penalty * len(codes)), tol=1e-8, max_iter=10_000)
    reference.fit(codes.double().numpy(), digits.train_labels)
    probe = fit_probe(codes, digits.train_labels, seed=0, penalties=(penalty,))

    ours = probe.weights.double().numpy()
    theirs = reference.coef_.T
    cost = objective(ours, probe.biases.double().numpy(), codes, digits.train_labels)
    cost += penalty / 2 * float((ours**2).sum())
    least = objective(theirs, reference.intercept_, codes, digits.train_labels)
    least += penalty / 2 * float((theirs**2).sum())
    assert least - 1e-6 <= cost <= least * 1.002
    accuracy = reference.score(test_codes.numpy(), digits.test_labels)
    assert probe.accuracy(test_codes, digits.test_labels) == pytest.approx(accuracy, abs=3e-3)


@pytest.mark.parametrize("penalty", [1.0, 1e-2])
def test_of_more_columns_than_rows_it_solves_the_same_problem(penalty: float) -> None:
    generator = torch.Generator().manual_seed(0)
    labels = np.arange(30) % 3
    codes = torch.randn(30, 200, generator=generator)
    codes[:, :3] += 3 * torch.eye(3)[torch.from_numpy(labels)]
    codes = (codes - codes.mean(dim=0)) / codes.std(dim=0)
    reference = LogisticRegression(C=1 / (penalty * len(codes)), tol=1e-8, max_iter=10_000)
    reference.fit(codes.double().numpy(), labels)
    probe = fit_probe(codes, labels, seed=0, penalties=(penalty,))
    assert probe.weights.shape == (200, 3)
    ours, theirs = probe.weights.numpy(), reference.coef_.T
    cost = objective(ours, probe.biases.numpy(), codes, labels)
    cost += penalty / 2 * float((ours**2).sum())
    least = objective(theirs, reference.intercept_, codes, labels)
    least += penalty / 2 * float((theirs**2).sum())
    assert least - 1e-6 <= cost <= least * 1.002
    assert probe.cross_entropy == pytest.approx(
        objective(ours, probe.biases.numpy(), codes, labels), rel=1e-3
    )


def test_agrees_with_scikit_learn_on_mnist_to_a_thousandth(mnist: ImagePairs) -> None:
    # A random ReLU layer of 40 units: what an untrained encoder gives, quick to fit for both.
    weights = torch.randn(392, 40, generator=torch.Generator().manual_seed(0)) / 392**0.5
    codes, test_codes = (torch.relu(x @ weights) for x in (mnist.train.x, mnist.test.x))
    spread = codes.std(dim=0)
    probe = fit_probe(codes, mnist.train_labels, seed=0, penalties=(1e-4,))
    reference = LogisticRegression(C=1 / (1e-4 * len(codes)), tol=1e-6, max_iter=5_000)
    reference.fit((codes / spread).numpy(), mnist.train_labels)
    accuracy = reference.score((test_codes / spread).numpy(), mnist.test_labels)
    assert probe.accuracy(test_codes, mnist.test_labels) == pytest.approx(accuracy, abs=1e-3)


@pytest.mark.slow
def test_tiny_copies_in_constant_columns_move_the_notebooks_probe_and_not_ours(
    mnist: ImagePairs,
) -> None:
    train_x, test_x = mnist.train.x, mnist.test.x
    weights = torch.randn(392, 392, generator=torch.Generator().manual_seed(0))
    tiny = [x + 1e-6 * torch.relu(x @ weights) for x in (train_x, test_x)]

    def ours(train_codes: Tensor, test_codes: Tensor) -> float:
        probe = fit_probe(train_codes, mnist.train_labels, seed=0)
        return probe.accuracy(test_codes, mnist.test_labels)

    def notebooks(train_codes: Tensor, test_codes: Tensor) -> float:
        return notebook_probe_accuracy(
            train_codes, mnist.train_labels, test_codes, mnist.test_labels, seed=0
        )

    assert abs(ours(*tiny) - ours(train_x, test_x)) < 0.003
    assert notebooks(*tiny) - notebooks(train_x, test_x) > 0.01


def test_raw_halves_score_what_converged_regression_scores(mnist: ImagePairs) -> None:
    probe = fit_probe(mnist.train.x, mnist.train_labels, seed=0)
    assert probe.accuracy(mnist.test.x, mnist.test_labels) == pytest.approx(0.849, abs=0.003)


def test_the_penalty_is_the_best_on_held_out_codes() -> None:
    # Few noisy codes of many values: without a strong penalty they are learnt by heart.
    generator = torch.Generator().manual_seed(0)
    labels = np.arange(120) % 2
    codes = torch.randn(120, 80, generator=generator)
    codes[:, 0] += torch.as_tensor(labels)
    assert fit_probe(codes, labels, seed=0).penalty == 1e-2
    # Plenty of clean ones: a weak penalty does better.
    labels = np.arange(3_000) % 3
    codes = torch.randn(3_000, 2, generator=generator) * 0.05
    codes += torch.nn.functional.one_hot(torch.as_tensor(labels), 3)[:, :2]
    assert fit_probe(codes, labels, seed=0).penalty <= 1e-4


def test_shifting_and_scaling_all_codes_changes_nothing(digits: ImagePairs) -> None:
    plain = fit_probe(digits.train.x, digits.train_labels, seed=0)
    moved = fit_probe(1e3 * digits.train.x + 7, digits.train_labels, seed=0)
    predictions = plain.predict(digits.test.x)
    same = (moved.predict(1e3 * digits.test.x + 7) == predictions).double().mean()
    assert same > 0.99


def test_no_column_counts_for_more_because_its_values_are_larger() -> None:
    labels = np.arange(90) % 3
    codes = torch.randn(90, 4, generator=torch.Generator().manual_seed(0))
    codes[:, 0] += torch.as_tensor(labels)
    sizes = torch.tensor([50.0, 1.0, 5.0, 20.0])
    plain = fit_probe(codes, labels, seed=0, penalties=(1e-2,))
    scaled = fit_probe(codes * sizes, labels, seed=0, penalties=(1e-2,))
    torch.testing.assert_close(scaled.weights * sizes[:, None], plain.weights, rtol=1e-3, atol=1e-3)


def test_the_seed_draws_which_codes_choose_the_penalty() -> None:
    labels = np.arange(36) % 2
    codes = torch.randn(36, 6, generator=torch.Generator().manual_seed(0))
    codes[:, 0] += torch.as_tensor(labels)
    penalties = [fit_probe(codes, labels, seed=seed).penalty for seed in (0, 1, 2, 3, 0, 1, 2, 3)]
    assert penalties[:4] == penalties[4:]
    assert len(set(penalties)) > 1
    for classes in (2, 12):
        _, first = _split(np.arange(36) % classes, 0)
        _, again = _split(np.arange(36) % classes, 0)
        _, other = _split(np.arange(36) % classes, 1)
        assert sorted(first) == sorted(again) != sorted(other)


def test_penalties_that_do_equally_well_leave_the_strongest() -> None:
    codes, labels = torch.ones(60, 3), np.arange(60) % 2
    assert fit_probe(codes, labels, seed=0).penalty == 1e-2
    apart = torch.as_tensor(labels, dtype=torch.float32)[:, None]
    assert fit_probe(apart, labels, seed=0, penalties=(1e-2, 1e-4)).penalty == 1e-4


@pytest.mark.parametrize(
    ("sizes", "held_out"),
    [
        # A sixth of the codes, of classes as they are among all.
        ([30, 60], [5, 10]),
        # More classes than a sixth: about one code of each that has several.
        ([1, *[3] * 10, 1], [0, *[1] * 10, 0]),
        ([2] * 6, [1] * 6),
    ],
)
def test_a_sixth_of_the_codes_chooses_the_penalty(sizes: list[int], held_out: list[int]) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    fitted, validation = _split(labels, 0)
    assert sorted([*fitted, *validation]) == list(range(len(labels)))
    assert np.bincount(labels[validation], minlength=len(sizes)).tolist() == held_out


@pytest.mark.parametrize("seed", [0, 1])
def test_the_notebooks_probe_is_the_same_whatever_the_size_of_a_column(seed: int) -> None:
    labels = np.arange(120) % 3
    codes = torch.randn(120, 3, generator=torch.Generator().manual_seed(seed))
    codes[:, :2] += 6 * torch.nn.functional.one_hot(torch.as_tensor(labels))[:, :2]
    moved = codes * torch.tensor([1e-3, 1.0, 1e3]) + 7
    of_plain, of_moved = (
        notebook_probe_accuracy(each[:60], labels[:60], each[60:], labels[60:], seed=seed)
        for each in (codes, moved)
    )
    assert of_moved == of_plain > 0.9
    assert notebook_probe_accuracy(codes, labels, codes, (labels + 1) % 3, seed=seed) < 0.1


def test_codes_that_never_vary_predict_the_commonest_class() -> None:
    labels = np.array([0, 1, 1, 1, 1, 1] * 10)
    probe = fit_probe(torch.ones(60, 3), labels, seed=0)
    assert probe.predict(torch.ones(2, 3)).tolist() == [1, 1]


def test_lengths_that_differ_and_single_classes_are_refused() -> None:
    with pytest.raises(UserError, match="5 codes but 4 labels"):
        fit_probe(torch.zeros(5, 2), np.zeros(4, np.int64), seed=0)
    with pytest.raises(UserError, match="one class"):
        fit_probe(torch.zeros(5, 2), np.zeros(5, np.int64), seed=0)
    with pytest.raises(UserError, match="each of 5 classes has a single code"):
        fit_probe(torch.zeros(5, 2), np.arange(5), seed=0)


@pytest.mark.parametrize("value", [0.1, 7.77, -2.3, 12345.6])
def test_codes_that_have_collapsed_are_at_chance(value: float) -> None:
    labels = np.arange(400) % 4
    codes = torch.full((400, 8), value)
    probe = fit_probe(codes, labels, seed=0)
    assert probe.accuracy(codes, labels) == 0.25
    assert probe.cross_entropy == pytest.approx(math.log(4), abs=1e-5)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_tiny_and_huge_codes_are_told_apart_as_others_are(scale: float) -> None:
    labels = np.arange(60) % 2
    codes = torch.as_tensor(labels, dtype=torch.float32)[:, None] * scale
    beside_a_constant = torch.cat([codes, torch.full((60, 1), 0.1)], dim=1)
    for each in (codes, beside_a_constant):
        assert fit_probe(each, labels, seed=0).accuracy(each, labels) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_codes_that_are_not_finite_are_refused(value: float) -> None:
    codes = torch.ones(40, 3)
    codes[5:7] = value
    with pytest.raises(UserError, match=r"^2 of 40 codes hold values that are not finite"):
        fit_probe(codes, np.arange(40) % 2, seed=0)


@pytest.mark.parametrize(
    "labels",
    [
        np.repeat(np.arange(200), 5),
        np.repeat(np.arange(5), 4),
        np.repeat(np.arange(20), 5),
        np.array([0, 0, 0, 0, 0, 0, 0, 1]),
        np.array([*np.repeat(np.arange(9), 3), 10**9, -7]),
    ],
)
def test_many_small_classes_are_learnt(labels: Labels) -> None:
    classes, numbers = np.unique(labels, return_inverse=True)
    generator = torch.Generator().manual_seed(0)
    centres = 3 * torch.randn(len(classes), 16, generator=generator)
    codes, test_codes = (
        centres[torch.as_tensor(numbers)] + 0.3 * torch.randn(len(labels), 16, generator=generator)
        for _ in range(2)
    )
    probe = fit_probe(codes, labels, seed=0)
    assert probe.accuracy(test_codes, labels) > 0.9
    assert set(probe.predict(test_codes).tolist()) <= set(labels.tolist())


def test_codes_are_those_of_the_encoder_whatever_the_batch() -> None:
    encoder = MLPEncoder((2, 2, 1), torch.Generator().manual_seed(0), layer_sizes=(6, 3))
    views = torch.randn(25, 4)
    codes = encode(encoder, views, batch_size=4)
    torch.testing.assert_close(codes, encoder(views).detach())
    assert not codes.requires_grad
