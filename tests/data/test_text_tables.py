"""Tables of text as people have them: what is read of them, and what is said where it is not."""

import gzip
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax.data import files
from infomax.data.tables import read_table
from infomax.errors import UserError, advising_flags
from infomax.warnings import TableWarning


def written(folder: Path, text: str, *, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def column(*cells: object) -> str:
    return "\n".join(["a,b", *(f"{cell},0.5" for cell in cells), ""])


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["0123", "123"], ["0123", "123"]),
        (["00", "0.5"], ["00", "0.5"]),
        (["0x10", "3"], ["0x10", "3"]),
        (["10000000000000000000", "10000000000000000001"], [10**19, 10**19 + 1]),
        ([2**63, 2**63 + 1, 5], [2**63, 2**63 + 1, 5]),
        ([2**64 + 1, 2**64], [str(2**64 + 1), str(2**64)]),
        ([-(2**63) - 1, -(2**63) - 2], [str(-(2**63) - 1), str(-(2**63) - 2)]),
        ([10**17 + 1, 10**17, "0.5"], [str(10**17 + 1), str(10**17), "0.5"]),
        ([2**53 + 1, 2**53], [2**53 + 1, 2**53]),
        (["0", "-0.5", "10"], [0.0, -0.5, 10.0]),
        (["1e20", "100000000000000000000"], [1e20, 1e20]),
        (["12345678901234567.5", "1"], [12345678901234567.5, 1.0]),
    ],
)
def test_no_digit_of_a_whole_number_is_lost(
    tmp_path: Path, cells: Sequence[object], kept: Sequence[object]
) -> None:
    read = read_table(written(tmp_path, column(*cells))).cells["a"].tolist()
    assert read == list(kept)
    assert [type(value) for value in read] == [type(value) for value in kept]


def test_nor_beside_a_missing_one(tmp_path: Path) -> None:
    cells = read_table(written(tmp_path, column(2**53 + 1, "", 2**53))).cells["a"]
    assert cells.dropna().tolist() == [2**53 + 1, 2**53]
    small = read_table(written(tmp_path, column(1, "", 2))).cells["a"]
    assert small.dtype == np.float64


def test_levels_are_what_is_written(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a,b\n1.10,1\n 1.1 ,1\n1e3,1\n,1\n"))
    assert table.cells["a"].tolist()[:3] == [1.1, 1.1, 1000.0]
    levels = table.with_levels(["a", "of another table"])
    assert levels["a"].tolist()[:3] == ["1.10", "1.1", "1e3"]
    assert levels["a"].isna().tolist() == [False, False, False, True]
    assert levels["b"].tolist() == [1, 1, 1, 1]
    assert table.cells["a"].tolist()[:3] == [1.1, 1.1, 1000.0]


def test_dates_are_dates(tmp_path: Path) -> None:
    cells = read_table(written(tmp_path, column("2020-01-01", "2020-01-02"))).cells
    assert cells["a"].dtype.kind == "M"


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    path = written(tmp_path, "x;y;note\n0,1257;-1;a,b\n-3,5;2;c\n")
    read = read_table(path, separator=";", decimal=",").cells
    assert read.to_dict("list") == {"x": [0.1257, -3.5], "y": [-1, 2], "note": ["a,b", "c"]}
    with pytest.raises(UserError) as refused:
        read_table(path)
    assert str(refused.value) == (
        f"{path}: its first line is 'x;y;note', as if cells are parted by ';' and numbers written "
        "with a decimal comma: read it by separator=';', decimal=',', or "
        "write it with commas (.csv) or tabs (.tsv) and decimal points"
    )


@pytest.mark.parametrize("said", [{}, {"separator": ","}])
def test_fractions_in_quotes_may_have_the_mark_that_parts_cells(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    path = written(tmp_path, 'x,y\n"0,5",1\n"-3,5","2,25"\n')
    read = read_table(path, decimal=",", **said).cells
    assert read.to_dict("list") == {"x": [0.5, -3.5], "y": [1.0, 2.25]}


def test_at_the_command_flags_are_advised_of_the_command_that_has_them(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\né,1\n", encoding="latin-1")
    said = (
        r"name its encoding \(--encoding cp1252, latin-1, \.\.\. of infomax estimate\), or write "
        "it as UTF-8"
    )
    with advising_flags(), pytest.raises(UserError, match=said):
        read_table(path)
    said = r"if 33 was measured, say --no-header \(infomax estimate\), or write names above it"
    with advising_flags(), pytest.warns(TableWarning, match=said):
        read_table(written(tmp_path, "33,a\n40,5\n"))


@pytest.mark.parametrize("separator", ["tab", r"\t", "\t"])
def test_a_tab_may_be_said_in_words(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path, "x\ty\n1\t2\n")
    assert read_table(path, separator=separator).columns == ["x", "y"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_mark_at_the_start_names_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "naïve,b\né,1\n", encoding=encoding)
    assert read_table(path).cells.to_dict("list") == {"naïve": ["é"], "b": [1]}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-16-be"])
def test_an_encoding_is_read_where_it_is_said(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "naïve,b\né,1\n", encoding=encoding)
    read = read_table(path, encoding=encoding).cells.to_dict("list")
    assert read == {"naïve": ["é"], "b": [1]}
    with pytest.raises(UserError, match=r"name its encoding \(encoding='"):
        read_table(path)


@pytest.mark.parametrize(("ending", "module"), [("gz", gzip), ("xz", lzma)])
def test_text_may_be_compressed(tmp_path: Path, ending: str, module: Any) -> None:
    for name, text in (
        (f"t.csv.{ending}", "a,b\n1,2\n"),
        (f"t.TSV.{ending.upper()}", "a\tb\n1\t2\n"),
    ):
        path = tmp_path / name
        path.write_bytes(module.compress(text.encode()))
        assert read_table(path).cells.to_dict("list") == {"a": [1], "b": [2]}
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=rf"cannot be read as .tsv.{ending} \(Compressed file"):
        read_table(path)


def test_a_small_file_of_very_much_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "available_memory", lambda: 20_000)
    for name, written_as in (("t.csv.gz", gzip.compress), ("t.csv", bytes)):
        path = tmp_path / name
        path.write_bytes(written_as(b"a\n" + b"0\n" * 4_000))
        assert len(read_table(path).cells) == 4_000
        path.write_bytes(written_as(b"a\n" + b"0\n" * 6_000))
        with pytest.raises(UserError, match=r"takes .* GiB when it is read, and .* are free: "):
            read_table(path)


def test_a_row_of_more_than_a_mebibyte_is_read(tmp_path: Path) -> None:
    names = [f"column_{place:0200d}" for place in range(6_000)]
    path = written(tmp_path, "\n".join([",".join(names), ",".join(["1.5"] * 6_000), ""]))
    assert path.stat().st_size > 2**20
    assert read_table(path).cells.shape == (1, 6_000)


@pytest.mark.parametrize(
    ("lines", "columns", "rows"),
    [
        (["33", "39", "37"], ["0"], 3),
        (["33,40", "39,43"], ["0", "1"], 2),
        (["0,1", "1,1"], ["0", "1"], 2),
        (["0.5,a", "0.6,b"], ["0", "1"], 2),
        (["0,1", "1,0.5"], ["0", "1"], 1),
        (["country,2010", "a,5"], ["country", "2010"], 1),
    ],
)
def test_a_first_line_that_may_be_measured_is_told_of(
    tmp_path: Path, lines: list[str], columns: list[str], rows: int
) -> None:
    path = written(tmp_path, "\n".join(lines))
    with pytest.warns(TableWarning) as told:
        table = read_table(path)
    (warning,) = told
    first = ", ".join(lines[0].split(","))
    assert str(warning.message).startswith(f"{path}: its first line ({first}) is taken for ")
    assert (table.columns, len(table.cells)) == (columns, rows)
    measured = rows == len(lines)
    assert table.numbered is measured
    assert f"say header={measured}" in str(warning.message)
    for header in (True, False):
        said = read_table(path, header=header)
        assert len(said.cells) == len(lines) - header
        assert said.numbered is not header


@pytest.mark.parametrize("names", ["a,b", "0,1,2,3,4", ",0,1,2,3,4", "inf,nan", "x1,2nd"])
def test_a_first_line_of_names_is_not_told_of(tmp_path: Path, names: str) -> None:
    row = ",".join(["7"] * (names.count(",") + 1))
    assert read_table(written(tmp_path, f"{names}\n{row}\n")).columns == names.split(",")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"separator": ""}, "separator is '': give one character"),
        ({"separator": ";;"}, "separator is ';;'"),
        ({"separator": '"'}, "separator is '\"'"),
        ({"separator": "é"}, "separator is 'é'"),
        ({"decimal": "5"}, "decimal is '5'"),
        ({"encoding": "klingon"}, "encoding is 'klingon', which is none of text that"),
        ({"encoding": "base64"}, "encoding is 'base64', which is none of text that"),
        ({"encoding": "ascii"}, "cannot be read as ascii: name its encoding"),
    ],
)
def test_a_format_that_is_none_is_refused(tmp_path: Path, said: dict[str, Any], told: str) -> None:
    path = written(tmp_path, "a,b\né,1\n")
    with pytest.raises(UserError) as refused:
        read_table(path, **said)
    assert told in str(refused.value)


def test_a_format_of_what_is_no_text_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UserError, match=r"header are of text .*, and this is .parquet: leave"):
        read_table(tmp_path / "t.parquet", decimal=",")
