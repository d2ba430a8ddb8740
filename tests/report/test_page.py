"""A drawing within a page: whatever its texts are, it can be written and read."""

import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

from infomax.report.page import inline_svg


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1f", "\x7f", "\ufffe", "\uffff"])
def test_what_xml_forbids_is_replaced_wherever_it_stands(character: str) -> None:
    figure = Figure(figsize=(2, 2))
    axes = figure.add_subplot()
    axes.set_xlabel(f"label{character}")
    axes.plot([0, 1], "o", gid="points")
    said = [f"point{character}", "other"]
    drawn = inline_svg(figure, name="a", title=f"title{character}", points={"points": said})
    root = ET.fromstring(drawn)  # noqa: S314
    shown = character if character == "\x7f" else "\N{REPLACEMENT CHARACTER}"
    assert root.get("aria-label") == f"title{shown}"
    texts = [element.text for element in root.iter()]
    assert f"label{shown}" in texts
    assert f"point{shown}" in texts


def test_no_lone_surrogate_of_what_is_said_is_left() -> None:
    drawn = inline_svg(Figure(figsize=(1, 1)), name="a", title="\ud800")
    assert 'aria-label="\N{REPLACEMENT CHARACTER}"' in drawn


@pytest.mark.filterwarnings("error")
def test_nothing_is_missing_that_the_fonts_of_the_reader_draw() -> None:
    figure = Figure(figsize=(1, 1))
    figure.text(0.5, 0.5, "年")
    assert ">年</text>" in inline_svg(figure, name="a", title="年")
