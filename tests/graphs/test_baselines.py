"""Baselines against dense arithmetic."""

import numpy as np
import torch

from infomax.data import make_graph
from infomax.graphs import propagated_features, raw_features


def test_features_are_averaged_twice() -> None:
    features = np.zeros((5, 40))
    features[np.arange(5), np.arange(5) * 7] = [1, 2, 3, 4, 5]
    features[0, 3] = 3
    ring = np.stack([np.arange(5), (np.arange(5) + 1) % 5])
    graph = make_graph("ring", features, ring)
    raw = raw_features(graph)
    torch.testing.assert_close(
        raw, torch.from_numpy(features / features.sum(axis=1, keepdims=True)).float()
    )
    average = (torch.from_numpy(graph.adjacency().toarray()) + torch.eye(5)) / 3
    torch.testing.assert_close(propagated_features(graph), average @ average @ raw)
