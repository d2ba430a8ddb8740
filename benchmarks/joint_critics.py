"""What networks of x and y together add to critics of products of codes, and what they cost.

Run it with ``python benchmarks/joint_critics.py``. Critics are trained twice on the same pairs: as
``infonce-symmetric`` trains them, and with a network of both sides as one more correction. Seconds
are of the processor, on one thread. Each row is printed as soon as it is measured.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from infomax.bounds import find_bound
from infomax.critics import Critic
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import fitted_scaling
from infomax.estimation.neural.beginnings import try_beginnings
from infomax.estimation.neural.critic import CriticMaker, RefitCritic
from infomax.estimation.neural.fit import NeuralFit, fit_neural
from infomax.estimation.neural.networks import additive_critics, network_critics, with_radius
from infomax.estimation.samples import read_samples
from infomax.estimation.split import Refit
from infomax.estimation.task import EstimationSettings, EstimationTask
from infomax.layers import dense
from infomax.training import NoProgress, generator_for

TASKS = ("2v1-waves-12-5.0-3.0", "spiral-multinormal-sparse-3-3-2-2.0", "1v1-X-0.9", "1v1-AI")
SCALING = "rank-gaussian"
HIDDEN = (32, 16)


class JointNetwork(Critic):
    """Scores all pairs by a network of two hidden layers; its first is linear in each side."""

    def __init__(self, x_size: int, y_size: int, generator: torch.Generator) -> None:
        super().__init__()
        first, second = HIDDEN
        self.of_x = dense(x_size, first, generator)
        self.of_y = dense(y_size, first, generator, bias=False)
        self.second = dense(first, second, generator)
        self.output = dense(second, 1, generator)
        with torch.no_grad():
            self.output.weight.zero_()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        first = self.of_x(x).unsqueeze(-2) + self.of_y(y).unsqueeze(-3)
        scores: Tensor = self.output(self.second(first.relu()).relu()).squeeze(-1)
        return scores


def joint_critics(x: Array, y: Array, refits: Sequence[Refit], seed: int) -> list[RefitCritic]:
    """Make the joint networks of all refits; they see what networks of one side see."""
    critics = []
    for index, refit in enumerate(refits):
        of_x, of_y = (
            with_radius(torch.from_numpy(fitted_scaling(SCALING, side[refit.train])(side))).numpy()
            for side in (x, y)
        )
        generator = generator_for(seed, f"joint network of refit {index}")
        critic = JointNetwork(of_x.shape[1], of_y.shape[1], generator)
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics


def fit(x: Array, y: Array, *, joint: bool) -> tuple[NeuralFit, float]:
    """Train critics, and return them with the seconds that it took."""
    began = time.process_time()
    split = EstimationTask(read_samples(x, y), EstimationSettings()).split
    corrections: list[CriticMaker] = [additive_critics, partial(network_critics, scaling=SCALING)]
    trained = fit_neural(
        x,
        y,
        split,
        find_bound("infonce-symmetric"),
        [*corrections, *([joint_critics] if joint else [])],
        beginnings=try_beginnings(x, y, split.refits, 0),
        seed=0,
        progress=NoProgress(),
    )
    return trained, time.process_time() - began


def main() -> None:
    """Measure each task with and without joint networks, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="*", default=TASKS, choices=list(DISTRIBUTIONS))
    parser.add_argument("--n", type=int, default=5000)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print("| task | truth | held out | s | with joint networks | s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in asked.tasks:
        task = DISTRIBUTIONS[name]
        x, y = (side.numpy() for side in task.sample(asked.n, torch.Generator().manual_seed(0)))
        cells = [name, f"{task.mutual_information:.3f}"]
        for joint in (False, True):
            trained, seconds = fit(x, y, joint=joint)
            cells += [f"{trained.value:.3f}", f"{seconds:.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
