"""``infomax matrix`` end to end, on the wine data of scikit-learn."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine

from infomax.estimation import information_matrix
from tests.cli.conftest import Run

FAST = ("--permutations", "0")


@pytest.fixture
def wine_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    frame: pd.DataFrame = load_wine(as_frame=True).frame.sample(frac=1, random_state=0)
    frame = frame[["alcohol", "ash", "hue", "flavanoids", "proline", "magnesium", "target"]]
    frame.assign(cask=["oak", "steel"] * 89).to_csv(tmp_path / "wine.csv", index=False)
    return tmp_path / "wine.csv"


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_all_pairs_are_told_the_largest_first_and_the_rest_counted(
    infomax: Run, wine_csv: Path
) -> None:
    csv, picture = wine_csv.with_name("pairs.csv"), wine_csv.with_name("pairs.png")
    status, out, err = infomax("matrix", wine_csv, "--out", csv, "--plot", picture, *FAST)
    assert status == 0, err
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "8 other pairs share no more than these (all: --out pairs.csv)" in out
    # Levels are tested without permutations.
    assert " ".join(out.split()).startswith("Of 28 pairs,")
    expected = information_matrix(pd.read_csv(wine_csv), permutations=0).to_frame()
    written = pd.read_csv(csv)
    assert list(written.columns) == list(expected.columns)
    np.testing.assert_allclose(written["value_nats"], expected["value_nats"], rtol=1e-12)
    shown = [line.split()[:2] for line in lines[3:23]]
    assert shown == expected[["x", "y"]][:20].to_numpy().tolist()
    assert picture.stat().st_size > 10_000
    assert sum("all whole numbers" in line for line in err.splitlines()) == 1


def test_the_object_holds_blocks_of_x_and_y_in_bits(infomax: Run, wine_csv: Path) -> None:
    chosen = ("--x", "hue,flavanoids", "--y", "target,cask", "--discrete", "target,cask")
    status, out, err = infomax("matrix", wine_csv, *chosen, "--bits", "--json", *FAST)
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["columns"] == {"x": ["hue", "flavanoids"], "y": ["target", "cask"]}
    assert len(told["matrix"]) == 4
    first = told["matrix"][0]
    assert (first["x"], first["y"]) == ("flavanoids", "target")
    entropy = told["entropies_bits"]["y"]["target"]
    assert entropy == pytest.approx(1.57, abs=0.02)
    assert told["entropies_bits"]["x"] == {"hue": None, "flavanoids": None}
    assert first["normalised"] == pytest.approx(first["value_bits"] / entropy, abs=1e-12)
    assert told["not_estimated"] == []
    nats = json.loads(infomax("matrix", wine_csv, *chosen, "--json", *FAST)[1])
    value = nats["matrix"][0]["value_nats"]
    assert value == pytest.approx(first["value_bits"] * math.log(2), abs=1e-12)


def test_dates_are_said_and_what_is_infinite_is_null(infomax: Run, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=60)
    days = pd.date_range("2026-01-01", periods=60).strftime("%Y-%m-%d")
    path = tmp_path / "days.csv"
    pd.DataFrame({"a": values, "cubed": values**3, "day": days}).to_csv(path, index=False)
    _, out, _ = infomax("matrix", path, *FAST)
    told = " ".join(out.split())
    assert "Not estimated: 2 of 3 pairs. a with day and 1 more: column day holds dates" in told
    known = json.loads(infomax("matrix", path, "--json", *FAST)[1])
    assert known["matrix"][0]["value_nats"] is None
    assert known["not_finite"]["matrix[0].value_nats"] == "inf"
    assert [each["y"] for each in known["not_estimated"]] == ["day", "day"]


def test_times_order_rows_and_make_no_pair(infomax: Run, tmp_path: Path) -> None:
    walks = np.random.default_rng(0).normal(size=(2, 100)).cumsum(axis=1)
    days = pd.date_range("2026-01-01", periods=100).strftime("%Y-%m-%d")
    path = tmp_path / "days.csv"
    pd.DataFrame({"a": walks[0], "b": walks[1], "day": days}).to_csv(path, index=False)
    status, out, err = infomax("matrix", path, "--order", "day", "--json", *FAST)
    assert status == 0, err
    told = json.loads(out)
    assert [(each["x"], each["y"]) for each in told["matrix"]] == [("a", "b")]
    assert told["not_estimated"] == []
    assert told["settings"]["order"] == "day"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--x", "hue", "--y", "hue"), "column 'hue' is in x and in y"),
        (("--x", "hew"), "unknown column 'hew'"),
        (("--method", "ksg"), "unknown method 'ksg'"),
        (("--jobs", "0"), "--jobs is 0: give a whole number of at least 1"),
        (("--out", "pairs.txt"), "--out is pairs.txt: give a file that ends in .csv"),
        (("--out", "nowhere/pairs.csv"), "there is no folder nowhere"),
        (("--plot", "pairs.pdf"), "give a file that ends in .png or .svg"),
        (("--continuous", "--discrete", "hue"), "give one"),
    ],
)
def test_a_mistake_is_one_line(
    infomax: Run, wine_csv: Path, arguments: tuple[str, ...], told: str
) -> None:
    status, out, err = infomax("matrix", wine_csv, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert told in err
