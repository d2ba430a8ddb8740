"""What is asked for is a run or a sweep, new or resumed, in a folder that follows from the data."""

from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.request import request_run, request_sweep
from infomax.experiments.run_folder import settings_text
from infomax.experiments.sweep import Sweep, SweepFolder

GIVEN = {"data": "digits", "views": "halves"}


def test_without_a_folder_that_of_the_data_is_meant() -> None:
    assert request_run(GIVEN, None, resume=False).folder.path == Path("runs/digits")
    given = {"data": "measured/sensors.parquet"}
    assert request_run(given, None, resume=False).folder.path == Path("runs/sensors")
    swept = request_sweep({"views": "halves"}, {"data": ["digits"]}, None, resume=False)
    assert swept is not None
    assert swept.folder.path == Path("runs/sweep")


def test_a_run_that_is_not_there_begins_when_it_is_to_be_resumed(tmp_path: Path) -> None:
    request = request_run(GIVEN, tmp_path / "run", resume=True)
    assert not request.resume
    assert request.config == RunConfig.checked(GIVEN)


def test_a_run_that_was_stopped_before_its_first_update_begins_as_it_was_asked_for(
    tmp_path: Path,
) -> None:
    config = RunConfig.checked({**GIVEN, "steps": 7})
    (tmp_path / "settings.yaml").write_text(settings_text(config))
    request = request_run({}, tmp_path, resume=True)
    assert (request.config, request.resume) == (config, False)
    with pytest.raises(UserError, match="setting data is missing"):
        request_run({}, tmp_path, resume=False)


def test_a_sweep_goes_on_as_it_was_begun_and_no_other(tmp_path: Path) -> None:
    swept = {"seed": [0, 1]}
    assert request_sweep(GIVEN, {}, tmp_path, resume=True) is None
    SweepFolder(tmp_path).begin(Sweep.checked(GIVEN, swept))
    for given, values in (({}, {}), (GIVEN, swept)):
        request = request_sweep(given, values, tmp_path, resume=True)
        assert request is not None
        assert request.resume
        assert [run.name for run in request.sweep.runs] == ["seed=0", "seed=1"]
    with pytest.raises(UserError, match=r"--sweep seed \(0, 2, not 0, 1\)"):
        request_sweep(GIVEN, {"seed": [0, 2]}, tmp_path, resume=True)
    with pytest.raises(UserError, match="holds a sweep, which goes on as it was begun"):
        request_sweep(GIVEN, {}, tmp_path, resume=True)
