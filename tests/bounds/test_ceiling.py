"""The most that a bound can read, against scores that come as near to it as can be."""

import math

import pytest
import torch

from infomax.bounds import BOUNDS, ceiling


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("largest", [0.01, 1.0, 10.0])
def test_no_scores_within_reach_are_above_it_and_the_best_reach_it(
    name: str, largest: float
) -> None:
    bound, generator = BOUNDS[name](), torch.Generator().manual_seed(0)
    highest = ceiling(bound, 12, largest_score=largest)
    for _ in range(50):
        scores = largest * (2 * torch.rand(12, 12, generator=generator) - 1)
        assert float(bound.read(scores.fill_diagonal_(largest))) <= highest
    best = torch.full((12, 12), -largest).fill_diagonal_(largest)
    assert float(bound.read(best)) == pytest.approx(highest, abs=1e-4)


def test_without_a_largest_score_only_infonce_has_one() -> None:
    limited = {name for name in BOUNDS if ceiling(BOUNDS[name](), 8) < math.inf}
    assert limited == {"infonce", "infonce-columns", "infonce-symmetric"}
    assert ceiling(BOUNDS["infonce"](), 8) == math.log(8)
