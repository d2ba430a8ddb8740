"""Pages of one file that need no network: one look for all of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from infomax.report.formatting import allowed_in_xml
from infomax.whole_file import write_text_whole

__all__ = ["Entry", "Table", "write_page"]


class Entry(NamedTuple):
    """A line of a page's list of contents.

    Attributes:
        anchor: id of the element that it leads to.
        text: of the line.
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


def write_page(path: Path, template: str, **content: Any) -> Path:
    """Write a page; whoever has it open never reads half of it.

    Args:
        path: of the page; its folder is made if it is not there.
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
