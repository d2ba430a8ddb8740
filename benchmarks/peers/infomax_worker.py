"""Bounds by infomax, forward and backward: a line of JSON in, a line of JSON out."""

import json
import math
import sys
from functools import cache

import numpy as np
import torch
from torch import Tensor

from infomax.bounds import infonce, nwj
from infomax.critics import CosineCritic
from infomax.score_matrix import Scores, TiledScores

BOUNDS = {"infonce": infonce, "nwj": nwj}


@cache
def factors_in(path: str) -> tuple[Tensor, Tensor]:
    """Return what a file of two arrays ``(N, d)`` holds."""
    held = np.load(path)
    return torch.from_numpy(held["x"]), torch.from_numpy(held["y"])


def value_of(asked: dict[str, str], u: Tensor, v: Tensor) -> Tensor:
    """Return a bound of factors, or NT-Xent of codes, in which x is set against y alone."""
    if asked["value"] == "nt-xent":
        temperature = float(asked["temperature"])
        critic = CosineCritic(u.shape[1], v.shape[1], torch.Generator(), temperature=temperature)
        return math.log(len(u)) - infonce(critic(u, v))
    rows = int(asked["rows_at_once"])
    scores: Scores = TiledScores(u, v, rows_at_once=rows) if rows else u @ v.T
    return BOUNDS[asked["value"]](scores)


def main() -> None:
    """Answer until there is nothing more to answer."""
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        first = slice(asked["pairs"])
        u, v = (each[first].detach().requires_grad_() for each in factors_in(asked["path"]))
        value = value_of(asked, u, v)
        value.backward()
        assert u.grad is not None
        answer = {"value": value.item(), "gradient": u.grad.norm().item()}
        print(json.dumps(answer), flush=True)


main()
