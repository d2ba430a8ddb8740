"""Seeds trained side by side, beside the same seeds trained one after the other.

The jobs are those that ``infomax reproduce`` makes, so an encoder that does not pay on this device
is trained alone: its ratio is 1 but for noise, and has no target.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch

from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.studies.catalogue import STUDIES
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob, training_jobs
from infomax.studies.reproduction import Reproduction
from infomax.studies.run_job import JobContext
from infomax.studies.study import AnyStudy

ROUNDS = 9
CPU = torch.device("cpu")


class Case(NamedTuple):
    """What is trained.

    Attributes:
        study: of the catalogue.
        encoder: one of the study's.
        seeds: how many.
        updates: of each in a round.
        at_most: the largest ratio that is asked for.
    """

    study: str
    encoder: str
    seeds: int
    updates: int
    at_most: float = 1.0


CASES = (
    Case("critics", "mlp", 2, 40),
    Case("critics", "mlp", 4, 20),
    Case("critics", "mlp", 8, 20, at_most=0.9),
    Case("non-iid", "identity", 2, 40),
    Case("non-iid", "identity", 8, 20),
    Case("conditioning", "residual-mlp", 2, 20),
    Case("matched-bound", "convnet", 2, 5),
    Case("bijective", "realnvp-additive", 2, 2),
)


def one_configuration(case: Case) -> AnyStudy:
    """Return a study of the catalogue with one cell in its grid."""
    study = STUDIES[case.study].full
    return study.model_copy(
        update={
            "encoders": (case.encoder,),
            "datasets": study.datasets[:1],
            "critics": study.critics[:1],
            "bounds": ("infonce",),
            "targets": study.targets[:1],
            "seeds": tuple(range(case.seeds)),
        }
    )


def updates_of(of_jobs: list[TrainingJob], images: ImagePairs, count: int) -> Callable[[], None]:
    """Return a function that updates every seed of the jobs so many times."""
    experiments = [
        JobContext(CPU, {job.study.image_views(job.dataset): images}).experiment(job)
        for job in of_jobs
    ]

    def run() -> None:
        for experiment in experiments:
            for _ in range(count):
                update = experiment.training.update()
            update.loss.cpu()

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.study}-{case.seeds}")
def test_seeds_beside_the_same_one_after_the_other(
    case: Case, compare: Compare, table: list[Row], images: ImagePairs
) -> None:
    study = one_configuration(case)
    jobs = list(training_jobs(Reproduction(preset="full", device="cpu", studies=(study,)), CPU))
    alone = [
        TrainingJob(job.study, job.configuration, (seed,)) for job in jobs for seed in job.seeds
    ]
    contestants = [updates_of(each, images, case.updates) for each in (jobs, alone)]
    turns = compare(*contestants, rounds=ROUNDS)
    table.append(
        turns.row(
            f"step of {case.seeds} seeds, {case.study}, {case.encoder}",
            how="trained alone, the same work" if jobs == alone else "side by side",
            beside="one after the other",
            at_most=None if jobs == alone else case.at_most,
            times=case.updates,
        )
    )
