"""``infomax estimate`` end to end: real tables in files, and every mistake in one line."""

import json
import math
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from infomax import __version__
from infomax.cli import main
from infomax.estimation import MIResult, estimate_mi


@dataclass(frozen=True)
class Said:
    """What the command said, and its exit status."""

    code: int
    out: str
    err: str

    def object(self) -> dict[str, Any]:
        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is not JSON")

        told: dict[str, Any] = json.loads(self.out, parse_constant=refuse)
        return told


Estimate = Callable[..., Said]


@pytest.fixture
def estimate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Estimate:
    """Run ``infomax estimate`` in this process."""

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["infomax", "estimate", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert isinstance(stopped.value.code, int) or stopped.value.code is None
        shown = capsys.readouterr()
        return Said(stopped.value.code or 0, shown.out, shown.err)

    return run


@pytest.fixture(scope="module")
def diabetes() -> pd.DataFrame:
    frame: pd.DataFrame = load_diabetes(as_frame=True, scaled=False).frame
    return frame


@pytest.fixture(scope="module")
def wine() -> pd.DataFrame:
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    return frame


@pytest.fixture
def diabetes_csv(diabetes: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "diabetes.csv"
    diabetes.to_csv(path, index=False)
    return path


@pytest.fixture
def wine_csv(wine: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "wine.csv"
    wine.to_csv(path, index=False)
    return path


def expected(x: object, y: object, **settings: Any) -> MIResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimate_mi(x, y, **settings)


def assert_agrees(said: Said, result: MIResult) -> dict[str, Any]:
    assert said.code == 0, said.err
    assert said.err == ""
    told = said.object()
    assert {name: told[name] for name in result.as_dict() if name != "warnings"} == {
        name: value for name, value in result.as_dict().items() if name != "warnings"
    }
    assert [each["type"] for each in told["warnings"]] == [
        type(caution).__name__ for caution in result.warnings
    ]
    return told


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_columns_of_a_table(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"diabetes.{ending}"
    if ending == "parquet":
        diabetes.to_parquet(path)
    else:
        diabetes.to_csv(path, index=False, sep="," if ending == "csv" else "\t")
    said = estimate(path, "--x", "bmi,bp", "--y", "target", "--method", "ksg-1", "--json")
    result = expected(diabetes[["bmi", "bp"]], diabetes["target"], method="ksg-1")
    told = assert_agrees(said, result)
    assert told["version"] == __version__
    assert told["files"] == [str(path)]
    assert told["columns"] == {"x": ["bmi", "bp"], "y": ["target"]}
    assert told["not_finite"] == {}
    assert 0.1 < told["value_nats"] < 0.5


def test_every_setting_reaches_the_estimate(
    estimate: Estimate, diabetes: pd.DataFrame, diabetes_csv: Path
) -> None:
    settings: dict[str, Any] = {
        "method": "mixed-ksg",
        "confidence": 0.8,
        "permutations": 29,
        "neighbours": 7,
        "scaling": "standard",
        "random_state": 4,
        "missing": "drop",
    }
    flags = [f"--{name}={value}" for name, value in settings.items() if name != "random_state"]
    flags.append("--seed=4")
    said = estimate(diabetes_csv, "--x", "bmi", "--y", "sex", "--discrete", "sex", *flags, "--json")
    result = expected(diabetes["bmi"], diabetes["sex"], discrete=["sex"], **settings)
    told = assert_agrees(said, result)
    assert told["settings"] == {**settings, "discrete": ["sex"], "order": None}


def test_auto_says_what_was_chosen_and_why(
    estimate: Estimate, diabetes: pd.DataFrame, diabetes_csv: Path
) -> None:
    said = estimate(diabetes_csv, "--x", "bmi", "--y", "target")
    result = expected(diabetes["bmi"], diabetes["target"])
    assert said.code == 0
    shown = " ".join(said.out.split())
    low, high = result.interval.low, result.interval.high
    assert shown.startswith(
        f"bmi shares {result.value:.3f} nats with target, 95 % [{low:.3f}, {high:.3f}] any"
    )
    assert f"any dependence at all {result.verdict}" in shown
    assert (
        f"method {result.method} (no bound) why {result.reason} pairs 442 x bmi y target" in shown
    )
    assert "infomax: warning" not in said.out
    assert said.err.count("\n") == len(result.warnings)


def test_two_files_of_arrays(estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path) -> None:
    x, y = diabetes[["bmi", "bp", "s5"]].to_numpy(), diabetes["target"].to_numpy()
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    files, method = (tmp_path / "x.npy", tmp_path / "y.npy"), "elliptical-copula"
    told = assert_agrees(
        estimate(*files, "--method", method, "--json"), expected(x, y, method=method)
    )
    assert told["columns"] == {"x": ["x0", "x1", "x2"], "y": ["y0"]}
    told = assert_agrees(
        estimate(*files, "--x", "0,2", "--method", method, "--json"),
        expected(x[:, [0, 2]], y, method=method),
    )
    assert told["columns"]["x"] == ["x0", "x2"]
    said = estimate(*files, "--method", method)
    assert f"(all of {tmp_path}" in said.out.replace("\n", "").replace(" " * 23, "")


def test_one_array_by_places(estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path) -> None:
    values = diabetes.to_numpy()
    np.save(tmp_path / "d.npy", values)
    said = estimate(tmp_path / "d.npy", "--x", "2-3,8", "--y", "10", "--method", "ksg-1", "--json")
    told = assert_agrees(said, expected(values[:, [2, 3, 8]], values[:, 10], method="ksg-1"))
    assert told["columns"] == {"x": ["2", "3", "8"], "y": ["10"]}


def test_arrays_named_x_and_y_need_no_flags(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    x, y = diabetes[["bmi", "bp"]].to_numpy(), diabetes["target"].to_numpy()
    np.savez(tmp_path / "d.npz", x=x, y=y, age=diabetes["age"])
    said = estimate(tmp_path / "d.npz", "--method", "ksg-1", "--json")
    told = assert_agrees(said, expected(x, y, method="ksg-1"))
    assert told["columns"] == {"x": ["x0", "x1"], "y": ["y"]}
    said = estimate(tmp_path / "d.npz", "--x", "x", "--y", "age", "--method", "ksg-1", "--json")
    assert_agrees(said, expected(x, diabetes["age"], method="ksg-1"))


def test_the_class_of_wine_is_discrete(
    estimate: Estimate, wine: pd.DataFrame, wine_csv: Path
) -> None:
    said = estimate(wine_csv, "--x", "alcohol,flavanoids", "--y", "target", "--json")
    told = assert_agrees(said, expected(wine[["alcohol", "flavanoids"]], wine["target"]))
    assert 0.7 < told["value_nats"] < math.log(3)
    assert told["p_value"] < 0.05
    assert "DiscreteColumnWarning" in {each["type"] for each in told["warnings"]}
    declared = estimate(
        wine_csv, "--x", "alcohol,flavanoids", "--y", "target", "--discrete", "target", "--json"
    ).object()
    assert declared["value_nats"] == told["value_nats"]
    assert "DiscreteColumnWarning" not in {each["type"] for each in declared["warnings"]}


def test_warnings_are_one_line_each(estimate: Estimate, wine_csv: Path) -> None:
    said = estimate(wine_csv, "--x", "alcohol", "--y", "target")
    lines = said.err.splitlines()
    assert all(line.startswith("infomax: warning: ") for line in lines)
    assert any("column target has 3 levels" in line for line in lines)


def test_points_on_a_scale_are_said_to_be_continuous(
    estimate: Estimate, wine: pd.DataFrame, wine_csv: Path
) -> None:
    said = estimate(
        wine_csv,
        "--x",
        "alcohol",
        "--y",
        "target",
        "--continuous",
        "--method",
        "gaussian",
        "--json",
    )
    result = expected(wine["alcohol"], wine["target"], discrete=[], method="gaussian")
    assert assert_agrees(said, result)["settings"]["discrete"] == []


def test_text_is_discrete_where_that_is_said(
    estimate: Estimate, wine: pd.DataFrame, tmp_path: Path
) -> None:
    named = wine.assign(target=wine["target"].map({0: "barolo", 1: "grignolino", 2: "barbera"}))
    named.to_csv(tmp_path / "wine.csv", index=False)
    arguments = (tmp_path / "wine.csv", "--x", "alcohol", "--y", "target", "--json")
    result = expected(wine["alcohol"], wine["target"], discrete=["target"])
    told = estimate(*arguments, "--discrete", "target").object()
    assert told["value_nats"] == pytest.approx(result.value)
    refused = estimate(*arguments)
    assert_refused(refused)
    assert "column target holds text" in refused.err
    assert "declare it discrete (--discrete target), or" in refused.err


def test_with_y_alone_x_is_all_others_and_says_so(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    some = diabetes[["age", "bmi", "target"]]
    some.to_csv(tmp_path / "some.csv", index=False)
    arguments = (tmp_path / "some.csv", "--y", "target", "--method", "ksg-1")
    told = assert_agrees(
        estimate(*arguments, "--json"),
        expected(some[["age", "bmi"]], some["target"], method="ksg-1"),
    )
    assert told["columns"]["x"] == ["age", "bmi"]
    assert "age, bmi (all other columns)" in estimate(*arguments).out


def test_names_that_hold_commas(estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path) -> None:
    renamed = diabetes.rename(columns={"bmi": "mass, of body", "bp": "pressure"})
    renamed.to_csv(tmp_path / "d.csv", index=False)
    chosen = ("--x", "mass, of body", "--x", "pressure, s5", "--y", "target")
    said = estimate(tmp_path / "d.csv", *chosen, "--method", "ksg-1", "--json")
    result = expected(diabetes[["bmi", "bp", "s5"]], diabetes["target"], method="ksg-1")
    assert assert_agrees(said, result)["columns"]["x"] == ["mass, of body", "pressure", "s5"]


def test_what_is_infinite_is_null_and_said_to_be(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    untied = pd.DataFrame({"a": diabetes["s6"] + np.arange(442) / 1e4})
    untied["b"] = np.exp(untied["a"] / 100)
    untied.to_csv(tmp_path / "d.csv", index=False)
    told = estimate(tmp_path / "d.csv", "--x", "a", "--y", "b", "--json").object()
    assert told["value_nats"] is None
    assert told["interval_nats"] == [None, None]
    infinite = ("value_nats", "interval_nats[0]", "interval_nats[1]")
    assert told["not_finite"] == dict.fromkeys(infinite, "inf")
    said = estimate(tmp_path / "d.csv", "--x", "a", "--y", "b")
    assert said.out.startswith("a shares inf nats with b, 95 % [inf, inf]\n")


def test_a_constant_shares_nothing_and_that_is_said(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    diabetes.assign(site=7.0).to_csv(tmp_path / "d.csv", index=False)
    said = estimate(tmp_path / "d.csv", "--x", "bmi", "--y", "site")
    assert said.code == 0
    assert "0.000 nats" in said.out
    assert "y is constant" in said.out
    assert "infomax: warning: column site of y has one value in all rows" in said.err


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_figure_is_drawn_to_the_same_bytes(
    estimate: Estimate, diabetes_csv: Path, tmp_path: Path, ending: str, begins: bytes
) -> None:
    drawn = []
    for place in range(2):
        path = tmp_path / f"{place}.{ending}"
        said = estimate(diabetes_csv, "--x=bmi", "--y=bp", "--method=ksg-1", "--plot", path)
        assert said.code == 0
        drawn.append(path.read_bytes())
    assert drawn[0].startswith(begins)
    assert drawn[0] == drawn[1]


def assert_refused(said: Said) -> None:
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("infomax: ")
    assert said.err.count("\n") == 1


BMI_AND_TARGET = ("--x", "bmi", "--y", "target")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--x", "bim", "--y", "target"), "unknown column 'bim': did you mean 'bmi'? choose one"),
        (("--x", "BMI", "--y", "target"), "unknown column 'BMI': did you mean 'bmi'? choose one"),
        (("--x", "bmi", "--y", ""), "unknown column ''"),
        (("--x", "bmi,bp", "--y", "bp,target"), "column 'bp' is in x and in y"),
        ((), "which columns are x, which y? name them with --x and --y, of age, sex, bmi"),
        ((*BMI_AND_TARGET, "--discrete", "targe"), "unknown column of x or y 'targe': did you"),
        ((*BMI_AND_TARGET, "--discrete", "age"), "unknown column of x or y 'age'"),
        ((*BMI_AND_TARGET, "--discrete", "bmi", "--continuous"), "give one"),
        ((*BMI_AND_TARGET, "--method", "ksg1"), "unknown method 'ksg1': did you mean 'ksg-1'?"),
        ((*BMI_AND_TARGET, "--confidence", "95"), "confidence is 95"),
        ((*BMI_AND_TARGET, "--permutations", "-1"), "permutations is -1"),
        ((*BMI_AND_TARGET, "--missing", "fill"), "unknown choice of missing 'fill': choose one of"),
        ((*BMI_AND_TARGET, "--neighbours", "-1"), "neighbours is -1"),
        ((*BMI_AND_TARGET, "--seed", "-1"), "random_state is -1"),
        ((*BMI_AND_TARGET, "--scaling", "ranks"), "unknown scaling 'ranks'"),
        ((*BMI_AND_TARGET, "--plot", "figure.pdf"), "give a file that ends in .png or .svg"),
        ((*BMI_AND_TARGET, "--plot", "f.png", "--columns"), "--plot draws one estimate"),
        ((*BMI_AND_TARGET, "--jobs", "2"), "--jobs is for the columns of --columns"),
        ((*BMI_AND_TARGET, "--columns", "--jobs", "0"), "--jobs is 0: give a whole number"),
        ((*BMI_AND_TARGET, "--columns", "--confidence", "95"), "confidence is 95"),
        (("--x", "sex", "--y", "target", "--method", "ksg-1", "--columns"), "sex is discrete"),
        ((*BMI_AND_TARGET, "--plot", "nowhere/figure.png"), "there is no folder nowhere"),
        (("--x", "sex", "--y", "target", "--method", "ksg-1"), "sex is discrete"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_mistake_in_the_flags_is_one_line(
    estimate: Estimate,
    diabetes_csv: Path,
    arguments: tuple[str, ...],
    told: str,
    form: tuple[str, ...],
) -> None:
    said = estimate(diabetes_csv, *arguments, *form)
    assert_refused(said)
    assert told in said.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("absent.csv", None, "is not there"),
        ("d.xlsx", b"PK", "has the ending '.xlsx', expected one of .csv"),
        ("d.csv", b"", "is empty"),
        ("d.csv", b"a,b\n1,2\n3\n", "cannot be read as .csv"),
        ("d.csv", b"a,b\n", "there are 0 rows: an estimate needs at least 50"),
        ("d.csv", b"a,b\n" + b"1,2\n" * 49, "there are 49 rows"),
        (
            "d.csv",
            b"a,b\n" + b"1.5,2\n" * 60 + b",3\n",
            "column a has 1 missing value(s) (NaN), in",
        ),
        ("d.csv", b"a,b\n" + b"1.5,2\n" * 60 + b"inf,3\n", "column a has 1 infinite value(s)"),
        ("d.csv", b"a,b\n" + b"x,2\n" * 60, "column a holds text"),
        ("d.csv", b",b\n" + b"1,2\n" * 60, "has no name, as row numbers have"),
    ],
)
def test_a_mistake_in_a_file_is_one_line(
    estimate: Estimate, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    said = estimate(tmp_path / name, "--y", "b")
    assert_refused(said)
    assert told in said.err


def test_rows_with_missing_values_are_left_out_where_that_is_said(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    gaps = diabetes[["bmi", "bp", "target"]].copy()
    gaps.loc[[3, 40], "bmi"] = np.nan
    gaps.loc[[3, 99], "target"] = np.nan
    gaps.to_csv(tmp_path / "d.csv", index=False)
    arguments = (tmp_path / "d.csv", "--x", "bmi,bp", "--y", "target", "--method", "ksg-1")
    refused = estimate(*arguments)
    assert_refused(refused)
    assert "column bmi has 2 missing value(s) (NaN), in row(s) 3, 40" in refused.err
    assert "leave these rows out (--missing drop);" in refused.err
    whole = gaps.dropna()
    assert len(whole) == 439
    told = estimate(*arguments, "--missing", "drop", "--json").object()
    result = expected(whole[["bmi", "bp"]], whole["target"], method="ksg-1")
    assert (told["value_nats"], told["pairs"]) == (pytest.approx(result.value), 439)
    assert told["rows_left_out"] == 3
    shown = " ".join(estimate(*arguments, "--missing", "drop", "--permutations", "0").out.split())
    assert "pairs 439, 3 rows with missing values left out" in shown
    assert "any dependence at all not tested" in shown


NOISE = np.random.default_rng(0).normal(size=120)
SECOND = np.arange(120) % 3 == 0


def lines(*columns: object) -> str:
    return "\n".join([*(",".join(map(str, row)) for row in zip(*columns, strict=True)), ""])


@pytest.mark.parametrize(
    "levels", [("123", "0123"), (10**19, 10**19 + 1), (10**29, 10**29 + 1), ("1.10", "1.1")]
)
def test_declared_levels_are_what_is_written(
    estimate: Estimate, tmp_path: Path, levels: tuple[object, object]
) -> None:
    code = np.where(SECOND, str(levels[1]), str(levels[0]))
    y = NOISE + 3 * SECOND
    (tmp_path / "t.csv").write_text("code,y\n" + lines(code, y))
    arguments = (tmp_path / "t.csv", "--x", "code", "--y", "y", "--permutations", "19")
    told = estimate(*arguments, "--discrete", "code", "--json").object()
    result = expected(pd.Series(code, name="code"), y, discrete=["code"], permutations=19)
    assert told["value_nats"] == pytest.approx(result.value)
    assert told["value_nats"] > 0.4
    assert told["settings"]["discrete"] == ["code"]


def test_a_code_that_a_number_would_not_keep_is_refused_undeclared(
    estimate: Estimate, tmp_path: Path
) -> None:
    for levels, told in (
        (("123", "0123"), "such as '0123' in row 0 (a whole number with leading zeros"),
        ((10**19 + 1, 10**19), "floating point cannot tell apart"),
        ((10**29, 10**29 + 1), f"such as '{10**29 + 1}' in row 0 (a whole number of more digits"),
    ):
        (tmp_path / "t.csv").write_text(
            "code,y\n" + lines(np.where(SECOND, str(levels[1]), str(levels[0])), NOISE)
        )
        said = estimate(tmp_path / "t.csv", "--x", "code", "--y", "y")
        assert_refused(said)
        assert told in said.err


def test_files_without_names_lose_no_row(estimate: Estimate, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    counts = generator.poisson(40, 200)
    (tmp_path / "x.csv").write_text(lines(counts))
    (tmp_path / "y.csv").write_text(lines(counts + generator.poisson(9, 200)))
    files = (tmp_path / "x.csv", tmp_path / "y.csv")
    said = estimate(*files, "--permutations", "19")
    assert "pairs 200" in " ".join(said.out.split())
    assert said.err.count("its first line (") == 2
    told = estimate(*files, "--no-header", "--permutations", "19", "--json").object()
    assert (told["pairs"], told["columns"]) == (200, {"x": ["x0"], "y": ["y0"]})
    assert told["text"]["header"] is False
    assert "TableWarning" not in [each["type"] for each in told["warnings"]]
    told = estimate(*files, "--header", "--permutations", "19", "--json").object()
    assert (told["pairs"], told["columns"]["x"]) == (199, [str(counts[0])])


GROUP = np.where(SECOND, "b", "c")


@pytest.mark.parametrize(
    ("name", "content", "flags", "told"),
    [
        (
            "de.csv",
            ("x;y;g\n" + lines(NOISE, NOISE[::-1])).replace(",", ";").replace(".", ","),
            (),
            "read it by --separator ';' --decimal ','",
        ),
        (
            "de.csv",
            ("x;y\n" + lines(NOISE, NOISE[::-1])).replace(",", ";").replace(".", ","),
            ("--separator", ";"),
            "in row 0 (a number with a decimal comma: read the file by --decimal ','",
        ),
        (
            "q.csv",
            "x,y\n" + lines([*NOISE[:3], "?", *NOISE[4:]], NOISE),
            (),
            "column x holds text or objects, such as '?' in row 3 (text among numbers",
        ),
        (
            "hex.csv",
            "x,y\n" + lines([*range(99), "0x10", *range(20)], NOISE),
            (),
            "such as '0x10' in row 99 (a hexadecimal number",
        ),
        (
            "date.csv",
            "x,y\n" + lines(pd.date_range("2020-01-01", periods=120).date, NOISE),
            (),
            "column x holds dates or times: turn it into numbers, such as days since",
        ),
        (
            "day.csv",
            "x,y\n" + lines(pd.date_range("2020-01-01", periods=120).strftime("%d.%m.%y"), NOISE),
            (),
            "column x holds dates or times as text, such as '01.01.20' in row 0: turn it into",
        ),
        (
            "parquet.parquet",
            pd.DataFrame({"x": [[1, 2]] * 120, "y": NOISE}),
            (),
            "such as array([1, 2]) in row 0: give a column for each of the values in a cell",
        ),
        (
            "parquet.parquet",
            pd.DataFrame({"x": [{"a": 1}] * 120, "y": NOISE}),
            ("--discrete", "x"),
            "such as {'a': 1} in row 0: give a column for each of the values in a cell",
        ),
        ("x.npy", NOISE, ("--decimal", ","), "header are of text (.csv, .tsv"),
    ],
)
def test_what_a_table_is_refused_for(  # noqa: PLR0917 - fixtures and what is tried
    estimate: Estimate,
    tmp_path: Path,
    name: str,
    content: Any,
    flags: tuple[str, ...],
    told: str,
) -> None:
    path = tmp_path / name
    if isinstance(content, str):
        path.write_text(content)
    elif isinstance(content, pd.DataFrame):
        content.to_parquet(path)
    else:
        np.save(path, content)
    said = estimate(path, "--x", "x", "--y", "y", *flags)
    assert_refused(said)
    assert told in said.err


@pytest.mark.parametrize(
    ("encoding", "decimal", "flags"),
    [
        ("utf-16", ".", ()),
        ("latin-1", ".", ("--encoding", "latin-1")),
        ("utf-8", ",", ("--separator", ";", "--decimal", ",")),
        ("utf-8", ".", ("--separator", "tab")),
    ],
)
def test_a_table_of_another_program_is_read_to_the_same_numbers(
    estimate: Estimate, tmp_path: Path, encoding: str, decimal: str, flags: tuple[str, ...]
) -> None:
    separator = {"tab": "\t"}.get(flags[1], flags[1]) if "--separator" in flags else ","
    frame = pd.DataFrame({"größe": NOISE, "y": NOISE + NOISE[::-1] * (1 + SECOND)})
    frame.to_csv(tmp_path / "t.csv", sep=separator, decimal=decimal, encoding=encoding, index=False)
    arguments = ("--x", "größe", "--y", "y", "--method", "ksg-1", "--json")
    told = assert_agrees(
        estimate(tmp_path / "t.csv", *arguments, *flags),
        expected(frame["größe"], frame["y"], method="ksg-1"),
    )
    assert told["text"]["decimal"] == decimal


def test_text_beside_an_array_is_read_as_said(estimate: Estimate, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", NOISE)
    (tmp_path / "y.csv").write_text("y\n" + lines(NOISE + NOISE[::-1]).replace(".", ","))
    files = (tmp_path / "x.npy", tmp_path / "y.csv")
    flags = ("--separator", ";", "--decimal", ",", "--method", "ksg-1", "--json")
    assert_agrees(
        estimate(*files, *flags),
        expected(NOISE, NOISE + NOISE[::-1], method="ksg-1"),
    )


def test_files_of_different_lengths(
    estimate: Estimate, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", diabetes["bmi"])
    np.save(tmp_path / "y.npy", diabetes["target"][:400])
    said = estimate(tmp_path / "x.npy", tmp_path / "y.npy")
    assert_refused(said)
    assert "x has 442 rows and y has 400" in said.err


def test_more_than_two_files(estimate: Estimate, diabetes_csv: Path) -> None:
    said = estimate(diabetes_csv, diabetes_csv, diabetes_csv)
    assert_refused(said)
    assert "3 files: give one table, or one of x and one of y" in said.err


def test_help_does_not_wait_for_pytorch() -> None:
    code = (
        "import sys; from infomax.cli import main\n"
        "try: main()\n"
        "finally: assert 'torch' not in sys.modules"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, "estimate", "--help"],
        check=True,
        capture_output=True,
        env={**os.environ, "COLUMNS": "200"},
        text=True,
        timeout=120,
    )
    assert "--seed" in shown.stdout


def test_a_condition_is_named_in_the_answer_the_json_and_the_page(
    estimate: Estimate, tmp_path: Path
) -> None:
    age, dose, effect = np.random.default_rng(0).standard_normal((3, 300))
    table = pd.DataFrame({"dose": dose + age, "effect": effect + age, "age": age, "n": dose})
    path, page = tmp_path / "trial.csv", tmp_path / "trial.html"
    table.to_csv(path, index=False)
    chosen = (path, "--x", "dose", "--y", "effect", "--given", "age", "--permutations", 19)
    shown = " ".join(estimate(*chosen, "--report", page).out.split())
    assert "nats with effect given age, 95 %" in shown
    assert "given age" in page.read_text()
    told = estimate(*chosen, "--json").object()
    assert told["columns"] == {"x": ["dose"], "y": ["effect"], "given": ["age"]}
    assert told["given"] == ["age"]
    assert told["p_value"] > 0.05
    # What is neither x, y nor given is all other columns.
    others = estimate(path, "--y", "effect", "--given", "age", "--json", "--permutations", 9)
    assert others.object()["columns"]["x"] == ["dose", "n"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--x", "a", "--y", "b", "--given", "a"], "column 'a' is in x and in --given"),
        (["--y", "b", "--given", "c", "--columns"], "--given is for one estimate"),
        (["--y", "b", "--given", "d"], "'d'"),
    ],
)
def test_mistakes_in_a_condition_are_refused(
    estimate: Estimate, tmp_path: Path, arguments: list[str], said: str
) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame(np.random.default_rng(0).random((60, 3)), columns=list("abc")).to_csv(
        path, index=False
    )
    outcome = estimate(path, *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_rows_in_time_are_sorted_by_their_column(estimate: Estimate, tmp_path: Path) -> None:
    steps = np.random.default_rng(0).standard_normal((2, 400))
    table = pd.DataFrame({"load": steps[0], "power": steps.sum(axis=0), "time": np.arange(400)})
    table.sample(frac=1, random_state=0).to_csv(tmp_path / "sensors.csv", index=False)
    said = estimate(
        tmp_path / "sensors.csv", "--y", "power", "--order", "time", "--permutations=19", "--json"
    )
    result = expected(table[["load"]], table["power"], order="rows", permutations=19)
    told = assert_agrees(said, result)
    assert told["settings"]["order"] == "time"
    assert told["columns"]["x"] == ["load"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--order", "hour"], "unknown column of times 'hour': choose one of rows, load, power"),
        (["--order", "load", "--x", "load"], "unknown column 'load'"),
    ],
)
def test_a_column_of_times_that_is_none_is_refused(
    estimate: Estimate, tmp_path: Path, flags: list[str], message: str
) -> None:
    path = tmp_path / "sensors.csv"
    pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["load", "power"]).to_csv(
        path, index=False
    )
    said = estimate(path, "--y", "power", *flags)
    assert said.code == 2
    assert message in " ".join(said.err.split())


def test_lags_tell_which_shares_most(estimate: Estimate, tmp_path: Path) -> None:
    load, noise = np.random.default_rng(0).standard_normal((2, 300))
    table = pd.DataFrame({"load": load, "power": np.roll(load, 2) + noise})
    table.to_csv(tmp_path / "sensors.csv", index=False)
    flags = ["--y", "power", "--order", "rows", "--lags", "1-3", "--permutations=39"]
    files = ["--out", tmp_path / "lags.csv", "--plot", tmp_path / "lags.png"]
    said = estimate(tmp_path / "sensors.csv", *flags, *files)
    assert said.code == 0, said.err
    assert "load shares most with power 2 rows later, of 3 lags" in " ".join(said.out.split())
    assert pd.read_csv(tmp_path / "lags.csv")["lag"].tolist() == [1, 2, 3]
    assert (tmp_path / "lags.png").stat().st_size > 0
    told = estimate(tmp_path / "sensors.csv", *flags, "--json").object()
    assert [row["lag"] for row in told["lags"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--lags", "0-5"], "--lags needs rows in time: give --order"),
        (["--lags", "0-5", "--order", "rows", "--columns"], "--lags goes with none of"),
        (["--lags", "5-", "--order", "rows"], "--lags is '5-': give numbers of rows"),
        (["--lags", "0-90", "--order", "rows"], "lag 90 leaves 10 pairs of 100 rows"),
        (["--out", "lags.csv"], "--out is for the lags of --lags"),
    ],
)
def test_lags_that_cannot_be_are_refused(
    estimate: Estimate, tmp_path: Path, flags: list[str], message: str
) -> None:
    path = tmp_path / "sensors.csv"
    pd.DataFrame(np.random.default_rng(0).normal(size=(100, 2)), columns=["load", "power"]).to_csv(
        path, index=False
    )
    said = estimate(path, "--y", "power", *flags)
    assert said.code == 2
    assert message in " ".join(said.err.split())
