"""The runs of a sweep: made once, kept when they fail, and read from their folders."""

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from infomax.errors import UserError
from infomax.executors import LocalExecutor, Task
from infomax.experiments.run_folder import settings_text
from infomax.experiments.sweep import Sweep, SweepFolder, SweptRun
from infomax.experiments.sweep_run import RunEnd, RunOutcome, check_runs, run_one, run_sweep
from infomax.records import read_records
from infomax.warnings import NearCeilingWarning

Outcome = TypeVar("Outcome")
QUICK = {
    **{"data": "digits", "views": "halves", "device": "cpu", "validation": 0.2},
    **{
        "steps": 20,
        "evaluate_every": 10,
        "batch_size": 32,
        "encoder_options": {"layer_sizes": [8]},
    },
}


class LastFirst:
    """Carries tasks out from the last to the first, and notes which."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        for place, task in reversed(list(enumerate(tasks))):
            self.done.append(task.label)
            yield place, task.work()


def work_in(folder: SweepFolder) -> Callable[[SweptRun], Callable[[], RunOutcome]]:
    return lambda run: partial(run_one, run, folder.run_folder(run).path, "infomax")


def performed(folder: SweepFolder, sweep: Sweep, executor: Any) -> list[RunEnd]:
    if not folder.begun:
        folder.begin(sweep)
    return run_sweep(sweep, folder, executor, work_in(folder), lambda _: None)


def test_records_are_the_same_in_whichever_order_runs_end(tmp_path: Path) -> None:
    sweep = Sweep.checked(QUICK, {"seed": [0, 1], "critic": ["bilinear", "cosine"]})
    first, second = SweepFolder(tmp_path / "first"), SweepFolder(tmp_path / "second")
    ends = performed(first, sweep, LocalExecutor())
    others = performed(second, sweep, LastFirst())
    assert [end.run.name for end in ends] == [run.name for run in sweep.runs]
    assert [end.validation_bound for end in ends] == [end.validation_bound for end in others]
    records = [(each.path / "records.parquet").read_bytes() for each in (first, second)]
    assert records[0] == records[1]


def test_what_has_ended_is_not_made_again(tmp_path: Path) -> None:
    sweep = Sweep.checked(QUICK, {"seed": [0, 1, 2]})
    folder = SweepFolder(tmp_path / "sweep")
    folder.begin(sweep)
    run_one(sweep.runs[1], folder.run_folder(sweep.runs[1]).path, "infomax")
    executor = LastFirst()
    ends = performed(folder, sweep, executor)
    assert executor.done == ["seed=2", "seed=0"]
    assert [end.ending for end in ends] == ["all updates are made"] * 3
    assert set(read_records(folder.path / "records.parquet")[0]["seed"]) == {0, 1, 2}


def test_a_loss_that_is_not_finite_is_no_end_of_the_others(tmp_path: Path) -> None:
    sweep = Sweep.checked(QUICK, {"learning_rate": [1e30, 1e-3]})
    folder = SweepFolder(tmp_path / "sweep")
    failed, sound = performed(folder, sweep, LocalExecutor())
    assert failed.outcome.failure is not None
    assert failed.outcome.failure.startswith("the loss at step")
    assert not failed.outcome.mistaken
    assert sound.outcome == RunOutcome(warnings=sound.outcome.warnings)
    assert sound.probe_accuracy > 0.3
    _, metadata = read_records(folder.path / "records.parquet")
    assert metadata["failures"] == {"learning_rate=1e+30": failed.outcome.failure}


def test_what_a_killed_process_left_before_its_run_began_is_in_nobodys_way(tmp_path: Path) -> None:
    (run,) = Sweep.checked(QUICK, {"seed": [3]}).runs
    path = tmp_path / run.name
    path.mkdir()
    (path / "settings.yaml").write_text(settings_text(run.config), encoding="utf-8")
    (path / "run.json.part").write_text("{", encoding="utf-8")
    assert run_one(run, path, "infomax").failure is None
    assert json.loads((path / "run.json").read_text(encoding="utf-8"))["steps"] == 20


def test_damaged_records_of_a_run_that_has_ended_are_written_again(tmp_path: Path) -> None:
    sweep = Sweep.checked(QUICK, {"seed": [0, 1]})
    folder = SweepFolder(tmp_path / "sweep")
    performed(folder, sweep, LocalExecutor())
    merged = (folder.path / "records.parquet").read_bytes()
    records = folder.run_folder(sweep.runs[0]).path / "records.parquet"
    whole = records.read_bytes()
    records.write_bytes(whole[:100])
    executor = LastFirst()
    performed(folder, sweep, executor)
    assert executor.done == ["seed=0"]
    assert records.read_bytes() == whole
    assert (folder.path / "records.parquet").read_bytes() == merged


def test_a_mistake_in_one_run_is_told_as_such(tmp_path: Path) -> None:
    (run,) = Sweep.checked(QUICK, {"critic": ["cosin"]}).runs
    outcome = run_one(run, tmp_path / "run", "infomax")
    assert outcome.mistaken
    assert outcome.failure is not None
    assert "did you mean 'cosine'" in outcome.failure


def test_a_run_that_is_said_to_have_ended_and_is_not_there_is_named(tmp_path: Path) -> None:
    sweep = Sweep.checked(QUICK, {"seed": [0]})
    folder = SweepFolder(tmp_path / "sweep")
    folder.begin(sweep)
    with pytest.raises(UserError, match=r"seed=0 is not there.* all machines share"):
        run_sweep(sweep, folder, LocalExecutor(), lambda _: RunOutcome, lambda _: None)


def test_warnings_of_a_training_are_told_with_it_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = Sweep.checked(QUICK, {"seed": [0]}).runs

    def warn(*_: object, **__: object) -> None:
        warnings.warn(NearCeilingWarning("near log K"), stacklevel=1)
        warnings.warn("of something else", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr("infomax.experiments.sweep_run.run_experiment", warn)
    with pytest.raises(RuntimeWarning, match="of something else"):
        run_one(run, tmp_path, "infomax")
    with warnings.catch_warnings(record=True) as others:
        warnings.simplefilter("always")
        outcome = run_one(run, tmp_path, "infomax")
    assert outcome.warnings == ("near log K",)
    assert [str(each.message) for each in others] == ["of something else"]


@pytest.mark.parametrize(
    ("swept", "words"),
    [
        ({"bound": ["infonce", "nvj"]}, "bound=nvj: unknown bound 'nvj': did you mean 'nwj'"),
        ({"critic_options.temperature": [0.1]}, "critic bilinear takes no options"),
        ({"batch_size": [32, 10**6], "validation": [None]}, "=none: 1347 pairs are too few"),
        ({"views": ["halves", "thirds"]}, "views=thirds: unknown views"),
        ({"data": ["digits", "nowhere.npy"]}, r"data=nowhere\.npy: "),
    ],
)
def test_every_run_is_checked_before_any_is_begun(swept: dict[str, list[Any]], words: str) -> None:
    given = {key: value for key, value in QUICK.items() if key not in swept}
    with pytest.raises(UserError, match=words):
        check_runs(Sweep.checked(given, swept))


def test_runs_that_can_be_begun_pass_the_check() -> None:
    check_runs(Sweep.checked(QUICK, {"bound": ["infonce", "nwj"], "projection": [None, 4]}))


def test_a_check_leaves_it_to_the_runs_to_warn(tmp_path: Path) -> None:
    sweep = Sweep.checked({**QUICK, "steps": 2, "validation": 0}, {"seed": [0]})
    check_runs(sweep)
    (said,) = run_one(sweep.runs[0], tmp_path / "run", "infomax").warnings
    assert "labels are read by no probe while nothing is kept for validation" in said
