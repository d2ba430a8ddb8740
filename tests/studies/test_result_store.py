"""The result store: what is finished is on disk, once, and is gone on with."""

import itertools
import json
from pathlib import Path

import pytest
import torch

from infomax.errors import UserError
from infomax.records import Measurement
from infomax.studies.catalogue import STUDIES
from infomax.studies.jobs import RawPixelsJob, TrainingJob, job_list
from infomax.studies.output_folder import OutputFolder
from infomax.studies.records import raw_pixels_record, run_record
from infomax.studies.reproduction import Reproduction
from infomax.studies.result_store import JobOutcome, ResultStore

REPRODUCTION = Reproduction(preset="full", device="cpu", studies=(STUDIES["critics"].full,))
LISTED = job_list(REPRODUCTION, torch.device("cpu"), {"mnist": "mnist"})
PIXELS = LISTED[0]
JOBS = [
    TrainingJob(STUDIES["critics"].full, configuration, (0, 1))
    for configuration in STUDIES["critics"].full.configurations()
]


def stored(
    path: Path, reproduction: Reproduction = REPRODUCTION, **environment: object
) -> ResultStore:
    folder = OutputFolder(path)
    folder.prepare(keep=True)
    about = {"command": "infomax", **environment}
    return ResultStore(reproduction, folder, about, LISTED)


@pytest.mark.parametrize("changes", [{"steps": 30_000}, {"seeds": (0, 1)}])
def test_records_of_other_settings_are_not_gone_on_with(
    changes: dict[str, object], tmp_path: Path
) -> None:
    stored(tmp_path).add(PIXELS, of_pixels(0.85))
    longer = STUDIES["critics"].full.model_copy(update=changes)
    other = REPRODUCTION.model_copy(update={"studies": (longer,)})
    with pytest.raises(UserError, match="are of other settings than these"):
        stored(tmp_path, other).resume()
    assert stored(tmp_path).resume() == []
    assert stored(tmp_path, REPRODUCTION.with_seeds(25)).resume() == []


def of_pixels(value: float) -> JobOutcome:
    measured = Measurement("test", "probe_accuracy", value)
    return JobOutcome([raw_pixels_record("critics", "mnist", 0, measured)])


def outcome(job: TrainingJob, value: float) -> JobOutcome:
    measured = Measurement("test", "bound", value)
    return JobOutcome(
        records=[run_record(job.configuration, "mnist", seed, 0, measured) for seed in job.seeds],
        training_seconds=2.5,
    )


def test_what_is_finished_is_known_after_resuming(tmp_path: Path) -> None:
    first = stored(tmp_path, threads=1)
    first.add(PIXELS, of_pixels(0.85))
    first.add(JOBS[0], outcome(JOBS[0], 0.1 + 0.2))
    failed = JobOutcome(failures={1: "the loss at step 7 is nan"})
    first.add(JOBS[1], failed)

    second = stored(tmp_path, threads=1)
    assert second.resume() == []
    assert second.finished == 4
    assert second.failures == [f"{JOBS[1].configuration.label}, seed 1: the loss at step 7 is nan"]
    assert isinstance(PIXELS, RawPixelsJob)
    assert second.remaining(PIXELS) is None
    assert second.remaining(JOBS[0]) is None
    assert second.remaining(JOBS[2]) == JOBS[2]

    second.add(JOBS[2], outcome(JOBS[2], -1.0))
    records, metadata = OutputFolder(tmp_path).read_records()
    assert records["value"].tolist() == [0.85, 0.1 + 0.2, 0.1 + 0.2, -1.0, -1.0]
    assert metadata["progress"]["finished"] == 6
    assert len(OutputFolder(tmp_path).read_timing_rows()) == 3


def test_a_run_is_not_run_again_in_a_job_of_other_seeds(tmp_path: Path) -> None:
    first = stored(tmp_path)
    first.add(JOBS[0], outcome(JOBS[0], 1.0))
    second = stored(tmp_path)
    second.resume()
    # On another device, other seeds go together.
    assert second.remaining(JOBS[0]._replace(seeds=(0, 1, 2, 3))) == JOBS[0]._replace(seeds=(2, 3))
    assert second.remaining(JOBS[0]._replace(seeds=(1,))) is None


def test_in_whichever_order_jobs_end_the_tables_are_the_same(tmp_path: Path) -> None:
    failed = JobOutcome(failures={1: "the loss at step 7 is nan"}, training_seconds=1.0)
    ended = [
        (PIXELS, of_pixels(0.85)),
        (JOBS[0], outcome(JOBS[0], 0.25)),
        (JOBS[1], failed),
        (JOBS[2], outcome(JOBS[2], 0.75)),
    ]
    told = set()
    for number, order in enumerate(itertools.permutations(ended)):
        path = tmp_path / str(number)
        for job, its_outcome in order:
            # Begun anew before each, as if the process before had been killed.
            resumed = stored(path)
            resumed.resume()
            resumed.add(job, its_outcome)
        records, metadata = OutputFolder(path).read_records()
        timings = OutputFolder(path).read_timing_rows()
        told.add((records.to_csv(), json.dumps(metadata), json.dumps(timings)))
    assert len(told) == 1


def test_nothing_to_resume_is_a_beginning(tmp_path: Path) -> None:
    begun = stored(tmp_path)
    assert begun.resume() == []
    assert begun.finished == 0


def test_other_conditions_than_it_was_begun_under_are_named(tmp_path: Path) -> None:
    first = stored(tmp_path, threads=1, torch="2.13.0")
    first.add(JOBS[0], outcome(JOBS[0], 1.0))
    second = stored(tmp_path, threads=2, torch="2.13.0")
    assert second.resume() == ["threads (1, now 2)"]


def test_records_that_are_damaged_are_named(tmp_path: Path) -> None:
    stored(tmp_path).add(PIXELS, JobOutcome())
    (tmp_path / "records.parquet").write_bytes(b"PAR1")
    with pytest.raises(
        UserError, match=r"records\.parquet is damaged.*: remove it, and --resume runs"
    ):
        stored(tmp_path).resume()
