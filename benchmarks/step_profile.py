"""Where the time of a training step goes, operator by operator.

Run it with ``python benchmarks/step_profile.py > docs/step_profile.txt``: the step of the study
``critics`` (MLP encoders 300-300-100, bilinear critic, InfoNCE, batches of 128, Adam), as a table
of text. The profiler itself slows the smallest operators, so shares say more than microseconds.
"""

import time
from datetime import datetime

import torch
from torch.profiler import ProfilerActivity, profile

from infomax.bounds import BOUNDS
from infomax.critics import BilinearCritic
from infomax.encoders import MLPEncoder
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    describe_environment,
    generator_for,
)

BATCH_SIZE = 128
STEPS = 200
LEAST_SHARE = 0.005


def training() -> PairTraining[PairModel]:
    """Return the training whose step is looked at."""
    pairs = ImagePairs.open("mnist", torch.device("cpu")).train
    x_encoder, y_encoder = (MLPEncoder((14, 28, 1), generator_for(0, side)) for side in "xy")
    model = PairModel(x_encoder, y_encoder, BilinearCritic(100, 100, generator_for(0, "critic")))
    return PairTraining(
        [model],
        ShuffledBatches(pairs.x, pairs.y, BATCH_SIZE, [generator_for(0, "batches")]),
        Objective(BOUNDS["infonce"]()),
        optimizer=OptimizerConfig(1e-4),
    )


def multiplications(trained: PairModel) -> float:
    """Return the multiply-adds of a step: encoders forward and backward, product and scores."""
    of_layers = 0
    for encoder in (trained.x_encoder, trained.y_encoder):
        sizes = [each.numel() for each in encoder.parameters() if each.ndim == 2]
        # Forward, gradients of weights, and gradients of inputs, which the first layer needs none.
        of_layers += 3 * sum(sizes) - sizes[0]
    code = 100
    return float(BATCH_SIZE * (of_layers + 3 * code * code + 3 * BATCH_SIZE * code))


def main() -> None:
    """Print the table."""
    trained = training()
    for _ in range(STEPS):
        trained.update()
    began = time.perf_counter()
    for _ in range(STEPS):
        trained.update()
    step = (time.perf_counter() - began) / STEPS
    matrix = torch.randn(2048, 2048)
    matrix @ matrix
    began = time.perf_counter()
    for _ in range(3):
        matrix @ matrix
    rate = 3 * 2048**3 / (time.perf_counter() - began)
    work = multiplications(trained.modules[0])
    about = describe_environment(torch.device("cpu"), "python benchmarks/step_profile.py")
    print(f"{about['command']}, {datetime.now().astimezone():%Y-%m-%d %H:%M}")
    print(
        f"{about['device']}, cores: {about['cores']}, threads: {about['threads']}, "
        f"torch {about['torch']}, {about['machine']}"
    )
    print(
        f"a step takes {1e3 * step:.2f} ms; its {work / 1e6:.0f} million multiply-adds take "
        f"{1e3 * work / rate:.2f} ms at the rate of a product of 2048 x 2048 "
        f"({2e-9 * rate:.0f} GFLOP/s)"
    )
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for _ in range(STEPS):
            trained.update()
    events = sorted(
        profiled.key_averages(), key=lambda each: each.self_cpu_time_total, reverse=True
    )
    total = sum(each.self_cpu_time_total for each in events)
    print(f"{'operator':48} {'calls':>6} {'us':>8} {'share':>6}  (of one step)")
    others = 0.0
    for each in events:
        share = each.self_cpu_time_total / total
        if share < LEAST_SHARE:
            others += each.self_cpu_time_total
            continue
        print(
            f"{each.key[:48]:48} {each.count / STEPS:6.1f} "
            f"{each.self_cpu_time_total / STEPS:8.1f} {share:6.1%}"
        )
    print(f"{'all others':48} {'':6} {others / STEPS:8.1f} {others / total:6.1%}")


if __name__ == "__main__":
    main()
