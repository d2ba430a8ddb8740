"""What the page on the architecture says stands where, stands there."""

import re
import sys
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import infomax
from infomax.cli import main

ROOT = Path(infomax.__file__).parent
PAGE = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`([a-z_/0-9]+\.py)`", PAGE)) - {"tests/test_architecture.py"})
DRAWING = PAGE.partition("```mermaid")[2].partition("```")[0]
ROOMS = {path.parent.name for path in ROOT.glob("*/__init__.py")}


@pytest.mark.parametrize("file", FILES)
def test_every_file_that_it_names_is_there(file: str) -> None:
    assert (ROOT / file).is_file()


def test_every_room_is_drawn_and_no_other() -> None:
    drawn = set(re.findall(r"<b>(\w+)</b>", DRAWING)) - {"ground"}
    assert drawn <= ROOMS
    ground = DRAWING.partition("</b><br/>")[2].partition('"]')[0].replace("<br/>", " ")
    in_the_ground = set(re.findall(r"\w+", ground))
    assert drawn | in_the_ground >= ROOMS
    of_the_ground = {path.stem for path in ROOT.glob("*.py")} | ROOMS
    assert {"errors", "processes"} < in_the_ground <= of_the_ground


def test_a_name_that_it_gives_a_file_is_in_that_file() -> None:
    pairs = re.findall(r"`(\w+)[\w.(), ]*` \(`([a-z_/0-9]+\.py)`\)", PAGE)
    assert len(pairs) > 8
    for name, file in pairs:
        assert re.search(rf"\b{name}\b", (ROOT / file).read_text(encoding="utf-8")), (name, file)


LEARNING_RATE = 0.00123457  # Of which there is no other.
FLOORS = [
    *("errors", "whole_file", "records", "data", "encoders", "critics", "bounds", "training"),
    *("evaluation", "experiments", "studies", "report", "cli"),
]


class _FirstUpdateError(Exception):
    """The first update is about to be made."""


def holds_it(value: Any, depth: int = 2) -> bool:
    """Whether something is the learning rate, or has it as a part of a part."""
    if isinstance(value, float):
        return value == LEARNING_RATE
    if depth == 0:
        return False
    if isinstance(value, dict):
        return any(holds_it(each, depth - 1) for each in list(value.values()))
    if isinstance(value, list | tuple):
        return any(holds_it(each, depth - 1) for each in value)
    ours = type(value).__module__.startswith("infomax")
    return ours and holds_it(dict(getattr(value, "__dict__", {})), depth)


def files_that_take_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Train by a settings file, and return each file that the learning rate comes to, in order."""
    (folder / "settings.yaml").write_text(
        "data: digits\nviews: halves\nsteps: 1\nbatch_size: 64\ndevice: cpu\n"
        f"learning_rate: {LEARNING_RATE}\n"
    )
    arguments = ["infomax", "train", str(folder / "settings.yaml"), "--out", str(folder / "run")]
    monkeypatch.setattr(sys, "argv", arguments)
    entered = ["cli/train_command.py", "experiments/config.py"]  # By the file's path.

    def note(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event != "call" or not path.is_relative_to(ROOT):
            return
        file = path.relative_to(ROOT).as_posix()
        taken = any(holds_it(each) for each in list(frame.f_locals.values()))
        if taken and frame.f_code.co_name != "<module>" and entered[-1] != file:
            entered.append(file)
        if frame.f_code.co_qualname == "ScheduledOptimizer.step":
            raise _FirstUpdateError

    sys.setprofile(note)
    try:
        with pytest.raises(_FirstUpdateError):
            main()
    finally:
        sys.setprofile(None)
    return entered


def test_a_setting_takes_the_way_that_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = files_that_take_it(tmp_path, monkeypatch)
    walk = PAGE.partition("### A setting")[2].partition("## Where")[0]
    named = set(re.findall(r"`([a-z_/0-9]+\.py)`", walk)) - {"tests/test_architecture.py"}
    assert set(entered) == named
    assert len(set(entered)) == 12
    floors = [FLOORS.index(file.partition("/")[0].removesuffix(".py")) for file in entered]
    climbs = sum(later > before for before, later in pairwise(floors))
    assert climbs == 5, entered
