"""Pages of one file that need no network, and the drawings within them."""

import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from infomax.report.drawing import STYLE
from infomax.report.text import allowed_in_xml
from infomax.whole_file import write_text_whole

__all__ = ["Card", "Entry", "Table", "inline_svg", "write_page"]


class Entry(NamedTuple):
    """A line of a page's list of contents.

    Attributes:
        anchor: id of the element that it leads to.
        text: text of the line.
        within: whether it belongs to the last line that is not within another.
    """

    anchor: str
    text: str
    within: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; the first column names the row.

    Attributes:
        caption: what the rows are, for those who hear the page.
        header: one text for each column.
        rows: texts, as many in each row as in the header.
        numeric: whether the columns but the first hold numbers.
        reference_rows: how many of the last rows are there to compare with.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = False
    reference_rows: int = 0


@dataclass(frozen=True)
class Card:
    """A drawing with its heading.

    Attributes:
        heading: what is drawn.
        drawing: for the page.
        reading: how to look at it.
    """

    heading: str
    drawing: Markup
    reading: str


def write_page(path: Path, template: str, **content: Any) -> Path:
    """Write a page; whoever has it open never reads half of it.

    Args:
        path: path of the page; its folder is made if it is not there.
        template: one that extends ``page.html.j2``, of which ``parts.html.j2`` holds the parts.
        **content: what the template names; ``contents`` is the list of ``Entry`` at its side, and
            may be empty.

    Returns:
        The path.

    Raises:
        UserError: if the page cannot be written.
    """
    page = allowed_in_xml(_TEMPLATES.get_template(template).render(**content))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, page)
    return path


_TEMPLATES = Environment(
    loader=PackageLoader("infomax.report", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


# What the page gives a colour of its own, in light and in dark.
_OF_THE_PAGE = {
    "#000000": "--ink",
    "#333333": "--quiet",
    "#4a4a4a": "--neutral",
    "#777777": "--axis",
    "#e6e6e6": "--grid",
    "#ffffff": "--card",
}
_REACH = 8.0
"""How near a pointer must come to a point to read it, in units of the drawing."""


def inline_svg(
    figure: Figure,
    *,
    name: str,
    title: str,
    points: Mapping[str, Sequence[str]] | None = None,
) -> Markup:
    """Return a figure as an element of a page, which follows the page from light to dark.

    Colours become those of the page: black, white and greys are its ink, its ground and its rules,
    others the variable ``--c-`` with their six digits, where the page defines it. Characters that
    no page can hold are shown as U+FFFD, and it is the reader's fonts that draw all others, not
    those of this machine. Identifiers begin
    with the name, so that several drawings can stand in one page. Artists whose ``gid`` begins with
    ``seeds`` are hidden until the reader asks for single seeds, and markers of artists whose
    ``gid`` begins with ``unseen`` until they are pointed at.

    Args:
        figure: drawn under ``STYLE``; its size in points is the size of the drawing.
        name: unique in the page.
        title: what is drawn, for those who cannot see it.
        points: what each marker of an artist says when pointed at, in the order in which they
            were drawn, by the ``gid`` of the artist.

    Example:
        >>> from matplotlib.figure import Figure
        >>> figure = Figure(figsize=(1, 1))
        >>> line = figure.add_subplot().plot([0, 1], "o", gid="points")
        >>> svg = inline_svg(figure, name="a", title="A line", points={"points": ["0", "1"]})
        >>> svg.startswith('<svg role="img" aria-label="A line"'), svg.count("<title>")
        (True, 2)
    """
    drawn = StringIO()
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(_METADATA), transparent=True)
    root = ET.fromstring(allowed_in_xml(drawn.getvalue()))  # noqa: S314
    for unwanted in ("metadata", "defs"):
        for child in root.findall(f"{_SVG}{unwanted}"):
            # The style of all elements of a drawing would be that of all elements of the page.
            if unwanted == "metadata" or child.find(f"{_SVG}style") is not None:
                root.remove(child)
    names = {element.get("id") for element in root.iter() if element.get("id")}
    for element in root.iter():
        _adapt(element, name, names)
    for gid, texts in (points or {}).items():
        for group in root.iter("g"):
            if group.get("id") == f"{name}-{gid}":
                _speak(group, texts, seen=not gid.startswith("unseen"))
    size = root.get("viewBox", "")
    root.attrib = {"role": "img", "aria-label": title, "viewBox": size}
    svg = allowed_in_xml(ET.tostring(root, encoding="unicode"))
    return Markup(svg)  # noqa: S704 - text in it is escaped


_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_METADATA = ("Creator", "Date", "Format", "Type")


def _adapt(element: ET.Element, name: str, names: set[str | None]) -> None:
    """Give an element the colours of the page, and identifiers of its own."""
    element.tag = element.tag.removeprefix(_SVG)
    if element.text and not element.text.strip():
        element.text = None
    if element.tail and not element.tail.strip():
        element.tail = None
    attributes = dict(element.attrib)
    if own := attributes.pop("id", None):
        if own.startswith("seeds"):
            attributes["class"] = "seeds"
        attributes["id"] = f"{name}-{own}"
    if target := attributes.pop(_LINK, None):
        attributes["href"] = target
    for key, value in attributes.items():
        if key in {"d", "x", "y"}:
            # A hundredth of a pixel is more than can be seen.
            attributes[key] = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):z.2f}", value)
            continue
        own_names = re.sub(
            r"(url\(#|^#)([\w-]+)",
            lambda found: f"{found[1]}{name}-{found[2]}" if found[2] in names else found[0],
            value,
        )
        attributes[key] = _styled(own_names, element.tag) if key == "style" else own_names
    element.attrib = attributes


def _styled(style: str, tag: str) -> str:
    # Matplotlib writes size and weight by themselves, or in one with the family.
    style = re.sub(r"font-family: [^;]+;? ?", "", style)
    style = re.sub(r"font: ([\d.]+px) [^;]+", r"font-size: \1", style)
    style = re.sub(r"font: (bold|\d+) ([\d.]+px) [^;]+", r"font-weight: \1; font-size: \2", style)

    def of_page(found: re.Match[str]) -> str:
        colour = found[0]
        if colour in _OF_THE_PAGE:
            return f"var({_OF_THE_PAGE[colour]})"
        own = f"var(--c-{colour[1:]}, {colour})"
        # Letters are thinner than lines, and are to be read: nearer to the ink.
        return f"color-mix(in srgb, {own} 72%, var(--ink))" if tag == "text" else own

    return re.sub(r"#[0-9a-f]{6}\b", of_page, style)


def _speak(group: ET.Element, texts: Sequence[str], *, seen: bool) -> None:
    """Give each marker of a group a text that is shown when it is pointed at."""
    for parent in list(group.iter("g")):
        marks = parent.findall("use")
        if len(marks) != len(texts):
            continue
        for mark, text in zip(marks, texts, strict=True):
            index = list(parent).index(mark)
            parent.remove(mark)
            point = ET.Element("g", {"class": "point seen" if seen else "point"})
            ET.SubElement(point, "title").text = text
            point.append(mark)
            at = {"cx": mark.get("x", "0"), "cy": mark.get("y", "0")}
            ET.SubElement(point, "circle", {"class": "reach", **at, "r": f"{_REACH:g}"})
            parent.insert(index, point)
