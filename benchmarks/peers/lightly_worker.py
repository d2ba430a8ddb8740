"""Losses by lightly 1.6.0 and PyTorch Metric Learning 2.9.0, in an environment of their own.

A line of JSON in, one out. The environment holds a PyTorch without CUDA, for which torchvision has
no wheel: none of these losses asks anything of it, so something empty stands in its place.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import torch
from torch import Tensor

try:
    import torchvision  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
except (ImportError, RuntimeError):
    for each in ("", ".ops", ".transforms", ".transforms.functional", ".models", ".datasets"):
        sys.modules[f"torchvision{each}"] = MagicMock(__spec__=None)

import lightly.loss
from pytorch_metric_learning import losses, reducers

Given = tuple[Tensor, Tensor, Tensor]


def _of_labels(loss: Any) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    def value(x: Tensor, y: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = loss(torch.cat([x, y]), labels.repeat(2))
        return found

    return value


def _of_pairs(loss: Any) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    def value(x: Tensor, y: Tensor, _labels: Tensor) -> Tensor:
        found: Tensor = loss(x, y)
        return found

    return value


MEAN = {"reducer": reducers.MeanReducer()}
LOSSES = {
    "nt-xent": _of_pairs(lightly.loss.NTXentLoss(temperature=0.5)),
    "barlow-twins": _of_pairs(lightly.loss.BarlowTwinsLoss()),
    "vicreg": _of_pairs(lightly.loss.VICRegLoss()),
    "negative-cosine": lambda x, y, _: lightly.loss.NegativeCosineSimilarity()(x, y.detach()),
    "supcon": _of_labels(losses.SupConLoss(**MEAN)),
    "multi-similarity": _of_labels(losses.MultiSimilarityLoss()),
    "circle": _of_labels(losses.CircleLoss(**MEAN)),
    "contrastive-margin": _of_labels(losses.ContrastiveLoss(**MEAN)),
    "triplet": _of_labels(losses.TripletMarginLoss(margin=0.2, **MEAN)),
}


@cache
def given(path: str) -> Given:
    """Return codes ``(N, d)`` of both views, and labels, of a file."""
    held = np.load(path)
    x, y, labels = (torch.from_numpy(held[each]) for each in ("x", "y", "labels"))
    return x.requires_grad_(), y.requires_grad_(), labels


def main() -> None:
    """Answer until there is nothing more to answer."""
    torch.set_num_threads(1)
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        x, y, labels = given(asked["path"])
        x.grad = y.grad = None
        began = time.process_time()
        value = LOSSES[asked["loss"]](x, y, labels)
        value.backward()
        seconds = time.process_time() - began
        assert x.grad is not None
        answer = {"value": value.item(), "gradient": x.grad.norm().item(), "seconds": seconds}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
