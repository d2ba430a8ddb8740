"""The held-out bound on random batches of test pairs, and on batches in the order of the file.

Pairs that lie together in MNIST's test files come from the same writers: batches cut from the file
in its order are not independent draws, and a bound on them is another number.
"""

import torch

from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic
from infomax.encoders import MLPEncoder
from infomax.evaluation import means_over_batches
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    Trainer,
    generator_for,
)

STEPS = 6_000
BATCH_SIZE = 128
OF_THE_PAPER = ("infonce", "nwj")


def main() -> None:
    """Print both bounds, with the bound on training batches beside them."""
    images = ImagePairs.open("mnist", torch.device("cpu"))
    print(f"torch {torch.__version__}, {STEPS} steps, MLP encoders, bilinear critic")
    for name in OF_THE_PAPER:
        bound = BOUNDS[name]()
        model = PairModel(
            MLPEncoder(images.view_shape, generator_for(0, "x-encoder")),
            MLPEncoder(images.view_shape, generator_for(0, "y-encoder")),
            BilinearCritic(100, 100, generator_for(0, "critic")),
        )
        pairs, order = images.train, generator_for(0, "batches")
        batches = ShuffledBatches(pairs.x, pairs.y, BATCH_SIZE, [order])
        Trainer(STEPS).fit(
            PairTraining([model], batches, Objective(bound), optimizer=OptimizerConfig(1e-4))
        )
        test = images.test
        in_order = [
            pair
            for pair in zip(test.x.split(BATCH_SIZE), test.y.split(BATCH_SIZE), strict=True)
            if len(pair[0]) == BATCH_SIZE
        ]
        looked_at = {
            "training pairs, random batches": images.train.one_pass(
                BATCH_SIZE, generator_for(0, "train")
            ),
            "test pairs, random batches": test.one_pass(BATCH_SIZE, generator_for(0, "test")),
            "test pairs, in file order": in_order,
            "  of these, the first half": in_order[: len(in_order) // 2],
            "  of these, the second half": in_order[len(in_order) // 2 :],
        }
        for of_what, drawn in looked_at.items():
            estimate = means_over_batches(model, drawn, {"bound": bound.estimate})["bound"]
            interval = f"[{estimate.low:.2f}, {estimate.high:.2f}]"
            print(f"{name:8} {of_what:31} {estimate.mean:6.2f} {interval} nats", flush=True)


if __name__ == "__main__":
    main()
