"""A file is what it was, or what was written, and nothing lies beside it."""

import ast
import errno
import os
import stat
from pathlib import Path

import pytest

import infomax
from infomax.errors import UserError
from infomax.whole_file import (
    move_file,
    read_json_whole,
    write_json_whole,
    write_text_whole,
    written_whole,
)

ROOM = Path(infomax.__file__).parent


@pytest.mark.parametrize("there", [True, False])
def test_what_fails_leaves_what_was_there(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "a.txt"
    if there:
        write_text_whole(path, "before")
    with pytest.raises(RuntimeError), written_whole(path) as beside:  # noqa: PT012
        beside.write_text("half")
        raise RuntimeError
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == (
        [("a.txt", "before")] if there else []
    )


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with (  # noqa: PT012
        pytest.raises(UserError, match=r"a\.txt cannot be written \(No space left on device\): ma"),
        written_whole(path) as beside,
    ):
        beside.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not list(tmp_path.iterdir())


def test_it_is_on_the_disk_before_it_is_in_its_place_and_so_is_its_name_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    flushed: list[tuple[bool, bool]] = []

    def flush(descriptor: int) -> None:
        flushed.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", flush)
    write_text_whole(path, "text")
    assert flushed == [(False, False), (True, True)]
    flushed.clear()
    move_file(path, tmp_path / "b.txt")
    assert flushed == [(True, False)]
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == "text"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_flushes_no_folder_takes_files(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse_folders)
    write_text_whole(tmp_path / "a.txt", "text")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.txt", "text")]


def ways_around(tree: ast.AST) -> list[str]:
    """Return the calls by which a file may be put in another's place, and names for half a file."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] * node.value.endswith(".part")
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        # Of text it is replaced by something else, and columns are renamed by keyword.
        moves = "." in called and (
            (name == "replace" and len(node.args) == 1 and not node.keywords)
            or (name == "rename" and bool(node.args))
        )
        known = called in {"os.replace", "os.rename", "os.renames", "shutil.move", "os.fsync"}
        if moves or known or name in {"NamedTemporaryFile", "mkstemp", "link", "symlink"}:
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    "code",
    [
        "path.replace(other)",
        "self._path.with_name('a').rename(other)",
        "os.replace(a, b)",
        "shutil.move(a, b)",
        "os.fsync(file)",
        "tempfile.NamedTemporaryFile()",
        "path.with_name(f'{path.name}.part')",
    ],
)
def test_what_goes_around_is_found(code: str) -> None:
    assert len(ways_around(ast.parse(code))) == 1


def test_nothing_else_writes_a_file_beside_and_renames_it() -> None:
    found = {
        str(path.relative_to(ROOM)): around
        for path in ROOM.rglob("*.py")
        if (around := ways_around(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert set(found) == {"whole_file.py"}


def test_several_may_write_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with (
        written_whole(path, beside=tmp_path / "1.part") as one,
        written_whole(path, beside=tmp_path / "2.part") as other,
    ):
        one.write_text("one", encoding="utf-8")
        other.write_text("other", encoding="utf-8")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.txt", "one")]


def test_no_file_is_put_in_the_place_of_a_pipe_or_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(UserError, match="pipe is a pipe, a socket or a device"),
        written_whole(tmp_path / "pipe") as beside,
    ):
        beside.write_text("whole", encoding="utf-8")
    assert (tmp_path / "pipe").is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


def test_a_dictionary_is_read_back_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    value = {"name": "\udcff é", "numbers": [0.1 + 0.2, 3, None], "more": {"2": True}}
    write_json_whole(path, value)
    assert read_json_whole(path) == value
    whole = path.read_text(encoding="utf-8")
    for damaged in (whole.replace("3,", "4,"), whole.replace('"more"', '"mora"'), "[]", "3", "{}"):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(ValueError, match="it is not what was written"):
            read_json_whole(path)
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ValueError, match="it is nested too deeply"):
        read_json_whole(path)
