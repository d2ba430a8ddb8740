"""A table of text, before it is a page."""

from dataclasses import dataclass

__all__ = ["Table"]


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
