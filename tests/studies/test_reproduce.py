"""A reproduction by Python alone: checked, run in its folder, and gone on with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.studies.catalogue import find_study
from infomax.studies.output_folder import OutputFolder
from infomax.studies.reproduce import OpenReproduction, open_reproduction
from infomax.studies.reproduction import Reproduction
from tests.studies.told import Told

SMALL = {"steps": 3, "evaluate_every": 3, "held_out_batches": 2, "batch_size": 8}


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infomax.studies.reproduce.processes_of_this_machine", lambda: 1)


def small(**changes: object) -> Reproduction:
    study = find_study("non-iid").full.model_copy(update={**SMALL, "seeds": (0,), **changes})
    return Reproduction(preset="full", device="cpu", studies=(study,))


@contextmanager
def opened(
    path: Path, reproduction: Reproduction, *, resume: bool = False
) -> Iterator[OpenReproduction]:
    folder = OutputFolder(path / "out")
    with open_reproduction(reproduction, folder, command="made up", resume=resume) as found:
        yield found


def test_it_is_run_by_jobs_that_cost_as_expected(tmp_path: Path) -> None:
    told, drawn = Told(), []
    with opened(tmp_path, small()) as found:
        costs = list(found.expected_costs())
        assert [job for job, _ in costs] == found.jobs
        assert all(min(cost) > 0 for _, cost in costs)
        found.run(told, lambda: drawn.append(len(told.ended)))
    assert told.begun == list(told.ended) == [job.label for job in found.jobs]
    assert set(told.watched) == {"bound"}
    assert (found.store.finished, found.store.total) == (4, 4)
    # At the beginning; the study that ended was the last.
    assert drawn == [0]
    records, metadata = found.store.folder.read_records()
    assert set(records["bound"]) == {"infonce", "nwj"}
    assert metadata["environment"]["command"] == "made up"


def test_what_is_finished_is_not_run_again(tmp_path: Path) -> None:
    with opened(tmp_path, small()) as found:
        found.run(Told())
    more, told = small().with_seeds(2), Told()
    with opened(tmp_path, more, resume=True) as found:
        assert found.changes == []
        assert found.store.finished == 4
        left = {job.label: cost.update for job, cost in found.expected_costs()}
        found.run(told)
    assert told.begun == [label for label in left if label.endswith("seed 1")]
    assert found.store.finished == 8


def test_an_unknown_name_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError, match="unknown critic 'depp-concat': did you mean 'deep-concat'"),
        opened(tmp_path, small(critics=("depp-concat",))),
    ):
        pass
    assert not (tmp_path / "out").exists()
