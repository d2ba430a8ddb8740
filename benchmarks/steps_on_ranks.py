"""Seconds of a training step on however many processes this script is started."""

import json
import os
import sys

import torch

from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic
from infomax.encoders import MLPEncoder
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    connected,
    generator_for,
)

WARM_UP = 10


def main() -> None:
    """Print seconds of a step and the last loss, as the first process has them.

    Arguments are the pairs in a batch of all processes, and the steps.
    """
    batch_size, steps = map(int, sys.argv[1:])
    with connected("cpu") as connection:
        processes = connection.processes
        # All processes together have the cores that one alone would have.
        torch.set_num_threads(max(len(os.sched_getaffinity(0)) // processes.count, 1))
        images = ImagePairs.open("mnist", torch.device("cpu"))
        encoders = [MLPEncoder(images.view_shape, generator_for(0, side)) for side in "xy"]
        critic = BilinearCritic(100, 100, generator_for(0, "critic"))
        drawn = generator_for(0, "batches")
        training = PairTraining(
            [PairModel(encoders[0], encoders[1], critic)],
            ShuffledBatches(
                images.train.x, images.train.y, batch_size, [drawn], processes=processes
            ),
            Objective(BOUNDS["infonce"]()),
            optimizer=OptimizerConfig(1e-4),
            plan=BatchPlan(processes),
        )
        for _ in range(WARM_UP):
            training.update()
        began = processes.clock()
        for _ in range(steps):
            loss = training.update().loss
        took = (processes.clock() - began) / steps
        if processes.is_first:
            print(json.dumps({"seconds": took, "loss": loss.item()}), flush=True)


if __name__ == "__main__":
    main()
