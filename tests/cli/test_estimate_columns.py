"""``infomax estimate --columns`` and ``--bits`` end to end, on the wine data of scikit-learn."""

import json
import math
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_wine

from infomax.cli import main
from infomax.errors import advising_flags
from infomax.estimation import estimate_mi, rank_columns
from infomax.warnings import EstimationWarning

Estimate = Callable[..., tuple[str, str]]
MEASURED = 13
FAST = ("--permutations", "39")


@pytest.fixture
def estimate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Estimate:
    """Run ``infomax estimate`` in this process, and return what it said, as it must not fail."""

    def run(*arguments: object) -> tuple[str, str]:
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr(sys, "argv", ["infomax", "estimate", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        assert not stopped.value.code, said.err
        return said.out, said.err

    return run


@pytest.fixture(scope="module")
def wine() -> pd.DataFrame:
    """The wine data with a column of text."""
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    return frame.assign(cask=["oak", "steel"] * 89)


@pytest.fixture
def wine_csv(wine: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "wine.csv"
    wine.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def ranking(wine: pd.DataFrame) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        # What the command calls advises flags, and so does this.
        with advising_flags():
            return rank_columns(wine.drop(columns="target"), wine["target"], permutations=39)


def test_all_other_columns_are_ranked_and_none_is_lost(
    estimate: Estimate, wine_csv: Path, ranking: pd.DataFrame
) -> None:
    out, err = estimate(wine_csv, "--y", "target", "--columns", *FAST)
    lines = out.splitlines()
    shown = int((ranking["corrected_p_value"] <= 0.05).sum())
    assert " ".join(out.split()).startswith(
        f"Of {MEASURED} columns, {shown} are shown to share information with target; of these "
        "flavanoids shares most; 1 other was refused."
    )
    assert max(map(len, out.splitlines())) <= 80
    rows = [line.split() for line in lines if re.search(r"\d\.\d+ +\[", line)]
    assert [row[0] for row in rows] == list(ranking.index[:MEASURED])
    values = [f"{value:.3f}" for value in ranking["value_nats"][:MEASURED]]
    assert [row[1] for row in rows] == values
    assert [f"{row[5]} {row[6]}" for row in rows] == [
        f"{100 * share:.0f} %" for share in ranking["share_of_y"][:MEASURED]
    ]
    bars = [line.count("█") for line in lines if re.search(r"\d\.\d+ +\[", line)]
    assert bars[0] == 10
    assert bars == sorted(bars, reverse=True)
    told = " ".join(out.split())
    assert "Not estimated: 1 of 14 columns. cask: column cask holds text or objects" in told
    # One line for each kind.
    kinds = err.splitlines()
    assert all(line.startswith("infomax: warning: ") for line in kinds)
    assert sum("levels, all whole numbers" in line for line in kinds) == 1
    assert sum("rows resemble their neighbours" in line for line in kinds) == 1


def test_the_object_holds_the_same(
    estimate: Estimate, wine_csv: Path, ranking: pd.DataFrame
) -> None:
    out, err = estimate(wine_csv, "--y", "target", "--columns", "--json", *FAST)
    assert err == ""
    told: dict[str, Any] = json.loads(out)
    ranked = ranking[:MEASURED]
    for row, (name, expected) in zip(told["ranking"], ranked.iterrows(), strict=True):
        assert row.pop("column") == name
        assert row.pop("interval_nats") == [expected["low_nats"], expected["high_nats"]]
        assert row == {key: expected[key] for key in row}
        assert set(row) == {*ranking.columns} - {"low_nats", "high_nats", "refused"}
    assert told["not_estimated"] == [{"column": "cask", "reason": ranking["refused"]["cask"]}]
    assert told["columns"]["y"] == ["target"]
    assert len(told["columns"]["x"]) == MEASURED + 1
    assert told["not_finite"] == {}
    assert told["settings"]["permutations"] == 39
    types = [each["type"] for each in told["warnings"]]
    assert len(types) == len(set(types))


def test_columns_may_be_chosen_and_declared_and_estimated_side_by_side(
    estimate: Estimate, wine_csv: Path
) -> None:
    chosen = ("--x", "cask,hue", "--y", "target", "--discrete", "cask,target", "--columns")
    out, _ = estimate(wine_csv, *chosen, "--jobs", "2", "--json", *FAST)
    told = json.loads(out)
    assert [row["column"] for row in told["ranking"]] == ["hue", "cask"]
    assert told["ranking"][1]["method"] == "chao-wang-jost"
    assert told["not_estimated"] == []
    # Processes of their own advise flags as well.
    undeclared = ("--x", "cask,hue", "--y", "target", "--columns", "--jobs", "2", "--json")
    told = json.loads(estimate(wine_csv, *undeclared, *FAST)[0])
    assert "(--discrete cask)" in told["not_estimated"][0]["reason"]


def test_what_is_infinite_leads_and_is_null(
    estimate: Estimate, wine: pd.DataFrame, tmp_path: Path
) -> None:
    table = wine[["flavanoids", "alcohol"]].assign(of_alcohol=wine["alcohol"] ** 2)
    table.to_csv(tmp_path / "d.csv", index=False)
    arguments = (tmp_path / "d.csv", "--y", "alcohol", "--columns", "--method", "ksg-1", *FAST)
    told = json.loads(estimate(*arguments, "--json")[0])
    assert told["ranking"][0]["column"] == "of_alcohol"
    assert told["ranking"][0]["value_nats"] is None
    ends = ("value_nats", "interval_nats[0]", "interval_nats[1]")
    assert told["not_finite"] == {f"ranking[0].{end}": "inf" for end in ends}
    out, _ = estimate(*arguments)
    assert re.search(r"of_alcohol +inf +\[inf, inf\] +0.025 +█{10}", out)
    assert "share:" not in out  # alcohol is continuous


def test_an_answer_comes_first_and_bits_are_so_many_fewer(
    estimate: Estimate, wine: pd.DataFrame, wine_csv: Path
) -> None:
    pair = (wine_csv, "--x", "flavanoids,proline", "--y", "target", *FAST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        result = estimate_mi(wine[["flavanoids", "proline"]], wine["target"], permutations=39)
    one_bit = math.log(2)
    low, high = (end / one_bit for end in result.interval)
    out, _ = estimate(*pair, "--bits")
    assert " ".join(out.split()).startswith(
        f"flavanoids and proline share {result.value / one_bit:.3f} bits with target "
        f"({100 * result.share_of_y:.0f} % of what target holds), 95 % [{low:.3f}, {high:.3f}]"
    )
    told = json.loads(estimate(*pair, "--bits", "--json")[0])
    assert told["value_bits"] == result.value / one_bit
    assert told["interval_bits"] == [low, high]
    assert not any("nats" in name for name in told)
    ranked = json.loads(estimate(*pair, "--columns", "--bits", "--json")[0])["ranking"]
    single = json.loads(estimate(*pair, "--columns", "--json")[0])["ranking"]
    for of_bits, of_nats in zip(ranked, single, strict=True):
        assert of_bits["value_bits"] == of_nats["value_nats"] / one_bit
        assert of_bits["interval_bits"] == [end / one_bit for end in of_nats["interval_nats"]]
        assert of_bits["share_of_y"] == of_nats["share_of_y"]
    out, _ = estimate(*pair, "--columns", "--bits")
    assert f"{ranked[0]['value_bits']:.3f}" in out
    assert " bits " in out
    assert " nats " not in out


def test_a_lower_bound_is_marked(estimate: Estimate, wine_csv: Path) -> None:
    pair = (wine_csv, "--x", "flavanoids", "--y", "proline", "--method", "infonce")
    out, _ = estimate(*pair, "--permutations", "9")
    assert out.startswith("flavanoids shares at least ")
    out, _ = estimate(*pair, "--permutations", "9", "--columns")
    assert re.search(r"flavanoids +≥ \d", out)
    assert "≥: at least, a lower bound" in out


def test_of_what_was_not_tested_no_p_value_is_shown(estimate: Estimate, wine_csv: Path) -> None:
    pair = (wine_csv, "--x", "hue,ash", "--y", "proline", "--columns", "--permutations", "0")
    out, _ = estimate(*pair)
    assert out.startswith("Of 2 columns, ash shares most with proline; none was tested.")
    assert "p*" not in out
    told = json.loads(estimate(*pair, "--json")[0])
    assert [row["corrected_p_value"] for row in told["ranking"]] == [None, None]


def test_pages_of_one_estimate_and_of_a_ranking_are_written(
    estimate: Estimate, wine_csv: Path, tmp_path: Path
) -> None:
    pair = (wine_csv, "--x", "flavanoids,proline", "--y", "target", *FAST)
    one, many = tmp_path / "one.html", tmp_path / "many.html"
    out, err = estimate(*pair, "--bits", "--report", one)
    assert err.splitlines()[-1] == f"page: {one}"
    answer = " ".join(out.partition("\n\n")[0].split())
    assert answer in one.read_text(encoding="utf-8")
    assert "wine.csv" in one.read_text(encoding="utf-8")
    told = json.loads(estimate(*pair, "--columns", "--json", "--report", many)[0])
    page = many.read_text(encoding="utf-8")
    assert all(f'<th scope="row">{row["column"]}</th>' in page for row in told["ranking"])
    for warning in told["warnings"]:
        assert warning["message"].partition(":")[0] in page
