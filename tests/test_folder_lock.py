"""One process writes to a folder, and whoever comes second is told which."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.folder_lock import LOCK, locked_folder

HOLD = """
import sys
from pathlib import Path
from infomax.folder_lock import locked_folder

with locked_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    with holding(tmp_path / "out") as first:
        said = rf"in use by process {first.pid} on {re.escape(socket.gethostname())}, since \d{{4}}"
        for _ in range(2):  # Whoever is refused does not take the name away.
            with pytest.raises(UserError, match=said), locked_folder(tmp_path / "out"):
                pass
        first.communicate("")
    with locked_folder(tmp_path / "out"):
        pass


def test_the_lock_goes_with_a_process_that_is_killed(tmp_path: Path) -> None:
    with holding(tmp_path) as first:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert (tmp_path / LOCK).is_file()
    with locked_folder(tmp_path):
        assert str(os.getpid()) in (tmp_path / LOCK).read_text()
    assert not list(tmp_path.iterdir())


def test_folders_made_for_nothing_are_removed_and_others_stay(tmp_path: Path) -> None:
    with locked_folder(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())
    with locked_folder(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "kept").touch()
    assert [each.name for each in (tmp_path / "a" / "b").iterdir()] == ["kept"]


def test_what_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, said in (
        ("file", "file is a file: choose a"),
        ("file/below", "cannot be made"),
    ):
        with pytest.raises(UserError, match=said), locked_folder(tmp_path / name):
            pass


# Each enters, sees that it is alone, and leaves; the file of the lock comes and goes meanwhile.
RACE = """
import sys, time
from pathlib import Path
from infomax.errors import UserError
from infomax.folder_lock import locked_folder

folder, entered = Path(sys.argv[1]), 0
end = time.monotonic() + 1.5
while time.monotonic() < end:
    try:
        with locked_folder(folder):
            (folder / "alone").touch(exist_ok=False)
            (folder / "alone").unlink()
            entered += 1
    except UserError:
        pass
print(entered)
"""


def test_never_are_two_in_at_once(tmp_path: Path) -> None:
    racing = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for each in racing:
        said, _ = each.communicate(timeout=60)
        assert each.returncode == 0
        assert int(said) > 0
