"""The cost of a training step, beside a bare PyTorch loop that does the same arithmetic.

Run it with ``make bench`` or ``python benchmarks/training_step.py``. It alternates the contestants,
so that a machine whose speed drifts is fair to all, and prints medians and ratios.
"""

import math
import platform
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.data import load_dataset
from infomax.encoders import MLPEncoder
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    NoProgress,
    Objective,
    Optimisation,
    PairModel,
    Pairs,
    PairTraining,
    ShuffledBatches,
    generator_for,
    train_in_blocks,
)

BATCH_SIZE = 128
STEPS = 200
ROUNDS = 15


def ours(pairs: Pairs, critic: str) -> Callable[[], None]:
    """Return a function that trains for ``STEPS`` steps with the package's own loop."""
    view_shape = (14, 28, 1)
    x_encoder, y_encoder = (MLPEncoder(view_shape, generator_for(0, side)) for side in ("x", "y"))
    model = PairModel(x_encoder, y_encoder, CRITICS[critic](100, 100, generator_for(0, "critic")))
    batches = ShuffledBatches(pairs.x, pairs.y, BATCH_SIZE, [generator_for(0, "batches")])
    objective = Objective(BOUNDS["infonce"]())
    training = PairTraining([model], batches, objective, optimisation=Optimisation(1e-4))

    def steps() -> None:
        train_in_blocks(
            training,
            steps=STEPS,
            evaluation_steps=(),
            evaluate=lambda _step, _places: None,
            progress=NoProgress(),
        )

    return steps


def bare(pairs: Pairs) -> Callable[[], None]:
    """Return a function that does the same with PyTorch alone, as one would write it first."""

    def encoder() -> nn.Sequential:
        return nn.Sequential(
            nn.Linear(392, 300), nn.ReLU(), nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 100)
        )

    x_encoder, y_encoder = encoder(), encoder()
    product = nn.Linear(100, 100, bias=False)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for rows in torch.randperm(len(pairs)).split(BATCH_SIZE):
                if len(rows) == BATCH_SIZE:
                    yield pairs.x[rows], pairs.y[rows]

    drawn = batches()
    parameters = [*x_encoder.parameters(), *y_encoder.parameters(), *product.parameters()]

    def steps() -> None:
        optimiser = torch.optim.Adam(parameters, lr=1e-4)
        for _ in range(STEPS):
            x, y = next(drawn)
            scores = x_encoder(x) @ product(y_encoder(y)).T
            bound = math.log(BATCH_SIZE) + (scores.diagonal() - scores.logsumexp(1)).mean()
            optimiser.zero_grad()
            (-bound).backward()
            optimiser.step()

    return steps


def main() -> None:
    """Print milliseconds per step and ratios."""
    pairs = ImagePairs.of(load_dataset("mnist"), torch.device("cpu")).train
    contestants = {
        "bare PyTorch loop, bilinear": bare(pairs),
        "infomax, bilinear": ours(pairs, "bilinear"),
        "infomax, separable": ours(pairs, "separable"),
        "infomax, concat": ours(pairs, "concat"),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for steps in contestants.values():
        steps()
    for _ in range(ROUNDS):
        for name, steps in contestants.items():
            began = time.perf_counter()
            steps()
            times[name].append((time.perf_counter() - began) / STEPS * 1e3)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    for name, values in times.items():
        print(f"{name:30} {medians[name]:7.3f} ms/step (fastest {min(values):.3f})")
    ratios = {
        "infomax bilinear / bare loop": ("infomax, bilinear", "bare PyTorch loop, bilinear", 1.0),
        "infomax concat / bilinear": ("infomax, concat", "infomax, bilinear", 4.0),
    }
    for name, (above, below, limit) in ratios.items():
        paired = [a / b for a, b in zip(times[above], times[below], strict=True)]
        print(f"{name:30} {statistics.median(paired):7.2f} (at most {limit:g} is asked for)")


if __name__ == "__main__":
    main()
