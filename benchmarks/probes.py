"""The two probes on raw pixels and on pixels with something tiny added, and what ours costs.

Run it with ``make bench`` or ``python benchmarks/probes.py``. The yardstick of time is
scikit-learn's L-BFGS on the same features, penalty and objective.
"""

import platform
import time

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from infomax.data import load_dataset
from infomax.evaluation import fit_probe, notebook_probe_accuracy
from infomax.studies.image_pairs import ImagePairs

SEEDS = range(4)
PENALTY = 1e-3


def accuracies(images: ImagePairs, train_codes: Tensor, test_codes: Tensor) -> str:
    """Return the test accuracy of both probes, lowest and highest over seeds."""
    labels, test_labels = images.train_labels, images.test_labels
    ours = [
        fit_probe(train_codes, labels, seed=seed).accuracy(test_codes, test_labels)
        for seed in SEEDS
    ]
    notebooks = [
        notebook_probe_accuracy(train_codes, labels, test_codes, test_labels, seed=seed)
        for seed in SEEDS
    ]
    shown = [f"{min(values):.4f} to {max(values):.4f}" for values in (ours, notebooks)]
    return f"ours {shown[0]}, notebook's {shown[1]}"


def main() -> None:
    """Print accuracies and seconds."""
    images = ImagePairs.of(load_dataset("mnist"), torch.device("cpu"))
    train_x, test_x = images.train.x, images.test.x
    weights = torch.randn(392, 392, generator=torch.Generator().manual_seed(0))
    tiny = [x + 1e-6 * torch.relu(x @ weights) for x in (train_x, test_x)]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    print(f"top halves:                      {accuracies(images, train_x, test_x)}")
    print(f"top halves + 1e-6 * relu(W x):   {accuracies(images, *tiny)}")

    # The features that our probe makes of the pixels, so that both minimise the same objective.
    spread = train_x.std(dim=0)
    features = ((train_x - train_x.mean(dim=0)) / spread.clamp(min=0.01 * spread.max())).numpy()
    began = time.perf_counter()
    probe = fit_probe(train_x, images.train_labels, seed=0, penalties=(PENALTY,))
    ours = time.perf_counter() - began
    began = time.perf_counter()
    reference = LogisticRegression(C=1 / (PENALTY * len(features)), tol=1e-4, max_iter=2_000)
    reference.fit(features, images.train_labels)
    theirs = time.perf_counter() - began
    print(f"one penalty ({PENALTY:g}): ours {ours:.1f} s, scikit-learn's L-BFGS {theirs:.1f} s")
    print(f"ratio {ours / theirs:.2f}; cross-entropy of ours {probe.cross_entropy:.5f}")


if __name__ == "__main__":
    main()
