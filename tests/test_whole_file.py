"""A file is what it was, or what was written, and nothing lies beside it."""

import errno
import os
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.whole_file import (
    read_json_whole,
    write_json_whole,
    write_text_whole,
    written_whole,
)


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


def test_it_is_on_the_disk_before_it_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, order = tmp_path / "a.txt", []
    monkeypatch.setattr(os, "fsync", lambda _: order.append(path.exists()))
    write_text_whole(path, "text")
    assert order == [False]


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
