"""The table of ratios: what was measured, beside what, and whether that is what is asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Row", "megabytes", "seconds", "with_rows"]

INTRODUCTION = """\
# Benchmarks

`make bench` writes this file, and `make bench-peers` adds what needs other packages' environments.
Every row stands below the machine, the versions, the date and the command that measured it. A run
replaces the rows that it measures and leaves all others where they are, so that a part can be
measured again; without this file all begins anew.

A ratio is ours over the yardstick's, so below 1 ours is the smaller. Of times it is the median over
rounds in which both take their turn. A missed target fails no run; a wrong result does.
"""
COLUMNS = "| subject | ours | yardstick | ratio | target | outcome |\n|---|---|---|---|---|---|\n"
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        subject: what is measured; no two rows have the same.
        ours: what it takes with infomax, or why that is not known.
        yardstick: what it takes otherwise, and how.
        ratio: ours / yardstick; ``None`` where it was not measured.
        at_most: the largest ratio that is asked for; ``None`` if the row is for information.
    """

    subject: str
    ours: str
    yardstick: str
    ratio: float | None
    at_most: float | None = None

    @property
    def outcome(self) -> str:
        """Whether the ratio is what is asked for."""
        if self.ratio is None:
            return NOT_MEASURED
        if self.at_most is None:
            return ""
        return "met" if self.ratio <= self.at_most else "missed"

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        target = "none" if self.at_most is None else f"at most {self.at_most:.3g}"
        cells = (self.subject, self.ours, self.yardstick, ratio, target, self.outcome)
        return f"| {' | '.join(cells)} |\n"


def seconds(value: float) -> str:
    """Return a time with its unit."""
    return f"{value:.1f} s" if value >= 1 else f"{1e3 * value:.2f} ms"


def megabytes(value: float) -> str:
    """Return a number of bytes with its unit, 10^6 bytes."""
    return f"{value / 1e6:,.1f} MB"


def with_rows(document: str, heading: str, rows: Sequence[Row]) -> str:
    """Return the document with rows put first, and what they replace left out.

    A row that was not measured replaces none that was, on another machine perhaps.

    Args:
        document: as this function returned it, or empty.
        heading: stands above the rows; its first line begins with ``##``.
        rows: to be put in.
    """
    subjects = {row.subject for row in rows}
    measured = {row.subject for row in rows if row.ratio is not None}
    kept, standing = [], set()
    for section in re.split(r"^(?=## )", document, flags=re.MULTILINE)[1:]:
        above, _, below = section.partition(COLUMNS)
        lines = []
        for line in below.strip().splitlines(keepends=True):
            subject = line.removeprefix("| ").partition(" | ")[0]
            replaced_by = subjects if NOT_MEASURED in line else measured
            if subject not in replaced_by:
                lines.append(line)
                standing.add(subject)
        if lines:
            kept.append(f"{above}{COLUMNS}{''.join(lines).strip()}\n")
    put_in = "".join(str(row) for row in rows if row.subject not in standing)
    first = [f"{heading}\n\n{COLUMNS}{put_in}"] if put_in else []
    return "\n".join([INTRODUCTION, *first, *kept])
