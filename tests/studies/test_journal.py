"""The journal: what is finished is on disk, once, and is taken up again."""

from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES
from infomax.studies.jobs import Job
from infomax.studies.journal import JobOutcome, Journal
from infomax.studies.measurement import Measurement, raw_pixels_record, run_record
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduction import Reproduction

REPRODUCTION = Reproduction(preset="paper", device="cpu", studies=(STUDIES["critics"],))
JOBS = [
    Job(STUDIES["critics"], configuration, (0, 1))
    for configuration in STUDIES["critics"].configurations()
]


def journal(path: Path, **environment: object) -> Journal:
    folder = OutputFolder(path)
    folder.prepare(keep=True)
    return Journal(REPRODUCTION, folder, {"command": "infomax", **environment}, total=12)


def outcome(job: Job, value: float) -> JobOutcome:
    measured = Measurement("test", "bound", value)
    return JobOutcome(
        records=[run_record(job.configuration, "mnist", seed, 0, measured) for seed in job.seeds],
        training_seconds=2.5,
    )


def test_what_is_finished_is_known_after_resuming(tmp_path: Path) -> None:
    first = journal(tmp_path, threads=1)
    pixels = raw_pixels_record("critics", "mnist", 0, Measurement("test", "probe_accuracy", 0.85))
    first.keep("raw pixels", [pixels])
    first.keep_job(JOBS[0], outcome(JOBS[0], 0.1 + 0.2))
    failed = JobOutcome(failures={1: "the loss at step 7 is nan"})
    first.keep_job(JOBS[1], failed)

    second = journal(tmp_path, threads=1)
    assert second.resume() == []
    assert second.finished == 4
    assert second.failures == [f"{JOBS[1].configuration.label}, seed 1: the loss at step 7 is nan"]
    assert second.has("raw pixels")
    assert second.remaining(JOBS[0]) is None
    assert second.remaining(JOBS[2]) == JOBS[2]

    second.keep_job(JOBS[2], outcome(JOBS[2], -1.0))
    records, metadata = OutputFolder(tmp_path).read_records()
    assert records["value"].tolist() == [0.85, 0.1 + 0.2, 0.1 + 0.2, -1.0, -1.0]
    assert metadata["progress"]["finished"] == 6
    assert len(OutputFolder(tmp_path).read_timing_rows()) == 3


def test_a_run_is_not_run_again_in_a_job_of_other_seeds(tmp_path: Path) -> None:
    first = journal(tmp_path)
    first.keep_job(JOBS[0], outcome(JOBS[0], 1.0))
    second = journal(tmp_path)
    second.resume()
    # On another device, other seeds go together.
    assert second.remaining(JOBS[0]._replace(seeds=(0, 1, 2, 3))) == JOBS[0]._replace(seeds=(2, 3))
    assert second.remaining(JOBS[0]._replace(seeds=(1,))) is None


def test_nothing_to_resume_is_a_beginning(tmp_path: Path) -> None:
    begun = journal(tmp_path)
    assert begun.resume() == []
    assert begun.finished == 0


def test_other_conditions_than_it_was_begun_under_are_named(tmp_path: Path) -> None:
    first = journal(tmp_path, threads=1, torch="2.13.0")
    first.keep_job(JOBS[0], outcome(JOBS[0], 1.0))
    second = journal(tmp_path, threads=2, torch="2.13.0")
    assert second.resume() == ["threads (1, now 2)"]


def test_records_that_are_damaged_are_named(tmp_path: Path) -> None:
    journal(tmp_path).keep("raw pixels", [])
    (tmp_path / "records.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"records\.parquet is not a readable Parquet file"):
        journal(tmp_path).resume()
