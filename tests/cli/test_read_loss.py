"""``infomax read-loss`` end to end: one loss, a log, and mistakes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Run

SUPCON = ("--loss", "supcon", "--temperature", "0.1", "--base-temperature", "0.07")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "log.csv"
    pd.DataFrame({"step": range(100), "loss": np.linspace(5.5, 2.0, 100)}).to_csv(path, index=False)
    return path


def test_a_loss_is_read_with_its_formula(infomax: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = infomax("read-loss", "6.92", "--batch-size", "64", *SUPCON)
    assert status == 0
    assert out.startswith("Nothing is learnt: 6.92 is chance")
    assert max(map(len, out.splitlines())) <= 80
    told = " ".join(out.split())
    assert "= ln 127 - 6.92 / 1.429 = 0.000 nats" in told
    assert "6.92 logged, ln 127" in told
    assert err.startswith("infomax: warning: the loss is chance")


def test_the_page_shows_what_is_printed(infomax: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = Path(__file__).parents[2] / "docs" / "reading_a_loss.md"
    _, _, shown = page.read_text().partition("```console\n$ infomax ")
    line, _, told = shown.partition("```")[0].partition("\n")
    printed = infomax(*line.split())[1]
    assert [each.rstrip() for each in printed.splitlines()] == told.splitlines()


def test_a_negative_loss_is_no_flag(infomax: Run) -> None:
    assert infomax("read-loss", "-2.5", "--loss", "nwj")[1].startswith("At least 2.500 nats")
    status, _, err = infomax("read-loss", "2.5", "--los", "nwj")
    assert status == 2
    assert "--los" in err


def test_the_object_holds_all_of_it(infomax: Run) -> None:
    line = ("read-loss", "2.0", "--batch-size", "64", "--held-out", "3.5", "--json")
    status, out, err = infomax(*line, "--bits")
    assert (status, err) == (0, "")
    bits, nats = json.loads(out), json.loads(infomax(*line)[1])
    assert nats["value_nats"] == pytest.approx(bits["value_bits"] * np.log(2))
    assert nats["held_out_nats"] == pytest.approx(np.log(64) - 3.5)
    assert [each["type"] for each in nats["warnings"]] == ["PartingWarning"]
    assert nats["settings"]["batch_size"] == 64


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_log_is_read_drawn_and_written(infomax: Run, log: Path, ending: str) -> None:
    out, plot = log.with_name("nats.csv"), log.with_name(f"curve.{ending}")
    given = ("read-loss", log, "--batch-size", "256", "--out", out, "--plot", plot)
    status, said, err = infomax(*given)
    assert status == 0, err
    assert "100 losses, from 5.5 to 2.159, the mean of the last 10" in " ".join(said.split())
    written = pd.read_csv(out)
    np.testing.assert_allclose(written["value_nats"], np.log(256) - written["loss"])
    assert plot.stat().st_size > 5_000
    assert (
        json.loads(infomax("read-loss", log, "--batch-size", "256", "--json")[1])["losses"] == 100
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("6.92", "--loss", "supcon"), "the value of supcon depends on its temperature"),
        (("6.92", "--temperature", "0"), "--temperature is 0.0: give a number above 0"),
        (("6.92", "--queue-size", "3"), "--queue-size has no part in infonce"),
        (("6.92", "--plot", "a.png"), "--plot is for a log of losses, and 6.92 is one loss"),
        (("log.csv", "--plot", "a.pdf"), "give a file that ends in .png or .svg"),
        (("nowhere.csv",), "'nowhere.csv' is neither a number, such as 6.92, nor a log"),
        (("6,92",), "'6,92' is neither a number, such as 6.92, nor a log"),
        (("log.csv", "--column", "lss"), "unknown column 'lss': did you mean 'loss'?"),
    ],
)
def test_a_mistake_is_one_line(
    infomax: Run, log: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(log.parent)
    status, out, err = infomax("read-loss", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert told in err
