"""The folder of a sweep: what is swept is read back, and records tell runs apart."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from infomax.errors import UserError
from infomax.experiments.sweep import Sweep, SweptRun
from infomax.experiments.sweep_folder import SweepFolder
from infomax.records import COLUMNS, Record, read_records, records_table
from infomax.whole_file import write_json_whole

DIGITS = {"data": "digits", "views": "halves"}


def sweep_of(swept: dict[str, list[Any]]) -> Sweep:
    return Sweep.checked(DIGITS, swept)


def records_of(run: SweptRun, value: float) -> pd.DataFrame:
    settings = run.settings
    record: Record = {
        "study": "train",
        "dataset": "digits",
        "encoder": settings.encoder,
        "critic": settings.critic,
        "estimator": settings.bound,
        "target": float("nan"),
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
