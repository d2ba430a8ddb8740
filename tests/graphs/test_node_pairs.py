"""Scores of node pairs against loops, and against a score matrix that holds the same."""

import math

import pytest
import torch

from infomax.bounds import BOUNDS
from infomax.graphs import NodePairScores, Ring
from infomax.graphs.node_products import ring_products
from infomax.score_matrix import DenseScores


def test_all_others_as_negatives_are_the_score_matrix() -> None:
    scores = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    dense = DenseScores(scores)
    others = torch.tensor([[(i + k) % 6 for k in range(1, 6)] for i in range(6)])
    pairs = NodePairScores(
        scores.diagonal(),
        scores.gather(1, others),
        negatives_of_candidates=scores.T.gather(1, others),
    )
    assert pairs.size == dense.size
    for ask in ("joint_mean", "log_partition", "anchors_contrast", "candidates_contrast"):
        assert getattr(pairs, ask)().item() == pytest.approx(getattr(dense, ask)().item(), rel=1e-5)
    assert pairs.candidates_excess().item() == pytest.approx(
        dense.candidates_excess().item(), rel=1e-5
    )
    for name, make in BOUNDS.items():
        if make().computed_from != "whole":
            found, expected = make().estimate(pairs), make().estimate(dense)
            assert found.item() == pytest.approx(expected.item(), rel=1e-5), name


def test_pairs_that_share_anchors_are_weighted() -> None:
    generator = torch.Generator().manual_seed(1)
    pairs, negatives = torch.randn(4, generator=generator), torch.randn(3, 2, generator=generator)
    weights, anchors = torch.tensor([0.5, 1.0, 2.0, 0.25]), torch.tensor([0, 0, 2, 1])
    found = NodePairScores(pairs, negatives, anchors=anchors, weights=weights)
    mass = float(weights.sum())
    joint = sum(float(w * s) for w, s in zip(weights, pairs, strict=True)) / mass
    partition = sum(
        float(w) * sum(math.exp(float(each)) for each in negatives[a]) / 2
        for w, a in zip(weights, anchors, strict=True)
    )
    contrast = sum(
        float(w)
        * (
            float(s)
            - math.log(math.exp(float(s)) + sum(math.exp(float(each)) for each in negatives[a]))
        )
        for w, s, a in zip(weights, pairs, anchors, strict=True)
    )
    assert found.joint_mean().item() == pytest.approx(joint, rel=1e-5)
    assert found.log_partition().item() == pytest.approx(math.log(partition / mass), rel=1e-5)
    assert found.anchors_contrast().item() == pytest.approx(contrast / mass, rel=1e-5)


def test_each_node_is_as_often_a_negative_as_it_has_some() -> None:
    ring = Ring(9, 4, torch.Generator().manual_seed(0))
    assert ring.negatives.flatten().bincount().tolist() == [4] * 9
    assert all(len(set(row)) == 4 for row in ring.negatives.tolist())


def test_negatives_are_drawn_uniformly() -> None:
    generator = torch.Generator().manual_seed(0)
    counts = torch.zeros(5, 5)
    for _ in range(2_000):
        counts[torch.arange(5)[:, None], Ring(5, 2, generator).negatives] += 1
    shares = counts / 2_000
    assert shares.diagonal().sum() == 0
    # Two of four others: standard error 0.011.
    assert (shares[~torch.eye(5, dtype=torch.bool)] - 0.5).abs().max() < 0.05


def test_scores_of_candidates_are_those_of_their_anchors() -> None:
    generator = torch.Generator().manual_seed(0)
    u, v = torch.randn(7, 3, generator=generator), torch.randn(7, 3, generator=generator)
    ring = Ring(7, 3, generator)
    scores = ring_products(u, v, ring)
    torch.testing.assert_close(scores, (u @ v.T).gather(1, ring.negatives))
    of_candidates = ring.of_candidates(scores)
    for candidate in range(7):
        anchors = (ring.negatives == candidate).any(dim=1).nonzero().flatten()
        expected = sorted((u[anchors] @ v[candidate]).tolist())
        assert sorted(of_candidates[candidate].tolist()) == pytest.approx(expected, rel=1e-5)
