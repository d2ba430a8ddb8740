"""What is measured of a batch, beside loops over its pairs."""

import math

import pytest
import torch

from infomax.bounds import find_bound
from infomax.evaluation import alignment, effective_rank, uniformity
from infomax.monitor import read_batch


def test_a_batch_is_measured_as_in_loops() -> None:
    draws = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 12, 9, generator=draws)
    y[3] = y[7]
    labels = torch.tensor([0, 1, 2] * 4)
    bound = find_bound("infonce-symmetric")
    reading, signs = read_batch(x, y, bound=bound, temperature=0.5, labels=labels, step=7)

    def cosine(i: int, j: int) -> float:
        return float(x[i] @ y[j] / (x[i].norm() * y[j].norm())) / 0.5

    rows = columns = 0.0
    for i in range(12):
        rows += cosine(i, i) - math.log(sum(math.exp(cosine(i, j)) for j in range(12)) / 12)
        columns += cosine(i, i) - math.log(sum(math.exp(cosine(j, i)) for j in range(12)) / 12)
    assert reading.bound == pytest.approx((rows + columns) / 24, abs=1e-5)
    most = math.log(12) - math.log1p(11 * math.exp(-4))
    assert reading.ceiling == pytest.approx(min(most, math.log(12) - 2 * math.log(2) / 12))
    assert reading.gap == pytest.approx(reading.ceiling - reading.bound)
    assert reading.duplicates == pytest.approx(2 / 12)
    same = sum(i != j and labels[i] == labels[j] for i in range(12) for j in range(12))
    assert reading.same_label == pytest.approx(float(same) / (12 * 11))
    assert reading.alignment == alignment(x, y)
    assert (reading.effective_rank_x, reading.uniformity_y) == (effective_rank(x), uniformity(y))
    assert (reading.step, reading.pairs, reading.collapsed, signs) == (7, 12, 0.0, [])


def test_what_is_not_known_is_not_logged() -> None:
    x, y = torch.eye(8), torch.eye(8)
    reading, _ = read_batch(x, y, bound=find_bound("infonce"), temperature=0.1)
    metrics = reading.metrics("mine/")
    assert "mine/same_label" not in metrics
    assert "mine/step" not in metrics
    assert metrics["mine/alignment"] == 0.0


def test_codes_of_half_precision_and_codes_that_are_not_finite_are_measured() -> None:
    x, y = torch.randn(2, 16, 4, generator=torch.Generator().manual_seed(0))
    bound = find_bound("infonce")
    half, _ = read_batch(x.bfloat16(), y.bfloat16(), bound=bound, temperature=0.5)
    whole, _ = read_batch(x, y, bound=bound, temperature=0.5)
    assert half.bound == pytest.approx(whole.bound, abs=0.02)
    x[0, 0] = math.nan
    broken, signs = read_batch(x, y, bound=bound, temperature=0.5)
    assert broken.collapsed == 1.0
    assert signs == ["view x: 1 of 16 codes hold values that are not finite"]
