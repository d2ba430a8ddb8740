"""Bounds of large batches: scores made a tile at a time, beside the whole matrix."""

import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.table import Row, megabytes
from benchmarks.turns import Compare
from benchmarks.worker import FREED_AT_ONCE, Worker
from infomax.bounds import infonce, nwj
from infomax.score_matrix import Scores, TiledScores
from infomax.training import generator_for

SIZE = 128
LARGEST = 16_384
ROUNDS = {LARGEST: 5, 2_048: 25}
TILES = (32, 64, 128, 256, 512)
BYTES_ASKED_FOR = 250e6
LARGEST_ERROR = 1e-5
PAIRS_OF_WARM_UP = 512

Of = Callable[[Scores], Tensor]
BOUNDS: dict[str, Of] = {"infonce": infonce, "nwj": nwj}


def factors(number: int) -> tuple[Tensor, Tensor]:
    """Return factors of dependent pairs, ``(number, SIZE)`` each; joint scores are about 3.6."""
    drawn = generator_for(0, "factors")
    u, noise = 0.2 * torch.randn(2, number, SIZE, generator=drawn)
    return u, (u + noise) / 2**0.5


def gradients(bound: Of, u: Tensor, v: Tensor, rows_at_once: int | None) -> list[Tensor]:
    """Go forward and backward, and return the gradients of both factors."""
    u, v = (each.detach().requires_grad_() for each in (u, v))
    scores = u @ v.T if rows_at_once is None else TiledScores(u, v, rows_at_once=rows_at_once)
    return list(torch.autograd.grad(bound(scores), (u, v)))


def reference_gradients(name: str, u: Tensor, v: Tensor) -> list[Tensor]:
    """Return gradients in float64, of a few rows at a time: both bounds are sums over anchors."""
    u, v = (each.double().requires_grad_() for each in (u, v))
    number = len(u)
    for rows in torch.arange(number).split(512):
        scores = u[rows] @ v.T
        joint = scores[torch.arange(len(rows)), rows]
        if name == "infonce":
            of_rows = (joint - scores.logsumexp(dim=1)) / number
        else:
            negatives = (scores - 1).exp().sum(dim=1) - (joint - 1).exp()
            of_rows = joint / number - negatives / (number * (number - 1))
        of_rows.sum().backward()
    found = [each.grad for each in (u, v) if each.grad is not None]
    assert len(found) == 2
    return found


def quickest_tile(bound: Of, u: Tensor, v: Tensor) -> int:
    """Return the rows of a tile with which this machine is quickest."""
    took = {
        rows: min(timeit.repeat(partial(gradients, bound, u, v, rows), number=1, repeat=3))
        for rows in TILES
    }
    return min(took, key=took.__getitem__)


def check_gradients(name: str, u: Tensor, v: Tensor, rows_at_once: int) -> None:
    """Check gradients in tiles against those in float64."""
    found = gradients(BOUNDS[name], u, v, rows_at_once)
    for got, expected in zip(found, reference_gradients(name, u, v), strict=True):
        assert float((got.double() - expected).norm() / expected.norm()) < LARGEST_ERROR


@pytest.mark.parametrize(
    ("name", "number", "at_most"),
    [
        ("infonce", LARGEST, 1.2),
        ("infonce", 2_048, 1.0),
        ("nwj", LARGEST, None),
        ("nwj", 2_048, None),
    ],
)
def test_forward_and_backward_in_tiles(
    name: str, number: int, at_most: float | None, compare: Compare, table: list[Row]
) -> None:
    bound = BOUNDS[name]
    u, v = factors(number)
    rows = quickest_tile(bound, u, v)
    check_gradients(name, u, v, rows)
    in_tiles, whole = (partial(gradients, bound, u, v, each) for each in (rows, None))
    turns = compare(in_tiles, whole, rounds=ROUNDS[number])
    subject = f"{name} forward and backward in tiles, {number:,} pairs x {SIZE}, time"
    how, beside = f"tiles of {rows} rows", "the whole matrix"
    table.append(turns.row(subject, how=how, beside=beside, at_most=at_most))


@pytest.mark.parametrize(("name", "asked_for"), [("infonce", True), ("nwj", False)])
def test_memory_in_tiles(name: str, asked_for: bool, table: list[Row], tmp_path: Path) -> None:
    u, v = factors(LARGEST)
    path = tmp_path / "factors.npz"
    np.savez(path, x=u.numpy(), y=v.numpy())
    taken, values = {}, {}
    # The largest tile that the times are chosen from.
    for rows in (TILES[-1], 0):
        with Worker("infomax", env=FREED_AT_ONCE) as worker:
            asked = {"value": name, "path": str(path), "rows_at_once": rows}
            worker.ask(pairs=PAIRS_OF_WARM_UP, **asked)
            taken[rows], answer = worker.bytes_for(pairs=LARGEST, **asked)
            values[rows] = [answer["value"], answer["gradient"]]
    assert values[TILES[-1]] == pytest.approx(values[0], rel=LARGEST_ERROR)
    in_tiles, whole = taken.values()
    subject = f"{name} forward and backward in tiles, {LARGEST:,} pairs x {SIZE}, memory"
    ours = f"{megabytes(in_tiles)} above the inputs, tiles of {TILES[-1]} rows"
    beside = f"{megabytes(whole)}, the whole matrix"
    table.append(Row(subject, ours, beside, in_tiles / whole))
    if asked_for:
        limit = f"{megabytes(BYTES_ASKED_FOR)} are asked for"
        ratio = in_tiles / BYTES_ASKED_FOR
        table.append(Row(f"{subject} beside what is asked for", ours, limit, ratio, 1.0))
