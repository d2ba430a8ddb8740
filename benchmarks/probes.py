"""The two probes on raw pixels and on pixels with something tiny added.

Run it with ``python benchmarks/probes.py``.
"""

import platform

import torch
from torch import Tensor

from infomax.evaluation import fit_probe, notebook_probe_accuracy
from infomax.studies.image_pairs import ImagePairs

SEEDS = range(4)


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
    """Print accuracies."""
    images = ImagePairs.open("mnist", torch.device("cpu"))
    train_x, test_x = images.train.x, images.test.x
    weights = torch.randn(392, 392, generator=torch.Generator().manual_seed(0))
    tiny = [x + 1e-6 * torch.relu(x @ weights) for x in (train_x, test_x)]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    print(f"top halves:                      {accuracies(images, train_x, test_x)}")
    print(f"top halves + 1e-6 * relu(W x):   {accuracies(images, *tiny)}")


if __name__ == "__main__":
    main()
