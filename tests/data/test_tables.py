"""Which columns a user means."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_wine

from infomax.data import files
from infomax.data.tables import MeasuredTable, chosen_columns, read_table
from infomax.errors import UserError

ANY_NAMES = st.lists(st.text(alphabet="ab,-0 19é\n", max_size=6), unique=True, min_size=1)
PLAIN_NAMES = st.lists(
    st.text(alphabet="abc_0189é", min_size=1, max_size=6), unique=True, min_size=1
)


def table(*columns: str, **arrays: list[str]) -> MeasuredTable:
    return MeasuredTable("table.csv", pd.DataFrame([[0.0] * len(columns)], columns=columns), arrays)


@given(columns=ANY_NAMES, data=st.data())
def test_every_name_given_by_itself_is_that_column(columns: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.lists(st.sampled_from(columns), unique=True))
    assert chosen_columns(meant, columns) == meant


@given(columns=PLAIN_NAMES, data=st.data())
def test_names_between_commas_are_those_columns(columns: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.lists(st.sampled_from(columns), unique=True, min_size=1))
    spaces = data.draw(st.sampled_from([",", ", ", " , "]))
    assert chosen_columns([spaces.join(meant)], columns) == meant


@given(columns=ANY_NAMES, given_values=st.lists(st.text(alphabet="ab,-0 19é\n", max_size=9)))
def test_whatever_is_given_it_is_columns_each_once_or_a_mistake_that_is_named(
    columns: list[str], given_values: list[str]
) -> None:
    try:
        chosen = chosen_columns(given_values, columns)
    except UserError as error:
        assert str(error).startswith("unknown column")  # noqa: PT017 - most values are mistakes
    else:
        assert set(chosen) <= set(columns)
        assert len(chosen) == len(set(chosen))


@given(number=st.integers(1, 30), data=st.data())
def test_a_range_is_all_places_from_its_first_to_its_last(number: int, data: st.DataObject) -> None:
    columns = [str(place) for place in range(number)]
    first = data.draw(st.integers(0, number - 1))
    last = data.draw(st.integers(first, number - 1))
    assert chosen_columns([f"{first}-{last}"], columns) == columns[first : last + 1]


@pytest.mark.parametrize("value", ["2-1", "0-3", "-1", "1-", "a-b"])
def test_a_range_beyond_the_columns_or_backwards_is_no_name(value: str) -> None:
    with pytest.raises(UserError, match=f"unknown column '{value}'"):
        chosen_columns([value], ["0", "1", "2"])


def test_a_name_that_looks_like_a_range_or_a_list_is_that_column() -> None:
    columns = ["0", "1", "2", "0-2", "0,1"]
    assert chosen_columns(["0-2", "0,1"], columns) == ["0-2", "0,1"]


def test_an_array_means_all_of_its_columns() -> None:
    pixels = table("pixels0", "pixels1", "age", pixels=["pixels0", "pixels1"])
    assert pixels.chosen(["age,pixels", "pixels1"]) == ["age", "pixels0", "pixels1"]
    assert pixels.names("pixels")
    assert pixels.names("age")
    assert not pixels.names("pixel")


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r"unknown column 'ag': did you mean 'age'\? choose one of"):
        table("age", "sex").chosen(["sex,ag"])


def test_all_others() -> None:
    assert table("a", "b", "c").all_but(["b"]) == ["a", "c"]
    with pytest.raises(UserError, match=r"table\.csv: holds no other columns"):
        table("a").all_but(["a"])


def test_a_column_without_a_name_is_not_taken_for_a_measurement() -> None:
    numbered = table("", "a", "b")
    with pytest.raises(UserError, match="column 0, counted from 0, has no name"):
        numbered.all_but(["a"])
    assert numbered.chosen(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("columns", "arrays", "told"),
    [
        (("a", "a"), {}, "two columns are named 'a'"),
        (("a0", "a1"), {"a0": ["a1"]}, "two columns are named 'a0'"),
        ((), {}, "holds no columns"),
    ],
)
def test_names_that_mean_nothing_or_two_things_are_refused(
    columns: tuple[str, ...], arrays: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        table(*columns, **arrays)


@pytest.fixture(scope="module")
def wine() -> pd.DataFrame:
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    return frame


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "CSV"])
def test_a_table_is_read_to_the_bit(wine: pd.DataFrame, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"wine.{ending}"
    if ending == "parquet":
        wine.to_parquet(path)
    else:
        wine.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    pd.testing.assert_frame_equal(read_table(path).cells, wine, check_exact=True)


def test_scaled_measurements_keep_all_digits(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    frame.to_csv(tmp_path / "diabetes.csv", index=False)
    read = read_table(tmp_path / "diabetes.csv").cells
    pd.testing.assert_frame_equal(read, frame, check_exact=True)


def test_arrays_have_places_for_names(tmp_path: Path) -> None:
    values = load_diabetes().data
    np.save(tmp_path / "x.npy", values)
    np.save(tmp_path / "y.npy", values[:, 0])
    both = read_table(tmp_path / "x.npy")
    assert both.numbered
    assert both.columns == [str(place) for place in range(10)]
    np.testing.assert_array_equal(both.cells.to_numpy(), values)
    assert read_table(tmp_path / "y.npy").cells.shape == (442, 1)


def test_named_arrays_are_columns_of_their_name(tmp_path: Path) -> None:
    data = load_diabetes()
    np.savez(tmp_path / "d.npz", x=data.data[:, :2], age=data.data[:, 0])
    table = read_table(tmp_path / "d.npz")
    assert table.columns == ["x0", "x1", "age"]
    assert table.chosen(["x"]) == ["x0", "x1"]
    np.testing.assert_array_equal(table.cells["x1"], data.data[:, 1])


def test_headers_may_hold_commas_quotes_and_spaces(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\ufeff"a, b", c ,"say ""d"""\n1,2.5,x\n3,4,\n', encoding="utf-8")
    table = read_table(path)
    assert table.columns == ["a, b", "c", 'say "d"']
    assert table.cells["c"].tolist() == [2.5, 4.0]


def rows_with(*, at: dict[int, str], ending: str) -> str:
    cells = [f"{row}.5,{at.get(row, 'text')},{row % 7}" for row in range(20)]
    return ending.join(["a,note,b", *cells, ""])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("until", [5, 6, 12])
def test_a_quote_that_is_not_closed_does_not_swallow_rows(
    tmp_path: Path, ending: str, until: int
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(rows_with(at={4: '"open', until: 'shut"'}, ending=ending), newline="")
    with pytest.raises(UserError) as refused:
        read_table(path)
    assert str(refused.value) == (
        f"{path}: in row 4, counted from 0, column 'note' holds {until - 3} lines that look like "
        "rows: close or remove the quote that stands alone"
    )


def test_a_quote_that_is_open_to_the_end_is_not_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,note\n" + "1,2,text\n" * 9 + '1,2,"open\n' + "1,2,text\n" * 9)
    with pytest.raises(UserError, match="in row 9, counted from 0, column 'note' holds 10 lines"):
        read_table(path)


@pytest.mark.parametrize(
    "text",
    [
        "two lines,\nand a comma",
        "Tired, cold, and hungry.\nWent home.",
        "1 Main St, Springfield, IL\nUSA",
        "Dear Sir,\nthanks",
        "one\n\ntwo\n",
    ],
)
@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_text_of_several_lines_is_a_cell(
    tmp_path: Path, text: str, columns: int, place: int
) -> None:
    place = min(place, columns - 1)
    rows = [[f"{row}.5"] * columns for row in range(5)]
    rows[3][place] = f'"{text}"'
    header = [f"c{column}" for column in range(columns)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(map(",".join, [header, *rows, []])))
    cells = read_table(path).cells
    assert len(cells) == 5
    assert cells[f"c{place}"][3] == text


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "null"])
def test_missing_cells_stay_missing(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"a,label,flag\n1,x,true\n{missing},{missing},{missing}\n2,y,false\n")
    assert read_table(path).cells.isna().sum().tolist() == [1, 1, 1]


def test_an_empty_line_is_a_missing_cell_where_rows_are_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n\n2\n")
    assert read_table(path).cells["a"].isna().tolist() == [False, True, False]


def test_a_small_file_of_very_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": np.zeros(50_000), "b": "word"}).to_parquet(path)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(files, "available_memory", lambda: 50_000 * 2 * 8)
    assert len(read_table(path).cells) == 50_000
    monkeypatch.setattr(files, "available_memory", lambda: 50_000 * 2 * 8 - 1)
    with pytest.raises(UserError, match=r"t\.parquet takes .* GiB of memory are free: check it"):
        read_table(path)


def test_an_index_is_no_column(wine: pd.DataFrame, tmp_path: Path) -> None:
    wine.set_index(wine.index[::-1]).to_parquet(tmp_path / "wine.parquet")
    read = read_table(tmp_path / "wine.parquet").cells
    pd.testing.assert_frame_equal(read, wine, check_exact=True)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.xlsx", b"PK", "has the ending '.xlsx', expected one of .csv, .tsv, .csv.gz, "),
        ("table", b"a,b\n", "has no ending, expected one of .csv"),
        ("t.csv", b"", "is empty"),
        ("t.npy", b"", "is empty"),
        ("t.csv", b"a,b\n1,2\n3\n", "cannot be read as .csv (CSV parse error: Row #3: Expected 2"),
        ("t.csv", b"a,b\n1,2,3\n", "Expected 2 columns, got 3"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\x00\xff,\n", "cannot be read as text (it holds zero bytes"),
        (
            "t.csv",
            b"a,b\n1,\xe9\n",
            "column 'b' holds text that is not UTF-8: name its encoding (enc",
        ),
        ("t.csv", b"a,b,a\n1,2,3\n", "two columns are named 'a'"),
        ("t.csv", b"a,b,a\nx,2,y\n", "two columns are named 'a'"),
        ("t.csv", b"a,b\n1,\x00\n", "it holds zero bytes, as UTF-16 does"),
        (
            "t.csv",
            b"\xe9,b\n1,2\n",
            "cannot be read as utf8: name its encoding (encoding='utf-16', l",
        ),
        ("t.csv", b"a;b\n1,5;2\n", "read it by separator=';', decimal=','"),
        ("t.csv", b"a;b\n1;2\n", "as if cells are parted by ';': read it by separator=';', or"),
        ("t.csv", b"a\tb\n1\t2\n", r"read it by separator='\t', or"),
        ("t.tsv", b"a,b\n1,2\n", "read it by separator=',', or"),
        ("t.csv", b"1.5 2.5\n1 2\n", "read it by separator=' ', or"),
        ("t.csv", b"x\n0,1257\n", "numbers written with a decimal comma: read it by separator="),
        ("t.parquet", b"PAR1", "cannot be read as .parquet"),
        (
            "t.npy",
            b"PK\x03\x04\x14\x00\x00\x00",
            "cannot be read as .npy (the magic string is not correct",
        ),
        ("t.npz", b"\x93NUMPY", "cannot be read as .npz (File is not a zip file)"),
    ],
)
def test_a_file_that_is_no_table_is_named(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert message.startswith(str(tmp_path / name))
    assert told in message


def test_what_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    assert "is not there" in refusal(tmp_path / "t.csv")
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array(1.5), "has shape (), expected (N,) or (N, columns)"),
        (np.zeros((60, 2, 2)), "has shape (60, 2, 2)"),
        (np.zeros((60, 0)), "holds no columns"),
        (np.zeros(60, complex), "holds values of type complex128"),
        (np.zeros(60, [("a", "f8")]), "expected numbers, truth values or text"),
    ],
)
@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_an_array_that_is_no_table_is_refused(
    tmp_path: Path, array: np.ndarray, told: str, ending: str
) -> None:
    path = tmp_path / f"t.{ending}"
    if ending == "npy":
        np.save(path, array)
    else:
        np.savez(path, measured=array)
    assert told in refusal(path)


class Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_objects_are_never_unpickled(tmp_path: Path, ending: str) -> None:
    path, mark = tmp_path / f"t.{ending}", tmp_path / "mark"
    objects = np.array([Trap(mark)] * 60, dtype=object)
    if ending == "npy":
        np.save(path, objects, allow_pickle=True)
    else:
        np.savez(path, x=objects, allow_pickle=True)
    assert "holds Python objects, which are never unpickled" in refusal(path)
    assert not mark.exists()


@pytest.mark.parametrize("ending", ["npy", "npz", "parquet"])
def test_cut_short_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    written(path)
    path.write_bytes(path.read_bytes()[:-50])
    told = "which is 800 bytes, and 750 follow" if ending == "npy" else "cannot be read"
    assert told in refusal(path)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("(1000000000000000,)", "which is 8000000000000000 bytes, and 800 follow"),
        ("(100", "cannot be read"),
        ("(-1,)", "which is -8 bytes, and 800 follow"),
    ],
)
def test_a_header_that_is_wrong_is_refused(tmp_path: Path, shape: str, told: str) -> None:
    path = tmp_path / "t.npy"
    written(path)
    content = path.read_bytes()
    header, rest = content[:128], content[128:]
    assert b"(100,)" in header
    wrong = header.replace(b"(100,)", shape.encode()).rstrip().ljust(127) + b"\n"
    path.write_bytes(wrong + rest)
    assert told in refusal(path)


@pytest.mark.parametrize("ending", ["csv", "npy", "npz", "parquet"])
def test_damage_anywhere_is_a_mistake_that_is_named_or_another_table(
    tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"t.{ending}"
    written(path)
    whole = path.read_bytes()
    generator = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(whole)
        for place in generator.integers(len(whole), size=3):
            damaged[place] = generator.integers(256)
        path.write_bytes(damaged)
        try:
            read_table(path)
        except UserError as error:
            assert "\n" not in str(error)  # noqa: PT017 - damage to a value leaves a table


def written(path: Path) -> None:
    values = load_diabetes().data[:100, 0]
    match path.suffix:
        case ".npy":
            np.save(path, values)
        case ".npz":
            np.savez(path, x=values)
        case ".parquet":
            pd.DataFrame({"x": values}).to_parquet(path)
        case _:
            pd.DataFrame({"x": values}).to_csv(path, index=False)


def test_an_archive_of_other_things_than_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "mine")
    assert "holds notes.txt, which is no array" in refusal(path)
    np.savez(path)
    assert "holds no columns" in refusal(path)


def test_arrays_of_different_lengths_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", x=np.zeros(60), y=np.zeros(50))
    assert "differ in length (x 60, y 50 rows)" in refusal(tmp_path / "t.npz")


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        read_table(path)
    message = str(refused.value)
    assert "\n" not in message
    return message
