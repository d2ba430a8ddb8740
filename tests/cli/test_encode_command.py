"""`infomax probe` of the runs that `infomax train --labels` makes of classes of few rows."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.records import read_records
from tests.cli.conftest import Run

TRAIN = ("--device", "cpu", "--encoder", "identity", "--validation", "0.4", "--steps", "2")


def table_of(path: Path, kinds: list[str]) -> Path:
    """Write rows whose two views tell their class."""
    generator = np.random.default_rng(0)
    places = np.unique(kinds, return_inverse=True)[1]
    centres = 3 * generator.standard_normal((places.max() + 1, 12))
    views = np.hstack([centres, centres])[places]
    views = views + 0.1 * generator.standard_normal(views.shape)
    frame = pd.DataFrame(views, columns=[f"{side}{place}" for side in "ab" for place in range(12)])
    frame["kind"] = kinds
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("kinds", "majority"),
    [
        (["cat"] * 60 + ["dog"] * 59 + ["okapi"], 0.5),
        ([f"kind {number}" for number in range(200) for _ in range(5)], 0.005),
    ],
    ids=["a single okapi", "200 classes of 5 rows"],
)
def test_classes_of_few_rows_are_trained_with_and_probed(
    kinds: list[str], majority: float, infomax: Run, tmp_path: Path
) -> None:
    data = table_of(tmp_path / "table.csv", kinds)
    sides = [",".join(f"{side}{place}" for place in range(12)) for side in "ab"]
    columns = ("--x", sides[0], "--y", sides[1], "--labels", "kind")
    out = tmp_path / "run"
    code, _, said = infomax(
        *("train", "--data", data, *columns, *TRAIN, "--batch-size", 16, "--out", out)
    )
    assert code == 0, said
    records = read_records(out / "records.parquet")[0]
    last = records.query("step == 2 and split == 'test'").set_index("metric")["value"]
    code, shown, said = infomax("probe", out, "--json")
    assert code == 0, said
    told = json.loads(shown)
    assert told["held_out_of_training"]
    found = told["probes"]["codes"]
    # Codes tell classes apart, but no probe can name one that it was not fitted on.
    of_rows = pd.read_csv(data)["kind"].to_numpy()
    with np.load(out / "split.npz") as split:
        seen, held_out = of_rows[split["train"]], of_rows[split["validation"]]
    known = np.isin(held_out, seen).mean()
    assert found["linear"]["value"] == pytest.approx(known)
    assert last["probe_accuracy"] == pytest.approx(known)
    # Of the class that most were fitted on, there may be none among the others.
    assert found["majority_share"] == pytest.approx(majority, abs=0.07)


@pytest.mark.parametrize("command", ["train", "probe"])
def test_where_no_two_classes_have_two_rows_train_and_probe_say_the_same(
    command: str, infomax: Run, tmp_path: Path
) -> None:
    both = table_of(tmp_path / "both.csv", ["cat"] * 40 + ["dog"] * 40)
    lone = table_of(tmp_path / "lone.csv", ["cat"] * 79 + ["okapi"])
    columns = ("--x", "a0,a1", "--y", "b0,b1", "--labels", "kind")
    flags = (*columns, *TRAIN, "--batch-size", 16, "--out", tmp_path / "run")
    if command == "probe":
        assert infomax("train", "--data", both, *flags)[0] == 0
        code, _, said = infomax("probe", tmp_path / "run", lone)
    else:
        code, _, said = infomax("train", "--data", lone, *flags)
        assert not (tmp_path / "run").exists()
    assert code == 2
    assert "of which 1 have two rows: a probe needs two such classes" in said
    assert said.count("\n") == 1
