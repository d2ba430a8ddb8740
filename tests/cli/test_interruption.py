"""Interruptions at moments that a clock would not hit twice."""

import subprocess
import sys
from pathlib import Path

import pytest

# An import that is interrupted within a library which swallows whatever is raised there.
INTERRUPTED_WHILE_IMPORTED = """
import signal, sys
when, sys.argv = sys.argv[1], ["infomax", *sys.argv[2:]]
class Interrupting:
    @staticmethod
    def find_spec(name, *_):
        if name == when:
            try:
                signal.raise_signal(signal.SIGINT)
            except BaseException:
                pass
sys.meta_path.insert(0, Interrupting)
from infomax.cli import main
main()
"""


def called(*arguments: str | Path, before: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", before + INTERRUPTED_WHILE_IMPORTED, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("module", ["infomax.cli.app", "typer", "pydantic", "pandas", "torch"])
def test_while_modules_are_imported_it_is_one_line(module: str, tmp_path: Path) -> None:
    train = ("train", "--data", "digits", "--views", "halves", "--out", tmp_path / "run")
    ended = called(module, *train)
    assert (ended.returncode, ended.stderr) == (130, "infomax: interrupted\n")
    assert not (tmp_path / "run").exists()


def test_a_process_that_ignores_interruptions_still_does() -> None:
    ignoring = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ended = called("typer", "--version", before=ignoring)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_run_that_was_not_begun_has_nothing_to_go_on_with(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise KeyboardInterrupt")
    train = [sys.executable, "-m", "infomax", "train", "--data", "digits", "--views", "mine:views"]
    ended = subprocess.run(
        [*train, "--out", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (130, "infomax: interrupted\n")
