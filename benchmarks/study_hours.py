"""What each study costs on this machine, and the hours that the `paper` preset would take.

Run it with ``python benchmarks/study_hours.py``. It makes the jobs of the preset, times some
updates and one evaluation of one job of each configuration, and multiplies.
"""

import platform
import time

import torch

from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob, training_jobs
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.reproduction import Reproduction
from infomax.studies.run_job import JobContext

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SECONDS_OF_UPDATES = 4.0


def seconds_of(job: TrainingJob, images: ImagePairs) -> tuple[float, float]:
    """Return the seconds of one update of all seeds of a job, and of one evaluation of one seed."""
    experiment = JobContext(DEVICE, {job.study.image_views(job.dataset): images}).experiment(job)
    experiment.training.update().loss.cpu()
    began, made = time.perf_counter(), 0
    while made < 2 or time.perf_counter() - began < SECONDS_OF_UPDATES:
        experiment.training.update().loss.cpu()
        made += 1
    update = (time.perf_counter() - began) / made
    began = time.perf_counter()
    with torch.no_grad():
        experiment.evaluate(0, job.study.evaluate_every)
    return update, time.perf_counter() - began


def main() -> None:
    """Print steps per second, seconds of an evaluation, and hours."""
    images = ImagePairs.open("mnist", DEVICE)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    total = 0.0
    for entry in PAPER_STUDIES:
        study, hours = entry.full, 0.0
        jobs = list(
            training_jobs(Reproduction(preset="full", device="cpu", studies=(study,)), DEVICE)
        )
        for configuration in study.configurations():
            of_configuration = [job for job in jobs if job.configuration == configuration]
            job = of_configuration[0]
            update, evaluation = seconds_of(job, images)
            updates = update * study.steps * len(study.seeds) / len(job.seeds)
            evaluations = evaluation * len(study.evaluation_steps) * len(study.seeds)
            hours += (updates + evaluations) / 3600
            print(
                f"{job.label}: {len(job.seeds) / update:.1f} steps/s, {evaluation:.1f} s for each "
                f"evaluation, {updates / 3600:.1f} + {evaluations / 3600:.1f} hours",
                flush=True,
            )
        total += hours
        print(f"{study.name}: {hours:.1f} hours at full scale", flush=True)
    print(f"all studies: {total:.0f} hours")


if __name__ == "__main__":
    main()
