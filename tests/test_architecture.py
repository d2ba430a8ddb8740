"""What the page on the architecture says stands where, stands there."""

import re
from pathlib import Path

import pytest

import infomax

ROOT = Path(infomax.__file__).parent
PAGE = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`([a-z_/0-9]+\.py)`", PAGE)))
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
