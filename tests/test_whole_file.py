"""A file is what it was, or what was written, and nothing lies beside it."""

import errno
import os
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.whole_file import write_text_whole, written_whole


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
