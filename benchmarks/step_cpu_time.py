"""CPU time of a training step, compiled and not, on a machine that others use too.

Short turns of all three, so that each meets the same neighbours; the least is what the code takes
when none of them is in its way, the median of the ratios what it takes among them.

`OMP_NUM_THREADS=1 python -m benchmarks.step_cpu_time`
"""

import time
from statistics import median

import torch

from benchmarks import bench_training_step
from benchmarks.bench_training_step import bare, ours
from infomax.studies.image_pairs import ImagePairs

STEPS = 20
ROUNDS = 60


def main() -> None:
    """Print milliseconds of a step, and ratios to the bare loop."""
    bench_training_step.STEPS = STEPS
    pairs = ImagePairs.open("mnist", torch.device("cpu")).train
    contestants = {
        "bare loop": bare(pairs),
        "not compiled": ours(pairs, "bilinear"),
        "compiled": ours(pairs, "bilinear", compile=True),
    }
    for name, run in contestants.items():
        began = time.perf_counter()
        run()
        print(f"first {STEPS} steps, {name}: {time.perf_counter() - began:.1f} s", flush=True)
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            began = time.process_time()
            run()
            taken[name].append((time.process_time() - began) / STEPS)
    yardstick = taken["bare loop"]
    for name, seconds in taken.items():
        ratio = median(ours / other for ours, other in zip(seconds, yardstick, strict=True))
        print(
            f"{name}: least {1e3 * min(seconds):.2f} ms, {min(seconds) / min(yardstick):.3f} of the"
            f" bare loop's; median {1e3 * median(seconds):.2f} ms, ratio {ratio:.3f}"
        )


if __name__ == "__main__":
    main()
