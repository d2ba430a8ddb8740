"""A sweep: every combination once, each an ordinary run with a name of its own."""

from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.sweep import Sweep, SweepFolder, SweptRun, request_sweep, shown
from infomax.records import COLUMNS, Record, read_records, records_table
from infomax.whole_file import write_json_whole

DIGITS: dict[str, Any] = {"data": "digits", "views": "halves"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(2, 10_000),
    "learning_rate": st.floats(1e-8, 1e3),
    "seed": st.integers(0, 99),
    "cosine": st.booleans(),
    "projection": st.none() | st.integers(1, 64),
    "encoder": st.text(min_size=1, max_size=8),
    "critic_options.temperature": st.floats(0.01, 10),
}
GRIDS = st.sets(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.lists(VALUES[key], min_size=1, max_size=3, unique_by=shown) for key in keys}
    )
)


@given(GRIDS)
def test_every_combination_is_there_once_with_the_last_key_changing_fastest(
    swept: dict[str, list[Any]],
) -> None:
    sweep = Sweep.checked(DIGITS, swept)
    combinations = [tuple(run.swept.values()) for run in sweep.runs]
    assert combinations == list(product(*swept.values()))
    names = [run.name for run in sweep.runs]
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)
    for run in sweep.runs:
        expected = {**DIGITS, **run.swept}
        if "critic_options.temperature" in expected:
            temperature = expected.pop("critic_options.temperature")
            expected["critic_options"] = {"temperature": temperature}
        assert run.config == RunConfig.checked(expected)


@given(GRIDS)
def test_values_that_were_read_are_read_again_to_the_same(swept: dict[str, list[Any]]) -> None:
    sweep = Sweep.checked(DIGITS, swept)
    assert Sweep.checked(sweep.settings, sweep.swept) == sweep


def test_text_is_read_as_what_the_setting_is() -> None:
    sweep = Sweep.checked(DIGITS, {"learning_rate": ["1e-3", "0.1"], "cosine": ["yes", "no"]})
    assert sweep.swept == {"learning_rate": [0.001, 0.1], "cosine": [True, False]}
    assert sweep.runs[0].name == "learning_rate=0.001,cosine=true"


def test_an_option_joins_those_that_are_given() -> None:
    given = {**DIGITS, "encoder_options": {"layer_sizes": [8], "code_size": 4}}
    sweep = Sweep.checked(given, {"encoder_options.code_size": [2, 3]})
    options = [run.config.encoder_options for run in sweep.runs]
    assert options == [{"layer_sizes": [8], "code_size": size} for size in (2, 3)]


def test_data_may_be_swept_and_their_paths_make_no_folders() -> None:
    sweep = Sweep.checked({}, {"data": ["a/x.npy", "b/x.npy", "b%2Fx.npy"]})
    assert [run.name for run in sweep.runs] == [
        *("data=a%2Fx.npy", "data=b%2Fx.npy", "data=b%252Fx.npy")
    ]
    assert all(Path(run.name).name == run.name for run in sweep.runs)


@pytest.mark.parametrize(
    ("swept", "words"),
    [
        ({"batchsize": [64]}, "unknown setting 'batchsize': did you mean 'batch_size'"),
        ({"batch_size": [64, "many"]}, "setting batch_size is 'many'"),
        ({"batch_size": [64, 1]}, "setting batch_size is 1"),
        ({"seed": ["1", 1]}, "--sweep seed has 1 twice"),
        ({"learning_rate": ["1e-3", "0.001"]}, "--sweep learning_rate has 0.001 twice"),
        ({"seed.first": [1]}, "--sweep seed.first: only view_options, .* have options"),
        ({"critic_options.": [1]}, "only .* have options"),
        ({"seed": [0, 1], "patience": [1, None], "validation": [0.0]}, "patience waits"),
    ],
)
def test_a_mistake_is_named_in_one_line(swept: dict[str, list[Any]], words: str) -> None:
    with pytest.raises(UserError, match=words) as mistake:
        Sweep.checked(DIGITS, swept)
    assert "\n" not in str(mistake.value)


def test_options_that_are_none_are_refused_as_such() -> None:
    with pytest.raises(UserError, match="setting critic_options is 3"):
        Sweep.checked({**DIGITS, "critic_options": 3}, {"critic_options.temperature": [0.1]})


def test_differences_name_what_differs() -> None:
    sweep = Sweep.checked(DIGITS, {"seed": [0, 1]})
    assert sweep.differences(sweep) == []
    other = Sweep.checked(DIGITS, {"seed": [0, 2], "batch_size": [64]})
    assert sweep.differences(other) == [
        "--sweep seed (0, 1, not 0, 2)",
        "--sweep batch_size (absent, not 64)",
    ]
    longer = Sweep.checked({**DIGITS, "steps": 7, "time_limit": 1}, {"seed": [0, 1]})
    assert longer.differences(sweep) == ["steps: 7, not 2000"]


DIGITS = {"data": "digits", "views": "halves"}


def sweep_of(swept: dict[str, list[Any]]) -> Sweep:
    return Sweep.checked(DIGITS, swept)


def records_of(run: SweptRun, value: float) -> pd.DataFrame:
    settings = run.config
    record: Record = {
        "study": "train",
        "dataset": "digits",
        "encoder": settings.encoder,
        "critic": settings.critic,
        "bound": settings.bound,
        "target": float("nan"),
        "loss": "",
        "negatives": "",
        "seed": settings.seed,
        "step": 10,
        "split": "test",
        "metric": "bound",
        "value": value,
    }
    return records_table([record, {**record, "step": 20}])


def test_what_is_swept_is_read_back(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    assert not folder.begun
    sweep = sweep_of({"batch_size": [32, 64], "critic_options.temperature": [0.1]})
    folder.begin(sweep)
    assert folder.begun
    assert folder.sweep() == sweep
    with pytest.raises(UserError, match=r"already holds a sweep: give --resume"):
        folder.check_free()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting property name"),
        ("[]", "it is not what was written"),
        ('{"settings": {}}', "it is not what was written"),
    ],
)
def test_a_file_that_is_damaged_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "sweep.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=rf"sweep\.json does not say what is swept \({words}"):
        SweepFolder(tmp_path).sweep()


def test_one_letter_that_has_become_another_makes_no_other_sweep(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    folder.begin(sweep_of({"seed": [0, 1]}))
    path = tmp_path / "sweep.json"
    path.write_text(path.read_text().replace("0,", "2,"), encoding="utf-8")
    with pytest.raises(UserError, match=r"does not say what is swept .it is not what was"):
        folder.sweep()


def test_what_other_versions_swept_is_named(tmp_path: Path) -> None:
    write_json_whole(tmp_path / "sweep.json", {"settings": {}, "swept": {"sed": [1]}})
    with pytest.raises(UserError, match=r"sweep\.json: unknown setting 'sed'"):
        SweepFolder(tmp_path).sweep()


def test_the_merged_table_tells_runs_apart_and_is_a_table_of_records(tmp_path: Path) -> None:
    sweep = sweep_of({"seed": [0, 1], "learning_rate": [0.1, 1], "projection": [None, 8]})
    records = [(run, records_of(run, float(place))) for place, run in enumerate(sweep.runs)]
    SweepFolder(tmp_path).write_records(sweep, records, {"some run": "its loss"})
    path = tmp_path / "records.parquet"
    plain, metadata = read_records(path)
    assert plain.equals(pd.concat([table for _, table in records], ignore_index=True))
    assert metadata == {
        "settings": DIGITS,
        "swept": {"seed": [0, 1], "learning_rate": [0.1, 1.0], "projection": [None, 8]},
        "failures": {"some run": "its loss"},
    }
    merged = pd.read_parquet(path)
    assert list(merged.columns) == ["run", "learning_rate", "projection", *COLUMNS]
    for run, table in records:
        of_run = merged[merged["run"] == run.name]
        assert of_run["value"].tolist() == table["value"].tolist()
        assert set(of_run["learning_rate"]) == {run.swept["learning_rate"]}
        assert set(of_run["seed"]) == {run.swept["seed"]}
    assert [path.name for path in tmp_path.iterdir()] == ["records.parquet"]


@pytest.mark.parametrize(
    ("key", "values", "kind", "written"),
    [
        ("batch_size", [32, 64], "int64", [32, 64]),
        ("target", [1, 2.5], "double", [1.0, 2.5]),
        ("cosine", [True, False], "bool", [True, False]),
        ("projection", [None, 8], "int64", [None, 8]),
        ("bound", ["infonce", "nwj"], "string", ["infonce", "nwj"]),
        ("image_size", [[8, 8], [16, 16]], "string", ["[8, 8]", "[16, 16]"]),
        ("encoder_options.kind", [1, "a"], "string", ["1", "a"]),
        ("y_data", [None, "y.npy"], "string", [None, "y.npy"]),
    ],
)
def test_a_column_has_the_type_of_its_values(
    tmp_path: Path, key: str, values: list[Any], kind: str, written: list[Any]
) -> None:
    sweep = sweep_of({key: values})
    records = [(run, records_of(run, 0.5)) for run in sweep.runs]
    SweepFolder(tmp_path).write_records(sweep, records, {})
    column = pq.read_table(tmp_path / "records.parquet")[key]
    assert str(column.type) == kind
    if key != "target":  # A column of all records, which these made-up ones leave open.
        assert column.to_pylist() == [each for each in written for _ in range(2)]


def test_a_table_of_no_runs_has_its_columns(tmp_path: Path) -> None:
    SweepFolder(tmp_path).write_records(sweep_of({"batch_size": [32, 64]}), [], {})
    merged = pd.read_parquet(tmp_path / "records.parquet")
    assert list(merged.columns) == ["run", "batch_size", *COLUMNS]
    assert len(merged) == 0


def test_over_data_and_without_a_folder_that_of_sweeps_is_meant() -> None:
    swept = request_sweep({"views": "halves"}, {"data": ["digits"]}, None, resume=False)
    assert swept is not None
    assert swept.folder.path == Path("runs/sweep")


def test_a_sweep_goes_on_as_it_was_begun_and_no_other(tmp_path: Path) -> None:
    swept = {"seed": [0, 1]}
    assert request_sweep(DIGITS, {}, tmp_path, resume=True) is None
    SweepFolder(tmp_path).begin(Sweep.checked(DIGITS, swept))
    for settings, values in (({}, {}), (DIGITS, swept)):
        request = request_sweep(settings, values, tmp_path, resume=True)
        assert request is not None
        assert request.resume
        assert [run.name for run in request.sweep.runs] == ["seed=0", "seed=1"]
    with pytest.raises(UserError, match=r"--sweep seed \(0, 2, not 0, 1\)"):
        request_sweep(DIGITS, {"seed": [0, 2]}, tmp_path, resume=True)
    with pytest.raises(UserError, match="holds a sweep, which goes on as it was begun"):
        request_sweep(DIGITS, {}, tmp_path, resume=True)
