"""NT-Xent by PyTorch Metric Learning 2.9.0, in an environment of its own: a line of JSON in, out.

The first view's codes are anchors and the second's are set against them, as infomax has it, which
takes a ninth of the memory of setting both views against both.
"""

import json
import sys
from functools import cache

import numpy as np
import torch
from pytorch_metric_learning.losses import NTXentLoss
from torch import Tensor


@cache
def codes_in(path: str) -> tuple[Tensor, Tensor]:
    """Return what a file of two arrays ``(N, d)`` holds."""
    held = np.load(path)
    return torch.from_numpy(held["x"]), torch.from_numpy(held["y"])


def main() -> None:
    """Answer until there is nothing more to answer."""
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        first = slice(asked["pairs"])
        x, y = (each[first].detach().requires_grad_() for each in codes_in(asked["path"]))
        loss = NTXentLoss(temperature=asked["temperature"])
        # Of its own for each view: with one tensor for both, an item's partner would be left out.
        labels = [torch.arange(len(x)) for _ in "xy"]
        value = loss(x, labels[0], ref_emb=y, ref_labels=labels[1])
        value.backward()
        assert x.grad is not None
        answer = {"value": value.item(), "gradient": x.grad.norm().item()}
        print(json.dumps(answer), flush=True)


main()
