"""Items opened from every kind of file and folder, and what is said of wrong names."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from infomax.data import load_dataset, open_files
from infomax.data.dataset import ItemDataset, ItemSource
from infomax.data.open import open_data, open_splits
from infomax.errors import UserError
from infomax.warnings import DataWarning


def opened(data: str | Path, **asked: Any) -> ItemDataset:
    return open_data(data, cache=Path(str(data)).parent / "cache", **asked)


def refusal(data: str | Path, **asked: Any) -> str:
    with pytest.raises(UserError) as refused:
        opened(data, **asked)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def everything(rows: ItemSource | None) -> NDArray[Any]:
    assert rows is not None
    return rows.read(np.arange(len(rows)))


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.standard_normal((12, 4)), columns=["a", "b", "c", "d"])
    table["kind"] = ["cat", "dog", "cow"] * 4
    table["owner"] = [7, 7, 9, 9] * 3
    return table


@pytest.fixture(params=["csv", "tsv", "parquet", "parquet on disk"])
def table(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    frame: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    ending = request.param.split()[0]
    path = tmp_path / f"t.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    if request.param == "parquet on disk":
        monkeypatch.setattr(open_files, "_MOST_BYTES_READ", 0)
    return path


def test_columns_are_views_labels_and_groups(table: Path, frame: pd.DataFrame) -> None:
    items = opened(table, x_columns=["b,a"], y_columns=["d"], labels="kind", groups="owner")
    np.testing.assert_array_equal(everything(items.x), frame[["b", "a"]].to_numpy(np.float32))
    np.testing.assert_array_equal(everything(items.y), frame[["d"]].to_numpy(np.float32))
    assert items.labels is not None
    assert items.groups is not None
    assert items.classes == ("cat", "cow", "dog")
    assert [items.classes[each] for each in items.labels] == frame["kind"].tolist()
    assert items.labels.dtype == items.groups.dtype == np.int64
    assert items.groups.tolist() == [0, 0, 1, 1] * 3


def test_x_is_all_that_is_not_named_otherwise(table: Path, frame: pd.DataFrame) -> None:
    items = opened(table, y_columns=["c"], labels="kind", groups="owner")
    np.testing.assert_array_equal(everything(items.x), frame[["a", "b", "d"]].to_numpy(np.float32))
    assert opened(table, x_columns=["a"]).y is None


def test_what_is_wrong_with_columns_is_named(table: Path) -> None:
    assert "unknown column 'A': did you mean 'a'?" in refusal(table, x_columns=["A"])
    assert "column of labels 'knd': did you mean 'kind'?" in refusal(
        table, x_columns=["a"], labels="knd"
    )
    assert "column of groups 'ownr': did you mean 'owner'?" in refusal(
        table, x_columns=["a"], groups="ownr"
    )
    assert "a is in x and in y" in refusal(table, x_columns=["a,b"], y_columns=["c,a"])
    assert "column kind holds" in refusal(table)


def test_missing_labels_are_counted(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.loc[[3, 5], "kind"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    message = refusal(tmp_path / "t.csv", x_columns=["a"], labels="kind")
    assert message.startswith("labels kind: 2 are missing, the first in row 3 ")


def test_labels_of_one_class_are_refused(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame["kind"] = "cat"
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert "hold one class, 'cat'" in refusal(tmp_path / "t.csv", x_columns=["a"], labels="kind")


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([2, 0, 2], ("0", "2")),
        ([0.5, -1.0, 0.5], ("-1.0", "0.5")),
        ([True, False, True], ("False", "True")),
        (["b", "a", "b"], ("a", "b")),
    ],
)
def test_labels_of_any_type_are_counted_from_0(
    tmp_path: Path, values: list[Any], classes: tuple[str, ...]
) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros((3, 2)), kind=np.array(values))
    items = opened(tmp_path / "d.npz", labels="kind")
    assert items.labels is not None
    assert (items.labels.tolist(), items.classes) == ([1, 0, 1], classes)


def test_labels_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    cells = pd.DataFrame({"a": [1.0, 2.0], "kind": [[1, 2], [3]]})
    cells.to_parquet(tmp_path / "t.parquet")
    message = refusal(tmp_path / "t.parquet", x_columns=["a"], labels="kind")
    assert message.startswith("labels kind: its values cannot be told apart")


def test_labels_lie_in_files_of_their_own(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 2, 4)))
    np.save(tmp_path / "l.npy", np.array(["b", "a", "b"]))
    (tmp_path / "l.csv").write_text("kind\nb\na\nb\n")
    (tmp_path / "l-idx1-ubyte").write_bytes(idx(np.array([1, 0, 1])))
    for name in ("l.npy", "l.csv", "l-idx1-ubyte"):
        items = opened(tmp_path / "x.npy", labels=str(tmp_path / name))
        assert items.labels is not None
        assert items.labels.tolist() == [1, 0, 1]
    (tmp_path / "two.csv").write_text("a,b\n1,2\n3,4\n5,6\n")
    assert "holds 2 columns: expected one" in refusal(
        tmp_path / "x.npy", labels=str(tmp_path / "two.csv")
    )
    np.save(tmp_path / "short.npy", np.arange(2))
    assert "2 groups for 3 rows" in refusal(tmp_path / "x.npy", groups=str(tmp_path / "short.npy"))
    assert "is no file, and" in refusal(tmp_path / "x.npy", labels="kind")


def idx(values: NDArray[Any]) -> bytes:
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + bytes(
        values.astype(np.uint8).ravel().tolist()
    )


def test_arrays_of_a_file_go_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    draw = np.random.default_rng(0)
    image = draw.integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)
    sound, height, age = draw.standard_normal((6, 9, 2)), draw.random(6), draw.random((6, 2))
    np.savez(path, image=image, sound=sound, height=height, age=age, kind=np.arange(6) % 2)
    items = opened(path, x_columns=["image"], y_columns=["sound"], labels="kind", groups="kind")
    assert (items.x.shape, items.x.brightest, items.x.name) == ((4, 5, 3), 255, f"{path} (image)")
    np.testing.assert_array_equal(everything(items.x), image)
    np.testing.assert_array_equal(everything(items.y), sound.astype(np.float32))
    beside = opened(path, x_columns=["height,age"], y_columns=["sound"])
    np.testing.assert_array_equal(
        everything(beside.x), np.column_stack([height, age]).astype(np.float32)
    )
    assert "unknown array 'imag': did you mean 'image'?" in refusal(path, x_columns=["imag"])
    assert "to be put side by side: sound (6, 9, 2), age" in refusal(path, x_columns=["sound,age"])
    assert "array image has shape" in refusal(path, x_columns=["sound"], labels="image")
    assert "sound is in x and in y" in refusal(path, x_columns=["sound"], y_columns=["sound"])
    assert "holds the arrays image, sound" in refusal(path)


def test_arrays_x_and_y_need_no_names(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, y=np.ones((3, 2)), x=np.zeros((3, 4)), kind=np.arange(3))
    items = opened(path, labels="kind")
    assert items.y is not None
    assert (items.x.shape, items.y.shape) == ((4,), (2,))
    assert opened(path, x_columns=["x"]).y is None
    second = opened(path, x_columns=["x"], y_data=path)
    assert second.y is not None
    assert second.y.shape == (2,)


def test_the_only_array_that_is_no_label_is_x(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", values=np.zeros((3, 4)), kind=np.arange(3))
    assert opened(tmp_path / "d.npz", labels="kind").x.shape == (4,)


def test_arrays_of_one_file_have_columns_and_places(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    array = np.random.default_rng(0).standard_normal((8, 5))
    array[:, 4] = np.arange(8) % 2
    np.save(path, array)
    assert opened(path).x.shape == (5,)
    for limit in (2**30, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(open_files, "_MOST_BYTES_READ", limit)
            items = opened(path, x_columns=["1-2"], y_columns=["0"], labels="4")
            np.testing.assert_array_equal(everything(items.x), array[:, 1:3].astype(np.float32))
            np.testing.assert_array_equal(everything(items.y), array[:, :1].astype(np.float32))
            assert items.labels is not None
            assert items.labels.tolist() == [0, 1] * 4
            assert opened(path, labels="4").x.shape == (4,)
            assert "unknown column '9'" in refusal(path, x_columns=["9"])
            assert "1 is in x and in y" in refusal(path, x_columns=["1"], y_columns=["0-1"])


def test_two_files_are_two_views(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((100, 3)))
    np.save(tmp_path / "y.npy", np.ones((100, 5)))
    np.save(tmp_path / "short.npy", np.ones((99, 5)))
    items = opened(tmp_path / "x.npy", y_data=tmp_path / "y.npy", y_columns=["2,4"])
    assert items.y is not None
    assert items.y.shape == (2,)
    assert refusal(tmp_path / "x.npy", y_data=tmp_path / "short.npy") == (
        f"views of different lengths: 100 rows of {tmp_path / 'x.npy'} and 99 of "
        f"{tmp_path / 'short.npy'}"
    )


def test_a_data_set_is_its_training_images() -> None:
    dataset = load_dataset("digits")
    items = opened("digits")
    np.testing.assert_array_equal(everything(items.x), dataset.train_images)
    assert items.x.brightest == 16
    assert items.labels is not None
    np.testing.assert_array_equal(items.labels, dataset.train_labels)
    assert items.classes == tuple("0123456789")
    assert "digits holds no columns or arrays to choose 'a' of" in refusal(
        "digits", x_columns=["a"]
    )


@pytest.mark.parametrize("name", ["a-idx3-ubyte", "a.idx3-ubyte", "a.idx", "a-idx3-ubyte.gz"])
def test_idx_files_are_images(tmp_path: Path, name: str) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    content = idx(images)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    items = opened(tmp_path / name)
    assert items.x.shape == (4, 5, 1)
    np.testing.assert_array_equal(everything(items.x)[..., 0], images)


def test_a_data_set_of_one_class_has_no_labels_and_no_study(tmp_path: Path) -> None:
    for split, count in (("train", 6), ("t10k", 3)):
        images = np.arange(count * 12, dtype=np.uint8).reshape(count, 4, 3)
        (tmp_path / f"{split}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{split}-labels-idx1-ubyte").write_bytes(idx(np.zeros(count, np.uint8)))
    items = opened(tmp_path)
    assert (len(items), items.labels, items.classes) == (6, None, ())
    with pytest.raises(UserError, match="hold one class, '0': a probe needs at least two"):
        open_splits(str(tmp_path))


def photographs(folder: Path, names: list[str]) -> Path:
    for place, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((6, 5, 3), place, np.uint8)).save(folder / name)
    return folder


def test_folders_name_the_classes_of_images(tmp_path: Path) -> None:
    folder = photographs(tmp_path / "pets", ["dog/0.png", "cat/0.png", "dog/1.png"])
    for labels in (None, "folder"):
        items = opened(folder, labels=labels)
        assert items.labels is not None
        assert (items.labels.tolist(), items.classes) == ([0, 1, 1], ("cat", "dog"))
    assert everything(items.x)[:, 0, 0, 0].tolist() == [1, 0, 2]


def test_images_need_no_classes(tmp_path: Path) -> None:
    flat = photographs(tmp_path / "flat", ["0.png", "1.png"])
    assert opened(flat).labels is None
    assert "is no folder of images in sub-folders" in refusal(flat, labels="folder")
    one = photographs(tmp_path / "one", ["cat/0.png", "cat/1.png"])
    assert opened(one).labels is None
    assert "hold one class, 'cat'" in refusal(one, labels="folder")


def test_only_of_splits_is_that_of_training_taken(tmp_path: Path) -> None:
    splits = photographs(tmp_path / "a", ["train/cat/0.png", "train/dog/0.png", "test/cat/0.png"])
    assert len(opened(splits)) == 2
    classes = photographs(tmp_path / "b", ["train/0.png", "car/0.png", "ship/0.png"])
    assert opened(classes).classes == ("car", "ship", "train")


def test_images_are_resized_and_left_out_if_asked(tmp_path: Path) -> None:
    folder = photographs(tmp_path / "pets", ["dog/0.png", "cat/0.png", "dog/1.png"])
    (folder / "cat" / "1.png").touch()
    assert "1 of 4 images cannot be used" in refusal(folder)
    with pytest.warns(DataWarning, match=r"1 of 4 images are left out: cat/1\.png: is empty"):
        items = opened(folder, skip_bad=True, skip_at_most=0.25, image_size=(3, 4))
    assert items.x.shape == (3, 4, 3)
    assert items.skipped == {str(folder / "cat" / "1.png"): "is empty"}
    assert len(items) == 3


def test_rows_that_no_longer_belong_together_are_refused(tmp_path: Path) -> None:
    whole = photographs(tmp_path / "whole", ["0.png", "1.png", "2.png"])
    part = photographs(tmp_path / "part", ["0.png", "1.png", "2.png", "3.png"])
    (part / "1.png").write_bytes(b"")
    for first, second in ((whole, part), (part, whole)):
        with pytest.warns(DataWarning):
            message = refusal(first, y_data=second, skip_bad=True, skip_at_most=0.25)
        assert message.startswith(f"1 images were left out, the first {part / '1.png'}, so that")
    np.save(tmp_path / "l.npy", np.arange(3))
    with pytest.warns(DataWarning):
        message = refusal(part, labels=str(tmp_path / "l.npy"), skip_bad=True, skip_at_most=0.25)
    assert "no longer belong together" in message


@pytest.mark.parametrize(
    "name", ["", "mnits", "no/such/file.csv", "~nobody-of-this-name/x", "a" * 5000, "a\0b"]
)
def test_what_is_not_there_is_named(name: str) -> None:
    assert refusal(name).startswith("unknown data ")


def test_files_and_folders_of_no_known_kind_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    assert "a.md: expected a name that ends in .csv, .tsv" in refusal(tmp_path / "a.md")
    assert "no data set is recognised there" in refusal(tmp_path)
    for ending in (".npy", ".npz", ".csv", ".tsv", ".parquet"):
        (tmp_path / f"empty{ending}").touch()
        assert f"empty{ending}" in refusal(tmp_path / f"empty{ending}")
        (tmp_path / f"damaged{ending}").write_bytes(b"PK\3\4\x93NUMPY\1\0PAR1\xff\xfe,,\n\0")
        assert f"damaged{ending}" in refusal(tmp_path / f"damaged{ending}")


def test_a_damaged_archive_of_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=np.arange(40.0).reshape(20, 2), y=np.zeros((20, 2)))
    content = path.read_bytes()
    for length in range(0, len(content), 17):
        path.write_bytes(content[:length])
        assert "d.npz: cannot be read as .npz" in refusal(path)


NAMES = st.sampled_from(["a", "b", "c", "", " a", "0", "1", "a,b", "x", "0-1", "A", "ü", "a b"])
CELLS = st.one_of(
    st.floats(width=32),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "text", "1", "nan", "2020-01-01", "12:30", "1e999", '"', "a,b", "ü"]),
)
COLUMNS = st.one_of(
    st.lists(st.floats(-9, 9), min_size=1, max_size=5),
    st.lists(st.integers(0, 2), min_size=1, max_size=5),
    st.lists(CELLS, min_size=1, max_size=5),
)


def write_table(path: Path, columns: dict[str, list[Any]]) -> bool:
    """Write a table as it is, and tell whether its format could hold it."""
    length = min(map(len, columns.values()))
    cells = pd.DataFrame({name: pd.Series(values[:length]) for name, values in columns.items()})
    try:
        if path.suffix == ".parquet":
            cells.to_parquet(path)
        elif path.suffix == ".npy":
            np.save(path, cells.to_numpy(), allow_pickle=True)
        elif path.suffix == ".npz":
            arrays = {name or "empty": cells[name].to_numpy() for name in columns}
            np.savez(path, allow_pickle=True, **arrays)
        else:
            cells.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    except (ValueError, TypeError, OverflowError):
        return False
    return True


@pytest.mark.filterwarnings("ignore::infomax.warnings.TableWarning")
@settings(
    deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    columns=st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=5),
    ending=st.sampled_from([".csv", ".tsv", ".parquet", ".npy", ".npz"]),
    limit=st.sampled_from([0, 2**30]),
    asked=st.fixed_dictionaries(
        {},
        optional={
            "x_columns": st.lists(NAMES, max_size=3),
            "y_columns": st.lists(NAMES, max_size=3),
            "labels": NAMES,
            "groups": NAMES,
        },
    ),
    two_files=st.booleans(),
)
def test_whatever_is_in_a_table_and_asked_of_it_opens_or_is_refused_in_a_line(
    tmp_path: Path,
    *,
    columns: dict[str, list[Any]],
    ending: str,
    limit: int,
    asked: dict[str, Any],
    two_files: bool,
) -> None:
    path = tmp_path / f"t{ending}"
    if not write_table(path, columns):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_files, "_MOST_BYTES_READ", limit)
        views, said = opened_views(path, {**asked, "y_data": path if two_files else None})
    assert "\n" not in said
    for view, number in views:
        assert view.shape[0] == number
        assert np.isfinite(view).all()


def opened_views(path: Path, asked: dict[str, Any]) -> tuple[list[tuple[NDArray[Any], int]], str]:
    """Return all values of all views, and what a refusal says."""
    try:
        items = opened(path, **asked)
        views = [items.x] if items.y is None else [items.x, items.y]
        return [(everything(view), len(items)) for view in views], ""
    except UserError as error:
        return [], str(error)


@pytest.mark.parametrize("kind", [">i4", ">f8", "<f2", ">U1"])
def test_labels_of_every_byte_order_are_numbered(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 2)))
    np.save(tmp_path / "labels.npy", np.array([2, 1, 2, 1]).astype(kind))
    items = open_data(
        str(tmp_path / "x.npy"), labels=str(tmp_path / "labels.npy"), cache=tmp_path / "cache"
    )
    assert items.labels is not None
    assert items.labels.tolist() == [1, 0, 1, 0]


def test_splits_beside_something_else_are_not_read_together(tmp_path: Path) -> None:
    for folder in ("train", "test", "extra"):
        (tmp_path / folder).mkdir()
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / folder / "a.png")
    with pytest.raises(UserError, match="holds test, train beside extra: name the one to read"):
        open_data(str(tmp_path), cache=tmp_path / "cache")


def test_images_of_other_formats_are_named_and_not_passed_over(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(UserError, match=r"b\.heic: unreadable, .*of no known format"):
        open_data(str(tmp_path), cache=tmp_path / "cache")


def test_a_second_y_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "both.npz", x=np.zeros((5, 2)), y=np.zeros((5, 2)))
    np.save(tmp_path / "y.npy", np.zeros((5, 2)))
    with pytest.raises(UserError, match="holds both views"):
        open_data(
            str(tmp_path / "both.npz"), y_data=str(tmp_path / "y.npy"), cache=tmp_path / "cache"
        )


@pytest.mark.parametrize("data", ["digits", "x.npy"])
def test_a_size_of_images_is_refused_where_there_are_arrays(tmp_path: Path, data: str) -> None:
    np.save(tmp_path / "x.npy", np.zeros((5, 2)))
    path = data if data == "digits" else str(tmp_path / data)
    with pytest.raises(UserError, match="image_size brings images of a folder to one size"):
        open_data(path, cache=tmp_path / "cache", image_size=(4, 4))
