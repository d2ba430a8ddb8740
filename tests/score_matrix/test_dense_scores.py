"""Sums over score matrices, beside loops over their elements."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Barrier

import pytest
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix import DenseScores, ResampledScores, TiledScores, score_matrix_of

NUMBER = 5
SCORES = torch.randn(
    2, NUMBER, NUMBER, generator=torch.Generator().manual_seed(0), dtype=torch.float64
)


def looped(scores: Tensor) -> dict[str, float]:
    """Return each sum as a loop over single scores has it."""
    pairs = range(NUMBER)
    negatives = [float(scores[i, j]) for i in pairs for j in pairs if i != j]
    joint = [float(scores[i, i]) for i in pairs]
    by_row = [math.log(sum(math.exp(scores[i, j]) for j in pairs)) for i in pairs]
    by_column = [math.log(sum(math.exp(scores[i, j]) for i in pairs)) for j in pairs]
    by_others = [
        math.log(sum(math.exp(scores[i, j]) for i in pairs if i != j) / (NUMBER - 1)) for j in pairs
    ]
    return {
        "joint_mean": sum(joint) / NUMBER,
        "squared joint_mean": sum(each**2 for each in joint) / NUMBER,
        "negatives_mean": sum(each**2 for each in negatives) / len(negatives),
        "log_partition": math.log(sum(map(math.exp, negatives)) / len(negatives)),
        "halved log_partition": math.log(
            sum(math.exp(each / 2) for each in negatives) / len(negatives)
        ),
        "anchors_contrast": sum(joint) / NUMBER - sum(by_row) / NUMBER,
        "candidates_contrast": sum(joint) / NUMBER - sum(by_column) / NUMBER,
        "candidates_excess": sum(joint) / NUMBER - sum(by_others) / NUMBER,
    }


def test_every_sum_is_what_a_loop_gives() -> None:
    matrix = DenseScores(SCORES)
    got = {
        "joint_mean": matrix.joint_mean(),
        "squared joint_mean": matrix.joint_mean(torch.square),
        "negatives_mean": matrix.negatives_mean(torch.square),
        "log_partition": matrix.log_partition(),
        "halved log_partition": matrix.log_partition(lambda score: score / 2),
        "anchors_contrast": matrix.anchors_contrast(),
        "candidates_contrast": matrix.candidates_contrast(),
        "candidates_excess": matrix.candidates_excess(),
    }
    for place in range(2):
        for name, expected in looped(SCORES[place]).items():
            assert float(got[name][place]) == pytest.approx(expected, rel=1e-12), name


@pytest.mark.parametrize(
    "sum_of",
    [
        lambda matrix: matrix.negatives_mean(torch.square),
        lambda matrix: matrix.log_partition(),
    ],
)
def test_negatives_are_what_does_not_stand_on_the_diagonal(
    sum_of: Callable[[DenseScores], Tensor],
) -> None:
    scores = SCORES.clone().requires_grad_()
    other = SCORES.clone()
    other.diagonal(dim1=-2, dim2=-1).fill_(math.inf)
    assert torch.equal(sum_of(DenseScores(scores)), sum_of(DenseScores(other)))
    sum_of(DenseScores(scores)).sum().backward()
    assert scores.grad is not None
    assert (scores.grad.diagonal(dim1=-2, dim2=-1) == 0).all()


def test_a_tensor_is_a_score_matrix_if_it_is_square_and_large_enough() -> None:
    assert score_matrix_of(SCORES, at_least=2).size == NUMBER
    with pytest.raises(UserError, match="expected"):
        score_matrix_of(SCORES[:, :3], at_least=1)
    with pytest.raises(UserError, match="at least 2"):
        score_matrix_of(torch.zeros(1, 1), at_least=2)
    alone = TiledScores(torch.zeros(1, 2), torch.zeros(1, 2), rows_at_once=1)
    with pytest.raises(UserError, match="at least 2"):
        score_matrix_of(alone, at_least=2)


class Meeting:
    """Threads in place of processes: each gives a tensor and gets those of all."""

    def __init__(self, count: int) -> None:
        self.given: list[Tensor] = [torch.empty(0)] * count
        self.barrier = Barrier(count)

    def exchange(self, rank: int, tensor: Tensor) -> list[Tensor]:
        self.given[rank] = tensor
        self.barrier.wait()
        everything = list(self.given)
        self.barrier.wait()
        return everything


@dataclass(frozen=True)
class Attending(Processes):
    """A process that meets the others in one."""

    meeting: Meeting = field(default_factory=lambda: Meeting(1))

    def sum(self, values: Tensor) -> Tensor:
        return torch.stack(self.meeting.exchange(self.rank, values)).sum(dim=0)

    def log_sum_exp(self, values: Tensor) -> Tensor:
        return torch.stack(self.meeting.exchange(self.rank, values)).logsumexp(dim=0)


def test_every_sum_over_rows_of_several_processes_is_that_of_the_whole() -> None:
    whole, begins = DenseScores(SCORES), (0, 2, 3, NUMBER)
    sums: list[Callable[[DenseScores], Tensor]] = [
        lambda matrix: matrix.joint_mean(torch.square),
        lambda matrix: matrix.negatives_mean(torch.square),
        lambda matrix: matrix.log_partition(),
        lambda matrix: matrix.anchors_contrast(),
        lambda matrix: matrix.candidates_contrast(),
        lambda matrix: matrix.candidates_excess(),
    ]
    meeting = Meeting(3)
    parts = [
        DenseScores(SCORES[:, begin:end], begin, Attending(rank, 3, meeting))
        for rank, (begin, end) in enumerate(pairwise(begins))
    ]
    with ThreadPoolExecutor(3) as threads:
        for each in sums:
            for value in threads.map(each, parts):
                torch.testing.assert_close(value, each(whole), rtol=1e-12, atol=0)


def test_score_matrices_say_how_they_are_held() -> None:
    u = torch.zeros(NUMBER, 2)
    assert repr(DenseScores(SCORES)) == "DenseScores(size=5, rows=5, processes=1)"
    tiled = TiledScores(u, u, rows_at_once=2)
    assert repr(tiled) == "TiledScores(size=5, rows_at_once=2, processes=1)"
    resampled = ResampledScores(SCORES[0], torch.ones(3, NUMBER))
    assert repr(resampled) == "ResampledScores(size=5, bootstraps=3)"
