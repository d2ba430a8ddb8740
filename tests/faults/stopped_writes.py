"""Run the command again and again, stopped at its first, second, third, ... write to its folder.

Usage: ``python stopped_writes.py kill|full FOLDER EVERY ARGUMENT...``. Every process is a fork of
this one, since importing takes longer than the run; the first of them runs to its end, in
``FOLDER/whole``. One line of JSON for each stop says at what it came, how the stopped process
ended, and how the one ended that was asked for the same afterwards.
"""

import errno
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

# All that a run imports, before the forks: PyTorch's compiler is what its Jacobians import.
import torch._dynamo  # noqa: F401

import infomax.evaluation
import infomax.experiments.run
import infomax.report
import infomax.studies.runner  # noqa: F401
from infomax.cli import main

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_KILLED = 137


class StopAtWrite:
    """An audit hook that stops the process at one of its writes to a folder.

    Args:
        folder: whose writes are counted.
        number: of the write that is stopped, from 1.
        kill: end the process there and then; otherwise the disk is full from there on.
        report: descriptor that the name of the event is written to.
    """

    def __init__(self, folder: Path, number: int, *, kill: bool, report: int) -> None:
        self._folder, self._number, self._kill, self._report = str(folder), number, kill, report
        self._seen = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count an event of the interpreter, and stop at the one that was asked for."""
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITING:
                return
        elif event in {"os.rename", "os.mkdir"}:
            path = arguments[0]
        else:
            return
        if not isinstance(path, (str, os.PathLike)) or not str(path).startswith(self._folder):
            return
        self._seen += 1
        if self._seen == self._number:
            name = Path(str(path)).relative_to(self._folder)
            os.write(self._report, f"{event} {name}".encode())
            if self._kill:
                os._exit(_KILLED)
        if self._seen >= self._number and event != "os.rename":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def called(arguments: list[str]) -> int:
    """Run the command in this process; return its exit status."""
    sys.argv = ["infomax", *arguments]
    try:
        main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def run(arguments: list[str], stop: tuple[Path, int, bool] | None = None) -> tuple[int, str, str]:
    """Run the command in a fork; return its exit status, what it said, and where it was stopped."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.close(reading)
            os.dup2(said.fileno(), 2)
            with Path(os.devnull).open("w") as nothing:
                os.dup2(nothing.fileno(), 1)
            if stop is not None:
                folder, number, kill = stop
                sys.addaudithook(StopAtWrite(folder, number, kill=kill, report=writing))
            code = 1
            try:
                code = called(arguments)
            except Exception:  # noqa: BLE001 - a fork must end here, whatever came
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(writing)
        stopped_at = os.read(reading, 1000).decode()
        _, status = os.waitpid(child, 0)
        os.close(reading)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode(), stopped_at


def main_of_this_file(kind: str, folder: Path, every: int, arguments: list[str]) -> None:
    """Stop at every so many of the writes, until a run ends without having come so far."""
    whole = run([*arguments, "--out", str(folder / "whole")])
    if whole[0]:
        sys.exit(f"the command fails by itself: {whole[1]}")
    number = 1
    while True:
        out = folder / f"{kind}-{number}"
        asked = [*arguments, "--out", str(out)]
        code, said, stopped_at = run(asked, (out, number, kind == "kill"))
        if not stopped_at:
            break
        left = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
        empty = [name for name in left if not (out / name).stat().st_size]
        again, said_again, _ = run(asked)
        if again and "--resume" in said_again:
            again, said_again, _ = run([*asked, "--resume"])
        line = {
            "number": number,
            "stopped_at": stopped_at,
            "code": code,
            "said": said,
            "left": left,
            "empty": empty,
            "again": again,
            "said_again": said_again,
            "out": str(out),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        number += every


if __name__ == "__main__":
    main_of_this_file(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
