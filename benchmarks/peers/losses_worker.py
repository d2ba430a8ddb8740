"""Our losses of codes, in a process of its own: a line of JSON in, one out."""

import json
import sys
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from infomax.losses import LossInputs, contrastive_margin, find_loss, negative_cosine


def _by_name(name: str) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    loss = find_loss(name)
    return lambda x, y, labels: loss(LossInputs(x, y, labels=labels))


def _contrastive(x: Tensor, y: Tensor, labels: Tensor) -> Tensor:
    return contrastive_margin(torch.cat([x, y]), labels.repeat(2), power=1).total


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "negative-cosine": lambda x, y, _: negative_cosine(x, y).total,
    # The other's is of the first power.
    "contrastive-margin": _contrastive,
}


@cache
def given(path: str) -> tuple[Tensor, Tensor, Tensor]:
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
        loss = LOSSES.get(asked["loss"]) or _by_name(asked["loss"])
        began = time.process_time()
        value = loss(x, y, labels)
        value.backward()
        seconds = time.process_time() - began
        assert x.grad is not None
        answer = {"value": value.item(), "gradient": x.grad.norm().item(), "seconds": seconds}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
