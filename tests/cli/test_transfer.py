"""``infomax transfer`` end to end, on a series that drives another."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.estimation import transfer_both_ways
from tests.cli.conftest import Run

CHOSEN = ("--x", "load", "--y", "power", "--order", "day", "--permutations", "39")


@pytest.fixture
def sensors_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    load, power = np.random.default_rng(0).standard_normal((2, 400))
    power[1:] += 0.6 * load[:-1]
    frame = pd.DataFrame({"day": np.arange(400), "load": load, "power": power})
    frame.sample(frac=1, random_state=0).to_csv(tmp_path / "sensors.csv", index=False)
    return tmp_path / "sensors.csv"


def test_both_directions_are_told_and_written(infomax: Run, sensors_csv: Path) -> None:
    csv = sensors_csv.with_name("directions.csv")
    status, out, err = infomax("transfer", sensors_csv, *CHOSEN, "--out", csv)
    assert status == 0, err
    assert max(map(len, out.splitlines())) <= 80
    assert " ".join(out.split()).startswith("load tells 0.1")
    assert [line.split()[:2] for line in out.splitlines() if "copula" in line] == [
        ["load", "power"],
        ["power", "load"],
    ]
    assert sum("shown" in line.split() for line in out.splitlines()[4:]) == 1
    ordered = pd.read_csv(sensors_csv).sort_values("day")
    load, power = (ordered[[name]].reset_index(drop=True) for name in ("load", "power"))
    expected = transfer_both_ways(load, power, permutations=39)
    pd.testing.assert_frame_equal(pd.read_csv(csv), expected)


def test_the_object_holds_both_directions_in_bits(infomax: Run, sensors_csv: Path) -> None:
    settings = ("--history", "2", "--source-history", "2", "--delay", "1", "--bits", "--json")
    status, out, _ = infomax("transfer", sensors_csv, *CHOSEN, *settings)
    assert status == 0
    told = json.loads(out)
    assert told["columns"] == {"x": ["load"], "y": ["power"]}
    forth, back = told["transfer"]
    assert (forth["source"], forth["target"], forth["history"]) == ("load", "power", 2)
    assert forth["value_bits"] == pytest.approx(np.log2(1.36) / 2, abs=0.1)
    assert forth["p_value"] < 0.05 < back["p_value"]
    assert forth["pairs"] == 398


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--history", "0"), "history is 0: give a whole number of rows, at least 1"),
        (("--delay", "390"), "400 rows leave 10 that have a past of 390 rows"),
        (("--out", "here.txt"), "--out is here.txt: give a file that ends in .csv"),
        (("--discrete", "load", "--continuous"), "--discrete names discrete columns"),
    ],
)
def test_mistakes_are_a_line(
    infomax: Run, sensors_csv: Path, arguments: tuple[str, ...], message: str
) -> None:
    status, out, err = infomax("transfer", sensors_csv, *CHOSEN, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"infomax: {message}")
    assert len(err.splitlines()) == 1
