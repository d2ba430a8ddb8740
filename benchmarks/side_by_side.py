"""Seeds trained side by side, beside the same seeds trained one after the other.

Run it with ``make bench`` or ``python benchmarks/side_by_side.py``. It takes the jobs as
``infomax reproduce`` makes them, so an encoder that does not pay on this device is trained alone
and its ratio is 1 but for noise. Contestants alternate, and ratios are of medians of one run.
"""

import platform
import statistics
import time
from collections.abc import Callable

import torch

from infomax.data import load_dataset
from infomax.studies.catalogue import STUDIES
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job, jobs_of
from infomax.studies.reproduce import experiment_of
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy

ROUNDS = 9
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CASES = (
    # study, encoder, seeds, updates of each in a round
    ("critics", "mlp", 2, 40),
    ("critics", "mlp", 4, 20),
    ("critics", "mlp", 8, 20),
    ("non-iid", "identity", 2, 40),
    ("non-iid", "identity", 8, 20),
    ("conditioning", "residual-mlp", 2, 20),
    ("matched-bound", "convnet", 2, 5),
    ("bijective", "realnvp-additive", 2, 2),
)


def one_configuration(name: str, encoder: str, seeds: int) -> AnyStudy:
    """Return a study of the catalogue with one cell in its grid."""
    study = STUDIES[name]
    return study.model_copy(
        update={
            "encoders": (encoder,),
            "datasets": study.datasets[:1],
            "critics": study.critics[:1],
            "estimators": ("infonce",),
            "targets": study.targets[:1],
            "seeds": tuple(range(seeds)),
        }
    )


def jobs(study: AnyStudy, *, alone: bool) -> list[Job]:
    """Return a study's jobs: as they are made, or each seed alone."""
    made = list(jobs_of(Reproduction(preset="paper", device="cpu", studies=(study,)), DEVICE))
    if not alone:
        return made
    return [Job(job.study, job.configuration, (seed,)) for job in made for seed in job.seeds]


def updates(of_jobs: list[Job], images: ImagePairs, count: int) -> Callable[[], None]:
    """Return a function that updates every seed of the jobs so many times."""
    experiments = [experiment_of(job, images, ImageProbe(), DEVICE) for job in of_jobs]

    def run() -> None:
        for experiment in experiments:
            for _ in range(count):
                update = experiment.training.update()
            update.loss.cpu()

    return run


def main() -> None:
    """Print milliseconds and ratios."""
    images = ImagePairs.of(load_dataset("mnist"), DEVICE)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    for name, encoder, seeds, count in CASES:
        study = one_configuration(name, encoder, seeds)
        grouped = jobs(study, alone=False)
        contestants = [
            updates(of_jobs, images, count) for of_jobs in (grouped, jobs(study, alone=True))
        ]
        times: list[list[float]] = [[], []]
        for run in contestants:
            run()
        for _ in range(ROUNDS):
            for place, run in enumerate(contestants):
                began = time.perf_counter()
                run()
                times[place].append((time.perf_counter() - began) / count * 1e3)
        beside, alone = (statistics.median(each) for each in times)
        ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
        print(
            f"{name:14} {encoder:17} {seeds} seeds in {len(grouped)} jobs: {beside:8.2f} ms a step "
            f"of all, one after the other {alone:8.2f}, ratio {ratio:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
