"""The linear probe beside scikit-learn's L-BFGS: the same features, penalty and objective."""

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.evaluation import fit_probe
from infomax.studies.image_pairs import ImagePairs

PENALTY = 1e-3
ROUNDS = 3
# Relative to the lower of both objectives; scikit-learn gets there with this tolerance of its own.
LARGEST_EXCESS = 1e-4
TOLERANCE = 1e-4


def test_a_probe_of_raw_pixels(compare: Compare, table: list[Row], images: ImagePairs) -> None:
    codes, labels = images.train.x, images.train_labels
    # The features that our probe makes of the pixels.
    mean, spread = codes.mean(dim=0), codes.std(dim=0)
    scale = spread.clamp(min=0.01 * spread.max())
    features = (codes - mean) / scale
    for_scikit_learn = features.numpy()

    def objective(weights: Tensor, biases: Tensor) -> float:
        logits = features.double() @ weights.double() + biases.double()
        loss = cross_entropy(logits, torch.as_tensor(labels))
        return float(loss + PENALTY / 2 * weights.double().square().sum())

    reference = LogisticRegression(C=1 / (PENALTY * len(features)), tol=TOLERANCE, max_iter=2_000)
    probe = fit_probe(codes, labels, seed=0, penalties=(PENALTY,))
    reference.fit(for_scikit_learn, labels)
    reached = (
        objective(probe.weights * scale[:, None], probe.biases + mean.double() @ probe.weights),
        objective(torch.as_tensor(reference.coef_.T), torch.as_tensor(reference.intercept_)),
    )
    assert max(reached) <= (1 + LARGEST_EXCESS) * min(reached)
    turns = compare(
        lambda: fit_probe(codes, labels, seed=0, penalties=(PENALTY,)),
        lambda: reference.fit(for_scikit_learn, labels),
        rounds=ROUNDS,
        warm_up=0,
    )
    classes, (number, size) = len(set(labels.tolist())), codes.shape
    table.append(
        turns.row(
            f"probe, {number:,} x {size}, {classes} classes, penalty {PENALTY:g}",
            how=f"objective {reached[0]:.6f}",
            beside=f"objective {reached[1]:.6f}, scikit-learn's lbfgs",
            at_most=1 / 3,
        )
    )
