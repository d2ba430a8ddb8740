"""DGI of a graph here and by PyTorch Geometric: seconds of an epoch, and memory, in turns.

    python benchmarks/graphs.py cora.npz --epochs 30 --rounds 5

Both train one graph convolution of 512 outputs by Adam on the whole graph. Ours also watches its
loss and keeps its best weights, as a run does. PyTorch Geometric's is its own example
(`DeepGraphInfomax`, `GCNConv`, a PReLU of 512 slopes), on the same features. Each is a process of
its own for a round: seconds are of the process, so that others on the machine are not counted, and
memory is the rise of its peak over what it held when the graph was prepared.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from infomax.data import Graph, open_graph
from infomax.encoders.graphs import GraphTensors
from infomax.graphs import GraphConfig, train_graph_encoder

_CONTESTANTS = ("infomax", "geometric")


def main() -> None:
    """Print the median of each contestant's rounds, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help=".npz of a graph")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contestant", choices=_CONTESTANTS, help="make one round of it")
    given = parser.parse_args()
    if given.contestant:
        print(json.dumps(_round(given.contestant, given.graph, given.epochs)))
        return
    found: dict[str, list[dict[str, float]]] = {each: [] for each in _CONTESTANTS}
    for _ in range(given.rounds):
        for each in _CONTESTANTS:
            words = [str(given.graph), "--epochs", str(given.epochs), "--contestant", each]
            done = subprocess.run(
                [sys.executable, "-W", "ignore", __file__, *words],
                capture_output=True,
                text=True,
                check=True,
            )
            found[each].append(json.loads(done.stdout))
    for what in ("milliseconds of an epoch", "MiB"):
        ours, theirs = (np.array([each[what] for each in found[name]]) for name in _CONTESTANTS)
        print(
            f"{given.graph.stem}: {what}: {np.median(ours):.1f} beside {np.median(theirs):.1f}, "
            f"ratio {np.median(ours / theirs):.2f} ({(ours / theirs).min():.2f} to "
            f"{(ours / theirs).max():.2f})"
        )


def _round(contestant: str, path: Path, epochs: int) -> dict[str, float]:
    graph = open_graph(path)
    prepare = _of_geometric if contestant == "geometric" else _of_infomax
    train = prepare(graph)
    train(2)  # What is set up at the first epoch.
    # The peak from here on: Linux sets it back to what is held now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, began = _status("VmRSS"), time.process_time()
    train(epochs)
    seconds = time.process_time() - began
    return {
        "milliseconds of an epoch": 1_000 * seconds / epochs,
        "MiB": (_status("VmHWM") - before) / 1024,
    }


def _of_infomax(graph: Graph) -> Callable[[int], Any]:
    return lambda epochs: train_graph_encoder(graph, GraphConfig(epochs=epochs, patience=epochs))


def _of_geometric(graph: Graph) -> Callable[[int], Any]:
    from torch_geometric.nn import DeepGraphInfomax, GCNConv  # noqa: PLC0415

    tensors = GraphTensors(graph)
    own = tensors.own_features
    features = own if isinstance(own, torch.Tensor) else own.to_dense()

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = GCNConv(features.shape[1], 512)
            self.slopes = torch.nn.PReLU(512)

        def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
            codes: torch.Tensor = self.slopes(self.convolution(x, edge_index))
            return codes

    def corruption(x: torch.Tensor, edge_index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x[torch.randperm(len(x))], edge_index

    def train(epochs: int) -> None:
        model = DeepGraphInfomax(
            hidden_channels=512,
            encoder=Encoder(),
            summary=lambda codes, *_: codes.mean(dim=0).sigmoid(),
            corruption=corruption,
        )
        adam = torch.optim.Adam(model.parameters(), lr=0.001)
        for _ in range(epochs):
            adam.zero_grad()
            loss = model.loss(*model(features, tensors.edge_index))
            loss.backward()
            adam.step()

    return train


def _status(name: str) -> float:
    """Return a line of this process's status, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name)))


if __name__ == "__main__":
    main()
